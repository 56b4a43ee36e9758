//! Whose a report is: it is about the mailbox that the message went to, of the person whom that is now, and of what they
//! said last.

use std::time::Duration;

use assent_domain::consent::ConsentState;
use assent_domain::id::{AddressChangeId, DeliveryId, MailingId, SubscriberId, stored};
use assent_domain::mailing_list::{OptIn, SubscriptionState};
use assent_domain::message_id::MessageIds;
use assent_domain::permit::Refusal;
use assent_domain::tenant::Role;
use assent_entity::address_change::{self, Changed};
use assent_entity::member::{self, NewMember};
use assent_entity::outcome::Outcome;
use assent_entity::preferences;
use assent_tests::database::TestStore;
use assent_tests::house::{House, PASSWORD, address};
use assent_tests::on_both;
use assent_tests::visitor::Site;
use serde_json::{Value, json};

use crate::bounce::{FULL, GONE, Stage, as_told, complaint, report, return_path, told, with_bounces};

const HOUR: Duration = Duration::from_hours(1);

/// Asks for another address, and sends the mail that asks there: the change, and that mail.
async fn ask_for(house: &House<'_>, of: SubscriberId, to: &str) -> (AddressChangeId, DeliveryId) {
    let mut tx = house.write().await;
    address_change::ask(&mut tx, of, &address(to)).await.unwrap();
    tx.commit().await.unwrap();
    let asked = format!(
        "SELECT id FROM address_change WHERE email = '{to}' AND subscriber_id = {}",
        house.db.id(of)
    );
    let change = stored(house.db.value(&asked).await);
    let mailing = format!(
        "SELECT mailing_id FROM address_change WHERE id = {}",
        house.db.id(change)
    );
    let mailing: MailingId = stored(house.db.value(&mailing).await);
    let sent = house.send(mailing, Outcome::Sent).await;
    (change, sent[0].permit.delivery())
}

async fn confirm(house: &House<'_>, change: AddressChangeId, of: SubscriberId) -> Changed {
    let mut tx = house.write().await;
    let changed = address_change::confirm(&mut tx, change, of).await.unwrap();
    tx.commit().await.unwrap();
    changed
}

fn dated(mail: &str, db: &TestStore) -> String {
    format!("Date: {}\r\n{mail}", db.store.now().to_utc().to_rfc2822())
}

on_both!(
    p18_what_comes_back_from_an_address_that_was_only_asked_for_touches_neither_the_person_nor_their_consent,
    async |db| {
        for (mail, follows, held) in [
            (
                report("PATH", "eve@new.example", GONE, "x@y.example"),
                "cut_off",
                1,
            ),
            (complaint("PATH", "abuse"), "complaint", 1),
            (complaint("PATH", "opt-out"), "leave", 0),
            (
                report("PATH", "eve@new.example", FULL, "x@y.example"),
                "nothing",
                0,
            ),
        ] {
            db.exec("DELETE FROM suppression").await.unwrap();
            let slug = format!("house-{}", follows.replace('_', "-"));
            let house = db.house(&slug).await;
            let (_, form) = house.news().await;
            let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
            let (change, delivery) = ask_for(&house, ann, "eve@new.example").await;
            let site = with_bounces(db);
            let mail = mail.replace("PATH", &return_path(db, delivery));
            assert_eq!(told(&site, &mail).await, as_told("kept", follows));
            assert_eq!(house.decision(ann, "news").await, None, "{follows}");
            assert_eq!(
                house.consent(ann, "news").await,
                Some(ConsentState::Given),
                "{follows}"
            );
            assert_eq!(db.count("suppression", "1 = 1").await, held, "{follows}");
            let ends = if follows == "nothing" {
                Changed::Now(ann)
            } else {
                Changed::TooLate
            };
            assert_eq!(confirm(&house, change, ann).await, ends, "{follows}");
            site.close().await;
        }
    }
);

on_both!(
    soft_bounces_of_an_address_that_was_only_asked_for_do_not_count_against_the_person,
    async |db| {
        let stage = Stage::set(db).await;
        let site = with_bounces(db);
        for number in 0..3 {
            let (_, delivery) = ask_for(&stage.house, stage.ann, &format!("ann{number}@new.example")).await;
            let path = return_path(db, delivery);
            told(&site, &report(&path, "ann@new.example", FULL, "x@y.example")).await;
        }
        let path = return_path(db, stage.send().await);
        let mail = report(&path, "ann@example.org", FULL, "x@y.example");
        assert_eq!(told(&site, &mail).await, as_told("kept", "nothing"));
        assert_eq!(stage.why_not().await, None);
        site.close().await;
    }
);

async fn come_back(stage: &Stage<'_>) {
    let mut tx = stage.house.write().await;
    preferences::come_back(&mut tx, stage.ann).await.unwrap();
    tx.commit().await.unwrap();
    let lists: Vec<_> = stage.house.subscriptions(stage.ann).await.into_keys().collect();
    stage.house.choose(stage.ann, &["news"], &lists).await;
    assert_eq!(stage.why_not().await, None);
}

async fn complains(site: &Site, mail: &str, becomes: (&str, &str)) {
    assert_eq!(told(site, mail).await, as_told(becomes.0, becomes.1));
}

