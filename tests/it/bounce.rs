//! What comes back of mail: it is matched to its message, kept with it, and acted upon once.

use std::time::Duration;

use assent_api::bounces::Bounces;
use assent_domain::bounce::SoftLimit;
use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::id::{DeliveryId, SubscriberId};
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::message_id::MessageIds;
use assent_domain::permit::Refusal;
use assent_domain::retention::SERVER_REPLIES;
use assent_domain::return_path::ReturnPaths;
use assent_domain::site::HostName;
use assent_entity::outcome::Outcome;
use assent_entity::privacy::by_person;
use assent_entity::{address_change, chore, consent};
use assent_tests::database::TestStore;
use assent_tests::dump::difference;
use assent_tests::house::{House, address};
use assent_tests::on_both;
use assent_tests::process::Assent;
use assent_tests::sink::Sink;
use assent_tests::visitor::{Answer, Site, answer};
use reqwest::Method;
use serde_json::{Value, json};

use crate::sending::until_finished;

const DAY: Duration = Duration::from_hours(24);
const TOKEN: &str = "a token of a mail server";
pub(crate) const DOMAIN: &str = "bounces.example";
const SOFT: u32 = 3;

pub(crate) fn domain() -> HostName {
    HostName::parse(DOMAIN).unwrap()
}

pub(crate) fn with_bounces(db: &TestStore) -> Site {
    db.site_with_bounces(Bounces {
        token: Some(TOKEN.to_owned().into()),
        domain: Some(domain()),
        limit: SoftLimit {
            messages: SOFT,
            within: 14 * DAY,
        },
    })
}

pub(crate) fn return_path(db: &TestStore, delivery: DeliveryId) -> String {
    ReturnPaths::new(db.store.keys(), domain()).of(delivery)
}

/// Hands a mail over as a mail server does.
async fn hand_over(site: &Site, mail: &str) -> Answer {
    let request = site.request(Method::POST, "/bounces").bearer_auth(TOKEN);
    answer(request.body(mail.to_owned())).await
}

pub(crate) async fn told(site: &Site, mail: &str) -> (String, String) {
    let answer = hand_over(site, mail).await;
    let told: Value = serde_json::from_str(&answer.must_be(200).body).unwrap();
    let text = |name: &str| told[name].as_str().unwrap().to_owned();
    (text("result"), text("follows"))
}

pub(crate) fn as_told(result: &str, follows: &str) -> (String, String) {
    (result.to_owned(), follows.to_owned())
}

/// A delivery report for a message to `recipient`, sent to `to`.
pub(crate) fn report(to: &str, recipient: &str, diagnosis: &str, message_id: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example.org\r\nTo: <{to}>\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\r\n\
         --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n\
         Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.0.0\r\n\
         Diagnostic-Code: smtp; {diagnosis}\r\n\r\n\
         --b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{message_id}>\r\n--b--\r\n"
    )
}

pub(crate) fn complaint(to: &str, kind: &str) -> String {
    format!(
        "From: fbl@mail.example.org\r\nTo: {to}\r\nSubject: complaint\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nA complaint.\r\n\r\n\
         --b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {kind}\r\nVersion: 1\r\nUser-Agent: x\r\n\r\n\
         --b\r\nContent-Type: message/rfc822\r\n\r\nTo: redacted@example.org\r\n\r\nHello\r\n--b--\r\n"
    )
}

pub(crate) const GONE: &str = "550 5.1.1 <ann@example.org>: no such user here";
pub(crate) const FULL: &str = "552 5.2.2 <ann@example.org>: mailbox full";
pub(crate) const BLOCKED: &str = "550 5.7.1 your network is on our blacklist";

/// A tenant that writes to Ann, with the deliveries to her.
pub(crate) struct Stage<'a> {
    pub(crate) house: House<'a>,
    pub(crate) ann: SubscriberId,
}

impl<'a> Stage<'a> {
    pub(crate) async fn set(db: &'a TestStore) -> Self {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        Self { house, ann }
    }

