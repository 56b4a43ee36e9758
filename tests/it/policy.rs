//! A policy's versions: a week ahead, in words that stay, in force by the clock (P07), and told to everybody
//! (P08).

use std::time::Duration;

use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::PolicyVersionId;
use assent_domain::permit::Refusal;
use assent_domain::policy::{NOTICE_PERIOD, NoticePeriodTooShort, PolicyStatus};
use assent_domain::purpose::{PurposeKind, STANDING_PURPOSES};
use assent_domain::suppression::SuppressionReason;
use assent_entity::outcome::Outcome;
use assent_entity::{StoreError, policy};
use assent_tests::house::NEWS_OFFERS_BILL;
use assent_tests::{House, on_both};

const MICROSECOND: Duration = Duration::from_micros(1);
const SEVEN_DAYS: i64 = 7 * 24 * 60 * 60 * 1_000_000;

async fn status(house: &House<'_>, version: PolicyVersionId) -> PolicyStatus {
    let tx = house.read().await;
    policy::by_id(&tx, version).await.unwrap().status
}

on_both!(
    p07_a_version_is_posted_at_least_seven_days_before_it_takes_effect,
    async |db| {
        let house = db.house("acme").await;
        let second = house.draft(NEWS_OFFERS_BILL).await;
        let earliest = db.store.now().after(NOTICE_PERIOD);
        for early in [
            db.store.now(),
            earliest.before(Duration::from_secs(1)),
            earliest.before(MICROSECOND),
        ] {
            match house.post(second, early).await.unwrap_err() {
                StoreError::NoticePeriod(NoticePeriodTooShort { earliest: told }) => {
                    assert_eq!(told, earliest);
                }
                other => panic!("{other}"),
            }
            assert_eq!(
                status(&house, second).await,
                PolicyStatus::Draft,
                "nothing has changed"
            );
        }
        house.post(second, earliest).await.unwrap();
        assert_eq!(status(&house, second).await, PolicyStatus::Posted);
    }
);

on_both!(p07_sql_cannot_shorten_the_seven_days_either, async |db| {
    let house = db.house("acme").await;
    let second = db.id(house.draft(NEWS_OFFERS_BILL).await);
    let post = |wait: i64, binds_nobody: i32| {
        let posted = db.store.now().micros();
        format!(
            "UPDATE policy_version SET posted_at = {posted}, effective_at = {}, binds_nobody = {binds_nobody}
             WHERE id = {second}",
            posted + wait
        )
    };
    for wait in [SEVEN_DAYS - 1, SEVEN_DAYS - 1_000_000, 0, -1] {
        let refused = db.exec(&post(wait, 0)).await.unwrap_err().to_string();
        assert!(refused.contains("p07_notice_period"), "{wait}: {refused}");
    }
    let no_date = format!("UPDATE policy_version SET posted_at = 1 WHERE id = {second}");
    assert!(db.exec(&no_date).await.is_err());
    let refused = db.exec(&post(0, 1)).await.unwrap_err().to_string();
    assert!(refused.contains("only the first version"), "{refused}");
    let born_posted = format!(
        "INSERT INTO policy_version (tenant_id, id, number, body, summary, created_at, posted_at, effective_at)
         SELECT tenant_id, tenant_id, 9, body, summary, 0, 0, {SEVEN_DAYS} FROM policy_version WHERE number = 1"
    );
    let refused = db.exec(&born_posted).await.unwrap_err().to_string();
    assert!(refused.contains("drafted first"), "{refused}");
    assert_eq!(
        db.exec(&post(SEVEN_DAYS, 0)).await.unwrap(),
        1,
        "seven days exactly"
    );
});