on_both!(
    p18_a_complaint_after_somebody_came_back_counts_and_an_old_one_told_again_does_not,
    async |db| {
        let stage = Stage::set(db).await;
        let path = return_path(db, stage.send().await);
        let site = with_bounces(db);
        let first = dated(&complaint(&path, "abuse"), db);
        complains(&site, &first, ("kept", "complaint")).await;
        db.clock.forward(HOUR);
        let late = dated(&complaint(&path, "abuse"), db);
        db.clock.forward(HOUR);
        come_back(&stage).await;
        complains(&site, &first, ("known", "nothing")).await;
        complains(&site, &late, ("kept", "nothing")).await;
        assert_eq!(stage.why_not().await, None, "they came back since");
        db.clock.forward(HOUR);
        complains(
            &site,
            &dated(&complaint(&path, "abuse"), db),
            ("kept", "complaint"),
        )
        .await;
        assert_eq!(stage.why_not().await, Some(Refusal::Complained));
        site.close().await;
    }
);

on_both!(
    p18_an_opt_out_at_the_provider_counts_once_more_after_they_came_back,
    async |db| {
        let stage = Stage::set(db).await;
        let path = return_path(db, stage.send().await);
        let site = with_bounces(db);
        for _ in 0..2 {
            let mail = dated(&complaint(&path, "opt-out"), db);
            complains(&site, &mail, ("kept", "leave")).await;
            complains(&site, &mail, ("known", "nothing")).await;
            let standing = stage.house.subscriptions(stage.ann).await;
            assert!(standing.values().all(|state| *state == SubscriptionState::Ended));
            db.clock.forward(HOUR);
            come_back(&stage).await;
            db.clock.forward(HOUR);
        }
        site.close().await;
    }
);

on_both!(
    p18_a_no_by_a_link_that_was_opened_before_two_turned_out_to_be_one_is_theirs,
    async |db| {
        let stage = Stage::set(db).await;
        let (house, ann) = (&stage.house, stage.ann);
        let list = *house.subscriptions(ann).await.keys().next().unwrap();
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, Duration::ZERO).await;
        let mailing = house.mailing_of(campaign).await;
        house.send(mailing, Outcome::Sent).await;
        let form = house.form("more", &[list], &["news"]).await;
        let other = house.member_of(&form, "ann@new.example", &["news"]).await;
        let (change, _) = ask_for(house, ann, "ann@new.example").await;
        assert_eq!(confirm(house, change, ann).await, Changed::Now(other));
        let mut tx = house.write().await;
        preferences::unsubscribe(&mut tx, ann, mailing).await.unwrap();
        tx.commit().await.unwrap();
        let left = house.subscriptions(other).await;
        assert_eq!(left[&list], SubscriptionState::Ended);
    }
);

on_both!(
    after_a_merge_what_comes_back_from_the_address_that_stays_cuts_off,
    async |db| {
        let stage = Stage::set(db).await;
        let (house, ann) = (&stage.house, stage.ann);
        let offers = house.list("Offers", OptIn::Double, &["offers"]).await;
        let form = house.form("offers", &[offers], &["offers"]).await;
        let other = house.member_of(&form, "ben@example.org", &["offers"]).await;
        let path = return_path(db, stage.send().await);
        db.clock.forward(HOUR);
        let (change, _) = ask_for(house, other, "ann@example.org").await;
        assert_eq!(confirm(house, change, other).await, Changed::Now(ann));
        assert_eq!(stage.why_not().await, None);
        let site = with_bounces(db);
        let mail = report(&path, "ann@example.org", GONE, "x@y.example");
        assert_eq!(told(&site, &mail).await, as_told("kept", "cut_off"));
        assert_eq!(stage.why_not().await, Some(Refusal::HardBounced));
        site.close().await;
    }
);

on_both!(
    p15_only_who_sees_people_reads_the_signed_message_id_of_what_went_to_them,
    async |db| {
        let stage = Stage::set(db).await;
        let list = *stage.house.subscriptions(stage.ann).await.keys().next().unwrap();
        let campaign = stage.house.campaign("news", &[list]).await;
        stage.house.schedule(campaign, Duration::ZERO).await;
        let mailing = stage.house.mailing_of(campaign).await;
        let sent = stage.house.send(mailing, Outcome::Sent).await;
        let new = NewMember::new(address("analyst@acme.example"), PASSWORD.into());
        let mut tx = stage.house.write().await;
        member::create(&mut tx, new.await.unwrap(), Role::Analyst)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let site = db.site();
        let query =
            "query($id: ID!) { campaign(id: $id) { deliveries(first: 1) { edges { node { messageId } } } } }";
        let signed = MessageIds::new(db.store.keys()).of(sent[0].permit.delivery(), "acme.example");
        for (email, seen) in [
            ("owner@acme.example", json!(format!("<{signed}>"))),
            ("analyst@acme.example", Value::Null),
        ] {
            let client = site.member("acme", email).await;
            let found = client.data(query, json!({ "id": campaign })).await;
            assert_eq!(
                found["campaign"]["deliveries"]["edges"][0]["node"]["messageId"], seen,
                "{email}"
            );
        }
        site.close().await;
    }
);
