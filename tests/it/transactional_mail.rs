//! One message to one person: once, whoever asks how often, only for what is essential, and ahead of campaigns.

use std::time::Duration;

use assent_domain::api_token::Scope;
use assent_domain::id::{MailingId, stored};
use assent_domain::permit::Refusal;
use assent_entity::outbox::{self, Lane};
use assent_entity::outcome::Outcome;
use assent_tests::dump::difference;
use assent_tests::http::Client;
use assent_tests::process::{Assent, until};
use assent_tests::sending::ON_ITS_WAY;
use assent_tests::sink::Sink;
use assent_tests::{House, TestStore, on_both};
use serde_json::{Value, json};

use crate::disclosure::with;
use crate::furnished::furnished;
use crate::scopes::shop;

const SEND: &str =
    "mutation($input: SendTransactionalMailInput!) { sendTransactionalMail(input: $input) { repeated
    mail { key createdAt purpose { code } delivery { id status refusal attempts } } } }";
const FIND: &str =
    "query($key: String!) { transactionalMail(key: $key) { key delivery { id status refusal } } }";

fn bill(whom: &str, key: &str) -> Value {
    json!({ "input": {
        "key": key, "purpose": "bill", "email": whom,
        "subject": "Bill {{ number }}", "preheader": "You owe {{ sum }}",
        "body": { "format": "HTML", "source": "<p>{{ subscriber.email }} owes {{ sum }}</p>" },
        "values": [{ "name": "number", "value": "4711" }, { "name": "sum", "value": "<b>5</b> & more" }],
    } })
}

async fn send(client: &Client<'_>, input: Value) -> Value {
    client.data(SEND, input).await["sendTransactionalMail"].take()
}

async fn mailing(db: &TestStore, key: &str) -> MailingId {
    let sql = format!("SELECT mailing_id FROM transactional_mail WHERE key = '{key}'");
    stored(db.value(&sql).await)
}

on_both!(a_message_is_sent_once_however_often_it_is_asked_for, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    db.forget_jobs().await;
    let site = db.site();
    let owner = site.owner("acme").await;
    let first = send(&owner, bill("Ann@example.org", "bill-4711")).await;
    assert_eq!(first["repeated"], false);
    assert_eq!(first["mail"]["delivery"]["status"], "QUEUED");
    assert_eq!(first["mail"]["purpose"]["code"], "bill");
    let before = db.dump().await;
    let mut again = bill("ann@example.org", "bill-4711");
    again["input"]["email"] = Value::Null;
    again["input"]["subscriberId"] = json!(ann.to_string());
    let repeated = send(&owner, again).await;
    assert_eq!(repeated["repeated"], true);
    assert_eq!(repeated["mail"], first["mail"]);
    let mut other = bill("ann@example.org", "bill-4711");
    other["input"]["values"][1]["value"] = json!("6");
    let refused = owner.refused(SEND, other).await;
    assert_eq!(
        (refused.code.as_str(), refused.field.as_str()),
        ("CONFLICT", "key")
    );
    assert_eq!(difference(&before, &db.dump().await), [""; 0]);
    let both = futures::future::join(
        send(&owner, bill("ann@example.org", "bill-4712")),
        send(&owner, bill("ann@example.org", "bill-4712")),
    );
    let (one, two) = both.await;
    assert_eq!(one["mail"]["delivery"]["id"], two["mail"]["delivery"]["id"]);
    assert_ne!(one["repeated"], two["repeated"]);
    site.close().await;

    let sink = Sink::default();
    let assent = Assent::serve(db, &sink);
    until("both have come", Duration::from_mins(1), || async {
        sink.received().len() == 2
            && db
                .count("mailing", "kind = 'TRANSACTIONAL' AND finished_at IS NULL")
                .await
                == 0
    })
    .await;
    drop(assent);
    let mail = sink.received().remove(0);
    assert_eq!(mail.recipient, "ann@example.org");
    assert!(mail.text.contains("\nSubject: Bill 4711\n"), "{}", mail.text);
    assert!(
        mail.text
            .contains("<p>ann@example.org owes &lt;b&gt;5&lt;/b&gt; &amp; more</p>"),
        "{}",
        mail.text
    );
    assert!(
        mail.text.contains("ann@example.org owes <b>5</b> & more\n"),
        "{}",
        mail.text
    );
    assert!(
        mail.text.contains("\nAuto-Submitted: auto-generated\n"),
        "{}",
        mail.text
    );
    assert!(!mail.text.contains("\nList-Unsubscribe"), "{}", mail.text);
    assert_eq!(
        db.count("transactional_mail", "content IS NOT NULL").await,
        0,
        "it is gone when it is sent"
    );
    // The key still says what became of it, and asking again sends nothing.
    let site = db.site();
    let owner = site.owner("acme").await;
    let found = owner.data(FIND, json!({ "key": "bill-4711" })).await;
    assert_eq!(found["transactionalMail"]["delivery"]["status"], "SENT");
    assert_eq!(
        send(&owner, bill("ann@example.org", "bill-4711")).await["repeated"],
        true
    );
    assert_eq!(
        owner.refused(FIND, json!({ "key": "bill" })).await.code,
        "NOT_FOUND"
    );
    site.close().await;
});

