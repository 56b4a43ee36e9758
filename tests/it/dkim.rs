//! Signatures of real mail, sent through the whole of the program to a real server, and checked by others: mail-auth with a
//! name server that says what we said to publish, and dkimpy.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use assent_domain::sending_domain::Surroundings;
use assent_domain::site::HostName;
use assent_entity::sending_domain::SendingDomain;
use assent_tests::dns::NameServer;
use assent_tests::process::Assent;
use assent_tests::sink::{Received, Sink};
use assent_tests::{House, on_both};
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::{AuthenticatedMessage, DkimResult, MessageAuthenticator};
use serde::Deserialize;

use crate::sending::until_finished;

/// Where the Python is that has dkimpy.
const PYTHON: &str = "ASSENT_TEST_MAIL_PYTHON";

/// What dkimpy says of one signature.
#[derive(Debug, Deserialize)]
pub(crate) struct Signature {
    good: bool,
    reason: String,
    algorithm: String,
    domain: String,
    /// The fields that it covers.
    pub(crate) signed: Vec<String>,
}

/// What somebody who has never heard of us says of a message.
#[derive(Debug, Deserialize)]
pub(crate) struct Opinion {
    pub(crate) signatures: Vec<Signature>,
    defects: Vec<String>,
    /// What a reader sees.
    pub(crate) subject: String,
    pub(crate) html: String,
    pub(crate) text: String,
}

/// The message as it went over the wire, without what the server put in front.
pub(crate) fn wire(received: &Received) -> String {
    let (_, message) = received
        .text
        .split_once("\nDKIM-Signature:")
        .expect("a signature");
    format!("DKIM-Signature:{message}").replace('\n', "\r\n")
}

pub(crate) fn published(domain: &SendingDomain, around: &Surroundings) -> BTreeMap<String, String> {
    let records = domain.records(around).into_iter();
    records
        .filter_map(|record| Some((record.name, record.value?)))
        .collect()
}

/// A Python with what looks at us from outside.
pub(crate) fn python() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the tests' own tools are, is no setting of the product"
    )]
    let python = std::env::var(PYTHON);
    python.unwrap_or_else(|_| {
        panic!("{PYTHON} is not set: run ./tests/run, or give what tests/mail/python prints")
    })
}

