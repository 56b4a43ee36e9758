//! What an import does no harm to: what people said, a tenant that is closed, and another import.

use std::time::Duration;

use assent_domain::id::CampaignId;
use assent_domain::import::ImportStatus;
use assent_domain::mailing_list::OptIn;
use assent_domain::tenant_life::GraceDays;
use assent_entity::import::{self, NewImport};
use assent_entity::{StoreError, expiry, preferences, tenant_life};
use assent_tests::house::House;
use assent_tests::on_both;

use super::{counts, problems, stage};

on_both!(p18_what_is_left_out_says_nothing_for_anybody, async |db| {
    let (house, new) = stage(db).await;
    let both = house.list("Both", OptIn::Double, &["news", "offers"]).await;
    let form = house.form("both", &[new.list, both], &["news", "offers"]).await;
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    let mailing = house.mailing_of(scheduled(&house, &new).await).await;
    let mut tx = house.write().await;
    preferences::unsubscribe(&mut tx, ann, mailing).await.unwrap();
    tx.commit().await.unwrap();
    let records = house.consent_records().await;
    let mut said = new.evidence.clone().unwrap();
    said.purposes = vec!["news".to_owned(), "offers".to_owned()];
    let wider = NewImport {
        evidence: Some(said),
        ..new
    };
    let import = house.take_in(&wider, "ann@example.org\n").await;
    assert_eq!(problems(&house, import.id).await, [(1, "SAID_NO".to_owned())]);
    assert_eq!(
        house.consent_records().await,
        records,
        "a row that is left out is no record"
    );
});

async fn scheduled(house: &House<'_>, new: &NewImport) -> CampaignId {
    let campaign = house.campaign("news", &[new.list]).await;
    house.schedule(campaign, Duration::from_hours(24)).await;
    campaign
}

on_both!(p17_a_closed_tenant_takes_nobody_in, async |db| {
    let (house, new) = stage(db).await;
    let id = house
        .bring(&new, "ann@example.org\nbob@example.org\n")
        .await
        .unwrap();
    let mut tx = house.write().await;
    tenant_life::close(&mut tx, "House acme", "we are done", GraceDays::default())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    assert!(!house.take_some_in(id, 1).await);
    assert_eq!(db.count("subscriber", "1 = 1").await, 0);
    assert_eq!(db.count("import_text", "1 = 1").await, 0);
    let import = import::by_id(&house.read().await, id).await.unwrap();
    assert_eq!(import.status, ImportStatus::Cancelled);
});

on_both!(a_yes_that_has_run_out_is_asked_for_anew, async |db| {
    let (house, new) = stage(db).await;
    let mut tx = house.write().await;
    expiry::set(&mut tx, "news", Some(60)).await.unwrap();
    tx.commit().await.unwrap();
    db.clock.forward(Duration::from_hours(24 * 365));
    let mut said = new.evidence.clone().unwrap();
    said.collected_at = db.store.now().before(Duration::from_hours(24 * 90));
    let old = NewImport {
        evidence: Some(said),
        ..new
    };
    let import = house.take_in(&old, "ann@example.org\n").await;
    assert_eq!(counts(&import), [1, 0, 1, 0]);
});

on_both!(line_ends_of_any_sort_are_lines, async |db| {
    let (house, new) = stage(db).await;
    let import = house
        .take_in(&new, "email\rann@example.org\rnobody\rno one\r")
        .await;
    assert_eq!(counts(&import), [3, 1, 0, 2]);
    let lines: Vec<_> = problems(&house, import.id)
        .await
        .into_iter()
        .map(|(line, _)| line)
        .collect();
    assert_eq!(lines, [3, 4]);
});

on_both!(
    the_same_key_gives_the_same_import_to_whoever_is_first,
    async |db| {
        let (house, new) = stage(db).await;
        let keyed = NewImport {
            idempotency_key: Some("one".to_owned()),
            ..new
        };
        let (one, two) = futures::future::join(
            house.bring(&keyed, "ann@example.org\n"),
            house.bring(&keyed, "ann@example.org\n"),
        )
        .await;
        assert_eq!(one.unwrap(), two.unwrap());
        assert_eq!(db.count("people_import", "1 = 1").await, 1);
        let other = house.bring(&keyed, "bob@example.org\n").await;
        assert!(matches!(
            other,
            Err(StoreError::Conflict {
                field: "idempotencyKey",
                ..
            })
        ));
    }
);
