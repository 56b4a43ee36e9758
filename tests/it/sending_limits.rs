//! Limits of what a tenant sends: shared by all workers, counted at the claim, and no other tenant's concern.

use std::time::Duration;

use assent_domain::clock::Timestamp;
use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::{MailingId, stored};
use assent_domain::mailing_list::OptIn;
use assent_domain::sending_limit::Limits;
use assent_domain::site::HostName;
use assent_entity::claim::{self, Place};
use assent_entity::mailing::{self, Mailing};
use assent_entity::outcome::Outcome;
use assent_entity::sending_limit::{self, Setter};
use assent_entity::{TenantTx, chore, delivery, outbox};
use assent_tests::sending::{ON_ITS_WAY, ended, terms};
use assent_tests::{Backend, House, on_both};

use crate::furnished::{due_campaign, progress};

mod domains;
mod faces;
mod rest;
mod sharing;

const SECOND: Duration = Duration::from_secs(1);

/// Sets the tenant's own limits.
async fn limit(house: &House<'_>, domain: Option<&str>, limits: Limits) {
    let domain = domain.map(|name| HostName::parse(name).unwrap());
    let mut tx = house.write().await;
    sending_limit::set(&mut tx, Setter::Tenant, domain.as_ref(), limits)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

fn per_second(limit: u32) -> Limits {
    Limits {
        per_second: Some(limit),
        ..Limits::default()
    }
}

fn per_day(limit: u32) -> Limits {
    Limits {
        per_day: Some(limit),
        ..Limits::default()
    }
}

/// When the next message of a mailing may go.
async fn next(house: &House<'_>, mailing: &Mailing) -> Option<Timestamp> {
    let tx = house.write().await;
    delivery::next_due_at(&tx, mailing, None).await.unwrap()
}

/// A campaign to as many people on a list of its own.
async fn another(house: &House<'_>, name: &str, people: usize) -> MailingId {
    let list = house.list(name, OptIn::Double, &["news"]).await;
    let form = house.form(&name.to_lowercase(), &[list], &["news"]).await;
    for number in 0..people {
        let email = format!("{}{number}@example.org", name.to_lowercase());
        house.member_of(&form, &email, &["news"]).await;
    }
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    house.mailing_of(campaign).await
}

on_both!(
    a_claim_takes_no_more_than_the_bucket_holds_and_the_rest_waits,
    async |db| {
        let (house, _, id) = due_campaign(db, 9).await;
        limit(&house, None, per_second(4)).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert_eq!((turn.claims.len(), turn.refused), (4, 0));
        assert!(
            house
                .turn(&mailing, worker, &[], 20)
                .await
                .unwrap()
                .found_nothing()
        );
        let waits = next(&house, &mailing).await.unwrap();
        assert_eq!(waits, db.store.now().after(SECOND / 4), "for one token");
        db.clock.set(waits);
        assert_eq!(
            house.turn(&mailing, worker, &[], 20).await.unwrap().claims.len(),
            1
        );
        db.clock.forward(SECOND);
        assert_eq!(
            house.turn(&mailing, worker, &[], 20).await.unwrap().claims.len(),
            4
        );
        let after = progress(&house, id).await;
        assert_eq!((after.of(DeliveryStatus::Claimed), after.total()), (9, 9));
    }
);

on_both!(two_workers_share_one_bucket, async |db| {
    let (house, _, first) = due_campaign(db, 8).await;
    let second = another(&house, "Other", 8).await;
    limit(&house, None, per_second(5)).await;
    let other = db.open_again().await;
    let (one, two) = (db.worker(), db.worker());
    let (first, second) = (house.begin(first, one).await, house.begin(second, two).await);
    let elsewhere = async {
        let mut tx = TenantTx::write(&other, house.ctx).await.unwrap();
        let claims = claim::turn(&mut tx, &second, &terms(two), &[], 20, &mut Place::default())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        claims
    };
    let (here, there) = futures::join!(house.turn(&first, one, &[], 20), elsewhere);
    assert_eq!(here.unwrap().claims.len() + there.claims.len(), 5);
    assert_eq!(db.count("delivery", ON_ITS_WAY).await, 5);
});

on_both!(limits_change_while_a_campaign_runs, async |db| {
    let (house, _, id) = due_campaign(db, 10).await;
    limit(&house, None, per_day(3)).await;
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 3);
    let worker = db.worker();
    let mailing = house.begin(id, worker).await;
    // The test's clock stands at nine.
    let midnight = db.store.now().after(Duration::from_hours(15));
    assert_eq!(next(&house, &mailing).await, Some(midnight));
    let mut tx = house.write().await;
    mailing::release(&mut tx, id, worker).await.unwrap();
    tx.commit().await.unwrap();
    let job = db.due_jobs().await.into_iter();
    let mut job = job.map(|job| (job.id, House::mailing_in(&job.job)));
    let (job, _) = job.rfind(|(_, mailing)| *mailing == id).expect("its job");
    let mut tx = house.write().await;
    outbox::put_off(&mut tx, job, midnight).await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.due_jobs().await.is_empty());

    limit(&house, None, per_day(5)).await;
    assert_eq!(db.due_jobs().await.len(), 1, "more may go: it is due at once");
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 2);
    limit(&house, None, per_day(4)).await;
    assert!(house.send(id, Outcome::Sent).await.is_empty());
    limit(&house, None, Limits::default()).await;
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 5);
    assert_eq!(progress(&house, id).await.of(DeliveryStatus::Sent), 10);
    assert_eq!(db.count("tenant", "is_limited <> 0").await, 0);
});

