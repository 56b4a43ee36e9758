//! Jobs: there if and only if the change that calls for them is, and pushed until they are done.

use std::time::Duration;

use assent_domain::delivery::MailingKind;
use assent_domain::policy::NOTICE_PERIOD;
use assent_entity::mailing::{self, LEASE};
use assent_entity::opt_in;
use assent_entity::outbox::{self, Lane, PUSH_AGAIN_AFTER};
use assent_tests::people::request;
use assent_tests::{House, on_both};

on_both!(
    a_job_is_there_if_and_only_if_its_change_was_committed,
    async |db| {
        let house = db.house("acme").await;
        let (_, form) = house.news().await;
        let before = outbox::count_open(&db.store).await.unwrap();
        let mut tx = house.write().await;
        let ask = request("ann@example.org", &[("news", true)]);
        opt_in::join(&mut tx, form.clone(), &ask).await.unwrap();
        drop(tx);
        assert_eq!(outbox::count_open(&db.store).await.unwrap(), before);
        assert_eq!(db.count("subscriber", "1 = 1").await, 0);

        house.join(&form, "ann@example.org", &["news"]).await;
        assert_eq!(outbox::count_open(&db.store).await.unwrap(), before + 1);
    }
);

on_both!(a_commit_with_a_job_wakes_the_relay, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    house.join(&form, "ann@example.org", &["news"]).await;
    let woken = tokio::time::timeout(Duration::from_secs(10), db.store.jobs_waiting()).await;
    assert!(woken.is_ok());
});

on_both!(an_open_job_is_pushed_again_and_a_closed_one_is_not, async |db| {
    let house = db.bare_house("acme").await;
    house
        .first_policy(&[("news", assent_domain::purpose::PurposeKind::Marketing)])
        .await;
    let first = outbox::take_due(&db.store, Lane::Ordinary, 10).await.unwrap();
    assert_eq!(first.len(), 1);
    assert_eq!(first[0].push, 1);
    assert!(
        outbox::take_due(&db.store, Lane::Ordinary, 10)
            .await
            .unwrap()
            .is_empty(),
        "it is under way"
    );
    let again_at = db.store.now().after(PUSH_AGAIN_AFTER);
    db.clock.set(again_at.before(Duration::from_micros(1)));
    assert!(
        outbox::take_due(&db.store, Lane::Ordinary, 10)
            .await
            .unwrap()
            .is_empty()
    );
    db.clock.set(again_at);
    let again = outbox::take_due(&db.store, Lane::Ordinary, 10).await.unwrap();
    assert_eq!(
        (again[0].id, again[0].push),
        (first[0].id, 2),
        "the same job, another push"
    );
    assert!(PUSH_AGAIN_AFTER > LEASE);

    let open = outbox::open(&db.store, first[0].id)
        .await
        .unwrap()
        .expect("it is open");
    assert_eq!(open.ctx.tenant(), house.ctx.tenant());
    for _ in 0..2 {
        let mut tx = house.write().await;
        outbox::close(&mut tx, open.id).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert!(
        outbox::open(&db.store, open.id).await.unwrap().is_none(),
        "whoever is late finds it done"
    );
    db.clock.forward(PUSH_AGAIN_AFTER);
    assert!(
        outbox::take_due(&db.store, Lane::Ordinary, 10)
            .await
            .unwrap()
            .is_empty()
    );
});

on_both!(a_handler_that_does_not_commit_leaves_its_job_open, async |db| {
    let house = db.house("acme").await;
    let job = outbox::take_due(&db.store, Lane::Ordinary, 10).await.unwrap()[0].id;
    let mut tx = house.write().await;
    outbox::close(&mut tx, job).await.unwrap();
    drop(tx);
    assert!(outbox::open(&db.store, job).await.unwrap().is_some());
});

on_both!(
    a_job_that_is_put_off_or_fails_comes_back_at_its_time_or_stops,
    async |db| {
        let house = db.house("acme").await;
        let job = outbox::take_due(&db.store, Lane::Ordinary, 10).await.unwrap()[0].id;
        let later = db.store.now().after(Duration::from_hours(1));
        let mut tx = house.write().await;
        outbox::put_off(&mut tx, job, later).await.unwrap();
        tx.commit().await.unwrap();
        db.clock.set(later.before(Duration::from_micros(1)));
        assert!(
            outbox::take_due(&db.store, Lane::Ordinary, 10)
                .await
                .unwrap()
                .is_empty()
        );
        db.clock.set(later);
        assert_eq!(
            outbox::take_due(&db.store, Lane::Ordinary, 10)
                .await
                .unwrap()
                .len(),
            1
        );

        let retry = later.after(Duration::from_mins(5));
        outbox::record_failure(&db.store, job, "no luck", Some(retry))
            .await
            .unwrap();
        db.clock.set(retry);
        assert_eq!(
            outbox::take_due(&db.store, Lane::Ordinary, 10)
                .await
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            outbox::open(&db.store, job)
                .await
                .unwrap()
                .expect("open")
                .failures,
            1
        );
        outbox::record_failure(&db.store, job, "no hope", None)
            .await
            .unwrap();
        assert!(outbox::open(&db.store, job).await.unwrap().is_none());
        db.clock.forward(Duration::from_hours(24));
        assert!(
            outbox::take_due(&db.store, Lane::Ordinary, 10)
                .await
                .unwrap()
                .is_empty()
        );
        let kept: Vec<String> = db
            .column("SELECT last_error FROM outbox WHERE stopped_at IS NOT NULL")
            .await;
        assert_eq!(kept, ["no hope"], "for the operator");
    }
);

on_both!(two_relays_take_a_job_once, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    for number in 0..10 {
        house
            .join(&form, &format!("person{number}@example.org"), &["news"])
            .await;
    }
    let other = db.open_again().await;
    let (ours, theirs) = futures::join!(
        outbox::take_due(&db.store, Lane::Urgent, 100),
        outbox::take_due(&other, Lane::Urgent, 100)
    );
    let mut ids: Vec<_> = ours
        .unwrap()
        .into_iter()
        .chain(theirs.unwrap())
        .map(|job| job.id)
        .collect();
    let taken = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), taken), (10, 10), "the confirmations");
});

on_both!(
    p08_posting_queues_the_notices_in_the_same_transaction,
    async |db| {
        let house = db.house("acme").await;
        db.due_jobs().await;
        let second = house.draft(assent_tests::house::NEWS_OFFERS_BILL).await;
        let too_soon = db.store.now();
        assert!(house.post(second, too_soon).await.is_err());
        assert!(db.due_jobs().await.is_empty());
        house.post(second, too_soon.after(NOTICE_PERIOD)).await.unwrap();
        let jobs = db.due_jobs().await;
        assert_eq!(jobs.len(), 1);
        let tx = house.read().await;
        let mailing = mailing::by_id(&tx, House::mailing_in(&jobs[0].job))
            .await
            .unwrap();
        assert_eq!(
            (mailing.kind, mailing.policy_version),
            (MailingKind::PolicyNotice, Some(second))
        );
    }
);
