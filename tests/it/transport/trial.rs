//! Trying transports out: what is wrong is told in words.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use assent_tests::certificate::{Certificate, TlsServer};
use assent_tests::receiver::{Act, Moment, Receiver};
use assent_tests::sink::free_port;
use assent_worker::settings::RelaySettings;

use super::*;

const TEST: &str = "mutation($input: TestTransportInput!) { testTransport(input: $input) {
    works failedAt replyCode enhancedStatus words } }";

fn settings(root_certificate: Option<PathBuf>) -> RelaySettings {
    RelaySettings {
        hello_name: "assent.example".to_owned(),
        root_certificate,
        networks: LOOPBACK.parse().unwrap(),
    }
}

/// Adds a transport and tries it out.
async fn tried(client: &Client<'_>, name: &str, transport: Value, with_envelope: bool) -> Value {
    let mut input = json!({ "name": name, "host": "localhost" });
    input
        .as_object_mut()
        .unwrap()
        .extend(transport.as_object().unwrap().clone());
    let id = create(client, input).await;
    let input = json!({ "input": { "id": id, "withEnvelope": with_envelope } });
    let mut tested = client.data(TEST, input).await;
    tested["testTransport"].take()
}

fn failed(tested: &Value, stage: &str, words: &str) {
    assert_eq!(
        (&tested["works"], &tested["failedAt"]),
        (&json!(false), &json!(stage)),
        "{tested}"
    );
    let said = tested["words"].as_str().unwrap();
    assert!(said.contains(words), "{said}");
    assert!(!tested.to_string().contains(PASSWORD), "{tested}");
}

on_both!(
    a_wrong_password_is_told_in_the_servers_words_without_the_password,
    async |db| {
        db.house("acme").await;
        let certificate = Certificate::valid();
        let server = TlsServer::start(&certificate, "535 5.7.8 {} is not known here");
        let site = db.site_with_relays(settings(Some(certificate.file())));
        let owner = site.owner("acme").await;
        let transport =
            json!({ "port": server.port, "tls": "IMPLICIT", "user": "acme", "password": PASSWORD });
        let tested = tried(&owner, "Own", transport, false).await;
        failed(&tested, "AUTHENTICATION", "[password] is not known here");
        assert_eq!(
            (&tested["replyCode"], &tested["enhancedStatus"]),
            (&json!(535), &json!("5.7.8"))
        );
        let plain = BASE64.encode(format!("\0acme\0{PASSWORD}").as_bytes());
        assert!(!tested.to_string().contains(&plain), "{tested}");
        let noted = "kind = 'AUDIT' AND facts LIKE '%TRANSPORT_TESTED%'";
        assert_eq!(db.count("ledger", noted).await, 1);
        site.close().await;
    }
);

/// Signs in at a server that shows a certificate, and expects that it fails for it.
async fn shown(db: &TestStore, certificate: Certificate, is_trusted: bool, words: &str) {
    db.house("acme").await;
    let server = TlsServer::start(&certificate, "235 2.7.0 come in");
    let site = db.site_with_relays(settings(is_trusted.then(|| certificate.file())));
    let owner = site.owner("acme").await;
    let transport = json!({ "port": server.port, "tls": "IMPLICIT", "user": "acme", "password": PASSWORD });
    failed(&tried(&owner, "Own", transport, false).await, "TLS", words);
    site.close().await;
}

on_both!(an_expired_certificate_is_told_in_plain_words, async |db| {
    shown(db, Certificate::expired(), true, "its certificate has expired").await;
});

on_both!(a_certificate_of_a_stranger_is_told_in_plain_words, async |db| {
    let words = "its certificate was not issued by anybody who is trusted here";
    shown(db, Certificate::valid(), false, words).await;
});

