//! A real mail server of Debian that delivers into files, and sends back what it cannot deliver: Postfix, with a
//! configuration and a queue of its own.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::sink::{free_port, until_listening};

/// The most that a mailbox holds, and a message, in octets.
const MAILBOX_OCTETS: usize = 100_000;

/// A server that runs until it is dropped.
#[derive(Debug)]
pub struct Postfix {
    /// Its port on loopback.
    pub port: u16,
    dir: TempDir,
}

/// Whether it can run here: its daemons are started by root.
pub fn can_run() -> bool {
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::metadata(dir.path()).expect("a directory").uid() == 0
}

impl Postfix {
    /// Starts a server for `example.org` with these mailboxes. Those of `full` have no room for another message.
    /// Unknown users are refused at once, or taken and sent back (`refuses_at_once`). Mail for `bounces` goes to
    /// `bounces_to`, as SMTP or LMTP.
    pub fn start(
        mailboxes: &[&str],
        full: &[&str],
        refuses_at_once: bool,
        bounces: &str,
        bounces_to: &str,
    ) -> Self {
        let dir = tempfile::Builder::new()
            .prefix("assent-postfix.")
            .tempdir()
            .expect("a temporary directory");
        let port = free_port();
        let (uid, gid) = owner();
        for name in ["etc", "queue", "data", "mail"] {
            fs::create_dir(dir.path().join(name)).expect("a directory");
        }
        for name in ["data", "mail"] {
            chown(dir.path().join(name), Some(uid), Some(gid)).expect("an owner");
        }
        for name in full {
            let path = dir.path().join("mail").join(name);
            fs::write(&path, vec![b'\n'; MAILBOX_OCTETS - 100]).expect("a mailbox");
            chown(&path, Some(uid), Some(gid)).expect("an owner");
        }
        let known: String = mailboxes
            .iter()
            .chain(full)
            .map(|name| format!("{{ {name}@example.org = {name} }} "))
            .collect::<Vec<_>>()
            .concat();
        let root = dir.path().display();
        let unlisted = if refuses_at_once { "yes" } else { "no" };
        let main = format!(
            "compatibility_level = 3.6\nqueue_directory = {root}/queue\ndata_directory = {root}/data\n\
             maillog_file = {root}/data/log\nmaillog_file_prefixes = {root}\n\
             inet_interfaces = 127.0.0.1\ninet_protocols = ipv4\nmyhostname = mx.example.org\nmydestination =\n\
             mynetworks = 127.0.0.0/8\nalias_maps =\nalias_database =\nlocal_recipient_maps =\n\
             virtual_mailbox_domains = example.org\nvirtual_mailbox_base = {root}/mail\n\
             virtual_mailbox_maps = inline:{{ {known}}}\n\
             virtual_uid_maps = static:{uid}\nvirtual_gid_maps = static:{gid}\nvirtual_minimum_uid = 1\n\
             virtual_mailbox_limit = {MAILBOX_OCTETS}\nmessage_size_limit = {MAILBOX_OCTETS}\n\
             smtpd_reject_unlisted_recipient = {unlisted}\nsmtpd_recipient_restrictions = permit_mynetworks, reject\n\
             transport_maps = inline:{{ {{ {bounces} = {bounces_to} }} }}\n\
             minimal_backoff_time = 2s\nmaximal_backoff_time = 2s\nqueue_run_delay = 2s\n\
             transport_retry_time = 2s\nbounce_queue_lifetime = 1h\n"
        );
        fs::write(dir.path().join("etc/main.cf"), main).expect("a configuration");
        let debian = fs::read_to_string("/etc/postfix/master.cf")
            .or_else(|_| fs::read_to_string("/usr/share/postfix/master.cf.dist"))
            .expect("Postfix is installed: ./tests/run does that");
        fs::write(dir.path().join("etc/master.cf"), services(&debian, port)).expect("a configuration");
        let postfix = Self { port, dir };
        postfix.tell("start");
        until_listening(port, "Postfix");
        postfix
    }

    /// How many octets are in a mailbox.
    pub fn mailbox(&self, name: &str) -> u64 {
        fs::metadata(self.dir.path().join("mail").join(name)).map_or(0, |file| file.len())
    }

    /// What is in a mailbox.
    pub fn read(&self, name: &str) -> String {
        let mail = fs::read(self.dir.path().join("mail").join(name)).unwrap_or_default();
        String::from_utf8_lossy(&mail).into_owned()
    }

    /// What the server wrote down.
    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join("data/log")).unwrap_or_default()
    }

    fn tell(&self, what: &str) {
        let told = Command::new(program())
            .arg("-c")
            .arg(self.dir.path().join("etc"))
            .arg(what)
            .output();
        let told = told.expect("Postfix is installed: ./tests/run does that");
        let said = String::from_utf8_lossy(&told.stderr);
        assert!(
            told.status.success() || what == "stop",
            "postfix {what}: {said}\n{}",
            self.log()
        );
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        self.tell("stop");
    }
}

fn program() -> PathBuf {
    let usual = Path::new("/usr/sbin/postfix");
    if usual.exists() {
        usual.to_owned()
    } else {
        PathBuf::from("postfix")
    }
}

/// The user that Postfix was installed with.
fn owner() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").expect("users");
    let line = users
        .lines()
        .find(|line| line.starts_with("postfix:"))
        .expect("a user for Postfix");
    let mut ids = line.split(':').skip(2).map(|id| id.parse().expect("a number"));
    (ids.next().expect("a user"), ids.next().expect("a group"))
}

/// Debian's services, none of them in a jail, and one of them on a port of loopback.
fn services(debian: &str, port: u16) -> String {
    let mut services = String::from("postlog unix-dgram n - n - 1 postlogd\n");
    for line in debian.lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        match words.as_slice() {
            [name, "unix", private, unpriv, _, wakeup, most, command @ ..]
                if !line.starts_with(['#', ' ', '\t']) =>
            {
                let command = command.join(" ");
                // What else Debian delivers through is not used.
                if !command.starts_with("pipe") && *name != "postlog" {
                    let service = format!("{name} unix {private} {unpriv} n {wakeup} {most} {command}\n");
                    services.push_str(&service);
                }
            }
            _ => {}
        }
    }
    services + &format!("127.0.0.1:{port} inet n - n - - smtpd\n")
}