on_both!(
    p07_the_very_first_version_may_take_effect_at_once_and_no_other,
    async |db| {
        let house = db.bare_house("acme").await;
        let first = house.draft(NEWS_OFFERS_BILL).await;
        house
            .post(first, db.store.now().before(NOTICE_PERIOD))
            .await
            .unwrap();
        assert_eq!(status(&house, first).await, PolicyStatus::InForce);
        let tx = house.read().await;
        let times = policy::by_id(&tx, first).await.unwrap().times;
        assert_eq!(
            times.effective_at,
            Some(db.store.now()),
            "a date that has passed means now"
        );
        drop(tx);
        let second = house.draft(NEWS_OFFERS_BILL).await;
        assert!(matches!(
            house.post(second, db.store.now()).await,
            Err(StoreError::NoticePeriod(_))
        ));
    }
);

on_both!(
    p07_what_is_in_force_follows_from_the_clock_and_the_notices,
    async |db| {
        let house = db.bare_house("acme").await;
        let first = house.first_policy(NEWS_OFFERS_BILL).await;
        let second = house.draft(NEWS_OFFERS_BILL).await;
        let effective = db.store.now().after(NOTICE_PERIOD);
        house.post(second, effective).await.unwrap();
        let stand = async || (status(&house, first).await, status(&house, second).await);

        db.clock.set(effective.after(NOTICE_PERIOD));
        let waits = (PolicyStatus::InForce, PolicyStatus::Posted);
        assert_eq!(
            stand().await,
            waits,
            "its date has passed, its notices are not out"
        );
        house.send_notices(second).await;
        let counts = (PolicyStatus::Superseded, PolicyStatus::InForce);
        assert_eq!(stand().await, counts, "at once, with no job having run");
        db.clock.set(effective.before(MICROSECOND));
        assert_eq!(stand().await, waits, "an instant early");
        db.clock.set(effective);
        assert_eq!(stand().await, waits, "the notices were settled later than that");
    }
);

on_both!(p07_the_hour_comes_at_the_microsecond, async |db| {
    let house = db.house("acme").await;
    let second = house.draft(NEWS_OFFERS_BILL).await;
    let effective = db.store.now().after(NOTICE_PERIOD);
    house.post(second, effective).await.unwrap();
    house.send_notices(second).await;
    db.clock.set(effective.before(MICROSECOND));
    assert_eq!(status(&house, second).await, PolicyStatus::Posted);
    db.clock.set(effective);
    assert_eq!(status(&house, second).await, PolicyStatus::InForce);
});

on_both!(p09_a_posted_version_keeps_its_words_against_sql, async |db| {
    let house = db.bare_house("acme").await;
    let first = house.first_policy(NEWS_OFFERS_BILL).await;
    house.draft(&[("other", PurposeKind::Marketing)]).await;
    let first = db.id(first);
    let other = "(SELECT id FROM purpose WHERE code = 'other')";
    for sql in [
        format!("UPDATE policy_version SET body = 'x' WHERE id = {first}"),
        format!("UPDATE policy_version SET summary = 'x' WHERE id = {first}"),
        format!("UPDATE policy_version SET number = 7 WHERE id = {first}"),
        format!("UPDATE policy_version SET posted_at = NULL WHERE id = {first}"),
        format!("UPDATE policy_version SET posted_at = posted_at - 1 WHERE id = {first}"),
        format!("UPDATE policy_version SET effective_at = effective_at - 1 WHERE id = {first}"),
        format!("UPDATE policy_version SET effective_at = NULL WHERE id = {first}"),
        format!("DELETE FROM policy_version WHERE id = {first}"),
        format!("UPDATE policy_purpose SET name = 'x' WHERE policy_version_id = {first}"),
        format!("DELETE FROM policy_purpose WHERE policy_version_id = {first}"),
        format!(
            "INSERT INTO policy_purpose SELECT tenant_id, id, {other}, 9, 'x', '' FROM policy_version
             WHERE id = {first}"
        ),
        format!("UPDATE policy_party SET what = 'x' WHERE policy_version_id = {first}"),
        format!("DELETE FROM policy_party WHERE policy_version_id = {first}"),
    ] {
        let refused = db.exec(&sql).await.expect_err(&sql).to_string();
        assert!(
            refused.contains("a posted policy version cannot be changed"),
            "{sql}: {refused}"
        );
    }
});

