//! A yes that runs out: by the clock, whether or not anybody has recorded it, and after a question (P01, P18).

use std::time::Duration;

use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::expiry::ConsentExpiry;
use assent_domain::id::{MailingId, MailingListId, SubscriberId, stored};
use assent_domain::mailing_list::OptIn;
use assent_domain::permit::Refusal;
use assent_entity::outcome::Outcome;
use assent_entity::{StoreError, audience, chore, consent, expiry, verify};
use assent_tests::dump::difference;
use assent_tests::{House, on_both};
use serde_json::json;
use uuid::Uuid;

const DAY: Duration = Duration::from_hours(24);
const SECOND: Duration = Duration::from_secs(1);

/// Ann, Ben and a list for news and offers.
async fn town(house: &House<'_>) -> (MailingListId, [SubscriberId; 2]) {
    let list = house.list("Both", OptIn::Double, &["news", "offers"]).await;
    let form = house.form("both", &[list], &["news", "offers"]).await;
    let ann = house
        .member_of(&form, "ann@example.org", &["news", "offers"])
        .await;
    let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
    (list, [ann, ben])
}

async fn set(house: &House<'_>, purpose: &str, days: Option<i64>) -> Result<(), StoreError> {
    let mut tx = house.write().await;
    expiry::set(&mut tx, purpose, days).await?;
    tx.commit().await
}

async fn chores(house: &House<'_>) {
    for ctx in chore::tenants(&house.db.store).await.unwrap() {
        chore::of_tenant(&house.db.store, ctx).await.unwrap();
    }
}

/// The mailings that ask whether a yes still stands, first to last.
async fn questions(house: &House<'_>) -> Vec<MailingId> {
    let sql = "SELECT id FROM mailing WHERE kind = 'CONSENT_RENEWAL' ORDER BY created_at";
    house
        .db
        .column::<Uuid>(sql)
        .await
        .into_iter()
        .map(stored)
        .collect()
}

async fn is_sound(house: &House<'_>) {
    for report in verify::all(&house.db.store, |_, _| {}).await.unwrap() {
        assert_eq!(report.fault, None);
    }
}

on_both!(
    p01_a_yes_runs_out_by_the_clock_before_any_chore_has_run,
    async |db| {
        let house = db.house("acme").await;
        let (list, [ann, _]) = town(&house).await;
        let said_at = db.store.now();
        set(&house, "news", Some(60)).await.unwrap();
        let campaign = house.campaign("news", &[list]).await;
        db.clock.set(said_at.after(60 * DAY).before(SECOND));
        assert_eq!(house.decision(ann, "news").await, None);
        db.clock.forward(SECOND);
        assert_eq!(house.decision(ann, "news").await, Some(Refusal::Expired));
        assert_eq!(
            house.decision(ann, "offers").await,
            None,
            "that one does not run out"
        );
        let news = house.purpose("news").await.id;
        let audience = audience::of(&house.read().await, campaign, news).await.unwrap();
        assert_eq!(
            (audience.allowed, audience.refused),
            (0, vec![(Refusal::Expired, 2)])
        );
        assert_eq!(
            house.consent(ann, "news").await,
            Some(ConsentState::Given),
            "nothing was written"
        );
        house.schedule(campaign, Duration::ZERO).await;
        let mailing = house.mailing_of(campaign).await;
        assert!(house.send(mailing, Outcome::Sent).await.is_empty());

        chores(&house).await;
        assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Expired));
        assert_eq!(house.consent(ann, "offers").await, Some(ConsentState::Given));
        assert_eq!(house.decision(ann, "news").await, Some(Refusal::Expired));
        let before = db.dump().await;
        chores(&house).await;
        assert_eq!(difference(&before, &db.dump().await), [""; 0], "once is enough");
        is_sound(&house).await;
    }
);

