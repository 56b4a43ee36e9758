//! What becomes of a message that does not arrive at once: why it is given up, and who gets another chance.

use std::time::Duration;

use assent_domain::bounce::BounceClass;
use assent_domain::campaign::{CampaignStatus, IfUnknown};
use assent_domain::circuit::Pass;
use assent_domain::delivery::{DeliveryStatus, Failure};
use assent_domain::id::{CampaignId, MailingId, PolicyVersionId};
use assent_domain::permit::{Recipient, Refusal};
use assent_domain::policy::{NOTICE_PERIOD, PolicyStatus};
use assent_entity::bounce::Said;
use assent_entity::campaign::{Schedule, sending};
use assent_entity::claim::Claim;
use assent_entity::mailing::{self, LEASE, Turn};
use assent_entity::outcome::{Ended, Outcome};
use assent_entity::policy::{self, upcoming};
use assent_entity::{StoreError, campaign, chore, circuit, delivery};
use assent_tests::house::NEWS_OFFERS_BILL;
use assent_tests::sending::{SERVER, ended};
use assent_tests::{House, TestStore, on_both};
use serde_json::json;

use crate::furnished::{due_campaign, progress};

const DAY: Duration = Duration::from_hours(24);

/// Lets time pass, and everything that is due end the same way, until nothing is due any more.
async fn wear_out(house: &House<'_>, id: MailingId, outcome: Outcome) -> usize {
    let mut attempts = 0;
    loop {
        attempts += house.send(id, outcome).await.len();
        let tx = house.write().await;
        let mailing = mailing::by_id(&tx, id).await.unwrap();
        let next = delivery::next_due_at(&tx, &mailing, None).await.unwrap();
        let pass = circuit::pass(&tx, SERVER).await.unwrap();
        drop(tx);
        let Some(next) = next else { return attempts };
        let until = match pass {
            Pass::Wait(until) => next.max(until),
            Pass::Free | Pass::Try => next,
        };
        house.db.clock.set(until.max(house.db.store.now()));
    }
}

async fn status(house: &House<'_>, version: PolicyVersionId) -> PolicyStatus {
    policy::by_id(&house.read().await, version).await.unwrap().status
}

async fn retry_notices(house: &House<'_>, version: PolicyVersionId) -> u64 {
    let mut tx = house.write().await;
    let retried = upcoming::retry_notices(&mut tx, version).await.unwrap();
    tx.commit().await.unwrap();
    retried
}

on_both!(
    p08_who_was_not_told_because_the_sender_is_refused_keeps_a_version_from_taking_effect,
    async |db| {
        let (house, people, _) = due_campaign(db, 1).await;
        let version = house.draft(NEWS_OFFERS_BILL).await;
        let date = db.store.now().after(NOTICE_PERIOD);
        house.post(version, date).await.unwrap();
        let id = house.notices(version).await;
        let attempts = wear_out(&house, id, Outcome::Blocked).await;
        assert!(attempts > 2 * 8, "both were tried again and again: {attempts}");
        let told = progress(&house, id).await;
        assert_eq!(told.failed, [(Failure::Blocked, 2)]);
        db.clock.set(date.max(db.store.now()).after(DAY));
        assert_eq!(
            status(&house, version).await,
            PolicyStatus::Posted,
            "they were not told"
        );

        let site = db.site();
        let owner = site.owner("acme").await;
        let seen = owner
            .data(
                "query($id: ID!) { policyVersion(id: $id) { status notices { total failed blocked } } }",
                json!({ "id": version.to_string() }),
            )
            .await;
        let notices = json!({ "total": 2, "failed": 2, "blocked": 2 });
        assert_eq!(seen["policyVersion"]["notices"], notices);
        site.close().await;

        house.opt_out_of_all(people[0]).await;
        assert_eq!(retry_notices(&house, version).await, 2);
        assert_eq!(
            retry_notices(&house, version).await,
            0,
            "asked twice, nothing more"
        );
        assert_eq!(house.send(id, Outcome::Sent).await.len(), 1, "and decided anew");
        assert_eq!(status(&house, version).await, PolicyStatus::InForce);
    }
);