on_both!(
    a_server_without_tls_and_one_that_does_not_answer_are_told_apart,
    async |db| {
        db.house("acme").await;
        let site = db.site_with_relays(settings(None));
        let owner = site.owner("acme").await;
        let plain = Receiver::kind();
        let signed_in =
            |port: u16, tls: &str| json!({ "port": port, "tls": tls, "user": "a", "password": PASSWORD });
        let tested = tried(&owner, "Plain", signed_in(plain.port, "STARTTLS"), false).await;
        failed(&tested, "TLS", "localhost does not offer STARTTLS");
        let tested = tried(&owner, "Implicit", signed_in(plain.port, "IMPLICIT"), false).await;
        failed(&tested, "TLS", "TLS with localhost failed");
        let tested = tried(&owner, "Nobody", signed_in(free_port(), "STARTTLS"), false).await;
        failed(&tested, "CONNECTING", "cannot connect to localhost");
        let tested = tried(
            &owner,
            "Unknown",
            json!({ "host": "no-such-host.invalid" }),
            false,
        )
        .await;
        // As one that is there and within: the names of the operator's network are not for tenants to guess.
        failed(
            &tested,
            "CONNECTING",
            "it is not on the public internet, or not found",
        );

        // Takes the connection and says nothing.
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = silent.local_addr().unwrap().port();
        let began = Instant::now();
        let tested = tried(
            &owner,
            "Silent",
            json!({ "port": port, "host": "127.0.0.1" }),
            false,
        )
        .await;
        failed(&tested, "GREETING", "took longer");
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        site.close().await;
    }
);

on_both!(
    what_works_is_said_to_work_and_no_mail_is_sent_for_it,
    async |db| {
        db.house("acme").await;
        let site = db.site_with_relays(settings(None));
        let owner = site.owner("acme").await;
        let receiver = Receiver::kind();
        let plain = |port: u16| json!({ "port": port, "tls": "NONE" });
        let tested = tried(&owner, "Plain", plain(receiver.port), false).await;
        assert_eq!(
            (&tested["works"], &tested["failedAt"]),
            (&json!(true), &Value::Null),
            "{tested}"
        );
        assert_eq!(receiver.named(), 0);
        let tested = tried(&owner, "Envelope", plain(receiver.port), true).await;
        assert_eq!(
            (&tested["works"], &tested["replyCode"]),
            (&json!(true), &json!(250)),
            "{tested}"
        );
        assert_eq!(
            (receiver.named(), receiver.count()),
            (1, 0),
            "it was asked, and no more"
        );
        receiver.turn(|moment| match moment {
            Moment::Rcpt("news@acme.example", "owner@acme.example", _) => {
                Act::Say("554 5.7.1 relay access denied")
            }
            _ => Act::Go,
        });
        let tested = tried(&owner, "Refuses", plain(receiver.port), true).await;
        failed(&tested, "ENVELOPE", "relay access denied");
        assert_eq!(
            (&tested["replyCode"], &tested["enhancedStatus"]),
            (&json!(554), &json!("5.7.1"))
        );
        site.close().await;
    }
);

on_both!(
    nothing_within_the_operators_network_is_reached_or_told_of,
    async |db| {
        db.house("acme").await;
        let greeted = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&greeted);
        let receiver = Receiver::start(move |moment| {
            if matches!(moment, Moment::Greeting(_)) {
                seen.fetch_add(1, Ordering::SeqCst);
            }
            Act::Go
        });
        let site = db.site();
        let owner = site.owner("acme").await;
        for host in [
            "127.0.0.1",
            "localhost",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "2130706433",
            "169.254.169.254",
            "10.0.0.1",
        ] {
            let transport = json!({ "host": host, "port": receiver.port, "tls": "NONE" });
            let tested = tried(&owner, host, transport, false).await;
            failed(&tested, "CONNECTING", "it is not on the public internet");
        }
        let transport = json!({ "host": "9.9.9.9", "port": 6379, "tls": "NONE" });
        failed(
            &tried(&owner, "Port", transport, false).await,
            "CONNECTING",
            "25, 465, 587 and 2525",
        );
        assert_eq!(greeted.load(Ordering::SeqCst), 0);
        site.close().await;
    }
);

on_both!(nobody_tries_transports_again_and_again, async |db| {
    let house = db.house("acme").await;
    let id = house.transport(relay("Own", "127.0.0.1", 25)).await.to_string();
    let site = db.site_taking(20);
    let owner = site.owner("acme").await;
    for _ in 0..20 {
        owner.data(TEST, json!({ "input": { "id": id } })).await;
    }
    let refused = owner.refused(TEST, json!({ "input": { "id": id } })).await;
    assert_eq!(refused.code, "TOO_MANY_REQUESTS");
    assert_eq!(owner.data(ALL, json!({})).await["transports"]["totalCount"], 1);
    site.close().await;
});
