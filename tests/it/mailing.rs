//! Sending: decided anew at every claim (P18), owned by one worker at a time, finished when no row is open.

use std::time::Duration;

use assent_domain::delivery::DeliveryStatus;
use assent_domain::permit::{PERMIT_LIFETIME, Refusal};
use assent_domain::policy::NOTICE_PERIOD;
use assent_domain::tenant::TenantStatus;
use assent_entity::claim::{Begun, Claim, Place};
use assent_entity::mailing::{self, LEASE, Turn};
use assent_entity::outcome::{Ended, Outcome};
use assent_entity::{StoreError, campaign, delivery, tenant};
use assent_tests::house::NEWS_OFFERS_BILL;
use assent_tests::sending::{ended, terms};
use assent_tests::{House, TestStore, on_both};

use crate::furnished::{due_campaign, progress};

fn all_ended(claims: &[Claim], outcome: Outcome, db: &TestStore) -> Vec<Ended> {
    let now = db.store.now();
    claims.iter().map(|claim| ended(claim, outcome, now)).collect()
}

on_both!(a_campaign_goes_out_once_to_each_and_ends, async |db| {
    let (house, people, mailing) = due_campaign(db, 5).await;
    let sent = house.send(mailing, Outcome::Sent).await;
    assert_eq!(sent.len(), people.len());
    assert!(
        sent.iter()
            .all(|claim| claim.list.is_some() && claim.attempt == 1)
    );
    let after = progress(&house, mailing).await;
    assert_eq!((after.of(DeliveryStatus::Sent), after.total()), (5, 5));
    assert!(matches!(
        house.acquire(mailing, db.worker()).await,
        Turn::Finished
    ));
});

on_both!(p18_a_no_after_planning_is_refused_at_the_claim, async |db| {
    let (house, people, id) = due_campaign(db, 4).await;
    let worker = db.worker();
    let mailing = house.begin(id, worker).await;
    assert_eq!(progress(&house, id).await.of(DeliveryStatus::Queued), 4);
    house.choose(people[0], &[], &[]).await;
    house.opt_out_of_all(people[1]).await;
    let turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
    assert_eq!((turn.claims.len(), turn.refused), (2, 2));
    let mut refused = progress(&house, id).await.refused;
    refused.sort();
    assert_eq!(
        refused,
        [(Refusal::OptedOutOfAll, 1), (Refusal::ConsentWithdrawn, 1)]
    );
});

on_both!(p18_a_permit_ends_though_somebody_stops_the_clock, async |db| {
    let (house, _, id) = due_campaign(db, 1).await;
    let worker = db.worker();
    let mailing = house.begin(id, worker).await;
    let mut turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
    let decided = db.store.now();
    tokio::time::sleep(PERMIT_LIFETIME + Duration::from_millis(10)).await;
    assert_eq!(db.store.now(), decided, "the test's clock stands");
    assert!(turn.claims.remove(0).permit.redeem(decided).is_err());
});

on_both!(
    p18_a_permit_is_no_older_than_the_transaction_that_decided_it,
    async |db| {
        let (house, _, id) = due_campaign(db, 2).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let mut turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
        let decided = db.store.now();
        let first = turn.claims.remove(0).permit;
        assert!(first.redeem(decided.after(PERMIT_LIFETIME)).is_ok());
        let stale = turn.claims.remove(0);
        let late = decided.after(PERMIT_LIFETIME).after(Duration::from_micros(1));
        let told = ended(&stale, Outcome::Stale, late);
        assert!(stale.permit.redeem(late).is_err());
        db.clock.set(late);
        let again = house.turn(&mailing, worker, &[told], 20).await.unwrap();
        assert_eq!(again.claims.len(), 1, "decided anew");
    }
);

on_both!(a_tenant_that_is_stopped_sends_nothing, async |db| {
    let (house, _, id) = due_campaign(db, 2).await;
    let worker = db.worker();
    let mailing = house.begin(id, worker).await;
    let mut tx = house.write().await;
    tenant::set_status(&mut tx, TenantStatus::Suspended)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
    assert_eq!((turn.claims.len(), turn.refused, turn.goes_on), (0, 0, false));
    let mut tx = house.write().await;
    mailing::release(&mut tx, id, worker).await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(house.acquire(id, worker).await, Turn::Waiting));
    db.due_jobs().await;
    let mut tx = house.write().await;
    tenant::set_status(&mut tx, TenantStatus::Active).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!db.due_jobs().await.is_empty(), "what waited is queued again");
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 2, "and lost nobody");
});

