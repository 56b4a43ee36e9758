//! What mail providers tell: it is believed if they show that it is theirs, and counts like any report.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use assent_api::bounces::Bounces;
use assent_api::webhooks::{Outside, Webhooks};
use assent_domain::message_id::MessageIds;
use assent_domain::permit::Refusal;
use assent_tests::database::TestStore;
use assent_tests::dump::difference;
use assent_tests::on_both;
use assent_tests::visitor::{Answer, Site, answer};
use data_encoding::{BASE64, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::bounce::{Stage, domain, return_path};

const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:bounces";
const CERTIFICATE: &str = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123.pem";
const CONFIRMATION: &str =
    "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=t&Token=k";
const POSTMARK: &str = "a password for postmark";
const MAILGUN: &str = "a signing key of mailgun";

fn site(db: &TestStore, outside: Outside) -> Site {
    let bounces = Bounces {
        domain: Some(domain()),
        ..Bounces::default()
    };
    let webhooks = Webhooks {
        ses_topics: vec![TOPIC.to_owned()],
        postmark_token: Some(POSTMARK.to_owned().into()),
        mailgun_key: Some(MAILGUN.to_owned().into()),
        outside,
        ..Webhooks::default()
    };
    db.site_with_webhooks(bounces, webhooks)
}

async fn tell(site: &Site, provider: &str, event: &Value) -> Answer {
    let request = site.request(Method::POST, &format!("/webhooks/{provider}"));
    answer(
        request
            .header("content-type", "text/plain; charset=UTF-8")
            .body(event.to_string()),
    )
    .await
}

fn follows(answer: &Answer) -> String {
    let told: Value = serde_json::from_str(&answer.body).unwrap();
    told["follows"].as_str().unwrap_or("refused").to_owned()
}

/// A key of Amazon's, for this test: made and used by OpenSSL.
struct Amazon {
    dir: tempfile::TempDir,
}

impl Amazon {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let arguments = "req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=sns.amazonaws.com -keyout key -out certificate";
        openssl(dir.path(), &arguments.split(' ').collect::<Vec<_>>());
        Self { dir }
    }

    fn outside(&self) -> Outside {
        let certificate = std::fs::read(self.dir.path().join("certificate")).unwrap();
        let answers = [(CERTIFICATE, certificate), (CONFIRMATION, b"<ok/>".to_vec())];
        Outside::known(answers.map(|(url, answer)| (url.to_owned(), answer)).into())
    }

    /// Signs the message, as the service's documentation says.
    fn sign(&self, message: &mut Value, version: &str) {
        let names = match message["Type"].as_str().unwrap() {
            "Notification" => &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"][..],
            _ => &[
                "Message",
                "MessageId",
                "SubscribeURL",
                "Timestamp",
                "Token",
                "TopicArn",
                "Type",
            ],
        };
        let there = names.iter().filter(|name| message[**name].is_string());
        let text: String = there
            .map(|name| format!("{name}\n{}\n", message[*name].as_str().unwrap()))
            .collect::<Vec<_>>()
            .concat();
        std::fs::write(self.dir.path().join("text"), text).unwrap();
        let digest = if version == "1" { "-sha1" } else { "-sha256" };
        openssl(
            self.dir.path(),
            &["dgst", digest, "-sign", "key", "-out", "signature", "text"],
        );
        let signature = std::fs::read(self.dir.path().join("signature")).unwrap();
        message["SignatureVersion"] = version.into();
        message["Signature"] = BASE64.encode(&signature).into();
    }

    fn notification(&self, db: &TestStore, id: &str, event: &Value, version: &str) -> Value {
        let mut message = json!({
            "Type": "Notification", "MessageId": id, "TopicArn": TOPIC, "Message": event.to_string(),
            "Subject": "Amazon SES Email Event Notification", "Timestamp": now(db), "SigningCertURL": CERTIFICATE,
        });
        self.sign(&mut message, version);
        message
    }
}