    /// Sends Ann one more campaign.
    pub(crate) async fn send(&self) -> DeliveryId {
        let list = *self.house.subscriptions(self.ann).await.keys().next().unwrap();
        let campaign = self.house.campaign("news", &[list]).await;
        self.house.schedule(campaign, Duration::ZERO).await;
        let sent = self
            .house
            .send(self.house.mailing_of(campaign).await, Outcome::Sent)
            .await;
        assert_eq!(sent.len(), 1);
        sent[0].permit.delivery()
    }

    pub(crate) async fn why_not(&self) -> Option<Refusal> {
        self.house.decision(self.ann, "news").await
    }
}

on_both!(p18_a_hard_bounce_cuts_off_at_once_and_once, async |db| {
    let stage = Stage::set(db).await;
    let delivery = stage.send().await;
    let site = with_bounces(db);
    let mail = report(
        &return_path(db, delivery).to_uppercase(),
        "ann@example.org",
        GONE,
        "x@y.example",
    );
    assert_eq!(told(&site, &mail).await, as_told("kept", "cut_off"));
    assert_eq!(stage.why_not().await, Some(Refusal::HardBounced));
    let before = db.dump().await;
    let again = format!("Received: by another way\r\n{mail}");
    assert_eq!(told(&site, &again).await, as_told("known", "nothing"));
    assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
    let client = site.owner("acme").await;
    let query = "query($id: ID!) { subscriber(id: $id) { status bounces(first: 5) { edges { node {
                     class status reason said delivery { id bounces { class } } } } } } }";
    let seen = client.data(query, json!({ "id": stage.ann })).await;
    assert_eq!(seen["subscriber"]["status"], "BOUNCED");
    let node = &seen["subscriber"]["bounces"]["edges"][0]["node"];
    assert_eq!(
        *node,
        json!({ "class": "HARD", "status": "5.1.1", "reason": "no_such_mailbox",
                    "said": "550 5.1.1 <address>: no such user here",
                    "delivery": { "id": delivery, "bounces": [{ "class": "HARD" }] } })
    );
    site.close().await;
});

on_both!(
    a_full_mailbox_counts_once_a_message_and_a_block_never,
    async |db| {
        let stage = Stage::set(db).await;
        let site = with_bounces(db);
        let mut follows = Vec::new();
        for _ in 0..SOFT {
            let path = return_path(db, stage.send().await);
            for diagnosis in [FULL, "452 4.2.2 over quota", BLOCKED, BLOCKED] {
                let mail = report(&path, "ann@example.org", diagnosis, "x@y.example");
                follows.push(told(&site, &mail).await.1);
            }
        }
        let (last, before) = follows.split_at(8);
        assert!(last.iter().all(|follows| follows == "nothing"), "{follows:?}");
        assert_eq!(before[0], "cut_off");
        assert_eq!(stage.why_not().await, Some(Refusal::HardBounced));
        site.close().await;
    }
);

on_both!(soft_bounces_of_long_ago_do_not_count, async |db| {
    let stage = Stage::set(db).await;
    let site = with_bounces(db);
    for _ in 0..2 * SOFT {
        let path = return_path(db, stage.send().await);
        let mail = report(&path, "ann@example.org", FULL, "x@y.example");
        assert_eq!(told(&site, &mail).await, as_told("kept", "nothing"));
        db.clock.forward(8 * DAY);
    }
    assert_eq!(stage.why_not().await, None);
    site.close().await;
});

on_both!(
    p18_a_complaint_withdraws_consent_and_ends_all_mail_and_auth_reports_do_not,
    async |db| {
        let stage = Stage::set(db).await;
        let path = return_path(db, stage.send().await);
        let site = with_bounces(db);
        for kind in ["auth-failure", "not-spam", "of-tomorrow"] {
            assert_eq!(
                told(&site, &complaint(&path, kind)).await,
                as_told("nothing", "nothing")
            );
        }
        assert_eq!(stage.why_not().await, None);
        assert_eq!(
            told(&site, &complaint(&path, "abuse")).await,
            as_told("kept", "complaint")
        );
        assert_eq!(stage.why_not().await, Some(Refusal::Complained));
        let purpose = stage.house.purpose("news").await.id;
        let tx = stage.house.read().await;
        let newest = consent::newest(&tx, stage.ann, purpose).await.unwrap().unwrap();
        assert_eq!(
            (newest.state, newest.source),
            (ConsentState::Withdrawn, ConsentSource::Complaint)
        );
        drop(tx);
        let records = stage.house.consent_records().await;
        assert_eq!(
            told(&site, &complaint(&path, "abuse")).await,
            as_told("known", "nothing")
        );
        assert_eq!(stage.house.consent_records().await, records);
        site.close().await;
    }
);

