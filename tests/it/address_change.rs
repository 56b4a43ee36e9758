//! Who is who: a person changes their address and confirms from the new one, and two who turn out to be one are
//! merged without a no becoming a yes (P18).

use std::collections::BTreeSet;
use std::time::Duration;

use assent_domain::consent::{ConsentSource, ConsentState, merged};
use assent_domain::id::{AddressChangeId, MailingId, SubscriberId, stored};
use assent_domain::mailing_list::{OptIn, SubscriptionState};
use assent_domain::permit::{Recipient, Refusal};
use assent_domain::policy::NOTICE_PERIOD;
use assent_domain::purpose::PurposeKind::Marketing;
use assent_domain::suppression::SuppressionReason;
use assent_entity::link::CONFIRM_WITHIN;
use assent_entity::outcome::Outcome;
use assent_entity::{StoreError, consent, subscriber, verify};
use assent_tests::dump::difference;
use assent_tests::house::address;
use assent_tests::sending::ended;
use assent_tests::visitor::{FORM, Site};
use assent_tests::{House, TestStore, on_both};
use strum::IntoEnumIterator;
use uuid::Uuid;

use crate::furnished::FIRST;

/// Asks on a person's page for another address, and gives the change with the mailing that asks to confirm it.
pub(crate) async fn ask(
    house: &House<'_>,
    site: &Site,
    of: SubscriberId,
    email: &str,
) -> (AddressChangeId, MailingId) {
    let path = format!("{}/address", house.privacy_path(of));
    site.get(&path).await.must_be(200);
    let page = site.fill_in(&path, &[("email", email)]).await;
    assert!(
        page.must_be(200).text().contains("Look into your mailbox"),
        "{}",
        page.text()
    );
    let sql = format!(
        "SELECT id, mailing_id FROM address_change WHERE subscriber_id = {} AND email = '{email}'",
        house.db.id(of)
    );
    let row = house.db.query(&sql).await;
    let at = |place| row[0].try_get_by_index::<Uuid>(place).unwrap();
    (stored(at(0)), stored(at(1)))
}

/// Asks, and presses the button in the mail to the new address.
pub(crate) async fn change(house: &House<'_>, site: &Site, of: SubscriberId, email: &str) {
    let (change, mailing) = ask(house, site, of, email).await;
    house.send(mailing, Outcome::Sent).await;
    let path = house.address_path(of, change);
    site.post(&path, FORM, "").await.must_be(200);
}

pub(crate) async fn email_of(house: &House<'_>, of: SubscriberId) -> Option<String> {
    match subscriber::by_id(&house.read().await, of).await {
        Ok(person) => Some(person.email.expose()),
        Err(StoreError::NotFound(_)) => None,
        Err(error) => panic!("{error}"),
    }
}

pub(crate) async fn is_sound(db: &TestStore) {
    for report in verify::all(&db.store, |_, _| {}).await.unwrap() {
        assert_eq!(report.fault, None);
    }
}

on_both!(
    p18_an_address_changes_when_it_is_confirmed_from_there_and_old_links_still_opt_out,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, Duration::ZERO).await;
        let sent = house.mailing_of(campaign).await;
        house.send(sent, Outcome::Sent).await;
        let (old_out, old_page) = (house.unsubscribe_path(ann, sent), house.preferences_path(ann));
        let site = db.site();
        let (change, mailing) = ask(&house, &site, ann, "ann@new.example").await;
        let claims = house.send(mailing, Outcome::Sent).await;
        assert_eq!(claims.len(), 1);
        assert_eq!(claims[0].permit.addressee().address.expose(), "ann@new.example");
        assert_eq!(
            claims[0].name, "",
            "whoever has that mailbox learns nothing of her"
        );
        assert_eq!(email_of(&house, ann).await.as_deref(), Some("ann@example.org"));

        let path = house.address_path(ann, change);
        let before = db.dump().await;
        let page = site.get(&path).await;
        assert_eq!(page.must_be(200).count("form[method=post] button"), 1);
        assert!(
            !page.body.contains("ann@example.org") && !page.body.contains("ann@new"),
            "{}",
            page.body
        );
        assert_eq!(
            difference(&before, &db.dump().await),
            [""; 0],
            "a scanner changes nothing"
        );
        let done = site.post(&path, FORM, "").await;
        assert!(done.must_be(200).text().contains("Your address is changed"));
        assert_eq!(email_of(&house, ann).await.as_deref(), Some("ann@new.example"));
        assert_eq!(
            house.decision(ann, "news").await,
            None,
            "what she agreed to goes with her"
        );
        let before = db.dump().await;
        assert_eq!(site.post(&path, FORM, "").await.must_be(200).text(), done.text());
        assert_eq!(site.get(&path).await.must_be(200).text(), done.text());
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);

        site.get(&old_page).await.must_be(410);
        site.post(&old_out, FORM, "List-Unsubscribe=One-Click")
            .await
            .must_be(200);
        assert_eq!(house.subscriptions(ann).await[&list], SubscriptionState::Ended);
        let acts: Vec<String> = db.column("SELECT facts FROM ledger WHERE kind = 'AUDIT'").await;
        assert!(acts.iter().any(|facts| facts.contains("ADDRESS_CHANGED")));
        is_sound(db).await;
        site.close().await;
    }
);

