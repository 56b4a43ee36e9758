//! What can still be done about a version that does not count yet: taken back, put off, or let go without waiting
//! for its notices (P07), and that everybody is told (P08).

use std::time::Duration;

use assent_domain::audit::AuditAct;
use assent_domain::id::{MailingId, PolicyVersionId, stored};
use assent_domain::permit::Recipient;
use assent_domain::policy::{NOTICE_PERIOD, PolicyStatus};
use assent_domain::purpose::PurposeKind::Marketing;
use assent_entity::claim::Claim;
use assent_entity::mailing::{self, Mailing, Turn};
use assent_entity::outcome::Outcome;
use assent_entity::policy::{self, upcoming};
use assent_entity::{StoreError, TenantTx, Write, audit, delivery};
use assent_tests::sending::ended;
use assent_tests::{House, TestStore, on_both};
use serde_json::json;
use uuid::Uuid;

use crate::furnished::FIRST;

const HOUR: Duration = Duration::from_hours(1);

/// A tenant with a confirmed subscriber and a second version, posted and to be effective in a week.
async fn posted(db: &TestStore) -> (House<'_>, PolicyVersionId) {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    house.member_of(&form, "ann@example.org", &["news"]).await;
    let version = house.draft(&[("news", Marketing), ("surveys", Marketing)]).await;
    house
        .post(version, db.store.now().after(NOTICE_PERIOD))
        .await
        .unwrap();
    (house, version)
}