on_both!(a_mailing_belongs_to_one_worker_until_its_lease_ends, async |db| {
    let (house, _, id) = due_campaign(db, 4).await;
    let (first, second) = (db.worker(), db.worker());
    let mailing = house.begin(id, first).await;
    let until = db.store.now().after(LEASE);
    assert!(matches!(house.acquire(id, second).await, Turn::Busy(at) if at == until));
    db.clock.set(until.before(Duration::from_secs(1)));
    let turn = house.turn(&mailing, first, &[], 1).await.unwrap();
    db.clock.forward(Duration::from_secs(2));
    assert!(
        matches!(house.acquire(id, second).await, Turn::Busy(_)),
        "a turn is a sign of life"
    );
    let sent = all_ended(&turn.claims, Outcome::Sent, db);
    house.turn(&mailing, first, &sent, 0).await.unwrap();
    let mut tx = house.write().await;
    mailing::release(&mut tx, id, first).await.unwrap();
    tx.commit().await.unwrap();
    assert!(
        matches!(house.acquire(id, second).await, Turn::Yours(_)),
        "let go"
    );
});

on_both!(
    what_a_dead_worker_left_in_flight_is_unknown_and_not_repeated,
    async |db| {
        let (house, _, id) = due_campaign(db, 5).await;
        let (dead, next) = (db.worker(), db.worker());
        let mailing = house.begin(id, dead).await;
        let in_flight = house.turn(&mailing, dead, &[], 2).await.unwrap().claims;
        db.clock.forward(LEASE);
        let taken_over = house.begin(id, next).await;
        assert_eq!(progress(&house, id).await.of(DeliveryStatus::Unknown), 2);
        let unknown = db.count("attempt", "outcome = 'UNKNOWN'").await;
        assert_eq!(unknown, 2, "each has its attempt");

        let late = all_ended(&in_flight, Outcome::Sent, db);
        let lost = house.turn(&mailing, dead, &late, 20).await.unwrap_err();
        assert!(matches!(lost, StoreError::LeaseLost), "{lost}");
        assert_eq!(
            progress(&house, id).await.of(DeliveryStatus::Unknown),
            2,
            "nothing was written"
        );

        let rest = house.turn(&taken_over, next, &[], 20).await.unwrap().claims;
        assert_eq!(rest.len(), 3);
        assert!(!house.finish(&taken_over).await, "three are in flight");
        house
            .turn(&taken_over, next, &all_ended(&rest, Outcome::Sent, db), 20)
            .await
            .unwrap();
        assert!(house.finish(&taken_over).await);
        let after = progress(&house, id).await;
        assert_eq!(
            (after.of(DeliveryStatus::Sent), after.of(DeliveryStatus::Unknown)),
            (3, 2)
        );
    }
);

on_both!(
    p08_notices_in_flight_at_a_crash_are_sent_again_as_the_same_delivery,
    async |db| {
        let (house, ..) = due_campaign(db, 2).await;
        let version = house.draft(NEWS_OFFERS_BILL).await;
        house
            .post(version, db.store.now().after(NOTICE_PERIOD))
            .await
            .unwrap();
        let id = house.notices(version).await;
        let (dead, next) = (db.worker(), db.worker());
        let mailing = house.begin(id, dead).await;
        let in_flight = house.turn(&mailing, dead, &[], 2).await.unwrap().claims;
        db.clock.forward(LEASE);
        let taken_over = house.begin(id, next).await;
        let again = house.turn(&taken_over, next, &[], 20).await.unwrap().claims;
        assert_eq!(again.len(), 3, "two subscribers and the owner");
        for lost in &in_flight {
            let same = again
                .iter()
                .find(|claim| claim.permit.delivery() == lost.permit.delivery());
            assert_eq!(same.expect("sent again").attempt, 2);
        }
    }
);

on_both!(a_paused_campaign_stops_and_goes_on_where_it_was, async |db| {
    let (house, _, id) = due_campaign(db, 4).await;
    let worker = db.worker();
    let mailing = house.begin(id, worker).await;
    let campaign = mailing.campaign.unwrap();
    let claims = house.turn(&mailing, worker, &[], 1).await.unwrap().claims;
    let mut tx = house.write().await;
    campaign::pause(&mut tx, campaign).await.unwrap();
    tx.commit().await.unwrap();
    let sent = all_ended(&claims, Outcome::Sent, db);
    let turn = house.turn(&mailing, worker, &sent, 20).await.unwrap();
    assert!(!turn.goes_on && turn.claims.is_empty());
    assert_eq!(
        progress(&house, id).await.of(DeliveryStatus::Sent),
        1,
        "what was in flight is recorded"
    );
    db.clock.forward(LEASE);
    assert!(matches!(house.acquire(id, db.worker()).await, Turn::Waiting));
    assert!(!house.finish(&mailing).await);

    db.due_jobs().await;
    let mut tx = house.write().await;
    campaign::resume(&mut tx, campaign).await.unwrap();
    tx.commit().await.unwrap();
    let woken = db.due_jobs().await;
    assert!(
        woken.iter().any(|job| House::mailing_in(&job.job) == id),
        "resuming queues a job"
    );
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 3);
    assert!(matches!(house.acquire(id, db.worker()).await, Turn::Finished));
});