on_both!(
    p08_who_is_not_to_be_told_any_more_keeps_no_version_waiting_though_the_sender_was_refused,
    async |db| {
        let (house, people, _) = due_campaign(db, 2).await;
        let version = house.draft(NEWS_OFFERS_BILL).await;
        let date = db.store.now().after(NOTICE_PERIOD);
        house.post(version, date).await.unwrap();
        let id = house.notices(version).await;
        wear_out(&house, id, Outcome::Blocked).await;
        db.exec("UPDATE delivery SET failure = NULL, status = 'SENT' WHERE recipient_kind = 'MEMBER'")
            .await
            .unwrap();
        db.clock.set(date.max(db.store.now()).after(DAY));
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        assert_eq!(
            status(&house, version).await,
            PolicyStatus::Posted,
            "two are not told"
        );
        house.opt_out_of_all(people[0]).await;
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        assert_eq!(
            status(&house, version).await,
            PolicyStatus::Posted,
            "one is not told"
        );
        house.erase(people[1]).await;
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        assert_eq!(status(&house, version).await, PolicyStatus::InForce);
    }
);

on_both!(
    p08_a_member_with_the_right_may_let_such_a_version_take_effect_on_the_record,
    async |db| {
        let (house, ..) = due_campaign(db, 1).await;
        let version = house.draft(NEWS_OFFERS_BILL).await;
        let date = db.store.now().after(NOTICE_PERIOD);
        house.post(version, date).await.unwrap();
        wear_out(&house, house.notices(version).await, Outcome::Blocked).await;
        db.clock.set(date.max(db.store.now()).after(DAY));
        assert_eq!(status(&house, version).await, PolicyStatus::Posted);
        let mut tx = house.write().await;
        upcoming::override_notices(&mut tx, version, "our provider is on a blacklist")
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert_eq!(status(&house, version).await, PolicyStatus::InForce);
        assert_eq!(retry_notices(&house, version).await, 2, "they may still be told");
    }
);

on_both!(
    p08_who_cannot_be_reached_for_reasons_of_their_own_keeps_no_version_waiting,
    async |db| {
        for (number, outcome) in [Outcome::Rejected, Outcome::TryLater].into_iter().enumerate() {
            let house = db.house(&format!("house{number}")).await;
            let (_, form) = house.news().await;
            house.member_of(&form, "ann@example.org", &["news"]).await;
            let version = house.draft(NEWS_OFFERS_BILL).await;
            let date = db.store.now().after(NOTICE_PERIOD);
            house.post(version, date).await.unwrap();
            wear_out(&house, house.notices(version).await, outcome).await;
            db.clock.set(date.max(db.store.now()).after(DAY));
            assert_eq!(
                status(&house, version).await,
                PolicyStatus::InForce,
                "{outcome:?}"
            );
        }
    }
);

fn soft() -> Said {
    Said {
        recipient: None,
        class: BounceClass::Soft,
        status: Some("5.2.2".to_owned()),
        reason: "mailbox_full".to_owned(),
        text: "mailbox full".to_owned(),
        told_at: None,
    }
}

/// One person each: sent, rejected, not now, blocked, put off, unknown.
async fn one_of_each_failure(db: &TestStore) -> (House<'_>, CampaignId, MailingId, Vec<Claim>) {
    let (house, _, id) = due_campaign(db, 6).await;
    let worker = db.worker();
    let mailing = house.begin(id, worker).await;
    let claims = house.turn(&mailing, worker, &[], 20).await.unwrap().claims;
    let now = db.store.now();
    let outcomes = [
        Outcome::Sent,
        Outcome::Rejected,
        Outcome::Rejected,
        Outcome::Blocked,
        Outcome::TryLater,
        Outcome::Unknown,
    ];
    let mut all: Vec<Ended> = claims
        .iter()
        .zip(outcomes)
        .map(|(claim, outcome)| ended(claim, outcome, now))
        .collect();
    all[2].said = Some(soft());
    // No attempt is left.
    all[3].tries = 100;
    all[4].tries = 100;
    house.turn(&mailing, worker, &all, 0).await.unwrap();
    assert!(house.finish(&mailing).await);
    (house, mailing.campaign.unwrap(), id, claims)
}

async fn retry(house: &House<'_>, id: CampaignId) -> Result<u64, StoreError> {
    let mut tx = house.write().await;
    let retried = sending::retry_failed(&mut tx, id).await?;
    tx.commit().await?;
    Ok(retried)
}

async fn campaign_status(house: &House<'_>, id: CampaignId) -> CampaignStatus {
    campaign::by_id(&house.read().await, id).await.unwrap().status
}

