//! Limits of mail to one receiving domain.

use super::*;

/// A campaign to as many people at each domain, the first domain's before the others'.
async fn campaign_to<'a>(
    db: &'a assent_tests::TestStore,
    people: &[(&str, usize)],
) -> (House<'a>, MailingId) {
    let house = db.house("acme").await;
    let (list, form) = house.news().await;
    for (domain, count) in people {
        for number in 0..*count {
            let email = format!("person{number}@{domain}");
            house.member_of(&form, &email, &["news"]).await;
        }
    }
    let campaign = house.campaign("news", &[list]).await;
    house.schedule(campaign, Duration::ZERO).await;
    let mailing = house.mailing_of(campaign).await;
    (house, mailing)
}

on_both!(
    whose_domain_has_no_tokens_is_passed_by_and_let_go_when_it_has,
    async |db| {
        let (house, id) = campaign_to(db, &[("big.example", 12), ("small.example", 5)]).await;
        limit(&house, Some("Big.Example"), per_second(2)).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert_eq!((turn.claims.len(), turn.set_aside, turn.refused), (7, 10, 0));
        assert_eq!(db.count("delivery", "held_for = 'big.example'").await, 10);
        let changed = "SELECT MAX(changed_at) FROM delivery WHERE held_for IS NOT NULL";
        let before: i64 = db.value(changed).await;
        let idle = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert!(idle.found_nothing(), "nobody looks at them in between");

        let waits = next(&house, &mailing).await.unwrap();
        assert_eq!(waits, db.store.now().after(SECOND / 2));
        db.clock.set(waits);
        let turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert_eq!((turn.claims.len(), turn.set_aside), (1, 0));
        db.clock.forward(SECOND);
        let turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert_eq!((turn.claims.len(), turn.set_aside), (2, 0));
        assert_eq!(db.value::<i64>(changed).await, before, "they are as they were");
        let after = progress(&house, id).await;
        assert_eq!((after.of(DeliveryStatus::Queued), after.refused), (7, Vec::new()));
    }
);

on_both!(a_limit_that_is_lifted_lets_go_what_it_held, async |db| {
    let (house, id) = campaign_to(db, &[("big.example", 6)]).await;
    limit(&house, Some("big.example"), per_second(1)).await;
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 1);
    assert_eq!(db.count("delivery", "held_for IS NOT NULL").await, 5);
    limit(&house, Some("big.example"), Limits::default()).await;
    assert_eq!(db.count("sending_limit", "1 = 1").await, 1, "it holds five yet");
    let shown = sending_limit::all(&house.read().await).await.unwrap();
    assert_eq!(shown.len(), 1, "and limits nothing: {shown:?}");
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 5);
    assert_eq!(db.count("delivery", "held_for IS NOT NULL").await, 0);
    chore::of_tenant(&db.store, house.ctx).await.unwrap();
    assert_eq!(db.count("sending_limit", "1 = 1").await, 0);
    assert_eq!(db.count("tenant", "is_limited <> 0").await, 0);
    assert_eq!(db.count("campaign", "status = 'FINISHED'").await, 1);
});

on_both!(
    who_is_held_for_a_domain_is_decided_anew_and_cancelled_with_the_rest,
    async |db| {
        let (house, id) = campaign_to(db, &[("big.example", 4)]).await;
        limit(&house, Some("big.example"), per_second(1)).await;
        assert_eq!(house.send(id, Outcome::Sent).await.len(), 1);
        for person in db.column::<uuid::Uuid>("SELECT id FROM subscriber").await {
            house.opt_out_of_all(stored(person)).await;
        }
        db.clock.forward(SECOND);
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert_eq!((turn.claims.len(), turn.refused), (0, 1));
        let again = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert_eq!(again.refused, 1, "who was refused has used up nothing");
        let mut tx = house.write().await;
        assert_eq!(delivery::cancel_some(&mut tx, id, 10).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(db.count("delivery", "held_for IS NOT NULL").await, 0);
    }
);
