//! What one import, and one tenant with many, can make this server keep.

use std::fmt::Write;
use std::time::Duration;

use assent_domain::import::RowProblem;
use assent_domain::retention::IMPORT_PROBLEMS;
use assent_entity::import::{self, MAX_KEPT, MAX_UNDER_WAY, NewImport};
use assent_entity::{StoreError, chore};
use assent_tests::on_both;
use assent_tests::visitor::Site;
use serde_json::json;

use super::{counts, stage};
use crate::exports::fetch;

const FILE: &str =
    "query($id: ID!) { import(id: $id) { rowsRefused refusals { reason rows } problemsFile { url } } }";

/// The rows of the file of what was left out, without its head.
async fn left_out(site: &Site, id: &str) -> Vec<String> {
    let shown = site.owner("acme").await.data(FILE, json!({ "id": id })).await;
    let url = shown["import"]["problemsFile"]["url"].as_str().unwrap();
    let text = fetch(site, url).await.text().await.unwrap();
    text.lines().skip(1).map(str::to_owned).collect()
}

on_both!(
    of_many_rows_that_are_left_out_the_first_are_kept_for_a_time_and_all_are_counted,
    async |db| {
        let (house, new) = stage(db).await;
        let bad = MAX_KEPT + 50;
        let mut csv = "email\nann@example.org\n".to_owned();
        for number in 0..bad {
            writeln!(csv, "nobody{number}").unwrap();
        }
        let id = house.bring(&new, &csv).await.unwrap();
        while house.take_some_in(id, 1000).await {}
        let import = import::by_id(&house.read().await, id).await.unwrap();
        assert_eq!(counts(&import), [bad + 1, 1, 0, bad]);
        assert_eq!(
            db.count("import_problem", "1 = 1").await,
            i64::try_from(MAX_KEPT).unwrap()
        );
        let first_lines = format!("line > {}", MAX_KEPT + 2);
        assert_eq!(
            db.count("import_problem", &first_lines).await,
            0,
            "the first of the table"
        );
        let reasons = async || import::reasons(&house.read().await, import.id).await.unwrap();
        let all = reasons().await;
        assert_eq!(all, [(RowProblem::EmailInvalid, bad)]);

        let site = db.site();
        let id = import.id.to_string();
        let rows = left_out(&site, &id).await;
        assert_eq!(rows.len() as u64, MAX_KEPT + 1);
        assert_eq!(rows.last().map(String::as_str), Some(",NOT_KEPT,50"));

        db.clock.forward(IMPORT_PROBLEMS);
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        assert_eq!(
            db.count("import_problem", "1 = 1").await,
            i64::try_from(MAX_KEPT).unwrap()
        );
        db.clock.forward(Duration::from_secs(1));
        chore::of_tenant(&db.store, house.ctx).await.unwrap();
        assert_eq!(db.count("import_problem", "1 = 1").await, 0);
        assert_eq!(reasons().await, all, "the numbers stay");
        assert_eq!(left_out(&site, &id).await, [format!(",NOT_KEPT,{bad}")]);
        site.close().await;
    }
);

on_both!(
    reasons_of_imports_that_began_before_they_were_counted_are_counted,
    async |db| {
        let (house, new) = stage(db).await;
        let import = house.take_in(&new, "email\nnobody\nnobody else\n").await;
        let reasons = async || import::reasons(&house.read().await, import.id).await.unwrap();
        let counted = reasons().await;
        assert_eq!(counted, [(RowProblem::EmailInvalid, 2)]);
        db.exec("UPDATE people_import SET reasons = NULL").await.unwrap();
        assert_eq!(reasons().await, counted);
    }
);

on_both!(a_tenant_has_so_many_imports_under_way_and_no_more, async |db| {
    let (house, new) = stage(db).await;
    let named = |key: u64| NewImport {
        idempotency_key: Some(key.to_string()),
        ..new.clone()
    };
    let prepare = async |key: u64| {
        let mut tx = house.write().await;
        let id = import::create(&mut tx, &named(key)).await?;
        tx.commit().await?;
        Ok::<_, StoreError>(id)
    };
    let mut first = None;
    for key in 0..MAX_UNDER_WAY {
        first = first.or(Some(prepare(key).await.unwrap()));
    }
    let refused = prepare(MAX_UNDER_WAY).await.unwrap_err();
    assert!(matches!(refused, StoreError::Conflict { .. }), "{refused}");
    assert!(
        refused.to_string().contains("20 imports are under way"),
        "{refused}"
    );
    let mut tx = house.write().await;
    assert!(
        import::create_with(&mut tx, &new, "email\nann@example.org\n")
            .await
            .is_err()
    );
    drop(tx);
    let again = import::create(&mut house.write().await, &named(0)).await.unwrap();
    assert_eq!(Some(again), first, "the same is no other");
    let mut tx = house.write().await;
    import::cancel(&mut tx, again).await.unwrap();
    tx.commit().await.unwrap();
    prepare(MAX_UNDER_WAY).await.unwrap();
});