on_both!(
    those_who_failed_for_a_reason_that_may_pass_get_another_chance_and_are_decided_anew,
    async |db| {
        let (house, campaign, id, claims) = one_of_each_failure(db).await;
        let before = progress(&house, id).await;
        let reasons = [
            Failure::Blocked,
            Failure::NotNow,
            Failure::PutOff,
            Failure::Rejected,
        ];
        assert_eq!(before.failed, reasons.map(|reason| (reason, 1)));
        assert_eq!(campaign_status(&house, campaign).await, CampaignStatus::Finished);

        let Recipient::Subscriber(blocked) = claims[3].permit.addressee().recipient else {
            panic!("a campaign goes to subscribers")
        };
        house.opt_out_of_all(blocked).await;
        assert_eq!(retry(&house, campaign).await.unwrap(), 3);
        assert_eq!(campaign_status(&house, campaign).await, CampaignStatus::Scheduled);
        assert_eq!(
            retry(&house, campaign).await.unwrap(),
            0,
            "asked twice, nothing more"
        );

        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let again = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert_eq!((again.claims.len(), again.refused), (2, 1));
        assert!(
            again
                .claims
                .iter()
                .all(|claim| (claim.attempt, claim.tries) == (2, 1))
        );
        assert!(!house.finish(&mailing).await, "two are on their way");
        let now = db.store.now();
        let put_off: Vec<_> = again
            .claims
            .iter()
            .map(|claim| ended(claim, Outcome::TryLater, now))
            .collect();
        house.turn(&mailing, worker, &put_off, 0).await.unwrap();
        let waits = progress(&house, id).await;
        assert_eq!(
            waits.of(DeliveryStatus::Deferred),
            2,
            "with a time of their own for it"
        );
        assert!(!house.finish(&mailing).await, "a row is open");
        db.clock.forward(LEASE + Duration::from_mins(1));
        assert_eq!(house.send(id, Outcome::Sent).await.len(), 2);
        let after = progress(&house, id).await;
        assert_eq!(
            (after.of(DeliveryStatus::Sent), after.of(DeliveryStatus::Unknown)),
            (3, 1)
        );
        assert_eq!(after.failed, [(Failure::Rejected, 1)]);
        assert_eq!(after.refused, [(Refusal::OptedOutOfAll, 1)]);
        assert_eq!(campaign_status(&house, campaign).await, CampaignStatus::Finished);
    }
);

on_both!(
    the_unknown_are_sent_again_only_where_the_tenant_says_so_and_as_the_same_message,
    async |db| {
        let (house, campaign, id, claims) = one_of_each_failure(db).await;
        let site = db.site();
        let owner = site.owner("acme").await;
        let set =
            "mutation($input: SetIfUnknownInput!) { setIfUnknown(input: $input) { campaign { ifUnknown } } }";
        let again = "mutation($input: RetryFailedDeliveriesInput!) {
            retryFailedDeliveries(input: $input) { retried campaign { status progress { unknown failed { reason count } } } } }";
        let input = json!({ "input": { "id": campaign.to_string(), "ifUnknown": "SEND_AGAIN" } });
        let answer = owner.data(set, input).await;
        assert_eq!(answer["setIfUnknown"]["campaign"]["ifUnknown"], "SEND_AGAIN");
        let answer = owner
            .data(again, json!({ "input": { "id": campaign.to_string() } }))
            .await;
        let answer = &answer["retryFailedDeliveries"];
        assert_eq!(
            (&answer["retried"], &answer["campaign"]["status"]),
            (&json!(4), &json!("SCHEDULED"))
        );
        let progress = json!({ "unknown": 0, "failed": [{ "reason": "REJECTED", "count": 1 }] });
        assert_eq!(answer["campaign"]["progress"], progress);
        let sent = house.send(id, Outcome::Sent).await;
        let unknown = claims[5].permit.delivery();
        assert!(sent.iter().any(|claim| claim.permit.delivery() == unknown));
        site.close().await;
    }
);

on_both!(after_a_crash_a_campaign_does_what_its_tenant_chose, async |db| {
    for (slug, chosen, left) in [
        ("acme", IfUnknown::Leave, DeliveryStatus::Unknown),
        ("brook", IfUnknown::SendAgain, DeliveryStatus::Queued),
    ] {
        let house = db.house(slug).await;
        let (list, form) = house.news().await;
        house.member_of(&form, "ann@example.org", &["news"]).await;
        let campaign = house.campaign("news", &[list]).await;
        house.schedule(campaign, Duration::ZERO).await;
        let mut tx = house.write().await;
        sending::set_if_unknown(&mut tx, campaign, chosen).await.unwrap();
        tx.commit().await.unwrap();
        let (id, dead) = (house.mailing_of(campaign).await, db.worker());
        let mailing = house.begin(id, dead).await;
        let in_flight = house.turn(&mailing, dead, &[], 2).await.unwrap().claims;
        assert_eq!(in_flight.len(), 1);
        db.clock.forward(LEASE);
        house.begin(id, db.worker()).await;
        assert_eq!(progress(&house, id).await.of(left), 1, "{slug}");
    }
});

