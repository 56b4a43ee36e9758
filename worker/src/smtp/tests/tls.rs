//! Over TLS, with a certificate made for the test: only a certificate that is trusted will do.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::scripted::converse;
use super::*;

/// A self-signed certificate for `localhost`, in a directory that goes with it.
struct Identity(PathBuf);

impl Identity {
    fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("assent-smtp-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory");
        let output = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ])
            .args([
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
            ])
            .args([
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem",
            ])
            .current_dir(&directory)
            .output()
            .expect("the `openssl` command is installed");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Self(directory)
    }

    fn certificate(&self) -> PathBuf {
        self.0.join("cert.pem")
    }

    fn acceptor(&self) -> TlsAcceptor {
        let certificate = CertificateDer::from_pem_file(self.certificate()).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(self.0.join("key.pem")).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .expect("an identity");
        TlsAcceptor::from(Arc::new(config))
    }
}

impl Drop for Identity {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn serve(identity: &Identity, starttls: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let acceptor = identity.acceptor();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a client");
        let mut script = vec![("EHLO", "250-x\r\n250 AUTH PLAIN"), ("AUTH", "235 ok")];
        if starttls {
            let mut plain = BufReader::new(&mut stream);
            plain.write_all(b"220 x\r\n").await.expect("writes");
            let mut line = String::new();
            plain.read_line(&mut line).await.expect("EHLO");
            plain
                .write_all(b"250-x\r\n250 STARTTLS\r\n")
                .await
                .expect("writes");
            plain.read_line(&mut line).await.expect("STARTTLS");
            assert!(line.ends_with("STARTTLS\r\n"), "{line}");
            plain.write_all(b"220 go\r\n").await.expect("writes");
            script.push(("", ""));
        }
        if let Ok(stream) = acceptor.accept(stream).await {
            converse(stream, script, Arc::new(Mutex::new(Vec::new()))).await;
        }
    });
    address
}

fn encrypted(address: SocketAddr, tls: TlsMode, root: Option<&Path>) -> SmtpSettings {
    SmtpSettings {
        host: "localhost".to_owned(),
        tls,
        credentials: Some(("user".to_owned(), "geheim".into())),
        root_certificate: root.map(Path::to_owned),
        ..settings(address)
    }
}

#[tokio::test]
async fn a_mail_goes_over_implicit_tls_and_over_starttls() {
    let identity = Identity::new();
    for tls in [TlsMode::Implicit, TlsMode::StartTls] {
        let address = serve(&identity, tls == TlsMode::StartTls).await;
        let settings = encrypted(address, tls, Some(&identity.certificate()));
        let mut connection = SmtpConnection::connect(&settings)
            .await
            .unwrap_or_else(|e| panic!("{tls:?}: {e}"));
        assert!(is_accepted(&connection.send(FROM, TO, MESSAGE).await), "{tls:?}");
        connection.quit().await;
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_or_bears_another_name_is_refused() {
    let identity = Identity::new();
    for tls in [TlsMode::Implicit, TlsMode::StartTls] {
        let address = serve(&identity, tls == TlsMode::StartTls).await;
        let error = SmtpConnection::connect(&encrypted(address, tls, None))
            .await
            .expect_err("not trusted");
        assert!(matches!(error, SmtpError::Tls { .. }), "{error}");

        let address = serve(&identity, tls == TlsMode::StartTls).await;
        let mut settings = encrypted(address, tls, Some(&identity.certificate()));
        settings.host = "127.0.0.1".to_owned();
        let error = SmtpConnection::connect(&settings)
            .await
            .expect_err("another name");
        assert!(matches!(error, SmtpError::Tls { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_root_certificate_that_cannot_be_read_is_named() {
    let identity = Identity::new();
    for file in ["missing.pem", "key.pem"] {
        for tls in [TlsMode::Implicit, TlsMode::StartTls] {
            let address = serve(&identity, tls == TlsMode::StartTls).await;
            let root = identity.0.join(file);
            let error = SmtpConnection::connect(&encrypted(address, tls, Some(&root)))
                .await
                .expect_err("no root");
            assert!(error.to_string().contains(file), "{error}");
        }
    }
}