on_both!(p18_what_holds_either_address_back_goes_on_to_do_so, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let site = db.site();
    // The new mailbox wants nothing: it is not even asked.
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    let mut tx = house.write().await;
    assent_entity::preferences::opt_out_at_form(&mut tx, &address("quiet@example.org"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let (asked, mailing) = ask(&house, &site, ann, "quiet@example.org").await;
    assert!(house.send(mailing, Outcome::Sent).await.is_empty());
    assert_eq!(
        db.column::<String>("SELECT refusal FROM delivery WHERE refusal IS NOT NULL")
            .await,
        ["OPTED_OUT_OF_ALL"]
    );
    // Even a link from elsewhere does not help.
    site.post(&house.address_path(ann, asked), FORM, "")
        .await
        .must_be(200);
    assert_eq!(house.decision(ann, "news").await, Some(Refusal::OptedOutOfAll));
    // A no goes with the person who said it.
    for (name, reason, refusal) in [
        ("ben", SuppressionReason::OptedOutOfAll, Refusal::OptedOutOfAll),
        ("cas", SuppressionReason::Complained, Refusal::Complained),
    ] {
        let person = house
            .member_of(&form, &format!("{name}@example.org"), &["news"])
            .await;
        house.suppress(person, reason).await;
        change(&house, &site, person, &format!("{name}@new.example")).await;
        assert_eq!(house.decision(person, "news").await, Some(refusal));
    }
    is_sound(db).await;
    site.close().await;
});

#[test]
fn p18_no_merge_turns_a_no_into_a_yes() {
    let all = || ConsentState::iter().map(Some).chain([None]);
    for one in all() {
        for other in all() {
            let both = merged(one, other);
            assert_eq!(both, merged(other, one), "{one:?} {other:?}");
            if both == Some(ConsentState::Given) {
                let silent = |of: Option<ConsentState>| of == Some(ConsentState::Given) || of.is_none();
                assert!(silent(one) && silent(other), "{one:?} {other:?}");
            }
            assert_eq!(both.is_none(), one.is_none() && other.is_none());
        }
    }
}

on_both!(
    p18_two_who_are_one_are_merged_and_every_no_of_either_stands,
    async |db| {
        let house = db.house("acme").await;
        let list = house.list("Both", OptIn::Double, &["news", "offers"]).await;
        let more = house.list("More", OptIn::Double, &["news"]).await;
        let form = house.form("both", &[list], &["news", "offers"]).await;
        let other = house.form("more", &[more], &["news"]).await;
        let gone = house
            .member_of(&form, "old@example.org", &["news", "offers"])
            .await;
        db.clock.forward(Duration::from_secs(1));
        house.member_of(&other, "old@example.org", &["news"]).await;
        let stays = house.member_of(&form, "new@example.org", &["offers"]).await;
        db.clock.forward(Duration::from_secs(1));
        house.member_of(&other, "new@example.org", &["news"]).await;
        // One took back offers, the other left the list More.
        house.choose(stays, &["news"], &[list, more]).await;
        house.choose(gone, &["news", "offers"], &[list]).await;
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, Duration::ZERO).await;
        let mailing = house.mailing_of(campaign).await;
        let links = [
            house.preferences_path(gone),
            house.unsubscribe_path(gone, mailing),
        ];
        house.begin(mailing, db.worker()).await;
        let opened = house.newest_opt_in(gone).await;
        let site = db.site();
        change(&house, &site, gone, "NEW@example.org").await;

        assert_eq!(email_of(&house, gone).await, None);
        assert_eq!(email_of(&house, stays).await.as_deref(), Some("new@example.org"));
        assert_eq!(house.consent(stays, "news").await, Some(ConsentState::Given));
        assert_eq!(
            house.consent(stays, "offers").await,
            Some(ConsentState::Withdrawn)
        );
        let subscriptions = house.subscriptions(stays).await;
        assert_eq!(
            (subscriptions[&list], subscriptions[&more]),
            (SubscriptionState::Active, SubscriptionState::Ended)
        );
        db.clock.forward(Duration::from_mins(1));
        let claims = house.send(mailing, Outcome::Sent).await;
        assert_eq!(claims.len(), 1, "one person, one message");
        let history = consent::page_of(&house.read().await, stays, FIRST).await.unwrap();
        let whose: BTreeSet<_> = history.rows.iter().map(|(_, record)| record.subscriber).collect();
        assert_eq!(
            whose,
            BTreeSet::from([gone, stays]),
            "what was said under either id"
        );
        let of_merge =
            "SELECT COUNT(*) FROM ledger WHERE kind = 'AUDIT' AND facts LIKE '%SUBSCRIBERS_MERGED%'";
        assert_eq!(db.value::<i64>(of_merge).await, 1);
        is_sound(db).await;

        // Old links lead to the one who stays, and still opt out; whoever has that mailbox gets no page by them.
        site.get(&links[0]).await.must_be(410);
        site.get(&house.confirm_path(gone, opened)).await.must_be(410);
        site.post(&links[1], FORM, "List-Unsubscribe=One-Click")
            .await
            .must_be(200);
        assert_eq!(house.subscriptions(stays).await[&list], SubscriptionState::Ended);
        assert_eq!(
            house.decision(stays, "news").await,
            Some(Refusal::ConsentWithdrawn)
        );
        site.close().await;
    }
);

