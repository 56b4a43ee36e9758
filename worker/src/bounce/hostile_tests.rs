//! Mails that mean harm: they take little time, and end nothing.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use assent_domain::bounce::BounceClass;
use proptest::prelude::*;

use super::classify;

/// Far more than any mail takes, and far less than what nobody would wait for; a test machine may be busy.
const PATIENCE: Duration = Duration::from_secs(20);

fn in_time(raw: &[u8]) -> BounceClass {
    classify(b"warm up");
    let begun = Instant::now();
    let class = classify(raw).class;
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    class
}

#[test]
fn depth_and_size_have_limits() {
    let mut nested = String::new();
    for level in 0..20_000 {
        write!(
            nested,
            "Content-Type: multipart/mixed; boundary=b{level}\n\n--b{level}\n"
        )
        .expect("a text");
    }
    in_time(nested.as_bytes());
    in_time("Content-Type: message/rfc822\n\n".repeat(30_000).as_bytes());
    in_time(
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
            .repeat(15_000)
            .as_bytes(),
    );
    let parts = "--b\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.example\nAction: failed\n\n";
    let many = format!(
        "Content-Type: multipart/report; boundary=b\n\n{}",
        parts.repeat(10_000)
    );
    in_time(many.as_bytes());
    let huge = [b"Subject: failure notice\n\n".as_slice(), &vec![b'<'; 100 << 20]].concat();
    in_time(&huge);
}

#[test]
fn many_recipients_and_long_lines_take_little_time() {
    let mut addresses = String::new();
    for number in 0..40_000 {
        writeln!(addresses, "<a{number}@example.org>:\n 550 no such user").expect("a text");
    }
    let mail = format!("From: MAILER-DAEMON@example.org\nSubject: failure notice\n\n{addresses}");
    assert_eq!(in_time(mail.as_bytes()), BounceClass::Hard);
    for letter in [
        "a",
        "@",
        "550 ",
        "5.",
        "<<< ",
        "=?utf-8?b?",
        "(",
        "a@b.",
        "user unknown ",
        "\u{20ac}",
    ] {
        let mail = format!(
            "From: postmaster@example.org\nSubject: failure notice\n\n{}",
            letter.repeat(300_000)
        );
        in_time(mail.as_bytes());
        in_time(
            format!(
                "From: {0}\nSubject: {0}\nContent-Type: {0}\n\n",
                letter.repeat(50_000)
            )
            .as_bytes(),
        );
    }
}

#[test]
fn no_header_no_text_no_sense() {
    for raw in [
        &b""[..],
        b"\n",
        b"\0\0\0",
        b"\r\r\r",
        b"\n\n\n",
        b": :\n\n",
        b"\xff\xfe\x00",
        b"--\n--\n",
    ] {
        assert_eq!(in_time(raw), BounceClass::NotBounce);
    }
    let charset = b"From: MAILER-DAEMON@x.example\nSubject: failure notice\nContent-Type: text/plain; charset=\"no such\"\n\n\xff\xfe550 user unknown";
    assert_eq!(in_time(charset), BounceClass::Hard);
}

const SEED: &str = "From: MAILER-DAEMON@mx.example\nTo: n@example.com\nSubject: =?utf-8?q?failure?= notice\n\
    Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain; charset=iso-2022-jp\n\n\
    <ann@example.org>: 550 5.1.1 user unknown (in reply to RCPT TO command)\n>>> RCPT To:<ann@example.org>\n<<< 550 no\n\
    --b\nContent-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\nRmluYWwtUmVjaXBpZW50\n\
    --b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n\n--b\nContent-Type: message/rfc822\n\n\
    Message-ID: <x@example.com>\n\n{\"notificationType\":\"Bounce\"}\n--b--\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn nothing_in_a_mail_makes_it_panic(
        changes in prop::collection::vec((0..SEED.len(), any::<u8>(), 0..4_u8), 0..40),
        tail in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let mut raw = SEED.as_bytes().to_vec();
        for (at, octet, how) in changes {
            let at = at.min(raw.len().saturating_sub(1));
            match how {
                0 => raw[at] = octet,
                1 => raw.insert(at, octet),
                2 if raw.len() > 1 => { raw.remove(at); }
                _ => { let piece = raw[at..].to_vec(); raw.extend(piece.into_iter().take(64)); }
            }
        }
        raw.extend(tail);
        let report = classify(&raw);
        prop_assert!(!report.failures.is_empty());
        prop_assert!(report.failures.iter().all(|failure| failure.text.chars().count() <= 500));
    }
}
