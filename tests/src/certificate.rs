//! Certificates for `localhost`, made for a test, valid or not; and mail servers that show one.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::sink::free_port;

/// What OpenSSL needs to sign with the dates that it is told.
const CA: &str = "[ca]\ndefault_ca = self\n[self]\ndatabase = index.txt\nrand_serial = yes\ndefault_md = sha256\n\
                  policy = any\nnew_certs_dir = .\n[any]\ncommonName = supplied\n[leaf]\n\
                  subjectAltName = DNS:localhost\nbasicConstraints = critical,CA:FALSE\n";

/// A certificate that signs itself, with its key.
#[derive(Debug)]
pub struct Certificate(TempDir);

impl Certificate {
    /// One of today.
    pub fn valid() -> Self {
        Self::dated("20200101000000Z", "20991231000000Z")
    }

    /// One of long ago.
    pub fn expired() -> Self {
        Self::dated("20200101000000Z", "20200201000000Z")
    }

    fn dated(from: &str, until: &str) -> Self {
        let made = Self(tempfile::tempdir().expect("a temporary directory"));
        let write = |name: &str, text: &str| std::fs::write(made.path(name), text).expect("a file");
        write("ca.cnf", CA);
        write("index.txt", "");
        made.openssl(&[
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=a mail server of a test",
            "-keyout",
            "key.pem",
            "-out",
            "request.pem",
        ]);
        made.openssl(&[
            "ca",
            "-batch",
            "-selfsign",
            "-config",
            "ca.cnf",
            "-keyfile",
            "key.pem",
            "-in",
            "request.pem",
            "-out",
            "cert.pem",
            "-startdate",
            from,
            "-enddate",
            until,
            "-extensions",
            "leaf",
            "-notext",
        ]);
        made
    }

    fn openssl(&self, arguments: &[&str]) {
        let output = Command::new("openssl")
            .args(arguments)
            .current_dir(self.0.path())
            .output()
            .expect("the `openssl` command is installed");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The file of its key.
    pub fn key(&self) -> PathBuf {
        self.path("key.pem")
    }

    /// The file that whoever trusts it names.
    pub fn file(&self) -> PathBuf {
        self.path("cert.pem")
    }
}

/// A mail server that talks TLS from the first octet, and lets nobody in: `openssl s_server`, with our words.
#[derive(Debug)]
pub struct TlsServer {
    /// Its port on loopback.
    pub port: u16,
    child: Child,
}

impl TlsServer {
    /// Starts a server for one connection, which answers AUTH with `to_auth`; `{}` in it is what the client said.
    pub fn start(certificate: &Certificate, to_auth: &str) -> Self {
        let port = free_port();
        let file = |path: &Path| path.display().to_string();
        let mut child = Command::new("openssl")
            .args([
                "s_server",
                "-quiet",
                "-naccept",
                "1",
                "-accept",
                &format!("127.0.0.1:{port}"),
            ])
            .args(["-cert", &file(&certificate.path("cert.pem"))])
            .args(["-key", &file(&certificate.path("key.pem"))])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the `openssl` command is installed");
        let mut to_client = child.stdin.take().expect("a pipe");
        let from_client = BufReader::new(child.stdout.take().expect("a pipe"));
        let to_auth = to_auth.to_owned();
        std::thread::spawn(move || {
            let mut say = |words: &str| to_client.write_all(format!("{words}\r\n").as_bytes()).is_ok();
            say("220 relay.example ESMTP");
            for line in from_client.lines().map_while(Result::ok) {
                let heard = match line.get(..4) {
                    Some("EHLO") => say("250-relay.example\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN"),
                    Some("AUTH") => say(&to_auth.replace("{}", &line)),
                    _ => say("221 2.0.0 bye"),
                };
                if !heard {
                    break;
                }
            }
        });
        until_bound(port);
        Self { port, child }
    }
}

/// Waits until somebody has the port, without connecting: the server takes one connection.
fn until_bound(port: u16) {
    for _ in 0..200 {
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_err() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("openssl s_server does not listen on port {port}");
}

impl Drop for TlsServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