on_both!(
    what_is_not_essential_or_not_whole_is_refused_and_changes_nothing,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let before = db.dump().await;
        let put = |place: &str, value: Value| {
            let mut input = bill("ann@example.org", "key");
            *input.pointer_mut(place).unwrap() = value;
            input
        };
        let body =
            |format: &str, source: &str| put("/input/body", json!({ "format": format, "source": source }));
        let value = |name: &str| put("/input/values/0/name", json!(name));
        for (input, code, field) in [
            (put("/input/purpose", json!("news")), "BAD_USER_INPUT", "purpose"),
            (
                put("/input/purpose", json!("confirmation")),
                "BAD_USER_INPUT",
                "purpose",
            ),
            (
                put("/input/purpose", json!("request_answer")),
                "BAD_USER_INPUT",
                "purpose",
            ),
            (
                put("/input/purpose", json!("nothing")),
                "BAD_USER_INPUT",
                "purpose",
            ),
            (put("/input/email", Value::Null), "BAD_USER_INPUT", "subscriberId"),
            (put("/input/email", json!("nobody@example.org")), "NOT_FOUND", ""),
            (
                put("/input/email", json!("no address")),
                "BAD_USER_INPUT",
                "email",
            ),
            (put("/input/key", json!(" key")), "BAD_USER_INPUT", "key"),
            (put("/input/key", json!("")), "BAD_USER_INPUT", "key"),
            (put("/input/key", json!("x".repeat(201))), "BAD_USER_INPUT", "key"),
            (
                put("/input/subject", json!("{{ nothing }}")),
                "BAD_USER_INPUT",
                "subject",
            ),
            (
                put("/input/preheader", json!("{{ nothing }}")),
                "BAD_USER_INPUT",
                "preheader",
            ),
            (body("MJML", "<mjml><mj-body>"), "BAD_USER_INPUT", "body.source"),
            (
                body("HTML", "<img src=https://tracker.example/>"),
                "OUTSIDE_PARTY_NOT_IN_POLICY",
                "body.source",
            ),
            (value("subscriber"), "BAD_USER_INPUT", "values"),
            (value("unsubscribe_url"), "BAD_USER_INPUT", "values"),
            (value("sum"), "BAD_USER_INPUT", "values"),
            (value("a b"), "BAD_USER_INPUT", "values"),
            (value(""), "BAD_USER_INPUT", "values"),
        ] {
            let refused = owner.refused(SEND, input.clone()).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                (code, field),
                "{input}: {refused:?}"
            );
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        site.close().await;
    }
);

on_both!(
    p18_the_rule_decides_when_it_is_asked_for_and_again_when_it_goes,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
        house.opt_out_of_all(ben).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let refused = send(&owner, bill("ben@example.org", "1")).await;
        assert_eq!(refused["mail"]["delivery"]["status"], "REFUSED");
        assert_eq!(refused["mail"]["delivery"]["refusal"], "OPTED_OUT_OF_ALL");
        assert_eq!(house.send(mailing(db, "1").await, Outcome::Sent).await.len(), 0);

        // Who left the list of the newsletter still gets their bill.
        house.choose(ann, &[], &[]).await;
        send(&owner, bill("ann@example.org", "2")).await;
        assert_eq!(house.send(mailing(db, "2").await, Outcome::Sent).await.len(), 1);

        send(&owner, bill("ann@example.org", "3")).await;
        let third = mailing(db, "3").await;
        house.opt_out_of_all(ann).await;
        assert_eq!(house.send(third, Outcome::Sent).await.len(), 0);
        let found = owner.data(FIND, json!({ "key": "3" })).await;
        assert_eq!(
            found["transactionalMail"]["delivery"]["refusal"],
            Refusal::OptedOutOfAll.to_string()
        );
        site.close().await;
    }
);

