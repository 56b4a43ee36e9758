//! Deliveries: what becomes of a row, and when one that was put off is tried again.

use std::time::Duration;

use assent_domain::campaign::CampaignStatus;
use assent_domain::delivery::{DeliveryStatus, RetryFor};
use assent_domain::permit::Refusal;
use assent_entity::mailing::{self, Turn};
use assent_entity::outcome::Outcome;
use assent_entity::{campaign, delivery};
use assent_tests::on_both;
use assent_tests::sending::ended;

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
