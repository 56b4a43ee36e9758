//! A server that answers what a test tells it to, and remembers what it was told.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;

/// Closes the connection in place of a reply.
pub(super) const CLOSE: &str = "close";
/// Never replies.
pub(super) const HANG: &str = "hang";

/// Pairs of the beginning of a command and the reply; `.` is the end of a message, an empty command
/// the greeting. The first that fits is used up, but for the last of its kind. An empty reply is none.
pub(super) type Script = Vec<(&'static str, &'static str)>;

pub(super) struct Server {
    pub(super) address: SocketAddr,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("no panic").clone()
    }
}

pub(super) async fn serve(script: Script) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let lines = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&lines);
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        converse(stream, script, heard).await;
    });
    Server { address, lines }
}

pub(super) async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    mut script: Script,
    heard: Arc<Mutex<Vec<String>>>,
) {
    let mut stream = BufReader::new(stream);
    let mut in_message = false;
    let mut command = String::new();
    loop {
        if let Some(reply) = reply(&mut script, &command, in_message) {
            match reply {
                "" => {}
                CLOSE => return,
                HANG => std::future::pending().await,
                reply => stream
                    .get_mut()
                    .write_all(format!("{reply}\r\n").as_bytes())
                    .await
                    .expect("writes"),
            }
            in_message = reply.lines().last().is_some_and(|line| line.starts_with("354"));
        }
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await.unwrap_or(0) == 0 {
            return;
        }
        command = String::from_utf8(line)
            .expect("UTF-8")
            .trim_end_matches("\r\n")
            .to_owned();
        heard.lock().expect("no panic").push(command.clone());
    }
}

fn reply(script: &mut Script, command: &str, in_message: bool) -> Option<&'static str> {
    if in_message && command != "." {
        return None;
    }
    let fits = |(start, _): &(&str, &str)| {
        if start.is_empty() {
            command.is_empty()
        } else {
            command.starts_with(start)
        }
    };
    let same = script.iter().filter(|entry| fits(entry)).count();
    if let Some(at) = script.iter().position(fits) {
        return Some(if same > 1 {
            script.remove(at).1
        } else {
            script[at].1
        });
    }
    Some(match command {
        "" => "220 scripted",
        command if command.starts_with("EHLO") => "250-scripted\r\n250-8BITMIME\r\n250 SIZE",
        "DATA" => "354 go on",
        "QUIT" => "221 bye",
        _ => "250 2.0.0 ok",
    })
}
