//! The end of a tenant: all that it holds is deleted in its time, whatever table it lies in, and nobody else's.

use std::collections::BTreeSet;
use std::time::Duration;

use assent_entity::tenant_end::{self, Ending};
use assent_entity::{Store, checkpoint, session, tenant, verify};
use assent_migration::DIRECTORY_TABLES;
use assent_tests::dump::difference;
use assent_tests::house::{House, PASSWORD};
use assent_tests::{TestStore, on_both};
use assent_worker::chores::Chores;

use super::{close_by_operator, reopen};
use crate::catalogue::{columns, tables};
use crate::erasure::worker;
use crate::furnished::furnished;

const DAYS_30: Duration = Duration::from_hours(30 * 24);

/// Deletes what is due, as a worker does.
async fn delete(store: &Store) -> Vec<Ending> {
    let due = tenant_end::due(store).await.unwrap();
    for ending in &due {
        tenant_end::begin(store, *ending).await.unwrap();
        assert!(tenant_end::delete_rows(store, *ending).await.unwrap() > 0);
        tenant_end::finish(store, *ending).await.unwrap();
    }
    due
}

/// Every table that can hold something of a tenant.
async fn of_tenants(db: &TestStore) -> Vec<String> {
    let mut of_tenants = Vec::new();
    for table in tables(db).await {
        if columns(db, &table).await.contains(&"tenant_id".to_owned()) {
            of_tenants.push(table);
        }
    }
    assert!(of_tenants.len() > 40, "{of_tenants:?}");
    let known: BTreeSet<_> = of_tenants.iter().map(String::as_str).collect();
    let rest: BTreeSet<_> = DIRECTORY_TABLES
        .iter()
        .filter(|of| !known.contains(*of))
        .collect();
    assert_eq!(
        rest,
        BTreeSet::from([&"held_address", &"tenant", &"request_log"]),
        "these are nobody's"
    );
    of_tenants
}

on_both!(
    p17_a_tenant_whose_day_has_come_is_deleted_from_every_table_and_nobody_else_is,
    async |db| {
        let acme = furnished(db, "acme").await;
        let brook = furnished(db, "brook").await;
        let house = House { db, ctx: acme.ctx };
        let (mailing, ann) = (acme.mailing, acme.ann);
        let marked = checkpoint::take(&db.store).await.unwrap();
        close_by_operator(&house).await;
        let checkpoint = checkpoint::take(&db.store).await.unwrap();
        let day = db.store.now().after(DAYS_30);
        db.clock.set(day.before(Duration::from_secs(1)));
        assert!(delete(&db.store).await.is_empty(), "its day is yet to come");
        db.clock.forward(Duration::from_secs(1));
        assert!(reopen(&house).await.is_err(), "its day has come");
        let site = db.site();
        let links = [
            house.preferences_path(ann),
            house.privacy_path(ann),
            house.unsubscribe_path(ann, mailing),
            "/t/acme/policy".to_owned(),
            "/t/acme/join/news".to_owned(),
        ];
        for link in &links[..4] {
            site.get(link).await.must_be(200);
        }

        let before = db.dump().await;
        assert_eq!(delete(&db.store).await.len(), 1);
        assert!(delete(&db.store).await.is_empty(), "it is over");
        let (gone, other) = (db.id(acme.ctx.tenant()), db.id(brook.ctx.tenant()));
        for table in of_tenants(db).await {
            let of = |tenant: &str| format!("tenant_id = {tenant}");
            assert_eq!(db.count(&table, &of(&gone)).await, 0, "{table}");
            assert!(
                db.count(&table, &of(&other)).await > 0,
                "{table} of another tenant"
            );
        }
        let changed = difference(&before, &db.dump().await);
        let of_other = brook.ctx.tenant().uuid();
        let (plain, hex) = (of_other.to_string(), of_other.simple().to_string().to_uppercase());
        let theirs = changed
            .iter()
            .find(|line| line.contains(&plain) || line.contains(&hex));
        assert_eq!(theirs, None, "another tenant's rows are as they were");
        let row =
            "SELECT name || sender_name || sender_address || privacy_contact FROM tenant WHERE slug = 'acme'";
        assert_eq!(db.value::<String>(row).await, "");

        for marks in [marked, checkpoint] {
            let checkpoint = checkpoint::open(&db.store, &marks).unwrap();
            let verified = verify::against(&db.store, Some(&checkpoint), |_, _| {})
                .await
                .unwrap();
            assert_eq!(verified.gone, Vec::new());
            assert_eq!(verified.reports.len(), 1);
            assert_eq!(verified.reports[0].fault, None);
            let former = &verified.former[0];
            assert_eq!(former.slug, "acme");
            assert_eq!(former.deleted_at(), Some(db.store.now()));
        }

        for link in &links {
            let page = site.get(link).await;
            assert!(
                page.must_be(410).text().contains("Nothing is held here any more"),
                "{link}"
            );
        }
        site.get("/t/acme/keys.json").await.must_be(200);
        let one_click = "List-Unsubscribe=One-Click";
        let form = assent_tests::visitor::FORM;
        site.post(&links[2], form, one_click).await.must_be(200);
        let signed_in =
            session::sign_in(&db.store, "acme", "owner@acme.example", PASSWORD.into(), None).await;
        assert!(signed_in.unwrap().is_none());
        assert!(tenant::for_operator(&db.store, "acme").await.unwrap().is_none());
        site.close().await;
    }
);

