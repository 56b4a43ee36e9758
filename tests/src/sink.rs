//! A real mail server that keeps what it gets: `smtp-sink` of Postfix, a file a message.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct Sink {
    /// Its port on loopback.
    pub port: u16,
    dir: TempDir,
    child: Child,
}

/// A message as the server got it.
#[derive(Clone, Debug)]
pub struct Received {
    /// To whom.
    pub recipient: String,
    /// Its `Message-ID`.
    pub message_id: String,
    /// When the server had all of it.
    pub at: SystemTime,
    /// All of it, after the server's own fields.
    pub text: String,
}

/// A port on loopback that nobody uses.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// Waits until something listens, and says so if nothing does.
pub fn until_listening(port: u16, who: &str) {
    for _ in 0..600 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{who} does not listen on port {port}");
}

impl Default for Sink {
    fn default() -> Self {
        Self::start(&[])
    }
}

impl Sink {
    /// Starts a server that keeps what it gets, with further options of `smtp-sink`.
    pub fn start(options: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let kept = dir.path().join("%H.").display().to_string();
        Self::start_in(dir, &[&["-d", &kept], options].concat())
    }

    /// Starts a server that throws away what it gets, for measuring.
    pub fn discarding() -> Self {
        Self::start_in(tempfile::tempdir().expect("a temporary directory"), &[])
    }

    fn start_in(dir: TempDir, options: &[&str]) -> Self {
        let port = free_port();
        let program = if Path::new("/usr/sbin/smtp-sink").exists() {
            "/usr/sbin/smtp-sink"
        } else {
            "smtp-sink"
        };
        let as_root = std::fs::metadata(dir.path()).expect("a directory").uid() == 0;
        let child = Command::new(program)
            .args(if as_root { &["-u", "root"][..] } else { &[] })
            .arg("-c")
            .args(options)
            .args([&format!("127.0.0.1:{port}"), "100"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink of Postfix is installed: ./tests/run does that");
        until_listening(port, "smtp-sink");
        Self { port, dir, child }
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.dir.path()).expect("a directory");
        entries.map(|entry| entry.expect("a file").path()).collect()
    }

    /// How many messages have come, those under way included.
    pub fn count(&self) -> usize {
        self.files().len()
    }

    /// Everything that has come whole.
    pub fn received(&self) -> Vec<Received> {
        let files = self.files();
        files.iter().filter_map(|path| read(path)).collect()
    }

    /// How often each recipient got something.
    pub fn times(&self) -> BTreeMap<String, usize> {
        let mut times = BTreeMap::new();
        for message in self.received() {
            *times.entry(message.recipient).or_insert(0) += 1;
        }
        times
    }
}

fn read(path: &Path) -> Option<Received> {
    let text = String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned();
    let field = |name: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(name))
            .map(|value| value.trim_matches([' ', '<', '>']).to_owned())
    };
    Some(Received {
        recipient: field("X-Rcpt-Args:")?,
        message_id: field("Message-ID:")?,
        at: std::fs::metadata(path).ok()?.modified().ok()?,
        text,
    })
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