on_both!(p18_an_opt_out_at_the_provider_is_an_opt_out, async |db| {
    let stage = Stage::set(db).await;
    let path = return_path(db, stage.send().await);
    let site = with_bounces(db);
    assert_eq!(
        told(&site, &complaint(&path, "opt-out")).await,
        as_told("kept", "leave")
    );
    let standing = stage.house.subscriptions(stage.ann).await;
    assert!(standing.values().all(|state| *state == SubscriptionState::Ended));
    assert_eq!(
        stage.house.consent(stage.ann, "news").await,
        Some(ConsentState::Withdrawn)
    );
    assert_eq!(
        db.count("suppression", "1 = 1").await,
        0,
        "they may still join again"
    );
    site.close().await;
});

on_both!(
    without_a_return_path_of_its_own_the_message_id_leads_to_the_message,
    async |db| {
        let stage = Stage::set(db).await;
        let delivery = stage.send().await;
        let site = with_bounces(db);
        let with = |id: &str| report("news@acme.example", "ann@example.org", GONE, id);
        let other = db.house("other").await;
        for id in [
            format!("{delivery}@other.example"),
            format!("{}@acme.example", other.ctx.tenant()),
            "delivery_01h455vb4pex5vsknk084sn02q@acme.example".to_owned(),
        ] {
            assert_eq!(told(&site, &with(&id)).await, as_told("unknown", "nothing"));
        }
        let unsigned = with(&format!("{delivery}@acme.example"));
        assert_eq!(told(&site, &unsigned).await, as_told("unknown", "nothing"));
        let ours = with(&MessageIds::new(db.store.keys()).of(delivery, "acme.example"));
        assert_eq!(told(&site, &ours).await, as_told("kept", "cut_off"));
        let of_acme = format!("tenant_id = {}", db.id(stage.house.ctx.tenant()));
        assert_eq!(db.count("bounce", &of_acme).await, 1);
        assert_eq!(db.count("bounce", "1 = 1").await, 1);
        site.close().await;
    }
);

on_both!(p06_reports_that_somebody_made_up_change_nothing, async |db| {
    let stage = Stage::set(db).await;
    let path = return_path(db, stage.send().await);
    let site = with_bounces(db);
    let before = db.dump().await;
    let token = "bounce+".len()..path.find('@').unwrap();
    for number in 0..150_usize {
        let at = token.start + number % token.len();
        let letter = if &path[at..=at] == "x" { "y" } else { "x" };
        let mut forged = path.clone();
        forged.replace_range(at..=at, letter);
        let mail = if number % 2 == 0 {
            report(&forged, "ann@example.org", GONE, "delivery_x@acme.example")
        } else {
            complaint(&forged, "abuse")
        };
        assert_eq!(told(&site, &mail).await, as_told("unknown", "nothing"));
    }
    assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
    site.close().await;
});

on_both!(only_who_has_the_token_hands_mail_over, async |db| {
    let stage = Stage::set(db).await;
    let mail = report(
        &return_path(db, stage.send().await),
        "ann@example.org",
        GONE,
        "x@y.example",
    );
    let before = db.dump().await;
    let closed = db.site();
    hand_over(&closed, &mail).await.must_be(404);
    closed.close().await;
    let site = with_bounces(db);
    for token in ["", "another", &TOKEN[1..]] {
        let request = site.request(Method::POST, "/bounces").bearer_auth(token);
        answer(request.body(mail.clone())).await.must_be(401);
    }
    site.get("/bounces").await.must_be(405);
    site.post("/bounces", "message/rfc822", mail.clone())
        .await
        .must_be(401);
    assert_eq!(difference(&before, &db.dump().await), Vec::<String>::new());
    let long = format!("{mail}{}", "x".repeat(3 << 20));
    hand_over(&site, &long).await.must_be(200);
    hand_over(&site, &"x".repeat(65 << 20)).await.must_be(413);
    site.close().await;
});

