//! Mail that comes back by SMTP and LMTP: it is taken for the return paths that were made here, and what was answered
//! for stays.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use assent_api::limits::Rate;
use assent_api::listener::{self, Limits, Listening, Protocol};
use assent_domain::bounce::SoftLimit;
use assent_domain::permit::Refusal;
use assent_tests::database::TestStore;
use assent_tests::dump::difference;
use assent_tests::mail_client::MailClient;
use assent_tests::on_both;
use assent_tests::process::{Assent, until};
use assent_tests::sink::{Sink, free_port, until_listening};
use assent_worker::bounce::Inbox;
use data_encoding::BASE64_MIME;

use crate::bounce::{DOMAIN, FULL, GONE, Stage, complaint, domain, report, return_path};

const MIB: usize = 1024 * 1024;

fn listen(db: &TestStore, protocol: Protocol, limits: Limits) -> Listening {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let inbox = Inbox::new(&db.store, Some(domain()), SoftLimit::default());
    let messages = Rate::new(&db.store, 0, Duration::from_mins(1));
    listener::start(socket, protocol, domain(), inbox, messages, limits).unwrap()
}

on_both!(p18_what_comes_back_by_smtp_cuts_off_like_any_report, async |db| {
    let stage = Stage::set(db).await;
    let path = return_path(db, stage.send().await);
    let listening = listen(db, Protocol::Smtp, Limits::default());
    let mut client = MailClient::greet(listening.address, "EHLO").await;
    let mail = report(&path, "ann@example.org", GONE, "x@y.example");
    assert_eq!(client.send(&path.to_uppercase(), &mail).await, 250);
    assert_eq!(stage.why_not().await, Some(Refusal::HardBounced));
    let before = db.dump().await;
    assert_eq!(
        client.send(&path, &mail).await,
        250,
        "again, on the same connection"
    );
    assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
    assert_eq!(client.say("QUIT").await, 221);
    listening.stop().await;
});

on_both!(by_lmtp_each_recipient_has_an_answer_of_its_own, async |db| {
    let stage = Stage::set(db).await;
    let (first, second) = (stage.send().await, stage.send().await);
    let paths = [return_path(db, first), return_path(db, second)];
    let listening = listen(db, Protocol::Lmtp, Limits::default());
    let mut client = MailClient::greet(listening.address, "LHLO").await;
    let announced = client.announce(&[&paths[0], "ann@example.org", &paths[1]]).await;
    assert_eq!(announced, [250, 250, 550, 250, 354]);
    client
        .write(report("x@y.example", "ann@example.org", FULL, "x@y.example").as_bytes())
        .await;
    assert_eq!([client.say(".").await, client.answer().await], [250, 250]);
    assert_eq!(db.count("bounce", "class = 'SOFT'").await, 2);
    listening.stop().await;
});

on_both!(
    p18_a_complaint_to_the_office_for_complaints_is_found_by_what_came_back,
    async |db| {
        let stage = Stage::set(db).await;
        let path = return_path(db, stage.send().await);
        let listening = listen(db, Protocol::Smtp, Limits::default());
        let mut client = MailClient::greet(listening.address, "EHLO").await;
        let office = format!("fbl@{DOMAIN}");
        let with = |path: &str| {
            complaint(&office, "abuse").replace(
                "Version: 1\r\n",
                &format!("Version: 1\r\nOriginal-Mail-From: <{path}>\r\n"),
            )
        };
        let forged = format!("bounce+{}@{DOMAIN}", "a2".repeat(21));
        assert_eq!(client.send(&office, &with(&forged)).await, 250);
        assert_eq!(stage.why_not().await, None, "a signature that is not ours");
        assert_eq!(client.send(&office, &with(&path)).await, 250);
        assert_eq!(stage.why_not().await, Some(Refusal::Complained));
        listening.stop().await;
    }
);

on_both!(
    p06_ten_thousand_forged_return_paths_are_refused_at_the_door,
    async |db| {
        let stage = Stage::set(db).await;
        let path = return_path(db, stage.send().await);
        let limits = Limits {
            errors: 1000,
            ..Limits::default()
        };
        let listening = listen(db, Protocol::Smtp, limits);
        let before = db.dump().await;
        let token = "bounce+".len()..path.find('@').unwrap();
        let forged = |number: usize| {
            let at = token.start + number % token.len();
            let mut forged = path.clone();
            forged.replace_range(at..=at, if &path[at..=at] == "x" { "y" } else { "x" });
            forged
        };
        for connection in 0..10 {
            let mut client = MailClient::greet(listening.address, "EHLO").await;
            assert_eq!(client.say("MAIL FROM:<>").await, 250);
            for half in 0..2 {
                let numbers = (0..500).map(|number| connection * 1000 + half * 500 + number);
                let lines: String = numbers
                    .map(|number| format!("RCPT TO:<{}>\r\n", forged(number)))
                    .collect::<Vec<_>>()
                    .concat();
                client.write(lines.as_bytes()).await;
                for _ in 0..500 {
                    assert_eq!(client.answer().await, 550);
                }
            }
            assert_eq!(client.say("DATA").await, 421, "and that was enough");
        }
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
        listening.stop().await;
    }
);