fn opinion(message: &str, records: &BTreeMap<String, String>) -> Opinion {
    let dir = tempfile::tempdir().unwrap();
    let (mail, names) = (dir.path().join("mail"), dir.path().join("records"));
    std::fs::write(&mail, message).unwrap();
    std::fs::write(&names, serde_json::to_vec(records).unwrap()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/mail/verify.py");
    let output = Command::new(python())
        .arg(script)
        .arg(mail)
        .arg(names)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What mail-auth says of each signature.
async fn results(message: &str, dns: &NameServer) -> Vec<bool> {
    let mut udp = ConnectionConfig::udp();
    udp.port = dns.address.port();
    let server = NameServerConfig::new(dns.address.ip(), true, vec![udp]);
    let config = ResolverConfig::from_name_servers(vec![server]);
    let authenticator = MessageAuthenticator::new(config, ResolverOpts::default()).unwrap();
    let message = AuthenticatedMessage::parse(message.as_bytes()).expect("a message");
    let outputs = authenticator.verify_dkim(&message).await;
    outputs
        .iter()
        .map(|output| *output.result() == DkimResult::Pass)
        .collect()
}

pub(crate) fn around() -> Surroundings {
    Surroundings {
        bounce_domain: HostName::parse("bounces.platform.example").ok(),
        spf_include: HostName::parse("_spf.platform.example").ok(),
    }
}

/// Sends a campaign to Ann, and gives what the server got: the campaign, and what else went out.
async fn sent(house: &House<'_>, settings: &[(&str, &str)]) -> (Received, Vec<Received>) {
    let (list, form) = house.news().await;
    house.member_of(&form, "ann@example.org", &["news"]).await;
    house.join(&form, "ben@example.org", &["news"]).await;
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    let mailing = house.mailing_of(campaign).await;
    let sink = Sink::default();
    let assent = Assent::serve_with(house.db, &sink, settings);
    until_finished(house, mailing).await;
    assent_tests::process::until("everything is out", Duration::from_mins(1), || async {
        assent_entity::outbox::count_open(&house.db.store).await.unwrap() == 0
    })
    .await;
    drop(assent);
    let (campaigns, others): (Vec<_>, Vec<_>) = sink
        .received()
        .into_iter()
        .partition(|mail| mail.text.contains("\nList-Id: "));
    assert_eq!(campaigns.len(), 1);
    (campaigns.into_iter().next().unwrap(), others)
}

on_both!(
    a_campaign_is_signed_twice_and_others_agree_that_it_is,
    async |db| {
        let house = db.house("acme").await;
        let (dns, around) = (NameServer::default(), around());
        dns.publish_text(
            "bounces.platform.example",
            "v=spf1 include:_spf.platform.example -all",
        );
        let domain = house.verified_domain("acme.example", &dns, &around).await;
        assert!(
            domain.standing().is_verified(),
            "{:?}",
            domain.standing().problems()
        );
        let (campaign, others) = sent(
            &house,
            &[
                ("ASSENT_BOUNCE_DOMAIN", "bounces.platform.example"),
                ("ASSENT_DNS_SERVER", &dns.address.to_string()),
            ],
        )
        .await;
        let message = wire(&campaign);
        assert_eq!(results(&message, &dns).await, [true, true], "{message}");
        let records = published(&domain, &around);
        let opinion = opinion_of_campaign(&message, &records);
        for field in [
            "list-unsubscribe",
            "list-unsubscribe-post",
            "list-id",
            "cfbl-address",
            "feedback-id",
        ] {
            for signature in &opinion.signatures {
                assert!(
                    signature.signed.iter().any(|signed| signed == field),
                    "{field}: {signature:?}"
                );
            }
        }
        // RFC 9477: the address for complaints lies within the domain that signs, and so does the return path.
        assert!(message.contains("\r\nFeedback-ID: campaign_"), "{message}");
        let complaints = message.split("\r\nCFBL-Address: ").nth(1).expect("an address");
        assert!(
            complaints
                .split(';')
                .next()
                .unwrap()
                .ends_with("@bounces.acme.example"),
            "{message}"
        );
        assert!(
            campaign.text.contains("@bounces.acme.example>"),
            "{}",
            campaign.text
        );

        assert!(others.len() >= 2, "a notice and a confirmation");
        for other in &others {
            let message = wire(other);
            assert_eq!(results(&message, &dns).await, [true, true], "{message}");
            assert_eq!(self::opinion(&message, &records).defects, [""; 0], "{message}");
            assert!(!message.contains("CFBL-Address"), "{message}");
        }
        tampered(&message, &dns, &records).await;
    }
);

pub(crate) fn opinion_of_campaign(message: &str, records: &BTreeMap<String, String>) -> Opinion {
    let opinion = opinion(message, records);
    assert_eq!(opinion.defects, [""; 0]);
    let algorithms: Vec<_> = opinion
        .signatures
        .iter()
        .map(|of| of.algorithm.as_str())
        .collect();
    assert_eq!(
        algorithms,
        ["rsa-sha256", "ed25519-sha256"],
        "RSA, which everybody can check, comes first"
    );
    for signature in &opinion.signatures {
        assert!(signature.good, "{}: {}", signature.algorithm, signature.reason);
        assert_eq!(signature.domain, "acme.example");
        let froms = signature.signed.iter().filter(|signed| *signed == "from").count();
        assert_eq!(froms, 2, "nobody can add a second From");
    }
    opinion
}

/// Whatever is changed on the way, both say so of both signatures.
async fn tampered(message: &str, dns: &NameServer, records: &BTreeMap<String, String>) {
    let put = |field: &str| message.replacen("\r\nFrom:", &format!("\r\n{field}\r\nFrom:"), 1);
    let changes = [
        (
            "the subject",
            message.replace("\r\nSubject: Hello", "\r\nSubject: Hellu"),
        ),
        ("the body", message.replace("Springfield", "Shelbyville")),
        (
            "one-click",
            message.replace("List-Unsubscribe=One-Click", "List-Unsubscribe=No"),
        ),
        ("another From", put("From: eve@evil.example")),
        ("a Reply-To", put("Reply-To: eve@evil.example")),
        (
            "the address for complaints",
            message.replace("report=arf", "report=xarf"),
        ),
    ];
    for (what, changed) in changes {
        assert_ne!(changed, message, "{what} is changed");
        assert_eq!(results(&changed, dns).await, [false, false], "{what}");
        let opinion = opinion(&changed, records);
        assert!(
            opinion.signatures.iter().all(|signature| !signature.good),
            "{what}: {opinion:?}"
        );
    }
}

on_both!(nobody_signs_with_a_key_that_is_not_published, async |db| {
    let house = db.house("acme").await;
    house.sending_domain("acme.example").await;
    let dns = NameServer::default();
    let (campaign, _) = sent(
        &house,
        &[
            ("ASSENT_BOUNCE_DOMAIN", "bounces.platform.example"),
            ("ASSENT_DNS_SERVER", &dns.address.to_string()),
        ],
    )
    .await;
    assert!(!campaign.text.contains("DKIM-Signature"), "{}", campaign.text);
    // Providers would not heed it (RFC 9477, 3.1).
    assert!(!campaign.text.contains("CFBL-Address"), "{}", campaign.text);
    assert!(
        campaign.text.contains("@bounces.platform.example>"),
        "{}",
        campaign.text
    );
});
