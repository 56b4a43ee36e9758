//! Conversations as the other side has them, without a network.

use super::*;
use smtp_proto::request::receiver::RequestReceiver;

/// Takes mail for `ours@mx.example`, and so many messages.
struct Few(std::cell::Cell<usize>);

impl Door for Few {
    fn takes(&self, address: &str) -> bool {
        address == "ours@mx.example"
    }

    fn is_ours(&self, address: &str) -> bool {
        address.ends_with("@mx.example")
    }

    fn takes_one_more(&self) -> bool {
        let left = self.0.get();
        self.0.set(left.saturating_sub(1));
        left > 0
    }
}

fn session(protocol: Protocol) -> Session<Few> {
    let limits = Limits {
        octets: 1000,
        recipients: 2,
        errors: 3,
        ..Limits::default()
    };
    Session::new(protocol, "mx.example", limits, Few(std::cell::Cell::new(5)))
}

/// Says a line; what is done next, and the code of the answer.
fn say(session: &mut Session<Few>, line: &str) -> (&'static str, u16) {
    let mut receiver = RequestReceiver::default();
    let line = format!("{line}\r\n");
    match session.answer(receiver.ingest(&mut line.as_bytes().iter())) {
        Next::Say(reply) => ("say", reply.code),
        Next::Message(reply) => ("message", reply.code),
        Next::Leave(reply) => ("leave", reply.code),
    }
}

fn codes(session: &mut Session<Few>, lines: &[&str]) -> Vec<u16> {
    lines.iter().map(|line| say(session, line).1).collect()
}

#[test]
fn a_message_is_announced_in_order_and_only_for_return_paths() {
    let mut smtp = session(Protocol::Smtp);
    assert_eq!(
        codes(
            &mut smtp,
            &[
                "MAIL FROM:<>",
                "EHLO mx.example.org",
                "RCPT TO:<ours@mx.example>",
                "DATA"
            ]
        ),
        [503, 250, 503, 503]
    );
    let mut smtp = session(Protocol::Smtp);
    let lines = [
        "EHLO x",
        "MAIL FROM:<>",
        "RCPT TO:<forged@mx.example>",
        "RCPT TO:<ann@example.org>",
        "DATA",
    ];
    assert_eq!(codes(&mut smtp, &lines), [250, 250, 550, 550, 503]);
    assert_eq!(say(&mut smtp, "RCPT TO:<ours@mx.example>"), ("say", 250));
    assert_eq!(say(&mut smtp, "DATA"), ("message", 354));
    assert_eq!(smtp.recipients(), ["ours@mx.example"]);
    assert_eq!(
        say(&mut smtp, "MAIL FROM:<a@b.example> SIZE=900 BODY=8BITMIME"),
        ("say", 250)
    );
    assert_eq!(say(&mut smtp, "QUIT"), ("leave", 221));
}

#[test]
fn size_recipients_and_messages_have_limits() {
    let mut smtp = session(Protocol::Smtp);
    assert_eq!(
        codes(&mut smtp, &["HELO x", "MAIL FROM:<> SIZE=1001"]),
        [250, 552]
    );
    let to = "RCPT TO:<ours@mx.example>";
    assert_eq!(
        codes(&mut smtp, &["MAIL FROM:<>", to, to, to]),
        [250, 250, 250, 452]
    );
    for _ in 0..4 {
        assert_eq!(codes(&mut smtp, &["RSET", "MAIL FROM:<>"]), [250, 250]);
    }
    assert_eq!(codes(&mut smtp, &["RSET", "MAIL FROM:<>"]), [250, 450]);
}

#[test]
fn each_protocol_has_its_own_hello() {
    assert_eq!(
        codes(&mut session(Protocol::Smtp), &["LHLO x", "HELO x"]),
        [500, 250]
    );
    assert_eq!(
        codes(&mut session(Protocol::Lmtp), &["EHLO x", "HELO x", "LHLO x"]),
        [500, 500, 250]
    );
}

#[test]
fn who_errs_over_and_over_is_left() {
    let mut smtp = session(Protocol::Smtp);
    for _ in 0..3 {
        assert_eq!(say(&mut smtp, "FROB"), ("say", 500));
    }
    assert_eq!(say(&mut smtp, "MAIL FROM:ann"), ("leave", 421));
    let mut smtp = session(Protocol::Smtp);
    assert_eq!(say(&mut smtp, "BDAT 5 LAST"), ("leave", 502));
    assert_eq!(say(&mut smtp, &"x".repeat(9000)).1, 500);
}