on_both!(no_source_takes_more_than_its_share, async |db| {
    let limits = Limits {
        connections_of_source: 2,
        silence: Duration::from_millis(300),
        ..Limits::default()
    };
    let listening = listen(db, Protocol::Smtp, limits);
    let (mut first, code) = MailClient::connect(listening.address).await;
    assert_eq!(code, 220);
    let (second, _) = MailClient::connect(listening.address).await;
    assert_eq!(MailClient::connect(listening.address).await.1, 421, "the third");
    assert_eq!(
        (first.answer().await, first.answer().await),
        (421, 0),
        "after a silence"
    );
    drop(second);
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let inbox = Inbox::new(&db.store, Some(domain()), SoftLimit::default());
    let few = Rate::new(&db.store, 2, Duration::from_mins(1));
    let strict = listener::start(socket, Protocol::Smtp, domain(), inbox, few, Limits::default()).unwrap();
    let mut client = MailClient::greet(strict.address, "EHLO").await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(client.say("MAIL FROM:<>").await);
        client.say("RSET").await;
    }
    assert_eq!(codes, [250, 250, 450]);
    strict.stop().await;
    listening.stop().await;
});

/// The program with a listener.
fn program(db: &TestStore, sink: &Sink) -> (Assent, SocketAddr) {
    let port = free_port();
    let listen = format!("smtp://127.0.0.1:{port}");
    let settings = [
        ("ASSENT_BOUNCE_DOMAIN", DOMAIN),
        ("ASSENT_BOUNCE_LISTEN", listen.as_str()),
        ("ASSENT_BOUNCE_RATE", "0"),
    ];
    let assent = Assent::serve_with(db, sink, &settings);
    until_listening(port, "the listener");
    (assent, SocketAddr::from(([127, 0, 0, 1], port)))
}

/// A file of many zeros, packed.
fn bomb() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive
        .start_file("zeros", zip::write::SimpleFileOptions::default())
        .unwrap();
    let zeros = vec![0; MIB];
    for _ in 0..100 {
        archive.write_all(&zeros).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

on_both!(huge_messages_and_bombs_take_no_memory, async |db| {
    let stage = Stage::set(db).await;
    let path = return_path(db, stage.send().await);
    let sink = Sink::default();
    let (assent, address) = program(db, &sink);
    let mut client = MailClient::greet(address, "EHLO").await;
    let small = report(&path, "ann@example.org", FULL, "x@y.example");
    assert_eq!(client.send(&path, &small).await, 250);
    assert_eq!(client.say("MAIL FROM:<> SIZE=104857600").await, 552);
    let before = assent.peak_mib();
    let sending: Vec<_> = (0..8)
        .map(|_| {
            let (path, small) = (path.clone(), small.clone());
            tokio::spawn(async move {
                let mut client = MailClient::greet(address, "EHLO").await;
                assert_eq!(client.announce(&[&path]).await, [250, 250, 354]);
                client.write(small.as_bytes()).await;
                let line = format!("{}\r\n", "x".repeat(1022));
                let piece = line.repeat(1024);
                for _ in 0..100 {
                    client.write(piece.as_bytes()).await;
                }
                client.say(".").await
            })
        })
        .collect();
    for sent in sending {
        assert_eq!(sent.await.unwrap(), 552);
    }
    let packed = BASE64_MIME.encode(&bomb());
    let attached = format!(
        "Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n{packed}\r\n--b--"
    );
    let with_bomb = small.replace("--b--", &format!("--b\r\n{attached}"));
    assert_eq!(client.send(&path, &with_bomb).await, 250);
    let grown = assent.peak_mib() - before;
    assert!(
        grown < 64.0,
        "{grown} MiB for eight messages of 100 MiB and a bomb"
    );
    assert_eq!(db.count("bounce", "1 = 1").await, 1, "the same report all along");
});

on_both!(p06_what_was_answered_for_is_there_after_a_power_cut, async |db| {
    let stage = Stage::set(db).await;
    let path = return_path(db, stage.send().await);
    let sink = Sink::default();
    for round in 0..3_u64 {
        let (assent, address) = program(db, &sink);
        let senders: Vec<_> = (0..4)
            .map(|sender| {
                let path = path.clone();
                tokio::spawn(async move {
                    let mut taken = Vec::new();
                    let mut client = MailClient::greet(address, "EHLO").await;
                    for number in 0..10_000 {
                        let name = format!("r{round}s{sender}n{number}");
                        let said = format!("{FULL} {name} is all we say");
                        let mail = report(&path, "ann@example.org", &said, "x@y.example");
                        if client.send(&path, &mail).await != 250 {
                            break;
                        }
                        taken.push(name);
                    }
                    taken
                })
            })
            .collect();
        until("reports come in", Duration::from_mins(1), || async {
            db.count("bounce", &format!("said LIKE '% r{round}s%'")).await > 20
        })
        .await;
        tokio::time::sleep(Duration::from_millis(7 * round)).await;
        assent.kill();
        let mut all = 0;
        for sender in senders {
            for name in sender.await.unwrap() {
                let kept = format!("said LIKE '% {name} %'");
                assert_eq!(db.count("bounce", &kept).await, 1, "{name} was answered for");
                all += 1;
            }
        }
        assert!(all > 0, "something was taken in before the power cut");
    }
});
