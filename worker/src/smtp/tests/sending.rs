//! One mail after the other to a server that answers as told.

use super::scripted::{CLOSE, HANG, Script, Server, serve};
use super::*;

async fn connected(script: Script) -> (Server, SmtpConnection) {
    let server = serve(script).await;
    let connection = SmtpConnection::connect(&settings(server.address))
        .await
        .expect("connects");
    (server, connection)
}

/// A server that takes several commands at once.
const PIPELINES: (&str, &str) = ("EHLO", "250-x\r\n250-PIPELINING\r\n250 8BITMIME");

fn said_after_greeting(server: &Server) -> Vec<String> {
    let mut lines = server.lines();
    lines.retain(|line| line != "EHLO client.example");
    lines
}

#[tokio::test]
async fn a_mail_is_sent_command_by_command_and_its_dots_are_stuffed() {
    let (server, mut connection) = connected(vec![(".", "250 2.0.0 queued as 4711")]).await;
    let outcome = connection.send(FROM, TO, MESSAGE).await;
    let SendOutcome::Accepted { reply } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!((reply.code, reply.enhanced.as_deref()), (250, Some("2.0.0")));
    assert_eq!(reply.text, "2.0.0 queued as 4711");
    assert!(is_accepted(&connection.send("", TO, MESSAGE).await));
    connection.quit().await;
    let lines = said_after_greeting(&server);
    assert_eq!(
        lines[..8],
        [
            "MAIL FROM:<bounce@acme.example>",
            "RCPT TO:<ada@example.com>",
            "DATA",
            "Subject: x",
            "",
            "..dot",
            "...",
            "body"
        ]
    );
    assert_eq!(lines[8..11], [".", "MAIL FROM:<>", "RCPT TO:<ada@example.com>"]);
    assert_eq!(lines.last().map(String::as_str), Some("QUIT"));
}

#[tokio::test]
async fn each_stage_can_reject_and_the_next_mail_still_goes() {
    use Permanence::{Permanent, Transient};
    for (command, reply, expected) in [
        (
            "MAIL",
            "451 4.7.1 later",
            (Transient, Stage::Mail, 451, Some("4.7.1")),
        ),
        (
            "RCPT",
            "550-5.1.1 no\r\n550 5.1.1 such user",
            (Permanent, Stage::Rcpt, 550, Some("5.1.1")),
        ),
        (
            "DATA",
            "554 no valid recipients",
            (Permanent, Stage::Data, 554, None),
        ),
        (
            ".",
            "552 5.3.4 too big",
            (Permanent, Stage::Message, 552, Some("5.3.4")),
        ),
    ] {
        let again = if command == "DATA" { "354 go on" } else { "250 ok" };
        let (server, mut connection) = connected(vec![(command, reply), (command, again)]).await;
        let outcome = connection.send(FROM, TO, MESSAGE).await;
        assert_eq!(rejected(&outcome), expected, "{command}");
        assert!(connection.is_usable());
        assert!(
            is_accepted(&connection.send(FROM, TO, MESSAGE).await),
            "{command}"
        );
        assert_eq!(
            server.lines().iter().filter(|line| *line == "RSET").count(),
            1,
            "{command}"
        );
    }
}

/// The server answers nothing until it has heard all three commands.
#[tokio::test]
async fn commands_go_in_one_go_to_a_server_that_takes_them() {
    let all = "250 ok\r\n250 ok\r\n354 go on";
    let (server, mut connection) =
        connected(vec![PIPELINES, ("MAIL", ""), ("RCPT", ""), ("DATA", all)]).await;
    for _ in 0..2 {
        let sent = tokio::time::timeout(Duration::from_secs(5), connection.send(FROM, TO, MESSAGE));
        assert!(is_accepted(
            &sent.await.expect("it waits for no reply in between")
        ));
    }
    assert_eq!(said_after_greeting(&server).len(), 2 * 9);
}