on_both!(
    p18_a_yes_that_runs_out_between_plan_and_hand_over_is_not_used,
    async |db| {
        let house = db.house("acme").await;
        let (list, _) = town(&house).await;
        set(&house, "news", Some(60)).await.unwrap();
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, Duration::ZERO).await;
        let mailing = house.mailing_of(campaign).await;
        let worker = db.worker();
        let planned = house.begin(mailing, worker).await;
        db.clock.forward(60 * DAY);
        // The lease is over too: another worker takes it up.
        let planned = match house.acquire(planned.id, worker).await {
            assent_entity::mailing::Turn::Yours(mailing) => *mailing,
            other => panic!("{other:?}"),
        };
        let turn = house.turn(&planned, worker, &[], 20).await.unwrap();
        assert_eq!((turn.claims.len(), turn.refused), (0, 2));
        let refusals: Vec<String> = db
            .column("SELECT DISTINCT refusal FROM delivery WHERE refusal IS NOT NULL")
            .await;
        assert_eq!(refusals, ["EXPIRED"]);
    }
);

on_both!(
    people_are_asked_once_in_one_mail_before_their_yeses_run_out_and_silence_lets_them,
    async |db| {
        let house = db.house("acme").await;
        let (_, [ann, ben]) = town(&house).await;
        let said_at = db.store.now();
        set(&house, "news", Some(60)).await.unwrap();
        set(&house, "offers", Some(60)).await.unwrap();
        db.clock.set(said_at.after(45 * DAY).before(SECOND));
        chores(&house).await;
        assert!(questions(&house).await.is_empty(), "not a moment early");
        db.clock.forward(SECOND);
        chores(&house).await;
        let asked = questions(&house).await;
        assert_eq!(asked.len(), 1);
        assert_eq!(
            house.send(asked[0], Outcome::Sent).await.len(),
            2,
            "one mail each"
        );
        db.clock.forward(DAY);
        chores(&house).await;
        assert_eq!(questions(&house).await, asked, "asked once");

        let site = db.site();
        let path = house.renew_path(ann);
        let before = db.dump().await;
        let page = site.get(&path).await;
        assert_eq!(
            page.must_be(200).attributes("button[name=purpose]", "value"),
            ["news", "offers"]
        );
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        let shown = page.shown_of_first();
        for (shown, purpose, status) in [
            ("x", "news", 200),
            (shown.as_str(), "bill", 422),
            (shown.as_str(), "", 422),
        ] {
            site.fill_in(&path, &[("shown", shown), ("purpose", purpose)])
                .await
                .must_be(status);
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        let renewed_at = db.store.now();
        let fields = [("shown", shown.as_str()), ("purpose", "news")];
        let page = site.fill_in(&path, &fields).await;
        assert_eq!(
            page.must_be(200).attributes("button[name=purpose]", "value"),
            ["offers"]
        );
        let rows = house.ledger_rows().await;
        site.fill_in(&path, &fields).await.must_be(200);
        assert_eq!(house.ledger_rows().await, rows, "twice is once");

        db.clock.set(said_at.after(60 * DAY));
        chores(&house).await;
        let states = async |of| {
            (
                house.consent(of, "news").await.unwrap(),
                house.consent(of, "offers").await,
            )
        };
        let (given, expired) = (ConsentState::Given, ConsentState::Expired);
        assert_eq!(
            states(ann).await,
            (given, Some(expired)),
            "what she did not say again ran out"
        );
        assert_eq!(states(ben).await.0, expired);
        db.clock.set(renewed_at.after(60 * DAY).before(SECOND));
        assert_eq!(
            house.decision(ann, "news").await,
            None,
            "her yes counts from the day she renewed it"
        );
        db.clock.forward(SECOND);
        assert_eq!(house.decision(ann, "news").await, Some(Refusal::Expired));

        // Late is not too late: it is her own act.
        let path = house.renew_path(ben);
        let page = site.get(&path).await;
        assert!(page.must_be(200).text().contains("ran out on"));
        let shown = page.shown_of_first();
        site.fill_in(&path, &[("shown", shown.as_str()), ("purpose", "news")])
            .await
            .must_be(200);
        assert_eq!(house.decision(ben, "news").await, None);
        let news = house.purpose("news").await.id;
        let newest = consent::newest(&house.read().await, ben, news)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(newest.source, ConsentSource::RenewalPage);
        is_sound(&house).await;
        site.close().await;
    }
);

on_both!(
    who_has_answered_before_the_mail_goes_out_is_not_asked,
    async |db| {
        let house = db.house("acme").await;
        let (_, [ann, ben]) = town(&house).await;
        set(&house, "news", Some(60)).await.unwrap();
        db.clock.forward(50 * DAY);
        chores(&house).await;
        let question = questions(&house).await[0];
        house.opt_out_of_all(ben).await;
        let asked = expiry::asked_in(&house.read().await, question).await.unwrap();
        assert_eq!(asked[&ann].0, ["About news"]);
        house.choose(ann, &[], &[]).await;
        let asked = expiry::asked_in(&house.read().await, question).await.unwrap();
        assert!(!asked.contains_key(&ann));
        let sent = house.send(question, Outcome::Sent).await;
        assert!(
            sent.is_empty(),
            "Ben wants no mail of any sort, and Ann has nothing to be asked"
        );
    }
);

on_both!(nobodys_yes_is_over_before_there_was_time_to_ask, async |db| {
    let house = db.house("acme").await;
    let (_, [ann, _]) = town(&house).await;
    db.clock.forward(400 * DAY);
    let set_at = db.store.now();
    set(&house, "news", Some(365)).await.unwrap();
    assert_eq!(house.decision(ann, "news").await, None);
    chores(&house).await;
    assert_eq!(questions(&house).await.len(), 1, "asked at once");
    db.clock.set(set_at.after(30 * DAY).before(SECOND));
    assert_eq!(house.decision(ann, "news").await, None);
    db.clock.forward(SECOND);
    assert_eq!(house.decision(ann, "news").await, Some(Refusal::Expired));
    set(&house, "news", None).await.unwrap();
    assert_eq!(house.decision(ann, "news").await, None, "nothing was written yet");
});

on_both!(
    p06_a_period_is_set_by_those_who_govern_and_on_the_record,
    async |db| {
        let house = db.house("acme").await;
        db.house("brook").await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let mutation = "mutation($input: SetConsentExpiryInput!) { setConsentExpiry(input: $input) {
                      purpose { code expiresAfterDays } } }";
        let input = |purpose: &str, days: serde_json::Value| json!({ "input": { "purpose": purpose, "expiresAfterDays": days } });
        let before = db.dump().await;
        for (purpose, days, field) in [
            ("news", json!(6), "expiresAfterDays"),
            ("news", json!(3651), "expiresAfterDays"),
            ("news", json!(-1), "expiresAfterDays"),
            ("bill", json!(60), "purpose"),
            ("nothing", json!(60), "purpose"),
            ("", json!(60), "purpose"),
        ] {
            let refused = owner.refused(mutation, input(purpose, days)).await;
            assert_eq!(
                (refused.code.as_str(), refused.field.as_str()),
                ("BAD_USER_INPUT", field),
                "{purpose}"
            );
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        let data = owner.data(mutation, input("news", json!(60))).await;
        assert_eq!(data["setConsentExpiry"]["purpose"]["expiresAfterDays"], 60);
        let log = owner
            .data("{ auditLog(first: 1) { edges { node { act } } } }", json!({}))
            .await;
        assert_eq!(log["auditLog"]["edges"][0]["node"]["act"], "CONSENT_EXPIRY_SET");
        assert_eq!(
            house.purpose("news").await.expiry.map(ConsentExpiry::days),
            Some(60)
        );
        assert_eq!(
            db.count("purpose", "expires_after_days IS NOT NULL").await,
            1,
            "no other tenant's"
        );
        let data = owner.data(mutation, input("news", json!(null))).await;
        assert_eq!(
            data["setConsentExpiry"]["purpose"]["expiresAfterDays"],
            json!(null)
        );
        site.close().await;
    }
);

on_both!(
    p18_whoever_takes_a_yes_back_while_the_question_waits_is_not_asked_whether_it_stands,
    async |db| {
        let house = db.house("acme").await;
        let (list, [ann, _]) = town(&house).await;
        set(&house, "news", Some(60)).await.unwrap();
        set(&house, "offers", Some(60)).await.unwrap();
        db.clock.forward(50 * DAY);
        chores(&house).await;
        let questions = questions(&house).await;
        let worker = db.worker();
        let mailing = house.begin(questions[0], worker).await;
        house.choose(ann, &[], &[list]).await;
        let turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert_eq!((turn.claims.len(), turn.refused), (1, 1), "Ben is asked");
        let refused = format!("recipient_id = {} AND refusal = 'CONSENT_WITHDRAWN'", db.id(ann));
        assert_eq!(db.count("delivery", &refused).await, 1);
    }
);
