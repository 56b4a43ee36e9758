//! What is needed before the first mail: a greeting, encryption, credentials.

use tokio::net::TcpListener;

use super::scripted::serve;
use super::*;

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
