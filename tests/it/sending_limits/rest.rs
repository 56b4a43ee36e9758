//! When campaigns rest: quiet hours, and the days of a domain that is being warmed up.

use assent_domain::quiet_hours::QuietHours;
use assent_domain::time_zone::TimeZone;
use assent_domain::warm_up::Schedule;
use assent_entity::sending_domain::warm_up;
use assent_entity::sending_limit::Rest;

use super::*;

async fn quiet(house: &House<'_>, zone: &str, from: &str, until: &str) {
    let rest = Rest {
        time_zone: TimeZone::parse(zone).unwrap(),
        quiet_hours: Some(QuietHours::parse(from, until).unwrap()),
    };
    let mut tx = house.write().await;
    sending_limit::set_rest(&mut tx, rest).await.unwrap();
    tx.commit().await.unwrap();
}

on_both!(
    a_campaign_rests_in_quiet_hours_and_goes_on_at_their_end,
    async |db| {
        let (house, _, id) = due_campaign(db, 3).await;
        // It is nine in UTC, and ten in Berlin.
        quiet(&house, "Europe/Berlin", "09:30", "11:00").await;
        let worker = db.worker();
        let mailing = house.begin(id, worker).await;
        assert!(
            house
                .turn(&mailing, worker, &[], 20)
                .await
                .unwrap()
                .found_nothing()
        );
        let end = db.store.now().after(Duration::from_hours(1));
        assert_eq!(next(&house, &mailing).await, Some(end));
        let form = house
            .form(
                "later",
                &[house.list("Later", OptIn::Double, &["news"]).await],
                &["news"],
            )
            .await;
        db.clock.forward(SECOND);
        house.join(&form, "ann@example.org", &["news"]).await;
        let newest =
            "SELECT id FROM mailing WHERE kind = 'CONFIRMATION' ORDER BY created_at DESC, id DESC LIMIT 1";
        let newest: uuid::Uuid = db.value(newest).await;
        assert_eq!(
            house.send(stored(newest), Outcome::Sent).await.len(),
            1,
            "whoever signs up is asked at once"
        );
        db.clock.set(end);
        assert_eq!(
            house.turn(&mailing, worker, &[], 20).await.unwrap().claims.len(),
            3
        );
        assert_eq!(progress(&house, id).await.refused, []);
    }
);

on_both!(p08_policy_notices_do_not_rest, async |db| {
    let house = db.bare_house("acme").await;
    quiet(&house, "Etc/UTC", "08:00", "10:00").await;
    limit(
        &house,
        None,
        Limits {
            per_second: Some(1),
            per_day: Some(1),
            ..Limits::default()
        },
    )
    .await;
    let version = house
        .first_policy(&[("news", assent_domain::purpose::PurposeKind::Marketing)])
        .await;
    db.exec("UPDATE sending_limit SET sent = 1, day = 1000000")
        .await
        .unwrap();
    let notices = house.notices(version).await;
    assert_eq!(
        house.send(notices, Outcome::Sent).await.len(),
        1,
        "neither for quiet hours nor for the limit of a day"
    );
});

on_both!(a_new_domain_is_warmed_up_day_by_day, async |db| {
    let (house, _, id) = due_campaign(db, 12).await;
    let domain = house.sending_domain("acme.example").await;
    let elsewhere = house.sending_domain("elsewhere.example").await;
    let mut tx = house.write().await;
    for (domain, days) in [(domain, vec![3, 7]), (elsewhere, vec![1])] {
        let schedule = Schedule::new(days).unwrap();
        warm_up::set(&mut tx, domain, Some(schedule)).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 3);
    let worker = db.worker();
    let mailing = house.begin(id, worker).await;
    let midnight = db.store.now().after(Duration::from_hours(15));
    assert_eq!(next(&house, &mailing).await, Some(midnight));
    let warming = house.sender(domain).await.warming.unwrap();
    assert_eq!(warming.progress.left(&warming.moment), Some(0));

    db.clock.set(midnight);
    assert_eq!(house.send(id, Outcome::Sent).await.len(), 7);
    db.clock.forward(Duration::from_hours(24));
    assert_eq!(
        house.send(id, Outcome::Sent).await.len(),
        2,
        "the schedule is over"
    );
    let warming = house.sender(domain).await.warming.unwrap();
    assert_eq!(warming.progress.today(&warming.moment), None);
    let mut tx = house.write().await;
    warm_up::set(&mut tx, domain, None).await.unwrap();
    assent_entity::sending_domain::remove(&mut tx, elsewhere)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.count("warm_up", "1 = 1").await, 0);
    assert_eq!(db.count("tenant", "is_limited <> 0").await, 0);
});