on_both!(
    what_came_back_from_a_former_address_does_not_cut_off_the_new_one,
    async |db| {
        let stage = Stage::set(db).await;
        let path = return_path(db, stage.send().await);
        db.clock.forward(DAY);
        let mut tx = stage.house.write().await;
        let to = address("ann@new.example");
        address_change::ask(&mut tx, stage.ann, &to).await.unwrap();
        tx.commit().await.unwrap();
        let change = assent_domain::id::stored(db.value("SELECT id FROM address_change").await);
        let mut tx = stage.house.write().await;
        address_change::confirm(&mut tx, change, stage.ann).await.unwrap();
        tx.commit().await.unwrap();
        let site = with_bounces(db);
        let mail = report(&path, "ann@example.org", GONE, "x@y.example");
        hand_over(&site, &mail).await.must_be(200);
        assert_eq!(db.count("bounce", "class = 'HARD'").await, 1);
        assert_eq!(stage.why_not().await, None);
        site.close().await;
    }
);

on_both!(
    p17_what_servers_said_in_reports_is_forgotten_in_time_and_with_the_person,
    async |db| {
        let stage = Stage::set(db).await;
        let site = with_bounces(db);
        let mail = report(
            &return_path(db, stage.send().await),
            "ann@example.org",
            FULL,
            "x@y.example",
        );
        hand_over(&site, &mail).await.must_be(200);
        chore::of_tenant(&db.store, stage.house.ctx).await.unwrap();
        assert_eq!(db.count("bounce", "said <> ''").await, 1);
        db.clock.forward(SERVER_REPLIES + Duration::from_mins(1));
        chore::of_tenant(&db.store, stage.house.ctx).await.unwrap();
        assert_eq!(db.count("bounce", "said <> ''").await, 0);
        assert_eq!(
            db.count("bounce", "class = 'SOFT'").await,
            1,
            "that it came back stays"
        );
        let late = stage.send().await;
        let mail = report(&return_path(db, late), "ann@example.org", FULL, "x@y.example");
        hand_over(&site, &mail).await.must_be(200);
        let mut tx = stage.house.write().await;
        by_person::erase(&mut tx, stage.ann).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.count("bounce", "said <> ''").await, 0);
        let mail = report(&return_path(db, late), "ann@example.org", GONE, "x@y.example");
        assert_eq!(told(&site, &mail).await, as_told("kept", "nothing"));
        site.close().await;
    }
);

on_both!(a_message_goes_out_with_a_return_path_of_its_own, async |db| {
    let house = db.house("acme").await;
    let (list, form) = house.news().await;
    house.member_of(&form, "ann@example.org", &["news"]).await;
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    let mailing = house.mailing_of(campaign).await;
    let sink = Sink::default();
    let assent = Assent::serve_with(db, &sink, &[("ASSENT_BOUNCE_DOMAIN", DOMAIN)]);
    until_finished(&house, mailing).await;
    drop(assent);
    let delivery = format!("SELECT id FROM delivery WHERE mailing_id = {}", db.id(mailing));
    let path = return_path(db, assent_domain::id::stored(db.value(&delivery).await));
    let sent = sink.received();
    let message = sent
        .iter()
        .find(|sent| sent.message_id.starts_with("delivery_") && sent.text.contains("List-Id"));
    let text = &message.expect("the campaign's message").text;
    assert!(text.contains(&format!("X-Mail-Args: <{path}>")), "{text}");
    // Nobody signs for it: see `dkim` for one that is.
    assert!(!text.contains("\nCFBL-Address: "), "{text}");
    assert!(text.contains("\nFrom: "), "{text}");
});
