//! Who is told that an endpoint was disabled because it failed, and of what.

use std::time::Duration;

use assent_domain::delivery::MailingKind;
use assent_domain::id::{JobId, stored};
use assent_domain::language::Language;
use assent_domain::tenant::Role;
use assent_domain::webhook::AttemptFailure;
use assent_entity::member::{self, NewMember};
use assent_entity::webhook::turn::{Ended, Terms, turn};
use assent_tests::hook::{Hook, Reply, on_this_machine};
use assent_tests::house::{PASSWORD, address};
use assent_tests::sink::Sink;
use assent_tests::{House, TestStore, on_both};
use assent_worker::Workers;
use assent_worker::settings::{Transport, WebhookSettings, WorkerSettings};
use assent_worker::smtp::{Reach, SmtpSettings, TlsMode};
use mail_parser::MessageParser;
use serde_json::json;

use super::failing::{DISABLE, ENABLE, called, input, take};
use super::{CREATE, Told, drained, joins, site};
use crate::erasure::worker;

const OWNER: &str = "owner@acme.example";
const OTHER: &str = "inhaberin@acme.example";

/// Another owner, who reads German, and somebody who is none.
async fn more_members(house: &House<'_>) {
    let mut tx = house.write().await;
    let other = NewMember::new(address(OTHER), PASSWORD.into()).await.unwrap();
    let other = other.reading(Some(Language::parse("de").unwrap()));
    member::create(&mut tx, other, Role::Owner).await.unwrap();
    let analyst = NewMember::new(address("analyst@acme.example"), PASSWORD.into());
    member::create(&mut tx, analyst.await.unwrap(), Role::Analyst)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// A worker that sends over SMTP, and disables what has failed for half a day.
async fn workers(db: &TestStore, site: &assent_tests::visitor::Site, sink: &Sink) -> Workers {
    let settings = WorkerSettings {
        webhooks: WebhookSettings {
            patience: Duration::from_hours(12),
            ..on_this_machine()
        },
        transport: Transport::Smtp(SmtpSettings {
            host: "127.0.0.1".to_owned(),
            port: sink.port,
            tls: TlsMode::None,
            credentials: None,
            hello_name: "localhost".to_owned(),
            connect_timeout: Duration::from_secs(5),
            command_timeout: Duration::from_secs(5),
            root_certificate: None,
            reach: Reach::Anywhere,
        }),
        ..worker(db, site)
    };
    Workers::start(db.store.clone(), settings).await.unwrap()
}

/// The mails about webhooks to an address: subject, language and words.
fn mails_to(sink: &Sink, email: &str) -> Vec<[String; 3]> {
    let received = sink.received();
    let to = received.iter().filter(|mail| mail.recipient.contains(email));
    let read = |text: &str| {
        let mail = MessageParser::default().parse(text).expect("a mail");
        let language = mail.header_raw("Content-Language").unwrap_or_default();
        let both = [mail.body_text(0), mail.body_html(0)].map(Option::unwrap_or_default);
        [
            mail.subject().unwrap_or_default().to_owned(),
            language.trim().to_owned(),
            both.join("\n"),
        ]
    };
    to.map(|mail| read(&mail.text))
        .filter(|[subject, ..]| subject.to_lowercase().contains("webhook"))
        .collect()
}

async fn described(owner: &assent_tests::http::Client<'_>, url: &str) -> Told {
    let input = json!({ "url": url, "eventTypes": ["CONSENT_GIVEN"], "description": "Orders of the shop" });
    let mut made = owner.data(CREATE, json!({ "input": input })).await;
    let made = made["createWebhookEndpoint"].take();
    Told {
        id: made["webhookEndpoint"]["id"].as_str().unwrap().to_owned(),
        secret: made["secret"].as_str().unwrap().to_owned(),
    }
}

on_both!(
    each_owner_is_told_once_that_an_endpoint_was_disabled_and_why,
    async |db| {
        let house = db.house("acme").await;
        more_members(&house).await;
        let (sink, hook) = (
            Sink::start(&[]),
            Hook::start(|before, _| Reply::Status(if before < 3 { 503 } else { 410 })),
        );
        let site = site(db);
        let told = described(&site.owner("acme").await, &hook.url()).await;
        joins(&house, "ann@example.org").await;
        let working = workers(db, &site, &sink).await;
        for calls in 1..=3 {
            called(db, &hook, calls).await;
            if calls < 3 {
                assert_eq!(mails_to(&sink, OWNER), Vec::<[String; 3]>::new(), "{calls}");
                db.clock.forward(Duration::from_hours(11));
            }
        }
        drained(db, working).await;
        let analyst = mails_to(&sink, "analyst@acme.example");
        assert_eq!(analyst, Vec::<[String; 3]>::new());
        let [[subject, language, words]] = &mails_to(&sink, OWNER)[..] else {
            panic!("one mail")
        };
        assert_eq!(subject, "House acme: a webhook endpoint was disabled");
        assert_eq!(language, "en");
        for said in [
            format!("All that was sent to 127.0.0.1:{} since 2 March 2026", hook.port),
            "It was disabled on 3 March 2026".to_owned(),
            "Its description: Orders of the shop".to_owned(),
            "it answered with the status 503".to_owned(),
            format!("enableWebhookEndpoint for {}", told.id),
            format!("http://{}/graphql", site.address),
        ] {
            let one_line = words.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(one_line.contains(&said), "{said}: {words}");
        }
        for secret in ["/hook", "of=test", told.secret.as_str()] {
            assert!(!words.contains(secret), "{secret}: {words}");
        }
        let [[subject, language, _]] = &mails_to(&sink, OTHER)[..] else {
            panic!("one mail")
        };
        assert_eq!(subject, "House acme: Ein Webhook-Endpunkt wurde abgeschaltet");
        assert_eq!(language, "de");
        // What somebody does on purpose is no news; that it fails once more is.
        let owner = site.owner("acme").await;
        owner.data(ENABLE, input(&told)).await;
        owner.data(DISABLE, input(&told)).await;
        owner.data(ENABLE, input(&told)).await;
        joins_again(&house).await;
        drained(db, workers(db, &site, &sink).await).await;
        assert_eq!(hook.count(), 4);
        let again = mails_to(&sink, OWNER);
        assert_eq!(again.len(), 2);
        assert!(
            again.iter().any(|[_, _, words]| words.contains("gone for good")),
            "{again:?}"
        );
        site.close().await;
    }
);

async fn joins_again(house: &House<'_>) {
    let again = house
        .list("Again", assent_domain::mailing_list::OptIn::Double, &["news"])
        .await;
    let form = house.form("again", &[again], &["news"]).await;
    house.member_of(&form, "ben@example.org", &["news"]).await;
}

on_both!(
    nobody_is_told_what_is_not_so_any_more_nor_twice_of_one_end,
    async |db| {
        let house = db.house("acme").await;
        let site = site(db);
        let owner = site.owner("acme").await;
        let told = described(&owner, "http://127.0.0.1:9/hook").await;
        let (_, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        house.member_of(&form, "ben@example.org", &["news"]).await;
        let taken = take(&house, &told).await;
        assert_eq!(taken.len(), 2);
        let now = db.store.now();
        let ended: Vec<_> = taken
            .iter()
            .map(|claim| Ended {
                delivery: claim.delivery,
                attempt: claim.attempt,
                started_at: now,
                took: Duration::from_millis(5),
                status: Some(410),
                failure: Some(AttemptFailure::Status),
                retry_after: None,
            })
            .collect();
        let job: JobId = stored(db.value("SELECT job_id FROM webhook_endpoint").await);
        let terms = Terms {
            at_once: 4,
            patience: Duration::from_hours(72),
            takes: true,
        };
        let mut tx = house.write().await;
        turn(&mut tx, job, told.parsed(), &ended, terms).await.unwrap();
        tx.commit().await.unwrap();
        let kind = format!("kind = '{}'", MailingKind::WebhookDisabled);
        assert_eq!(db.count("mailing", &kind).await, 1, "both ended it");
        owner.data(ENABLE, input(&told)).await;
        let sink = Sink::start(&[]);
        drained(db, workers(db, &site, &sink).await).await;
        assert_eq!(mails_to(&sink, OWNER), Vec::<[String; 3]>::new());
        let refused = "SELECT refusal FROM delivery WHERE recipient_kind = 'MEMBER' AND status = 'REFUSED'";
        assert_eq!(db.column::<String>(refused).await, ["TOO_LATE"]);
        site.close().await;
    }
);
