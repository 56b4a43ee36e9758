//! How tenants share the workers.

use std::collections::BTreeMap;

use assent_domain::id::TenantId;
use assent_domain::job::Job;
use assent_entity::outbox::Lane;
use assent_tests::TestStore;

use super::*;

/// Queues as many jobs of a tenant.
async fn queue(house: &House<'_>, jobs: usize) {
    let mut tx = house.write().await;
    let (tenant, now) = (tx.tenant(), tx.now());
    for _ in 0..jobs {
        let mailing = assent_domain::id::new_id(now);
        tx.enqueue(&Job::SendMailing { tenant, mailing }, now)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

/// How many jobs of each tenant are taken for as many places.
async fn taken(db: &TestStore, places: u32) -> BTreeMap<TenantId, usize> {
    let mut taken = BTreeMap::new();
    for due in outbox::take_due(&db.store, Lane::Ordinary, places).await.unwrap() {
        let job = outbox::open(&db.store, due.id).await.unwrap().unwrap();
        *taken.entry(job.ctx.tenant()).or_insert(0) += 1;
    }
    taken
}

on_both!(a_tenant_with_much_to_do_does_not_take_all_places, async |db| {
    let (many, few) = (db.bare_house("many").await, db.bare_house("few").await);
    queue(&many, 40).await;
    db.clock.forward(SECOND);
    queue(&few, 3).await;
    let (many, few) = (many.ctx.tenant(), few.ctx.tenant());
    assert_eq!(taken(db, 8).await, BTreeMap::from([(many, 5), (few, 3)]));
    // Places that nobody else wants are not left empty.
    assert_eq!(taken(db, 8).await, BTreeMap::from([(many, 8)]));
});

on_both!(
    places_are_shared_by_weight_and_those_that_are_taken_count,
    async |db| {
        let (heavy, light) = (db.bare_house("heavy").await, db.bare_house("light").await);
        let mut tx = heavy.write().await;
        sending_limit::set_weight(&mut tx, 3).await.unwrap();
        assert!(sending_limit::set_weight(&mut tx, 0).await.is_err());
        tx.commit().await.unwrap();
        queue(&heavy, 4).await;
        let places = taken(db, 8).await;
        assert_eq!(places, BTreeMap::from([(heavy.ctx.tenant(), 4)]));
        queue(&heavy, 40).await;
        queue(&light, 40).await;
        let (heavy, light) = (heavy.ctx.tenant(), light.ctx.tenant());
        assert_eq!(
            taken(db, 4).await,
            BTreeMap::from([(heavy, 2), (light, 2)]),
            "six places of eight, with the four it has"
        );
        assert_eq!(taken(db, 8).await, BTreeMap::from([(heavy, 6), (light, 2)]));
    }
);

on_both!(what_is_out_is_known_until_it_is_done, async |db| {
    let house = db.bare_house("acme").await;
    queue(&house, 3).await;
    let due = outbox::take_due(&db.store, Lane::Ordinary, 10).await.unwrap();
    let ids: Vec<_> = due.iter().map(|due| due.id).collect();
    assert_eq!(outbox::still_out(&db.store, &ids).await.unwrap().len(), 3);
    let mut tx = house.write().await;
    let later = tx.now().after(SECOND);
    outbox::put_off(&mut tx, ids[0], later).await.unwrap();
    outbox::close(&mut tx, ids[1]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(outbox::still_out(&db.store, &ids).await.unwrap(), [ids[2]]);
    db.clock.forward(outbox::PUSH_AGAIN_AFTER);
    assert!(outbox::still_out(&db.store, &ids).await.unwrap().is_empty());
});