async fn change(
    house: &House<'_>,
    act: impl AsyncFnOnce(&mut TenantTx<Write>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let mut tx = house.write().await;
    act(&mut tx).await?;
    tx.commit().await
}

async fn status(house: &House<'_>, version: PolicyVersionId) -> PolicyStatus {
    policy::by_id(&house.read().await, version).await.unwrap().status
}

async fn mailing(db: &TestStore, version: PolicyVersionId, news: &str) -> MailingId {
    let sql = format!(
        "SELECT id FROM mailing WHERE policy_version_id = {} AND news = '{news}'",
        db.id(version)
    );
    stored(db.value::<Uuid>(&sql).await)
}

/// The one that was called for last.
async fn newest(db: &TestStore, version: PolicyVersionId, news: &str) -> MailingId {
    let sql = format!(
        "SELECT id FROM mailing WHERE policy_version_id = {} AND news = '{news}' ORDER BY created_at DESC LIMIT 1",
        db.id(version)
    );
    stored(db.value::<Uuid>(&sql).await)
}

/// Whether an error is about a field, and of what sort.
fn refused(result: Result<(), StoreError>) -> (&'static str, &'static str) {
    match result.expect_err("it is refused") {
        StoreError::Conflict { field, .. } => ("conflict", field),
        StoreError::Invalid { field, .. } => ("invalid", field),
        other => panic!("{other}"),
    }
}

on_both!(
    p08_a_version_that_is_taken_back_never_counts_and_whoever_was_told_of_it_is_told,
    async |db| {
        let (house, version) = posted(db).await;
        let first = mailing(db, version, "POSTED").await;
        let heard = send_some(&house, first, 1).await;
        change(&house, async |tx| upcoming::withdraw(tx, version).await)
            .await
            .unwrap();
        assert_eq!(status(&house, version).await, PolicyStatus::Withdrawn);

        let Turn::Cancelled(closing) = house.acquire(first, db.worker()).await else {
            panic!("the news of it is not sent any more")
        };
        close(&house, &closing, 1).await;
        let told = house
            .send(mailing(db, version, "WITHDRAWN").await, Outcome::Sent)
            .await;
        assert_eq!(told.len(), 1, "the other has heard nothing of it");
        assert_eq!(recipients(&told), recipients(&heard));

        db.clock.forward(2 * NOTICE_PERIOD);
        assert_eq!(status(&house, version).await, PolicyStatus::Withdrawn);
        let again = change(&house, async |tx| upcoming::withdraw(tx, version).await).await;
        assert_eq!(refused(again), ("conflict", "id"));
    }
);

on_both!(
    p08_a_version_of_which_nobody_was_told_is_taken_back_without_a_word,
    async |db| {
        let (house, version) = posted(db).await;
        let upcoming = house.draft(&[("news", Marketing)]).await;
        change(&house, async |tx| upcoming::withdraw(tx, version).await)
            .await
            .unwrap();
        let worker = db.worker();
        for news in ["POSTED", "WITHDRAWN"] {
            let id = mailing(db, version, news).await;
            let closing = match house.acquire(id, worker).await {
                Turn::Cancelled(closing) => *closing,
                Turn::Yours(_) => house.begin(id, worker).await,
                other => panic!("{other:?}"),
            };
            assert!(
                house
                    .turn(&closing, worker, &[], 20)
                    .await
                    .unwrap()
                    .claims
                    .is_empty()
            );
            assert!(house.finish(&closing).await, "{news}");
        }
        let of_it = format!(
            "SELECT id FROM mailing WHERE policy_version_id = {}",
            db.id(version)
        );
        assert_eq!(db.count("delivery", &format!("mailing_id IN ({of_it})")).await, 0);
        // Another takes its place.
        let date = db.store.now().after(NOTICE_PERIOD);
        house.post(upcoming, date).await.unwrap();
    }
);

/// Lets a worker hand over what is due of a mailing, `first` rows and no more, and leave the rest.
async fn send_some(house: &House<'_>, id: MailingId, first: u32) -> Vec<Claim> {
    let worker = house.db.worker();
    let begun = house.begin(id, worker).await;
    let claims = house.turn(&begun, worker, &[], first).await.unwrap().claims;
    let now = house.db.store.now();
    let done: Vec<_> = claims
        .iter()
        .map(|claim| ended(claim, Outcome::Sent, now))
        .collect();
    house.turn(&begun, worker, &done, 0).await.unwrap();
    let mut tx = house.write().await;
    mailing::release(&mut tx, id, worker).await.unwrap();
    tx.commit().await.unwrap();
    claims
}

/// Ends a mailing that was overtaken, with so many rows open.
async fn close(house: &House<'_>, closing: &Mailing, open: u64) {
    let mut tx = house.write().await;
    assert_eq!(
        delivery::cancel_some(&mut tx, closing.id, 100).await.unwrap(),
        open
    );
    tx.commit().await.unwrap();
    assert!(house.finish(closing).await);
}

fn recipients(claims: &[Claim]) -> Vec<Recipient> {
    claims
        .iter()
        .map(|claim| claim.permit.addressee().recipient)
        .collect()
}

on_both!(
    p08_put_off_twice_in_a_row_each_is_told_the_last_date_once,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        for name in ["ann", "ben", "cas", "dan"] {
            house
                .member_of(&form, &format!("{name}@example.org"), &["news"])
                .await;
        }
        let version = house.draft(&[("news", Marketing), ("surveys", Marketing)]).await;
        let date = db.store.now().after(NOTICE_PERIOD);
        house.post(version, date).await.unwrap();
        // Four of the five are told the first date before it is put off, and one of them the second.
        let posted = mailing(db, version, "POSTED").await;
        send_some(&house, posted, 4).await;
        let put_off = async |hours: u32| {
            db.clock.forward(Duration::from_mins(5));
            change(&house, async |tx| {
                upcoming::postpone(tx, version, date.after(HOUR * hours)).await
            })
            .await
            .unwrap();
            newest(db, version, "POSTPONED").await
        };
        let first = put_off(1).await;
        send_some(&house, first, 1).await;
        let second = put_off(2).await;
        let Turn::Cancelled(closing) = house.acquire(first, db.worker()).await else {
            panic!("the second takes its place")
        };
        close(&house, &closing, 3).await;

        db.clock.forward(Duration::from_mins(5));
        let with_the_news = house.send(posted, Outcome::Sent).await;
        assert_eq!(
            with_the_news.len(),
            1,
            "who had heard nothing hears it with the last date"
        );
        let told = house.send(second, Outcome::Sent).await;
        assert_eq!(told.len(), 4, "everybody who had heard another");
        assert!(!recipients(&told).contains(&recipients(&with_the_news)[0]));
    }
);

on_both!(
    p08_a_notice_with_an_old_date_goes_no_further_once_the_version_is_put_off,
    async |db| {
        let (house, version) = posted(db).await;
        let first = mailing(db, version, "POSTED").await;
        let worker = db.worker();
        let begun = house.begin(first, worker).await;
        assert_eq!(house.turn(&begun, worker, &[], 1).await.unwrap().claims.len(), 1);
        let later = db.store.now().after(2 * NOTICE_PERIOD);
        change(&house, async |tx| upcoming::postpone(tx, version, later).await)
            .await
            .unwrap();
        let next = house.turn(&begun, worker, &[], 20).await.unwrap();
        assert!(!next.goes_on && next.claims.is_empty(), "it is composed anew");
    }
);