fn openssl(dir: &Path, arguments: &[&str]) {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(dir)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn now(db: &TestStore) -> String {
    db.store.now().to_utc().to_rfc3339()
}

/// A bounce as SES tells it of a message that was sent with this return path.
fn ses_bounce(path: &str, diagnosis: &str) -> Value {
    json!({
        "notificationType": "Bounce",
        "bounce": { "bounceType": "Permanent", "bounceSubType": "General", "bouncedRecipients": [
            { "emailAddress": "ann@example.org", "action": "failed", "status": "5.1.1", "diagnosticCode": diagnosis }] },
        "mail": { "source": path, "messageId": "0102", "destination": ["ann@example.org"] },
    })
}

on_both!(p18_amazon_is_believed_by_its_signature_and_once, async |db| {
    let stage = Stage::set(db).await;
    let (path, amazon) = (return_path(db, stage.send().await), Amazon::new());
    let site = site(db, amazon.outside());
    let full = ses_bounce(&path, "smtp; 552 5.2.2 mailbox full");
    let first = amazon.notification(db, "m1", &full, "1");
    assert_eq!(follows(tell(&site, "ses", &first).await.must_be(200)), "nothing");
    let gone = ses_bounce(&path, "smtp; 550 5.1.1 no such user");
    let second = amazon.notification(db, "m2", &gone, "2");
    assert_eq!(follows(tell(&site, "ses", &second).await.must_be(200)), "cut_off");
    assert_eq!(stage.why_not().await, Some(Refusal::HardBounced));
    let before = db.dump().await;
    assert!(
        tell(&site, "ses", &second)
            .await
            .must_be(200)
            .body
            .contains("known")
    );
    db.clock.forward(Duration::from_hours(3));
    tell(&site, "ses", &second).await.must_be(403);
    assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
    site.close().await;
});

on_both!(
    p06_what_is_not_amazons_is_refused_and_changes_nothing,
    async |db| {
        let stage = Stage::set(db).await;
        let (path, amazon) = (return_path(db, stage.send().await), Amazon::new());
        let site = site(db, amazon.outside());
        let before = db.dump().await;
        let good = amazon.notification(db, "m1", &ses_bounce(&path, "smtp; 550 5.1.1 no such user"), "2");
        let with = |change: &dyn Fn(&mut Value)| {
            let mut bad = good.clone();
            change(&mut bad);
            bad
        };
        let stranger = Amazon::new();
        let other_topic = TOPIC.replace("bounces", "others");
        let bad = [
            with(&|bad| {
                bad["Message"] = ses_bounce(&path, "smtp; 550 5.1.1 user unknown")
                    .to_string()
                    .into();
            }),
            with(&|bad| bad["MessageId"] = "m2".into()),
            with(&|bad| bad["Signature"] = "AAAA".into()),
            with(&|bad| bad["SignatureVersion"] = "1".into()),
            with(&|bad| bad["SignatureVersion"] = "3".into()),
            with(&|bad| {
                bad["SigningCertURL"] = "https://evil.example/SimpleNotificationService-0123.pem".into();
            }),
            with(&|bad| {
                bad["TopicArn"] = other_topic.clone().into();
                amazon.sign(bad, "2");
            }),
            with(&|bad| {
                bad["Timestamp"] = "2020-01-01T00:00:00Z".into();
                amazon.sign(bad, "2");
            }),
            with(&|bad| stranger.sign(bad, "2")),
            with(&|bad| {
                bad["Type"] = "SubscriptionConfirmation".into();
                bad["SubscribeURL"] = "https://169.254.169.254/?Action=ConfirmSubscription".into();
                bad["Token"] = "k".into();
                amazon.sign(bad, "2");
            }),
        ];
        for message in &bad {
            tell(&site, "ses", message).await.must_be(403);
        }
        for text in ["", "{}", "[]", "{\"Type\":\"Notification\"}"] {
            answer(site.request(Method::POST, "/webhooks/ses").body(text))
                .await
                .must_be(400);
        }
        let long = "x".repeat(2 << 20);
        answer(site.request(Method::POST, "/webhooks/ses").body(long))
            .await
            .must_be(413);
        site.get("/webhooks/ses").await.must_be(405);
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
        site.close().await;
        let closed = db.site();
        for provider in ["ses", "postmark", "mailgun"] {
            tell(&closed, provider, &good).await.must_be(404);
        }
        closed.close().await;
    }
);

on_both!(a_subscription_is_confirmed_for_a_topic_of_ours, async |db| {
    let amazon = Amazon::new();
    let site = site(db, amazon.outside());
    let mut message = json!({
        "Type": "SubscriptionConfirmation", "MessageId": "m", "TopicArn": TOPIC, "Message": "You have chosen",
        "Timestamp": now(db), "SigningCertURL": CERTIFICATE, "SubscribeURL": CONFIRMATION, "Token": "k",
    });
    amazon.sign(&mut message, "1");
    assert!(
        tell(&site, "ses", &message)
            .await
            .must_be(200)
            .body
            .contains("confirmed")
    );
    site.close().await;
});

async fn by_postmark(site: &Site, password: &str, event: &Value) -> Answer {
    let request = site.request(Method::POST, "/webhooks/postmark");
    answer(
        request
            .basic_auth("postmark", Some(password))
            .body(event.to_string()),
    )
    .await
}

on_both!(p18_postmark_is_believed_by_its_password, async |db| {
    let stage = Stage::set(db).await;
    let path = return_path(db, stage.send().await);
    let site = site(db, Outside::default());
    let complaint = json!({
        "RecordType": "SpamComplaint", "ID": 42, "Type": "SpamComplaint", "Email": "ann@example.org",
        "MessageID": "883953f4", "Metadata": { "return-path": path },
    });
    let before = db.dump().await;
    for password in ["", "another", &POSTMARK[1..]] {
        by_postmark(&site, password, &complaint).await.must_be(401);
    }
    tell(&site, "postmark", &complaint).await.must_be(401);
    let of_nobody = json!({ "RecordType": "SpamComplaint", "Email": "ann@example.org" });
    let told = by_postmark(&site, POSTMARK, &of_nobody).await;
    assert!(told.must_be(200).body.contains("unknown"), "{}", told.body);
    assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
    assert_eq!(
        follows(by_postmark(&site, POSTMARK, &complaint).await.must_be(200)),
        "complaint"
    );
    assert_eq!(stage.why_not().await, Some(Refusal::Complained));
    site.close().await;
});

/// An event signed as Mailgun does, so long ago.
fn by_mailgun(db: &TestStore, key: &str, token: &str, ago: Duration, event: &Value) -> Value {
    let timestamp = (db.store.now().before(ago).micros() / 1_000_000).to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(format!("{timestamp}{token}").as_bytes());
    let signature = HEXLOWER.encode(&mac.finalize().into_bytes());
    json!({ "signature": { "timestamp": timestamp, "token": token, "signature": signature }, "event-data": event })
}

on_both!(
    p18_mailgun_is_believed_by_its_signature_and_each_token_once,
    async |db| {
        let stage = Stage::set(db).await;
        let delivery = stage.send().await;
        let message_id = MessageIds::new(db.store.keys()).of(delivery, "acme.example");
        let site = site(db, Outside::default());
        let event = json!({
            "event": "failed", "severity": "permanent", "reason": "bounce", "recipient": "ann@example.org",
            "delivery-status": { "code": 550, "message": "5.1.1 The email account does not exist" },
            "message": { "headers": { "message-id": message_id, "to": "ann@example.org" } },
        });
        let before = db.dump().await;
        let moment = Duration::from_secs(3);
        for bad in [
            by_mailgun(db, "another key of mailgun", "t1", moment, &event),
            by_mailgun(db, MAILGUN, "t1", Duration::from_hours(10), &event),
            json!({ "signature": { "timestamp": "1", "token": "t", "signature": "" }, "event-data": event }),
            json!({ "event-data": event }),
        ] {
            tell(&site, "mailgun", &bad).await.must_be(406);
        }
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
        let good = by_mailgun(db, MAILGUN, "t1", moment, &event);
        assert_eq!(
            follows(tell(&site, "mailgun", &good).await.must_be(200)),
            "cut_off"
        );
        assert_eq!(stage.why_not().await, Some(Refusal::HardBounced));
        let before = db.dump().await;
        tell(&site, "mailgun", &good).await.must_be(406);
        let other = by_mailgun(db, MAILGUN, "t2", moment, &event);
        assert!(
            tell(&site, "mailgun", &other)
                .await
                .must_be(200)
                .body
                .contains("known")
        );
        assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
        site.close().await;
    }
);