on_both!(
    nothing_goes_out_after_its_last_moment_and_nothing_stays_open,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        for number in 0..3 {
            house
                .member_of(&form, &format!("person{number}@example.org"), &["news"])
                .await;
        }
        let campaign = house.campaign("news", &[list]).await;
        let (at, hour) = (db.store.now(), Duration::from_hours(1));
        let last = at.after(hour);
        let mut tx = house.write().await;
        let schedule = |not_after| Schedule {
            at,
            not_after: Some(not_after),
        };
        let never = campaign::schedule(&mut tx, campaign, schedule(at)).await;
        assert!(
            matches!(
                never,
                Err(StoreError::Invalid {
                    field: "notAfter",
                    ..
                })
            ),
            "{never:?}"
        );
        drop(tx);
        let mut tx = house.write().await;
        campaign::schedule(&mut tx, campaign, schedule(last))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let (id, worker) = (house.mailing_of(campaign).await, db.worker());
        let mailing = house.begin(id, worker).await;
        db.clock.set(last);
        house.acquire(id, worker).await;
        let claims = house.turn(&mailing, worker, &[], 1).await.unwrap().claims;
        assert_eq!(claims.len(), 1, "its last moment is in time");
        let put_off = [ended(&claims[0], Outcome::TryLater, last)];
        db.clock.forward(Duration::from_micros(1));
        let turn = house.turn(&mailing, worker, &put_off, 1).await.unwrap();
        assert_eq!((turn.claims.len(), turn.refused), (0, 1), "the rule says no");
        let mut tx = house.write().await;
        assert_eq!(
            delivery::close_too_late(&mut tx, id, 10).await.unwrap(),
            2,
            "due or not"
        );
        tx.commit().await.unwrap();
        assert!(house.finish(&mailing).await);
        let after = progress(&house, id).await;
        assert_eq!(after.refused, [(Refusal::TooLate, 3)]);
        let again = retry(&house, campaign).await;
        assert!(
            matches!(again, Err(StoreError::Conflict { field: "id", .. })),
            "{again:?}"
        );
        assert!(matches!(house.acquire(id, db.worker()).await, Turn::Finished));
    }
);

const LOG: &str = "query($id: ID!) { campaign(id: $id) { deliveries(first: 10) { edges { node {
    status failure attempts attemptLog { number outcome server replyCode enhancedStatus reply startedAt endedAt } } } } } }";

on_both!(
    who_got_it_who_did_not_and_why_is_told_attempt_by_attempt,
    async |db| {
        let (_, campaign, ..) = one_of_each_failure(db).await;
        let site = db.site();
        let seen = site
            .owner("acme")
            .await
            .data(LOG, json!({ "id": campaign.to_string() }))
            .await;
        let rows = seen["campaign"]["deliveries"]["edges"].as_array().unwrap();
        let told = |row: usize| {
            let node = &rows[row]["node"];
            let log = &node["attemptLog"][0];
            assert_eq!(
                (&log["number"], &log["server"]),
                (&json!(1), &json!("mail.example:25"))
            );
            assert_eq!(
                (&log["replyCode"], &log["reply"]),
                (&json!(250), &json!("as the test wants it"))
            );
            let text = |value: &serde_json::Value| value.as_str().unwrap_or("-").to_owned();
            format!(
                "{} {} {}",
                text(&node["status"]),
                text(&node["failure"]),
                text(&log["outcome"])
            )
        };
        let mut all: Vec<_> = (0..rows.len()).map(told).collect();
        all.sort();
        assert_eq!(
            all,
            [
                "BOUNCED BLOCKED BLOCKED",
                "BOUNCED NOT_NOW REJECTED",
                "BOUNCED PUT_OFF DEFERRED",
                "BOUNCED REJECTED REJECTED",
                "SENT - SENT",
                "UNKNOWN - UNKNOWN",
            ]
        );
        site.close().await;
    }
);