on_both!(
    p01_a_marketing_purpose_reaches_nobody_even_past_the_door,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        send(&owner, bill("ann@example.org", "1")).await;
        let turned = "UPDATE mailing SET purpose_id = (SELECT id FROM purpose WHERE code = 'news')
                      WHERE kind = 'TRANSACTIONAL'";
        assert_eq!(db.exec(turned).await.unwrap(), 1);
        assert_eq!(house.send(mailing(db, "1").await, Outcome::Sent).await.len(), 0);
        let refused = format!("refusal = '{}'", Refusal::Unsubscribed);
        assert_eq!(db.count("delivery", &refused).await, 1);
        site.close().await;
    }
);

on_both!(
    p17_a_message_goes_with_its_person_and_another_takes_nothing_of_it,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        send(&owner, bill("ann@example.org", "1")).await;
        let gone = mailing(db, "1").await;
        house.erase(ann).await;
        assert_eq!(db.count("transactional_mail", "1 = 1").await, 0);
        let of_it = format!("id = {}", db.id(gone));
        assert_eq!(db.count("mailing", &of_it).await, 0);
        assert_eq!(owner.refused(FIND, json!({ "key": "1" })).await.code, "NOT_FOUND");
        site.close().await;
    }
);

on_both!(
    a_program_needs_the_scope_and_names_people_by_their_ids,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let site = db.site();
        let reader = with(&site, shop(&house, &[Scope::ReadSubscribers]).await);
        assert_eq!(
            reader.refused(SEND, bill("ann@example.org", "p")).await.code,
            "FORBIDDEN"
        );
        let program = with(&site, shop(&house, &[Scope::SendTransactional]).await);
        let refused = program.refused(SEND, bill("ann@example.org", "p")).await;
        assert_eq!(
            (refused.code.as_str(), refused.field.as_str()),
            ("FORBIDDEN", "email")
        );
        let mut by_id = bill("", "p");
        by_id["input"]["email"] = Value::Null;
        by_id["input"]["subscriberId"] = json!(acme.ann.to_string());
        assert_eq!(send(&program, by_id).await["repeated"], false);
        let found = program.data(FIND, json!({ "key": "p" })).await;
        assert_eq!(found["transactionalMail"]["delivery"]["status"], "QUEUED");
        site.close().await;
    }
);

on_both!(
    what_somebody_waits_for_is_taken_before_what_goes_to_many,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        db.forget_jobs().await;
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, Duration::ZERO).await;
        db.clock.forward(Duration::from_secs(5));
        let site = db.site();
        let owner = site.owner("acme").await;
        send(&owner, bill("ann@example.org", "1")).await;
        for lane in [Lane::Urgent, Lane::Ordinary] {
            let taken = outbox::take_due(&db.store, lane, 10).await.unwrap();
            assert_eq!(taken.len(), 1, "{lane:?}: the bill has a place of its own");
        }
        site.close().await;
    }
);

on_both!(
    a_message_goes_out_while_a_campaign_keeps_the_workers_busy,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        db.forget_jobs().await;
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, Duration::ZERO).await;
        // A server that takes half a minute for each message, and one campaign at a time: nothing else would be worked on.
        let sink = Sink::start(&["-w", "30"]);
        let assent = Assent::serve_with(db, &sink, &[("ASSENT_MAILINGS_AT_ONCE", "1")]);
        let claimed = |kind: &str| {
            format!("{ON_ITS_WAY} AND mailing_id IN (SELECT id FROM mailing WHERE kind = '{kind}')")
        };
        let (of_campaign, of_bill) = (claimed("CAMPAIGN"), claimed("TRANSACTIONAL"));
        until("the campaign is under way", Duration::from_mins(1), || async {
            db.count("delivery", &of_campaign).await == 1
        })
        .await;
        let site = db.site();
        let owner = site.owner("acme").await;
        send(&owner, bill("ann@example.org", "1")).await;
        until("the bill is under way", Duration::from_secs(15), || async {
            db.count("delivery", &of_bill).await == 1
        })
        .await;
        assert_eq!(
            db.count("delivery", &of_campaign).await,
            1,
            "the campaign was over: nothing is proven"
        );
        site.close().await;
        drop(assent);
    }
);