#[tokio::test]
async fn each_of_several_commands_can_be_refused_and_the_next_mail_still_goes() {
    use Permanence::{Permanent, Transient};
    let no_recipients = ("DATA", "554 no valid recipients");
    for (script, expected) in [
        (
            vec![
                ("MAIL", "451 4.7.1 later"),
                ("RCPT", "503 first MAIL"),
                no_recipients,
            ],
            (Transient, Stage::Mail, 451, Some("4.7.1")),
        ),
        (
            vec![("RCPT", "550 5.1.1 no such user"), no_recipients],
            (Permanent, Stage::Rcpt, 550, Some("5.1.1")),
        ),
        (
            vec![("DATA", "451 4.3.0 not now")],
            (Transient, Stage::Data, 451, Some("4.3.0")),
        ),
    ] {
        let again = script.iter().map(|(command, _)| match *command {
            "DATA" => ("DATA", "354 go on"),
            command => (command, "250 ok"),
        });
        let script = [PIPELINES]
            .into_iter()
            .chain(script.clone())
            .chain(again)
            .collect();
        let (server, mut connection) = connected(script).await;
        assert_eq!(rejected(&connection.send(FROM, TO, MESSAGE).await), expected);
        assert!(connection.is_usable());
        assert!(is_accepted(&connection.send(FROM, TO, MESSAGE).await));
        let resets = server.lines().iter().filter(|line| *line == "RSET").count();
        assert_eq!(resets, 1, "{expected:?}");
    }
}

/// A reset would be taken for the message, and the end of it for a mail to whoever was not refused.
#[tokio::test]
async fn a_server_that_waits_for_a_message_to_nobody_hears_no_more() {
    let (server, mut connection) = connected(vec![PIPELINES, ("RCPT", "550 5.1.1 no such user")]).await;
    let outcome = connection.send(FROM, TO, MESSAGE).await;
    assert_eq!(rejected(&outcome).1, Stage::Rcpt);
    assert!(!connection.is_usable());
    connection.quit().await;
    assert_eq!(server.lines().last().map(String::as_str), Some("DATA"));
}

#[tokio::test]
async fn a_connection_lost_among_several_commands_has_sent_no_mail() {
    for (command, stage) in [
        ("MAIL", Stage::Mail),
        ("RCPT", Stage::Rcpt),
        ("DATA", Stage::Data),
    ] {
        let (_server, mut connection) = connected(vec![PIPELINES, (command, CLOSE)]).await;
        let outcome = connection.send(FROM, TO, MESSAGE).await;
        assert!(
            matches!(outcome, SendOutcome::Lost { stage: at, after_data: false, .. } if at == stage),
            "{command}: {outcome:?}"
        );
        assert!(!connection.is_usable());
    }
}

#[tokio::test]
async fn a_421_ends_the_connection_and_may_be_tried_again() {
    let (_server, mut connection) = connected(vec![("RCPT", "421 4.3.2 shutting down")]).await;
    let outcome = connection.send(FROM, TO, MESSAGE).await;
    assert_eq!(
        rejected(&outcome),
        (Permanence::Transient, Stage::Rcpt, 421, Some("4.3.2"))
    );
    assert!(!connection.is_usable());
    let next = connection.send(FROM, TO, MESSAGE).await;
    assert!(
        matches!(
            next,
            SendOutcome::Lost {
                after_data: false,
                ..
            }
        ),
        "{next:?}"
    );
}

#[tokio::test]
async fn a_reset_that_fails_ends_the_connection() {
    let (_server, mut connection) = connected(vec![("RCPT", "550 no"), ("RSET", CLOSE)]).await;
    assert_eq!(rejected(&connection.send(FROM, TO, MESSAGE).await).2, 550);
    assert!(!connection.is_usable());
}

