//! Against Postfix's `smtp-sink`, a server that nobody wrote for these tests.

use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use super::*;

const SMTP_SINK: &str = "/usr/sbin/smtp-sink";

struct Sink {
    child: Child,
    address: SocketAddr,
}

impl Sink {
    async fn start(options: &[&str]) -> Self {
        assert!(
            Path::new(SMTP_SINK).exists(),
            "{SMTP_SINK} is missing: install the Debian package `postfix` to run these tests"
        );
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = free.local_addr().expect("bound");
        drop(free);
        // As root it insists on being told whom to become.
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        let child = Command::new(SMTP_SINK)
            .args(if is_root { &["-u", "nobody"][..] } else { &[] })
            .args(options)
            .args([&address.to_string(), "100"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink starts");
        let sink = Self { child, address };
        for _ in 0..100 {
            if tokio::net::TcpStream::connect(address).await.is_ok() {
                return sink;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("smtp-sink does not listen on {address}");
    }

    async fn connect(&self) -> SmtpConnection {
        SmtpConnection::connect(&settings(self.address))
            .await
            .expect("connects")
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn many_mails_go_over_one_connection_without_waiting_for_acknowledgements() {
    let sink = Sink::start(&[]).await;
    let mut connection = sink.connect().await;
    let message = [
        b"Subject: x\r\n\r\n".as_slice(),
        &b"0123456789012345678901234567890123456789\r\n".repeat(250),
    ]
    .concat();
    let start = Instant::now();
    for _ in 0..200 {
        assert!(is_accepted(&connection.send(FROM, TO, &message).await));
    }
    // With Nagle's algorithm each mail waits 40 ms for an acknowledgement: 8 s in all.
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    connection.quit().await;
}

#[tokio::test]
async fn hard_and_soft_rejections_are_told_apart_at_each_stage() {
    for (flag, permanence, code) in [
        ("-f", Permanence::Permanent, 500),
        ("-r", Permanence::Transient, 450),
    ] {
        for (command, stage) in [
            ("MAIL", Stage::Mail),
            ("RCPT", Stage::Rcpt),
            ("DATA", Stage::Data),
            (".", Stage::Message),
        ] {
            let sink = Sink::start(&[flag, command]).await;
            let mut connection = sink.connect().await;
            for _ in 0..2 {
                let outcome = connection.send(FROM, TO, MESSAGE).await;
                assert_eq!(rejected(&outcome).0, permanence, "{command}");
                assert_eq!(
                    (rejected(&outcome).1, rejected(&outcome).2),
                    (stage, code),
                    "{command}"
                );
                assert!(
                    rejected(&outcome)
                        .3
                        .is_some_and(|status| status.ends_with(".3.0")),
                    "{command}"
                );
                assert!(connection.is_usable(), "{command}");
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_hangs_up_loses_the_mail_and_one_that_says_421_defers_it() {
    let sink = Sink::start(&["-q", "RCPT"]).await;
    let outcome = sink.connect().await.send(FROM, TO, MESSAGE).await;
    assert!(
        matches!(
            outcome,
            SendOutcome::Lost {
                stage: Stage::Rcpt,
                after_data: false,
                ..
            }
        ),
        "{outcome:?}"
    );

    let sink = Sink::start(&["-q", "."]).await;
    let outcome = sink.connect().await.send(FROM, TO, MESSAGE).await;
    assert!(
        matches!(
            outcome,
            SendOutcome::Lost {
                stage: Stage::Message,
                after_data: true,
                ..
            }
        ),
        "{outcome:?}"
    );

    let sink = Sink::start(&["-Q", "MAIL"]).await;
    let mut connection = sink.connect().await;
    assert_eq!(rejected(&connection.send(FROM, TO, MESSAGE).await).2, 421);
    assert!(!connection.is_usable());
}

#[tokio::test]
async fn an_international_local_part_is_refused_here_when_the_server_would_not_take_it() {
    let sink = Sink::start(&[]).await;
    let mut connection = sink.connect().await;
    let outcome = connection.send(FROM, "jürgen@example.com", MESSAGE).await;
    assert_eq!(
        rejected(&outcome),
        (Permanence::Permanent, Stage::Local, 550, Some("5.6.7"))
    );
    assert!(is_accepted(&connection.send(FROM, TO, MESSAGE).await));
}