on_both!(
    p08_what_is_on_its_way_to_the_one_who_goes_is_tried_again_for_the_one_who_stays,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let gone = house.member_of(&form, "old@example.org", &["news"]).await;
        let stays = house.member_of(&form, "new@example.org", &["news"]).await;
        let version = house.draft(&[("news", Marketing)]).await;
        house
            .post(version, db.store.now().after(NOTICE_PERIOD))
            .await
            .unwrap();
        let id = house.notices(version).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let theirs = loop {
            let claim = house
                .turn(&mailing, worker, &[], 1)
                .await
                .unwrap()
                .claims
                .remove(0);
            if claim.permit.addressee().recipient == Recipient::Subscriber(gone) {
                break claim;
            }
            // The others wait behind those whose turn it is.
            db.clock.forward(Duration::from_secs(1));
            let given_back = [ended(&claim, Outcome::Stale, db.store.now())];
            house.turn(&mailing, worker, &given_back, 0).await.unwrap();
        };
        let site = db.site();
        change(&house, &site, gone, "new@example.org").await;
        site.close().await;
        let put_off = [ended(&theirs, Outcome::TryLater, db.store.now())];
        house.turn(&mailing, worker, &put_off, 0).await.unwrap();
        db.clock.forward(Duration::from_hours(2));
        let again = house.send(id, Outcome::Sent).await;
        let to = again.iter().map(|claim| claim.permit.addressee().recipient);
        let people: Vec<_> = to.filter(|to| matches!(to, Recipient::Subscriber(_))).collect();
        assert_eq!(people, [Recipient::Subscriber(stays)]);
    }
);

on_both!(
    p18_a_yes_that_is_carried_over_keeps_its_words_its_version_and_its_age,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let gone = house.member_of(&form, "old@example.org", &["news"]).await;
        let said_at = db.store.now();
        let offers = house.list("Offers", OptIn::Double, &["offers"]).await;
        let other = house.form("offers", &[offers], &["offers"]).await;
        let stays = house.member_of(&other, "new@example.org", &["offers"]).await;
        db.clock.forward(Duration::from_hours(24 * 10));
        let site = db.site();
        change(&house, &site, gone, "new@example.org").await;
        let news = house.purpose("news").await.id;
        let record = consent::newest(&house.read().await, stays, news)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (record.state, record.source),
            (ConsentState::Given, ConsentSource::Merge)
        );
        assert_eq!(record.counts_from, said_at);
        assert_eq!(record.statement.as_deref(), Some("Yes, write to me about news."));
        assert_eq!(house.decision(stays, "news").await, None);
        // Merged once more, the first id leads to the last.
        let last = house.member_of(&form, "last@example.org", &["news"]).await;
        change(&house, &site, stays, "last@example.org").await;
        let page = site.get(&house.preferences_path(last)).await;
        assert!(
            page.must_be(200).text().contains("l•••@example.org"),
            "{}",
            page.text()
        );
        for former in [gone, stays] {
            for path in [house.preferences_path(former), house.privacy_path(former)] {
                let page = site.get(&path).await;
                page.must_be(410);
                assert!(
                    !page.text().contains("l•••@example.org"),
                    "whoever held it sees nothing"
                );
            }
        }
        assert!(
            subscriber::is_known_as(&house.read().await, last, gone)
                .await
                .unwrap()
        );
        is_sound(db).await;
        site.close().await;
    }
);

