//! Deliveries: what becomes of a row, and when one that was put off is tried again.

use std::time::Duration;

use assent_domain::campaign::CampaignStatus;
use assent_domain::delivery::{DeliveryStatus, RetryFor};
use assent_domain::permit::Refusal;
use assent_entity::mailing::{self, Turn};
use assent_entity::outcome::Outcome;
use assent_entity::{StoreError, campaign, delivery};
use assent_tests::on_both;
use assent_tests::sending::{ON_ITS_WAY, ended};

use crate::furnished::{due_campaign, progress};

on_both!(
    what_a_server_puts_off_is_tried_by_our_schedule_and_given_up_in_the_end,
    async |db| {
        let (house, _, id) = due_campaign(db, 1).await;
        let mut waits = Vec::new();
        for attempt in 1.. {
            let claims = house.send(id, Outcome::TryLater).await;
            assert_eq!((claims.len(), claims[0].attempt), (1, attempt));
            let mut tx = house.write().await;
            let mailing = mailing::by_id(&tx, id).await.unwrap();
            let Some(next) = delivery::next_due_at(&tx, &mailing, None).await.unwrap() else {
                break;
            };
            let wait = next.since(tx.now());
            waits.push(wait);
            assert!(!mailing::finish(&mut tx, &mailing).await.unwrap());
            tx.commit().await.unwrap();
            db.clock.set(next.before(Duration::from_micros(1)));
            assert!(
                house.send(id, Outcome::TryLater).await.is_empty(),
                "not a moment early"
            );
            db.clock.set(next);
        }
        let schedule: Vec<_> = (1..)
            .map_while(|attempt| RetryFor::default().after(attempt))
            .collect();
        assert_eq!(waits, schedule);
        assert_eq!(progress(&house, id).await.of(DeliveryStatus::Bounced), 1);
        assert!(matches!(house.acquire(id, db.worker()).await, Turn::Finished));
    }
);

on_both!(
    each_outcome_has_its_state_and_an_attempt_that_says_so,
    async |db| {
        let (house, _, id) = due_campaign(db, 4).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let claims = house.turn(&mailing, worker, &[], 20).await.unwrap().claims;
        let outcomes = [
            Outcome::Sent,
            Outcome::Rejected,
            Outcome::Unknown,
            Outcome::Unfit(Refusal::NotRendered),
        ];
        let now = db.store.now();
        let all: Vec<_> = claims
            .iter()
            .zip(outcomes)
            .map(|(claim, outcome)| ended(claim, outcome, now))
            .collect();
        house.turn(&mailing, worker, &all, 20).await.unwrap();
        let after = progress(&house, id).await;
        for status in [
            DeliveryStatus::Sent,
            DeliveryStatus::Bounced,
            DeliveryStatus::Unknown,
            DeliveryStatus::Refused,
        ] {
            assert_eq!(after.of(status), 1, "{status}");
        }
        assert_eq!(after.refused, [(Refusal::NotRendered, 1)]);
        let mut written: Vec<String> = db
            .column("SELECT outcome FROM attempt WHERE reply_code = 250")
            .await;
        written.sort();
        assert_eq!(written, ["REFUSED", "REJECTED", "SENT", "UNKNOWN"]);
        assert!(house.finish(&mailing).await);
        let tx = house.read().await;
        let status = campaign::by_id(&tx, mailing.campaign.unwrap())
            .await
            .unwrap()
            .status;
        assert_eq!(status, CampaignStatus::Finished);
    }
);

