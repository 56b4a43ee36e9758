//! The `assent` program as it is run: a process with settings, which can be killed.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::database::{SECRET, TestStore};
use crate::sink::{Sink, free_port, until_listening};

/// A running `assent serve`, killed when dropped.
#[derive(Debug)]
pub struct Assent {
    /// Where it serves.
    pub base_url: String,
    child: Child,
}

/// The program, as built beside the tests.
pub fn program() -> PathBuf {
    let own = std::env::current_exe().expect("a program is a file");
    // Tests lie one directory deeper than programs.
    let beside = own.ancestors().skip(1).take(2).map(|dir| dir.join("assent"));
    beside
        .into_iter()
        .find(|path| path.exists())
        .expect("`cargo build -p assent-api` builds the program")
}

/// The program, with the settings of a database and a mail server.
pub fn command(db: &TestStore, sink: &Sink, listen: &str) -> Command {
    command_through(db, sink.port, listen)
}

/// The program, with the settings of a database and the port of a mail server.
fn command_through(db: &TestStore, smtp_port: u16, listen: &str) -> Command {
    let mut command = Command::new(program());
    command
        .env_clear()
        .env("ASSENT_DATABASE_URL", &db.url)
        .env("ASSENT_SECRET", SECRET)
        .env("ASSENT_DATA_DIR", db.data_dir())
        .env("ASSENT_LISTEN", listen)
        .env("ASSENT_SMTP_HOST", "127.0.0.1")
        .env("ASSENT_SMTP_PORT", smtp_port.to_string())
        .env("ASSENT_SMTP_TLS", "none")
        .env("ASSENT_LOG", "warn")
        .current_dir(db.data_dir())
        .stdin(Stdio::null());
    command
}

impl Assent {
    /// Starts to serve, with a worker, and waits until it answers.
    pub fn serve(db: &TestStore, sink: &Sink) -> Self {
        Self::serve_with(db, sink, &[])
    }

    /// Starts to serve, with further settings, and waits until it answers.
    pub fn serve_with(db: &TestStore, sink: &Sink, settings: &[(&str, &str)]) -> Self {
        Self::serve_through(db, sink.port, settings)
    }

    /// Starts to serve, with the port of a mail server and further settings, and waits until it answers.
    pub fn serve_through(db: &TestStore, smtp_port: u16, settings: &[(&str, &str)]) -> Self {
        let port = free_port();
        let started = Self::spawn_through(db, smtp_port, port, settings);
        until_listening(port, "assent serve");
        started
    }

    /// Starts to serve, and does not wait.
    pub fn spawn(db: &TestStore, sink: &Sink, port: u16) -> Self {
        Self::spawn_through(db, sink.port, port, &[])
    }

    /// Starts to serve without a worker, and waits until it answers.
    pub fn serve_only(db: &TestStore, settings: &[(&str, &str)]) -> Self {
        let port = free_port();
        let started = Self::run_as(&["serve", "--no-worker"], db, 25, port, settings);
        until_listening(port, "assent serve");
        started
    }

    /// Starts a worker that serves nothing.
    pub fn worker(db: &TestStore, smtp_port: u16, settings: &[(&str, &str)]) -> Self {
        Self::run_as(&["worker"], db, smtp_port, free_port(), settings)
    }

    fn spawn_through(db: &TestStore, smtp_port: u16, port: u16, settings: &[(&str, &str)]) -> Self {
        Self::run_as(&[], db, smtp_port, port, settings)
    }

    fn run_as(
        arguments: &[&str],
        db: &TestStore,
        smtp_port: u16,
        port: u16,
        settings: &[(&str, &str)],
    ) -> Self {
        let listen = format!("127.0.0.1:{port}");
        let child = command_through(db, smtp_port, &listen)
            .args(arguments)
            .envs(settings.iter().copied())
            .stdout(Stdio::null())
            .spawn()
            .expect("assent starts");
        Self {
            base_url: format!("http://localhost:{port}"),
            child,
        }
    }

    /// Ends it as a power cut would (`kill -9`).
    pub fn kill(mut self) {
        self.child.kill().expect("the process can be killed");
        self.child.wait().expect("the process ends");
    }

    /// The most memory it has held, in MiB (`VmHWM` of proc(5)).
    pub fn peak_mib(&self) -> f64 {
        peak_mib_of(self.child.id()).expect("a process")
    }

    /// The processor time it has used, in seconds (`utime` and `stime` of proc(5), in hundredths on Linux).
    pub fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).expect("Linux");
        let (_, after_name) = stat.rsplit_once(')').expect("a name in brackets");
        let ticks = after_name.split_whitespace().skip(11).take(2);
        ticks
            .map(|ticks| ticks.parse::<f64>().expect("a number"))
            .sum::<f64>()
            / 100.0
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a process").is_none()
    }
}

impl Drop for Assent {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The most memory a process has held, in MiB (`VmHWM` of proc(5)), while there is such a process.
pub fn peak_mib_of(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(kib / 1024.0)
}

/// Waits until something is so, and says so if it is not in time.
pub async fn until<F: Future<Output = bool>>(what: &str, limit: Duration, mut is_so: impl FnMut() -> F) {
    let steps = limit.as_millis() / 100;
    for _ in 0..steps {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not within {limit:?}: {what}");
}
