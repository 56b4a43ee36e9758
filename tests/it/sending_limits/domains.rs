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
        assert_eq!(db.count("delivery_queue", "held_for = 'big.example'").await, 10);
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
        let after = progress(&house, id).await;
        assert_eq!((after.of(DeliveryStatus::Queued), after.refused), (7, Vec::new()));
    }
);

on_both!(a_limit_that_is_lifted_lets_go_what_it_held, async |db| {
    let (house, id) = campaign_to(db, &[("big.example", 6)]).await;
    limit(&house, Some("big.example"), per_second(1)).await;
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 1);
    assert_eq!(db.count("delivery_queue", "held_for IS NOT NULL").await, 5);
    limit(&house, Some("big.example"), Limits::default()).await;
    assert_eq!(db.count("sending_limit", "1 = 1").await, 1, "it holds five yet");
    let shown = sending_limit::all(&house.read().await).await.unwrap();
    assert_eq!(shown.len(), 1, "and limits nothing: {shown:?}");
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 5);
    assert_eq!(db.count("delivery_queue", "held_for IS NOT NULL").await, 0);
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
        assert_eq!(db.count("delivery_queue", "held_for IS NOT NULL").await, 0);
    }
);

on_both!(
    what_was_claimed_and_not_tried_gives_its_domains_tokens_back,
    async |db| {
        let (house, id) = campaign_to(db, &[("big.example", 6)]).await;
        limit(&house, Some("big.example"), per_second(2)).await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        let turn = house.turn(&mailing, worker, &[], 20).await.unwrap();
        assert_eq!((turn.claims.len(), turn.set_aside), (2, 4));
        let stale: Vec<_> = turn
            .claims
            .iter()
            .map(|claim| ended(claim, Outcome::Stale, db.store.now()))
            .collect();
        let turn = house.turn(&mailing, worker, &stale, 20).await.unwrap();
        assert_eq!(turn.claims.len(), 2, "in the same moment");
    }
);

on_both!(
    what_somebody_waits_for_counts_against_its_domain_too,
    async |db| {
        let (house, id) = campaign_to(db, &[("big.example", 3)]).await;
        limit(&house, Some("big.example"), per_second(1)).await;
        let list = house.list("Later", OptIn::Double, &["news"]).await;
        let form = house.form("later", &[list], &["news"]).await;
        house.join(&form, "new@big.example", &["news"]).await;
        let sql = "SELECT id FROM mailing WHERE kind = 'CONFIRMATION' AND finished_at IS NULL
               ORDER BY created_at DESC LIMIT 1";
        let confirmation = db.column::<uuid::Uuid>(sql).await[0];
        assert_eq!(house.send(stored(confirmation), Outcome::Sent).await.len(), 1);
        assert_eq!(
            house.send(id, Outcome::Sent).await.len(),
            0,
            "the second's token is gone"
        );
        db.clock.forward(SECOND);
        assert_eq!(house.send(id, Outcome::Sent).await.len(), 1);
    }
);

on_both!(
    who_moves_to_another_domain_is_not_held_for_the_old_one,
    async |db| {
        let (house, id) = campaign_to(db, &[("big.example", 3)]).await;
        limit(&house, Some("big.example"), per_second(1)).await;
        assert_eq!(house.send(id, Outcome::Sent).await.len(), 1);
        let held = "SELECT d.recipient_id FROM delivery d JOIN delivery_queue q ON q.delivery_id = d.id
                    WHERE q.held_for IS NOT NULL ORDER BY d.id LIMIT 1";
        let person = stored(db.value::<uuid::Uuid>(held).await);
        house.change_address(person, "person@small.example").await;
        let sent = house.send(id, Outcome::Sent).await;
        assert_eq!(sent.len(), 1, "where nothing is limited it goes at once");
        assert_eq!(db.count("delivery_queue", "held_for = 'big.example'").await, 1);
    }
);