on_both!(a_cancelled_campaign_reaches_nobody_more, async |db| {
    let (house, _, id) = due_campaign(db, 4).await;
    let worker = db.worker();
    let mailing = house.begin(id, worker).await;
    let claims = house.turn(&mailing, worker, &[], 1).await.unwrap().claims;
    let mut tx = house.write().await;
    campaign::cancel(&mut tx, mailing.campaign.unwrap())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let sent = all_ended(&claims, Outcome::Sent, db);
    assert!(!house.turn(&mailing, worker, &sent, 20).await.unwrap().goes_on);
    db.clock.forward(LEASE);
    let next = db.worker();
    let Turn::Cancelled(cancelled) = house.acquire(id, next).await else {
        panic!("it was cancelled")
    };
    let mut tx = house.write().await;
    assert_eq!(delivery::cancel_some(&mut tx, id, 2).await.unwrap(), 2);
    assert_eq!(delivery::cancel_some(&mut tx, id, 2).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert!(house.finish(&cancelled).await);
    let after = progress(&house, id).await;
    assert_eq!(
        (
            after.of(DeliveryStatus::Sent),
            after.of(DeliveryStatus::Cancelled)
        ),
        (1, 3)
    );
    let mut tx = house.write().await;
    let again = campaign::resume(&mut tx, cancelled.campaign.unwrap()).await;
    assert!(matches!(again, Err(StoreError::Conflict { .. })));
});

on_both!(a_campaign_waits_for_its_time, async |db| {
    let house = db.house("acme").await;
    let (list, _) = house.news().await;
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::from_hours(1)).await;
    let due = db.store.now().after(Duration::from_hours(1));
    let id = house.mailing_of(campaign).await;
    assert!(matches!(house.acquire(id, db.worker()).await, Turn::TooEarly(at) if at == due));
    db.clock.set(due);
    assert!(matches!(house.acquire(id, db.worker()).await, Turn::Yours(_)));
});

on_both!(
    two_workers_at_the_same_time_never_claim_the_same_row,
    async |db| {
        let (house, people, id) = due_campaign(db, 12).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let turns = (0..4).map(|_| house.turn(&mailing, worker, &[], 3));
        let mut claimed = Vec::new();
        for turn in futures::future::join_all(turns).await {
            claimed.extend(turn.unwrap().claims.iter().map(|claim| claim.permit.delivery()));
        }
        let count = claimed.len();
        claimed.sort();
        claimed.dedup();
        assert_eq!((claimed.len(), count), (people.len(), people.len()));
    }
);

on_both!(
    a_claim_of_which_nothing_came_is_taken_back_once_and_no_later_one_with_it,
    async |db| {
        let (house, _, id) = due_campaign(db, 1).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let first = house.turn(&mailing, worker, &[], 1).await.unwrap().claims;
        let stale = all_ended(&first, Outcome::Stale, db);
        db.clock.forward(Duration::from_secs(1));
        let second = house.turn(&mailing, worker, &stale, 1).await.unwrap().claims;
        assert_eq!((second.len(), second[0].attempt), (1, 1), "no attempt was made");
        db.clock.forward(Duration::from_secs(1));
        let third = house.turn(&mailing, worker, &stale, 1).await.unwrap().claims;
        assert!(third.is_empty(), "the second claim is under way");
        let sent = all_ended(&second, Outcome::Sent, db);
        house.turn(&mailing, worker, &sent, 1).await.unwrap();
        assert_eq!(progress(&house, id).await.of(DeliveryStatus::Sent), 1);
    }
);

on_both!(
    a_claim_is_taken_back_once_though_the_turn_that_takes_it_back_began_before_it,
    async |db| {
        // SQLite's writers take turns, so none begins before another's claim and ends after it.
        if db.store.is_sqlite() {
            return;
        }
        let (house, _, id) = due_campaign(db, 1).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let (terms, mut place) = (terms(worker), Place::default());
        let begun = Begun::begin(&db.store, house.ctx, &mailing, &terms)
            .await
            .unwrap();
        db.clock.forward(Duration::from_millis(2));
        let first = house.turn(&mailing, worker, &[], 1).await.unwrap().claims;
        let stale = all_ended(&first, Outcome::Stale, db);
        begun.end(&stale, 0, &mut place).await.unwrap();
        let second = house.turn(&mailing, worker, &[], 1).await.unwrap().claims;
        assert_eq!(second.len(), 1, "it was taken back");
        let third = house.turn(&mailing, worker, &stale, 1).await.unwrap().claims;
        assert!(third.is_empty(), "the second claim is under way");
    }
);