on_both!(a_mailing_has_one_row_a_recipient_whatever_sql_tries, async |db| {
    let (house, _, id) = due_campaign(db, 1).await;
    house.begin(id, db.worker()).await;
    let twice = format!(
        "INSERT INTO delivery (tenant_id, id, mailing_id, recipient_kind, recipient_id, status, refusal, attempts,
           changed_at)
         SELECT tenant_id, {}, mailing_id, recipient_kind, recipient_id, status, refusal, attempts, changed_at FROM delivery WHERE mailing_id = {}",
        db.uuid(uuid::Uuid::from_u128(7)),
        db.id(id)
    );
    let refused = db.exec(&twice).await.unwrap_err().to_string().to_lowercase();
    assert!(refused.contains("unique"), "{refused}");
    let silent = format!(
        "UPDATE delivery SET status = 'REFUSED' WHERE mailing_id = {}",
        db.id(id)
    );
    assert!(db.exec(&silent).await.is_err(), "refused, and no reason");
});

on_both!(
    what_waits_is_in_the_queue_and_what_is_on_its_way_or_over_is_not,
    async |db| {
        let (house, _, id) = due_campaign(db, 3).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let of_it = format!("mailing_id = {}", db.id(id));
        assert_eq!(db.count("delivery_queue", &of_it).await, 3);
        let claims = house.turn(&mailing, worker, &[], 2).await.unwrap().claims;
        assert_eq!(
            (
                claims.len(),
                db.count("delivery", &format!("{of_it} AND {ON_ITS_WAY}")).await
            ),
            (2, 2)
        );
        let tx = house.read().await;
        let shown = delivery::by_id(&tx, claims[0].permit.delivery()).await.unwrap();
        assert_eq!(shown.status, DeliveryStatus::Claimed);
        drop(tx);
        assert_eq!(progress(&house, id).await.of(DeliveryStatus::Claimed), 2);

        let at = db.store.now();
        let results = [
            ended(&claims[0], Outcome::Sent, at),
            ended(&claims[1], Outcome::Stale, at),
        ];
        house.turn(&mailing, worker, &results, 0).await.unwrap();
        assert_eq!(
            db.count("delivery_queue", &of_it).await,
            2,
            "what was not tried waits again"
        );
        let put_back = format!(
            "INSERT INTO delivery_queue (tenant_id, delivery_id, mailing_id, due_at)
             SELECT tenant_id, id, mailing_id, 0 FROM delivery WHERE status = 'SENT' AND mailing_id = {}",
            db.id(id)
        );
        db.exec(&put_back).await.unwrap();
        let over = house.turn(&mailing, worker, &[], 1).await.unwrap();
        assert_eq!(
            (over.claims.len(), over.over, over.found_nothing()),
            (0, 1, false),
            "what is over goes to nobody, whatever the queue says"
        );
        let again = house.turn(&mailing, worker, &[], 20).await.unwrap().claims;
        assert_eq!(again.len(), 2);
        assert!(again.iter().all(|claim| claim.attempt == 1));
    }
);

on_both!(a_crash_is_settled_once_and_a_late_word_is_heard, async |db| {
    let (house, _, id) = due_campaign(db, 2).await;
    let gone = db.worker();
    let mailing = house.begin(id, gone).await;
    let claims = house.turn(&mailing, gone, &[], 2).await.unwrap().claims;
    db.clock.forward(mailing::LEASE + Duration::from_secs(1));
    let owner = db.worker();
    let taken_over = house.begin(id, owner).await;
    assert_eq!(progress(&house, id).await.of(DeliveryStatus::Unknown), 2);
    let began = format!(
        "outcome = 'UNKNOWN' AND started_at <= {}",
        claims[0].started_at.micros()
    );
    assert_eq!(
        db.count("attempt", &began).await,
        2,
        "they began before the worker was gone"
    );
    let late = [ended(&claims[0], Outcome::Sent, db.store.now())];
    let lost = house.turn(&mailing, gone, &late, 0).await;
    assert!(matches!(lost, Err(StoreError::LeaseLost)), "{lost:?}");
    house.turn(&taken_over, owner, &late, 20).await.unwrap();
    let after = progress(&house, id).await;
    assert_eq!(
        (after.of(DeliveryStatus::Sent), after.of(DeliveryStatus::Unknown)),
        (1, 1)
    );
    assert_eq!(db.count("attempt", "1 = 1").await, 2, "the attempt is put right");
});
