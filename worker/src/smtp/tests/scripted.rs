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
            in_message = reply.starts_with("354");
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

async fn connected(script: Script) -> (Server, SmtpConnection) {
    let server = serve(script).await;
    let connection = SmtpConnection::connect(&settings(server.address))
        .await
        .expect("connects");
    (server, connection)
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
    let lines = server.lines();
    assert_eq!(
        lines[..9],
        [
            "EHLO client.example",
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
    assert_eq!(lines[9..12], [".", "MAIL FROM:<>", "RCPT TO:<ada@example.com>"]);
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
    assert_eq!(server.lines(), ["EHLO client.example"]);
    assert!(is_accepted(
        &connection.send(FROM, "ada@bücher.example", MESSAGE).await
    ));
    assert_eq!(server.lines()[2], "RCPT TO:<ada@xn--bcher-kva.example>");
}

#[tokio::test]
async fn an_international_address_goes_to_a_server_that_takes_it() {
    let (server, mut connection) = connected(vec![("EHLO", "250-x\r\n250-8BITMIME\r\n250 SMTPUTF8")]).await;
    assert!(is_accepted(
        &connection.send(FROM, "jürgen@bücher.example", MESSAGE).await
    ));
    assert!(is_accepted(&connection.send(FROM, TO, MESSAGE).await));
    let lines = server.lines();
    assert_eq!(lines[1], "MAIL FROM:<bounce@acme.example> BODY=8BITMIME SMTPUTF8");
    assert_eq!(lines[2], "RCPT TO:<jürgen@xn--bcher-kva.example>");
    assert!(
        lines.contains(&"MAIL FROM:<bounce@acme.example>".to_owned()),
        "{lines:?}"
    );
}

fn with_password(address: SocketAddr) -> SmtpSettings {
    SmtpSettings {
        credentials: Some(("user".to_owned(), "geheim".into())),
        ..settings(address)
    }
}

#[tokio::test]
async fn credentials_are_given_by_the_mechanism_the_server_offers() {
    let server = serve(vec![
        ("EHLO", "250-x\r\n250 AUTH LOGIN PLAIN"),
        ("AUTH", "235 2.7.0 welcome"),
    ])
    .await;
    SmtpConnection::connect(&with_password(server.address))
        .await
        .expect("authenticates");
    assert_eq!(server.lines()[1], "AUTH PLAIN AHVzZXIAZ2VoZWlt");

    let script = vec![
        ("EHLO", "250-x\r\n250 AUTH LOGIN"),
        ("AUTH LOGIN", "334 VXNlcm5hbWU6"),
        ("dXNlcg==", "334 UGFzc3dvcmQ6"),
        ("Z2VoZWlt", "235 ok"),
    ];
    SmtpConnection::connect(&with_password(serve(script).await.address))
        .await
        .expect("authenticates");
}

#[tokio::test]
async fn refused_credentials_are_said_to_be_refused() {
    let server = serve(vec![
        ("EHLO", "250-x\r\n250 AUTH PLAIN"),
        ("AUTH", "535 5.7.8 wrong"),
    ])
    .await;
    let error = SmtpConnection::connect(&with_password(server.address))
        .await
        .expect_err("wrong password");
    assert!(error.is_settings());
    assert_eq!(
        error.to_string(),
        "the relay refused authentication: 535 5.7.8 wrong"
    );
    assert!(!format!("{:?}", with_password(server.address)).contains("geheim"));

    let server = serve(vec![("EHLO", "250-x\r\n250 AUTH PLAIN"), ("AUTH", "250 x")]).await;
    let error = SmtpConnection::connect(&with_password(server.address))
        .await
        .expect_err("a reply out of place");
    assert!(matches!(error, SmtpError::Protocol { .. }), "{error}");

    let server = serve(Vec::new()).await;
    let error = SmtpConnection::connect(&with_password(server.address))
        .await
        .expect_err("no AUTH");
    assert!(
        matches!(error, SmtpError::AuthenticationNotOffered { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_password_never_crosses_a_network_in_plain_text() {
    let mut settings = with_password("127.0.0.1:25".parse().expect("an address"));
    settings.host = "relay.invalid".to_owned();
    let error = SmtpConnection::connect(&settings).await.expect_err("no TLS");
    assert!(
        matches!(error, SmtpError::CredentialsWithoutTls { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail() {
    let server = serve(Vec::new()).await;
    let settings = SmtpSettings {
        tls: TlsMode::StartTls,
        ..with_password(server.address)
    };
    let error = SmtpConnection::connect(&settings).await.expect_err("no STARTTLS");
    assert!(matches!(error, SmtpError::StartTlsNotOffered { .. }), "{error}");
    assert!(
        server
            .lines()
            .iter()
            .all(|line| line.starts_with("EHLO") || line == "QUIT")
    );

    let server = serve(vec![
        ("EHLO", "250-x\r\n250 STARTTLS"),
        ("STARTTLS", "454 4.7.0 not now"),
    ])
    .await;
    let settings = SmtpSettings {
        tls: TlsMode::StartTls,
        ..with_password(server.address)
    };
    let error = SmtpConnection::connect(&settings).await.expect_err("refused");
    assert!(
        matches!(
            error,
            SmtpError::Refused {
                step: Step::StartTls,
                ..
            }
        ),
        "{error}"
    );
    assert!(server.lines().iter().all(|line| !line.starts_with("AUTH")));
}

#[tokio::test]
async fn a_refusal_to_talk_at_all_is_said_as_it_is() {
    let server = serve(vec![("", "554 5.7.1 go away")]).await;
    let error = SmtpConnection::connect(&settings(server.address))
        .await
        .expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the relay refused the greeting: 554 5.7.1 go away"
    );

    let free = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port")
        .local_addr()
        .expect("bound");
    let error = SmtpConnection::connect(&settings(free))
        .await
        .expect_err("nobody there");
    assert!(
        matches!(error, SmtpError::Connect { .. }) && !error.is_settings(),
        "{error}"
    );

    let settings = SmtpSettings {
        hello_name: "a\r\nb".to_owned(),
        ..settings(free)
    };
    let error = SmtpConnection::connect(&settings).await.expect_err("no name");
    assert!(matches!(error, SmtpError::HelloName(_)), "{error}");
}