on_both!(
    p06_rows_that_stay_go_with_their_tenant_and_not_before,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let final_tables = [
            "ledger",
            "wording",
            "policy_version",
            "policy_purpose",
            "collection_point_version",
            "collection_point_text",
        ];
        let now = db.store.now();
        let begin = format!(
            "UPDATE tenant SET deleting_since = {}",
            now.after(DAYS_30 * 2).micros()
        );
        let refused = db.exec(&begin).await.unwrap_err().to_string();
        assert!(refused.contains("closed first"), "{refused}");
        close_by_operator(&house).await;
        let soon = format!(
            "UPDATE tenant SET delete_at = {}",
            now.after(Duration::from_secs(1)).micros()
        );
        assert!(db.exec(&soon).await.is_err(), "a day at least");
        let early = format!("UPDATE tenant SET deleting_since = {}", now.micros());
        assert!(db.exec(&early).await.is_err(), "not before its day");
        for table in final_tables {
            let refused = db.exec(&format!("DELETE FROM {table}")).await;
            assert!(refused.is_err(), "{table} of a closed tenant");
        }
        db.clock.forward(DAYS_30);
        let due = tenant_end::due(&db.store).await.unwrap();
        tenant_end::begin(&db.store, due[0]).await.unwrap();
        // A crash in the middle: the next round goes on.
        assert!(tenant::all(&db.store).await.unwrap().is_empty());
        let verified = verify::against(&db.store, None, |_, _| {}).await.unwrap();
        assert_eq!(verified.former[0].deleted_at(), None, "it is being deleted");
        let back = "UPDATE tenant SET deleting_since = NULL, closed_at = NULL, delete_at = NULL";
        assert!(db.exec(back).await.is_err(), "there is no way back");
        assert_eq!(delete(&db.store).await.len(), 1);
        assert!(
            db.exec("DELETE FROM tenant").await.is_err(),
            "its name is not given away"
        );
    }
);

on_both!(
    p06_a_ledger_that_was_cut_before_its_tenant_was_deleted_is_found,
    async |db| {
        let house = db.bare_house("brook").await;
        house.first_policy(assent_tests::house::NEWS_OFFERS_BILL).await;
        let checkpoint = checkpoint::take(&db.store).await.unwrap();
        db.drop_guards("ledger").await;
        let cut = "DELETE FROM ledger_evidence WHERE seq > 1";
        db.exec(cut).await.unwrap();
        db.exec("DELETE FROM ledger WHERE seq > 1").await.unwrap();
        db.exec("UPDATE ledger_head SET seq = 1, hash = (SELECT hash FROM ledger)")
            .await
            .unwrap();
        db.exec(&format!(
            "UPDATE tenant SET closed_at = 0, delete_at = {}",
            db.store.now().micros()
        ))
        .await
        .unwrap();
        delete(&db.store).await;
        let checkpoint = checkpoint::open(&db.store, &checkpoint).unwrap();
        let verified = verify::against(&db.store, Some(&checkpoint), |_, _| {})
            .await
            .unwrap();
        assert_eq!(
            verified.gone,
            [house.ctx.tenant()],
            "it had more rows than it ended with"
        );
    }
);

on_both!(
    a_round_of_chores_deletes_what_is_due_and_the_copies_of_its_mail,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let site = db.site();
        let (mailbox, settings) = (site.mailbox.clone(), worker(db, &site));
        mailbox
            .put(db.store.now(), acme.delivery, b"To: ann")
            .await
            .unwrap();
        let chores = Chores::open(db.store.clone(), &settings).await.unwrap();
        close_by_operator(&house).await;
        chores.round().await;
        assert_eq!(tenant::all(&db.store).await.unwrap().len(), 1);
        assert_eq!(mailbox.deliveries().unwrap().len(), 1);
        db.clock.forward(DAYS_30);
        chores.round().await;
        let former = tenant_end::former(&db.store).await.unwrap();
        assert_eq!(former[0].deleted_at(), Some(db.store.now()));
        assert_eq!(
            mailbox.deliveries().unwrap().len(),
            0,
            "copies of its mail are gone too"
        );
        site.close().await;
    }
);