on_both!(
    a_day_begins_anew_and_what_was_not_tried_is_given_back,
    async |db| {
        let (house, _, id) = due_campaign(db, 6).await;
        limit(&house, None, per_day(2)).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
        let now = db.store.now();
        let stale: Vec<_> = turn
            .claims
            .iter()
            .map(|claim| ended(claim, Outcome::Stale, now))
            .collect();
        assert_eq!(stale.len(), 2);
        house.turn(&mailing, worker, &stale, 0).await.unwrap();
        let again = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert_eq!(again.claims.len(), 2, "nothing of the day was used up");
        db.clock.set(next(&house, &mailing).await.unwrap());
        let turn = house.turn(&mailing, worker, &[], 20).await;
        // The lease ran out overnight, and nobody else has taken it.
        assert_eq!(turn.unwrap().claims.len(), 2);
    }
);

on_both!(a_limited_tenant_makes_no_other_wait, async |db| {
    let (acme, _, id) = due_campaign(db, 3).await;
    limit(&acme, None, per_second(1)).await;
    let worker = db.worker();
    let limited = acme.begin(id, worker).await;
    let beta = db.house("beta").await;
    let other = another(&beta, "Beta", 5).await;
    let mailing = beta.begin(other, worker).await;
    limit(&beta, None, per_second(5)).await;
    let mut held = acme.write().await;
    let claims = claim::turn(
        &mut held,
        &limited,
        &terms(worker),
        &[],
        20,
        &mut Place::default(),
    )
    .await
    .unwrap();
    assert_eq!(claims.claims.len(), 1);
    if db.backend == Backend::Sqlite {
        // There one transaction writes at a time.
        held.commit().await.unwrap();
        assert_eq!(
            beta.turn(&mailing, worker, &[], 20).await.unwrap().claims.len(),
            5
        );
        return;
    }
    let turn = beta.turn(&mailing, worker, &[], 20);
    let turn = tokio::time::timeout(Duration::from_secs(5), turn).await;
    let claims = turn.expect("nobody else's bucket is held").unwrap().claims;
    assert_eq!(claims.len(), 5);
    held.commit().await.unwrap();
});

on_both!(who_sets_no_limit_has_no_bucket, async |db| {
    let (house, _, id) = due_campaign(db, 3).await;
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 3);
    assert_eq!(db.count("sending_limit", "1 = 1").await, 0);
    assert_eq!(db.count("tenant", "is_limited <> 0").await, 0);
});

on_both!(
    a_mail_that_a_person_waits_for_goes_at_once_and_counts,
    async |db| {
        let (house, _, campaign) = due_campaign(db, 3).await;
        limit(&house, None, per_day(2)).await;
        db.clock.forward(SECOND);
        let list = house.list("Later", OptIn::Double, &["news"]).await;
        let form = house.form("later", &[list], &["news"]).await;
        for number in 0..3 {
            house
                .join(&form, &format!("new{number}@example.org"), &["news"])
                .await;
        }
        let sql = "SELECT id FROM mailing WHERE kind = 'CONFIRMATION' AND finished_at IS NULL
                   ORDER BY created_at DESC LIMIT 3";
        for confirmation in db.column::<uuid::Uuid>(sql).await {
            let sent = house.send(stored(confirmation), Outcome::Sent).await;
            assert_eq!(sent.len(), 1, "it does not wait");
        }
        assert!(
            house.send(campaign, Outcome::Sent).await.is_empty(),
            "the day is used up"
        );
        assert_eq!(progress(&house, campaign).await.refused, []);
    }
);