on_both!(
    p08_a_version_that_is_taken_back_while_its_notices_go_out_is_announced_no_further,
    async |db| {
        let (house, version) = posted(db).await;
        let first = mailing(db, version, "POSTED").await;
        let worker = db.worker();
        let begun = house.begin(first, worker).await;
        assert_eq!(house.turn(&begun, worker, &[], 1).await.unwrap().claims.len(), 1);
        change(&house, async |tx| upcoming::withdraw(tx, version).await)
            .await
            .unwrap();
        let next = house.turn(&begun, worker, &[], 20).await.unwrap();
        assert!(!next.goes_on && next.claims.is_empty());
    }
);

on_both!(
    p07_a_version_is_put_off_never_brought_forward_and_everybody_is_told,
    async |db| {
        let (house, version) = posted(db).await;
        house.send_notices(version).await;
        let date = db.store.now().after(NOTICE_PERIOD);
        for sooner in [date, date.before(HOUR), db.store.now()] {
            let result = change(&house, async |tx| upcoming::postpone(tx, version, sooner).await).await;
            assert_eq!(refused(result), ("invalid", "effectiveAt"));
        }
        let later = date.after(HOUR);
        change(&house, async |tx| upcoming::postpone(tx, version, later).await)
            .await
            .unwrap();
        let told = house
            .send(mailing(db, version, "POSTPONED").await, Outcome::Sent)
            .await;
        assert_eq!(told.len(), 2, "Ann and the owner");
        db.clock.set(date);
        assert_eq!(status(&house, version).await, PolicyStatus::Posted);
        db.clock.set(later);
        assert_eq!(status(&house, version).await, PolicyStatus::InForce);
        let late = change(&house, async |tx| {
            upcoming::postpone(tx, version, later.after(HOUR)).await
        })
        .await;
        assert_eq!(refused(late), ("conflict", "id"));
    }
);

on_both!(
    p07_a_version_waits_for_its_notices_unless_somebody_says_otherwise_on_the_record,
    async |db| {
        let (house, version) = posted(db).await;
        db.clock.forward(NOTICE_PERIOD);
        assert_eq!(
            status(&house, version).await,
            PolicyStatus::Posted,
            "its notices are open"
        );
        let silent = change(&house, async |tx| {
            upcoming::override_notices(tx, version, "  ").await
        })
        .await;
        assert_eq!(refused(silent), ("invalid", "reason"));
        change(&house, async |tx| {
            upcoming::override_notices(tx, version, "one mail server is down for good").await
        })
        .await
        .unwrap();
        assert_eq!(status(&house, version).await, PolicyStatus::InForce);
        let log = audit::page(&house.read().await, FIRST).await.unwrap();
        let entry = &log.rows[0].1;
        assert_eq!(entry.act, AuditAct::PolicyNoticesOverridden);
        assert_eq!(entry.object, Some(version.to_string()));
        let said = entry.change.as_ref().unwrap().after.clone();
        assert_eq!(said, json!({ "reason": "one mail server is down for good" }));
    }
);

on_both!(a_draft_is_neither_taken_back_nor_put_off, async |db| {
    let house = db.house("acme").await;
    let draft = house.draft(&[("news", Marketing)]).await;
    let later = db.store.now().after(2 * NOTICE_PERIOD);
    for result in [
        change(&house, async |tx| upcoming::withdraw(tx, draft).await).await,
        change(&house, async |tx| upcoming::postpone(tx, draft, later).await).await,
        change(&house, async |tx| {
            upcoming::override_notices(tx, draft, "why not").await
        })
        .await,
    ] {
        assert_eq!(refused(result), ("conflict", "id"));
    }
});

on_both!(p09_any_two_versions_are_compared_word_by_word, async |db| {
    let (house, _) = posted(db).await;
    let site = db.site();
    let page = site.get("/t/acme/policy").await;
    let links = page.must_be(200).attributes("main a", "href");
    assert!(
        links.contains(&"/t/acme/policy/1/compare/2".to_owned()),
        "{links:?}"
    );
    let compared = site.get("/t/acme/policy/1/compare/2").await;
    let text = compared.must_be(200).text();
    for said in [
        "Now: About surveys",
        "No longer: About offers",
        "the same, word for word",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(
        site.get("/t/acme/policy/2/compare/1")
            .await
            .must_be(200)
            .text()
            .contains("Now: About offers")
    );
    // The third is a draft, which is nobody else's business.
    house.draft(&[("news", Marketing)]).await;
    for nowhere in [
        "1/compare/3",
        "3/compare/1",
        "1/compare/x",
        "0/compare/1",
        "1/compare/9",
    ] {
        site.get(&format!("/t/acme/policy/{nowhere}")).await.must_be(404);
    }
    site.close().await;
});