on_both!(
    a_version_is_posted_once_and_never_behind_a_later_one,
    async |db| {
        let house = db.house("acme").await;
        let (second, third) = (
            house.draft(NEWS_OFFERS_BILL).await,
            house.draft(NEWS_OFFERS_BILL).await,
        );
        let effective = db.store.now().after(NOTICE_PERIOD);
        house.post(third, effective).await.unwrap();
        for version in [second, third] {
            assert!(matches!(
                house.post(version, effective).await,
                Err(StoreError::Conflict { .. })
            ));
        }
    }
);

on_both!(
    a_version_names_the_standing_purposes_whatever_the_draft_says,
    async |db| {
        let house = db.bare_house("acme").await;
        let version = house.draft(&[("news", PurposeKind::Marketing)]).await;
        let tx = house.read().await;
        let named = policy::purposes_of(&tx, version).await.unwrap();
        let codes: Vec<_> = named.iter().map(|purpose| purpose.code.as_str()).collect();
        assert_eq!(codes[0], "news");
        assert!(
            STANDING_PURPOSES
                .iter()
                .all(|standing| codes.contains(&standing.code)),
            "{codes:?}"
        );
        assert_eq!(policy::parties_of(&tx, version).await.unwrap().len(), 1);
    }
);

on_both!(a_purpose_keeps_its_kind_for_good, async |db| {
    let house = db.house("acme").await;
    let mut tx = house.write().await;
    let new = policy::NewVersion {
        body: "x".to_owned(),
        summary: String::new(),
        purposes: vec![assent_domain::policy::PurposeDraft {
            code: assent_domain::purpose::PurposeCode::parse("news").unwrap(),
            name: "News".to_owned(),
            description: String::new(),
            kind: PurposeKind::Essential,
        }],
        parties: Vec::new(),
    };
    assert!(matches!(
        policy::draft(&mut tx, new).await,
        Err(StoreError::Invalid {
            field: "purposes",
            ..
        })
    ));
});

on_both!(
    p08_posting_tells_every_member_and_every_subscriber_once,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        let mut people = Vec::new();
        for name in ["given", "withdrawn", "no-mail", "complained", "bounced", "erased"] {
            people.push(
                house
                    .member_of(&form, &format!("{name}@example.org"), &["news"])
                    .await,
            );
        }
        let (_, pending) = house.join(&form, "pending@example.org", &["news"]).await;
        house.choose(people[1], &[], &[list]).await;
        house.opt_out_of_all(people[2]).await;
        house.suppress(people[3], SuppressionReason::Complained).await;
        house.suppress(people[4], SuppressionReason::HardBounced).await;
        house.suppress(people[5], SuppressionReason::Erased).await;

        let second = house.draft(NEWS_OFFERS_BILL).await;
        house
            .post(second, db.store.now().after(NOTICE_PERIOD))
            .await
            .unwrap();
        let notices = house.notices(second).await;
        let sent = house.send(notices, Outcome::Sent).await;
        let mut told: Vec<_> = sent
            .iter()
            .map(|claim| claim.permit.addressee().address.expose())
            .collect();
        told.sort();
        let expected = [
            "given@example.org",
            "owner@acme.example",
            "pending@example.org",
            "withdrawn@example.org",
        ];
        assert_eq!(told, expected, "{pending}");

        let tx = house.read().await;
        let progress = policy::notices(&tx, second).await.unwrap().expect("notices");
        assert_eq!((progress.of(DeliveryStatus::Sent), progress.total()), (4, 8));
        let mut refused = progress.refused;
        refused.sort();
        let reasons = [
            Refusal::OptedOutOfAll,
            Refusal::Complained,
            Refusal::Erased,
            Refusal::HardBounced,
        ];
        assert_eq!(refused, reasons.map(|reason| (reason, 1)));
    }
);