#[tokio::test]
async fn a_lost_connection_says_whether_the_mail_may_have_been_taken() {
    for (command, stage, after_data) in [
        ("MAIL", Stage::Mail, false),
        ("RCPT", Stage::Rcpt, false),
        ("DATA", Stage::Data, false),
        (".", Stage::Message, true),
    ] {
        let (_server, mut connection) = connected(vec![(command, CLOSE)]).await;
        match connection.send(FROM, TO, MESSAGE).await {
            SendOutcome::Lost {
                stage: s,
                after_data: a,
                detail,
            } => {
                assert_eq!((s, a), (stage, after_data));
                assert!(!detail.contains('@'), "{detail}");
            }
            other => panic!("{command}: {other:?}"),
        }
        assert!(!connection.is_usable());
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up_in_time() {
    let server = serve(vec![(".", HANG)]).await;
    let mut settings = settings(server.address);
    settings.command_timeout = Duration::from_millis(200);
    let mut connection = SmtpConnection::connect(&settings).await.expect("connects");
    let outcome = connection.send(FROM, TO, MESSAGE).await;
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
    assert!(!connection.is_usable());

    let server = serve(vec![("", HANG)]).await;
    settings.port = server.address.port();
    let error = SmtpConnection::connect(&settings).await.expect_err("no greeting");
    assert!(
        matches!(error, SmtpError::Timeout { step: Step::Greeting }),
        "{error}"
    );
}

#[tokio::test]
async fn a_send_that_is_abandoned_leaves_no_usable_connection() {
    let (_server, mut connection) = connected(vec![("RCPT", HANG)]).await;
    let send = connection.send(FROM, TO, MESSAGE);
    assert!(
        tokio::time::timeout(Duration::from_millis(100), send)
            .await
            .is_err()
    );
    assert!(!connection.is_usable());
}

#[tokio::test]
async fn replies_that_answer_another_command_end_the_connection() {
    let (_server, mut connection) = connected(vec![("DATA", "250 ok")]).await;
    let outcome = connection.send(FROM, TO, MESSAGE).await;
    assert!(
        matches!(
            outcome,
            SendOutcome::Lost {
                stage: Stage::Data,
                after_data: false,
                ..
            }
        ),
        "{outcome:?}"
    );
    assert!(!connection.is_usable());
}

#[tokio::test]
async fn what_the_server_cannot_take_is_refused_before_anything_is_sent() {
    let (server, mut connection) = connected(Vec::new()).await;
    for (from, to, message, code, enhanced) in [
        (FROM, "jürgen@example.com", MESSAGE, 550, "5.6.7"),
        ("jürgen@acme.example", TO, MESSAGE, 550, "5.6.7"),
        (FROM, TO, "To: jürgen@x.example\r\n\r\n".as_bytes(), 550, "5.6.7"),
        (
            FROM,
            "a@b.example>\r\nRCPT TO:<c@d.example",
            MESSAGE,
            553,
            "5.1.3",
        ),
        (FROM, "", MESSAGE, 553, "5.1.3"),
        ("nobody", TO, MESSAGE, 553, "5.1.3"),
        (FROM, TO, b"a\n.\nMAIL FROM:<x@y>\r\n".as_slice(), 554, "5.6.0"),
    ] {
        let outcome = connection.send(from, to, message).await;
        assert_eq!(
            rejected(&outcome),
            (Permanence::Permanent, Stage::Local, code, Some(enhanced)),
            "{to}"
        );
        assert!(connection.is_usable());
    }
    assert_eq!(said_after_greeting(&server), [""; 0]);
    assert!(is_accepted(
        &connection.send(FROM, "ada@bücher.example", MESSAGE).await
    ));
    assert_eq!(
        said_after_greeting(&server)[1],
        "RCPT TO:<ada@xn--bcher-kva.example>"
    );
}

#[tokio::test]
async fn an_international_address_goes_to_a_server_that_takes_it() {
    let (server, mut connection) = connected(vec![("EHLO", "250-x\r\n250-8BITMIME\r\n250 SMTPUTF8")]).await;
    assert!(is_accepted(
        &connection.send(FROM, "jürgen@bücher.example", MESSAGE).await
    ));
    assert!(is_accepted(&connection.send(FROM, TO, MESSAGE).await));
    let lines = said_after_greeting(&server);
    assert_eq!(lines[0], "MAIL FROM:<bounce@acme.example> BODY=8BITMIME SMTPUTF8");
    assert_eq!(lines[1], "RCPT TO:<jürgen@xn--bcher-kva.example>");
    assert!(
        lines.contains(&"MAIL FROM:<bounce@acme.example>".to_owned()),
        "{lines:?}"
    );
}