on_both!(
    a_change_of_address_is_no_weapon_and_takes_no_bad_input,
    async |db| {
        let (house, brook) = (db.house("acme").await, db.house("brook").await);
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let ben = house.member_of(&form, "ben@example.org", &["news"]).await;
        let site = db.site();
        let path = format!("{}/address", house.privacy_path(ann));
        let before = db.dump().await;
        let long = format!("{}@example.org", "x".repeat(70));
        for email in [
            "",
            "ann",
            "ann@example.org",
            "ANN@Example.org",
            "a@b@c",
            "<script>@x.example",
            &long,
            "a\0b@x.example",
        ] {
            site.fill_in(&path, &[("email", email)]).await.must_be(422);
        }
        site.fill_in(&path, &[("email", "a@x.example"), ("email", "b@x.example")])
            .await
            .must_be(422);
        site.post(&path, "application/json", "{}").await.must_be(415);
        site.post(&path, FORM, "x".repeat(100 * 1024)).await.must_be(413);
        for path in [house.renew_path(ann), "/privacy/x".to_owned()] {
            let path = format!("{path}/address").replace("/renew/", "/privacy/");
            site.fill_in(&path, &[("email", "a@x.example")])
                .await
                .must_be(404);
        }
        let elsewhere = format!("{}/address", brook.privacy_path(ann));
        site.fill_in(&elsewhere, &[("email", "a@x.example")])
            .await
            .must_be(410);
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);

        let (change, _) = ask(&house, &site, ann, "ann@new.example").await;
        let before = db.dump().await;
        for path in [
            house.address_path(ben, change),
            brook.address_path(ann, change),
            house.address_path(ann, change).replace("address", "renew"),
        ] {
            site.get(&path).await.must_be(404);
            site.post(&path, FORM, "").await.must_be(404);
        }
        assert_eq!(difference(&before, &db.dump().await), [""; 0]);
        for _ in 0..4 {
            ask(&house, &site, ann, "somebody@new.example").await;
            ask(&house, &site, ben, "somebody@new.example").await;
        }
        assert_eq!(
            db.count("address_change", "1 = 1").await,
            4,
            "three a day and person, and three a day and mailbox"
        );
        let late = house.address_path(ann, change);
        db.clock.forward(CONFIRM_WITHIN + Duration::from_secs(1));
        site.post(&late, FORM, "").await.must_be(410);
        assert_eq!(email_of(&house, ann).await.as_deref(), Some("ann@example.org"));
        site.close().await;
    }
);

on_both!(every_table_that_refers_to_people_is_merged, async |db| {
    let sql = match db.backend {
        assent_tests::Backend::Sqlite => {
            "SELECT DISTINCT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) k
             WHERE m.type = 'table' AND k.\"table\" = 'subscriber'"
        }
        assent_tests::Backend::Postgres => {
            "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint
             WHERE contype = 'f' AND confrelid = 'subscriber'::regclass"
        }
    };
    let tables: BTreeSet<String> = db.column(sql).await.into_iter().collect();
    let merged = [
        "address_change",
        "consent",
        "custom_value",
        "legal_order_person",
        "link_click",
        "membership",
        "opt_in",
        "permission",
        "subscriber_alias",
        "subscription",
        "transactional_mail",
    ];
    assert_eq!(
        tables,
        merged.map(str::to_owned).into(),
        "let entity/src/merge.rs take a new table over, then name it here"
    );
});

on_both!(
    p17_an_address_that_was_erased_is_not_asked_whether_it_is_somebodys,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let erased = house.member_of(&form, "gone@example.org", &["news"]).await;
        house.erase(erased).await;
        let site = db.site();
        let (_, mailing) = ask(&house, &site, ann, "gone@example.org").await;
        assert_eq!(house.send(mailing, Outcome::Sent).await.len(), 0);
        assert_eq!(db.count("delivery", "refusal = 'ERASED'").await, 1);
        site.close().await;
    }
);
