//! The ledger holds against SQL: what the database refuses, and what `verify` finds where it could not (P06).

use assent_domain::consent::ConsentState;
use assent_domain::id::SubscriberId;
use assent_domain::suppression::SuppressionReason;
use assent_entity::verify::{self, Fault, Report};
use assent_entity::{checkpoint, preferences, restriction};
use assent_tests::{House, TestStore, on_both};
use uuid::Uuid;

/// What a tenant, its owner, its policy, a list and a form leave in the audit log.
const BEFORE: i64 = 6;

/// Five more rows: Ann's request and yes, her no to all, Ben's request and yes.
async fn five_rows(db: &TestStore) -> (House<'_>, SubscriberId) {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    assert_eq!(house.ledger_rows().await, BEFORE);
    let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
    house.suppress(ann, SuppressionReason::OptedOutOfAll).await;
    house.member_of(&form, "ben@example.org", &["news"]).await;
    assert_eq!(house.ledger_rows().await, BEFORE + 5);
    (house, ann)
}

async fn verified(db: &TestStore) -> Report {
    let mut reports = verify::all(&db.store, |_, _| {}).await.expect("verify runs");
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

async fn id_of(db: &TestStore, seq: i64) -> Uuid {
    db.value(&format!("SELECT id FROM ledger WHERE seq = {seq}"))
        .await
}

on_both!(p06_an_untouched_ledger_verifies_row_by_row, async |db| {
    let (_, _) = five_rows(db).await;
    let mut seen = Vec::new();
    let reports = verify::all(&db.store, |slug, rows| seen.push((slug.to_owned(), rows)))
        .await
        .unwrap();
    assert_eq!(
        (reports[0].rows, reports[0].erased, &reports[0].fault),
        (11, 0, &None)
    );
    assert_eq!(seen, [("acme".to_owned(), 11)]);
});

on_both!(p06_the_ledger_is_append_only_for_sql_too, async |db| {
    five_rows(db).await;
    for sql in [
        "UPDATE ledger SET facts = '{}' WHERE seq = 2",
        "UPDATE ledger SET seq = 9 WHERE seq = 2",
        "DELETE FROM ledger WHERE seq = 11",
        "DELETE FROM ledger",
    ] {
        let refused = db.exec(sql).await.expect_err(sql).to_string();
        assert!(refused.contains("the ledger is insert-only"), "{sql}: {refused}");
    }
    let refused = db
        .exec("UPDATE ledger_evidence SET evidence = '{}'")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("evidence can be erased, not changed"),
        "{refused}"
    );
    assert_eq!(verified(db).await.fault, None);
});

on_both!(p06_any_altered_column_is_found_and_its_row_named, async |db| {
    five_rows(db).await;
    db.drop_guards("ledger").await;
    let zeros = db.octets(&[0; 32]);
    let other = db.uuid(Uuid::from_u128(1));
    for (column, value) in [
        ("kind", "'AUDIT'"),
        ("id", other.as_str()),
        ("subject_id", other.as_str()),
        ("subject_id", "NULL"),
        ("recorded_at", "recorded_at + 1"),
        ("facts", "REPLACE(facts, 'GIVEN', 'REFUSED')"),
        ("commitment", zeros.as_str()),
        ("hash", zeros.as_str()),
    ] {
        db.exec("CREATE TABLE kept AS SELECT * FROM ledger WHERE seq = 8")
            .await
            .unwrap();
        db.exec(&format!("UPDATE ledger SET {column} = {value} WHERE seq = 8"))
            .await
            .unwrap();
        let report = verified(db).await;
        let id = id_of(db, 8).await;
        assert_eq!(report.fault, Some(Fault::Altered { seq: 8, id }), "{column}");
        assert!(
            report
                .fault
                .unwrap()
                .to_string()
                .contains(&format!("row 8 ({id})"))
        );
        db.exec(&format!(
            "UPDATE ledger SET {column} = (SELECT {column} FROM kept) WHERE seq = 8"
        ))
        .await
        .unwrap();
        db.exec("DROP TABLE kept").await.unwrap();
        assert_eq!(verified(db).await.fault, None, "{column} put back");
    }
});

on_both!(p06_altered_evidence_is_found, async |db| {
    five_rows(db).await;
    db.drop_guards("ledger_evidence").await;
    db.exec("UPDATE ledger_evidence SET evidence = REPLACE(evidence, 'ann@', 'eve@') WHERE seq = 8")
        .await
        .unwrap();
    let id = id_of(db, 8).await;
    assert_eq!(
        verified(db).await.fault,
        Some(Fault::EvidenceAltered { seq: 8, id })
    );
});

on_both!(p06_erased_evidence_is_erased_and_not_broken, async |db| {
    let (house, ann) = five_rows(db).await;
    house.erase(ann).await;
    let report = verified(db).await;
    assert_eq!((report.erased, report.fault), (3, None));
});

on_both!(
    p06_evidence_of_somebody_who_was_not_erased_is_missed,
    async |db| {
        let (house, ann) = five_rows(db).await;
        db.exec("DELETE FROM ledger_evidence WHERE seq = 2")
            .await
            .unwrap();
        let id = id_of(db, 2).await;
        assert_eq!(
            verified(db).await.fault,
            Some(Fault::EvidenceTaken { seq: 2, id })
        );
        house.erase(ann).await;
        assert_eq!(verified(db).await.fault, None, "it may have mentioned her");
        db.exec("DELETE FROM ledger_evidence WHERE seq = 10")
            .await
            .unwrap();
        let id = id_of(db, 10).await;
        assert_eq!(
            verified(db).await.fault,
            Some(Fault::EvidenceTaken { seq: 10, id }),
            "Ben is there"
        );
    }
);

on_both!(
    p06_a_no_that_is_undone_past_the_software_is_found_whatever_sort_it_is,
    async |db| {
        let house = db.house("acme").await;
        let (list, form) = house.news().await;
        let ann = house.member_of(&form, "ann@example.org", &["news"]).await;
        let mut tx = house.write().await;
        restriction::by_member(&mut tx, ann).await.unwrap();
        tx.commit().await.unwrap();
        house.choose(ann, &["news"], &[]).await;
        assert_eq!(verified(db).await.fault, None);
        let (subscriber, of_list) = (ann.uuid(), list.uuid());
        let news = house.purpose("news").await.id;
        let (purpose, of_news) = (news.uuid(), format!("WHERE purpose_id = {}", db.id(news)));
        for (table, undone, done, fault) in [
            (
                "subscription",
                "state = 'ACTIVE'",
                "state = 'ENDED'",
                Fault::WrongSubscription {
                    subscriber,
                    list: of_list,
                },
            ),
            (
                "subscriber",
                "restricted_at = NULL",
                "restricted_at = 1",
                Fault::WrongRestriction { subscriber },
            ),
            (
                "consent",
                "recorded_at = recorded_at + 1",
                "recorded_at = recorded_at - 1",
                Fault::WrongState { subscriber, purpose },
            ),
        ] {
            let rows = if table == "consent" { of_news.as_str() } else { "" };
            db.exec(&format!("UPDATE {table} SET {undone} {rows}"))
                .await
                .unwrap();
            assert_eq!(verified(db).await.fault, Some(fault));
            db.exec(&format!("UPDATE {table} SET {done} {rows}"))
                .await
                .unwrap();
            assert_eq!(verified(db).await.fault, None);
        }
        house.choose(ann, &["news"], &[list]).await;
        assert_eq!(verified(db).await.fault, None, "she came back");
    }
);

on_both!(
    p06_an_address_that_is_not_held_back_any_more_is_missed,
    async |db| {
        let (house, ann) = five_rows(db).await;
        db.exec("CREATE TABLE kept AS SELECT * FROM suppression")
            .await
            .unwrap();
        db.exec("DELETE FROM suppression").await.unwrap();
        let (subscriber, reason) = (ann.uuid(), SuppressionReason::OptedOutOfAll);
        assert_eq!(
            verified(db).await.fault,
            Some(Fault::NoTaken { subscriber, reason })
        );
        db.exec("INSERT INTO suppression SELECT * FROM kept")
            .await
            .unwrap();
        assert_eq!(verified(db).await.fault, None);

        let mut tx = house.write().await;
        preferences::come_back(&mut tx, ann).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.count("suppression", "1 = 1").await, 0);
        assert_eq!(verified(db).await.fault, None, "she took it back");
    }
);

on_both!(p06_a_missing_row_is_found, async |db| {
    five_rows(db).await;
    db.drop_guards("ledger").await;
    for (seq, fault) in [
        (11, Fault::CutOff { seq: 10 }),
        (2, Fault::Missing { seq: 2 }),
        (1, Fault::Missing { seq: 1 }),
    ] {
        db.exec(&format!("DELETE FROM ledger_evidence WHERE seq = {seq}"))
            .await
            .unwrap();
        db.exec(&format!("DELETE FROM ledger WHERE seq = {seq}"))
            .await
            .unwrap();
        assert_eq!(verified(db).await.fault, Some(fault));
    }
    db.exec("DELETE FROM ledger_evidence").await.unwrap();
    db.exec("DELETE FROM ledger").await.unwrap();
    assert_eq!(verified(db).await.fault, Some(Fault::CutOff { seq: 0 }));
});

on_both!(p06_rows_in_another_order_are_found, async |db| {
    five_rows(db).await;
    db.drop_guards("ledger").await;
    let id = id_of(db, 4).await;
    db.exec("DELETE FROM ledger_evidence WHERE seq IN (2, 4)")
        .await
        .unwrap();
    for (from, to) in [(2, 99), (4, 2), (99, 4)] {
        db.exec(&format!("UPDATE ledger SET seq = {to} WHERE seq = {from}"))
            .await
            .unwrap();
    }
    assert_eq!(verified(db).await.fault, Some(Fault::Altered { seq: 2, id }));
});

on_both!(p06_a_row_slipped_in_behind_the_end_is_found, async |db| {
    five_rows(db).await;
    db.exec(
        "INSERT INTO ledger (tenant_id, seq, kind, id, subject_id, recorded_at, facts, commitment, hash)
         SELECT tenant_id, 12, kind, tenant_id, subject_id, recorded_at, facts, commitment, hash
         FROM ledger WHERE seq = 11",
    )
    .await
    .unwrap();
    assert!(verified(db).await.fault.is_some());
});

on_both!(
    p06_a_head_that_was_moved_back_or_taken_away_is_found,
    async |db| {
        five_rows(db).await;
        db.exec("UPDATE ledger_head SET seq = 10, hash = (SELECT hash FROM ledger WHERE seq = 10)")
            .await
            .unwrap();
        assert!(verified(db).await.fault.is_some(), "moved back");
        db.exec("DELETE FROM ledger_head").await.unwrap();
        assert!(verified(db).await.fault.is_some(), "taken away");
    }
);

on_both!(p06_a_state_that_no_record_says_is_found, async |db| {
    let (house, ann) = five_rows(db).await;
    house.choose(ann, &[], &[]).await;
    assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Withdrawn));
    assert_eq!(verified(db).await.fault, None);
    let purpose = house.purpose("news").await.id;
    let of_ann = format!(
        "subscriber_id = {} AND purpose_id = {}",
        db.id(ann),
        db.id(purpose)
    );
    let fault = Some(Fault::WrongState {
        subscriber: ann.uuid(),
        purpose: purpose.uuid(),
    });

    db.exec(&format!("UPDATE consent SET state = 'GIVEN' WHERE {of_ann}"))
        .await
        .unwrap();
    assert_eq!(verified(db).await.fault, fault, "another state");
    // Row 8 of the ledger is Ann's yes, which she has since withdrawn.
    let old = "record_id = (SELECT id FROM ledger WHERE seq = 8)";
    db.exec(&format!(
        "UPDATE consent SET state = 'GIVEN', {old} WHERE {of_ann}"
    ))
    .await
    .unwrap();
    assert_eq!(verified(db).await.fault, fault, "the state of an older record");
    db.exec(&format!("DELETE FROM consent WHERE {of_ann}"))
        .await
        .unwrap();
    assert_eq!(verified(db).await.fault, fault, "no state at all");
});

on_both!(p06_each_tenant_has_a_chain_of_its_own, async |db| {
    five_rows(db).await;
    let brook = db.house("brook").await;
    let (_, form) = brook.news().await;
    brook.member_of(&form, "ann@example.org", &["news"]).await;
    db.drop_guards("ledger").await;
    let of_brook = format!("tenant_id = {} AND seq = 1", db.id(brook.ctx.tenant()));
    db.exec(&format!("UPDATE ledger SET recorded_at = 0 WHERE {of_brook}"))
        .await
        .unwrap();
    let reports = verify::all(&db.store, |_, _| {}).await.unwrap();
    let faults: Vec<_> = reports
        .iter()
        .map(|report| (report.tenant.slug.as_str(), report.fault.is_some()))
        .collect();
    assert_eq!(faults, [("acme", false), ("brook", true)]);
});

on_both!(p06_a_row_that_is_not_committed_leaves_no_trace, async |db| {
    let (house, ann) = five_rows(db).await;
    let mut tx = house.write().await;
    let choices = preferences::Choices::default();
    preferences::save(&mut tx, ann, &choices).await.unwrap();
    drop(tx);
    assert_eq!(house.ledger_rows().await, BEFORE + 5);
    assert_eq!(house.consent(ann, "news").await, Some(ConsentState::Given));
});

on_both!(p06_writers_at_the_same_time_make_one_chain, async |db| {
    let house = db.house("acme").await;
    let (_, form) = house.news().await;
    let addresses: Vec<_> = (0..24)
        .map(|number| format!("person{number}@example.org"))
        .collect();
    let joins = addresses
        .iter()
        .map(|email| house.member_of(&form, email, &["news"]));
    futures::future::join_all(joins).await;
    let report = verified(db).await;
    assert_eq!((report.rows, report.fault), (54, None));
});

/// What is wrong with the only tenant's ledger beside a checkpoint.
async fn fault_beside(db: &TestStore, checkpoint: &str) -> Option<Fault> {
    let checkpoint = checkpoint::open(&db.store, checkpoint).expect("our own");
    let verified = verify::against(&db.store, Some(&checkpoint), |_, _| {})
        .await
        .unwrap();
    assert_eq!(verified.gone, []);
    verified.reports[0].fault.clone()
}

on_both!(
    p06_newest_rows_cut_off_with_their_head_are_found_beside_a_checkpoint,
    async |db| {
        let (house, ann) = five_rows(db).await;
        let taken = checkpoint::take(&db.store).await.unwrap();
        assert_eq!(fault_beside(db, &taken).await, None);
        house.choose(ann, &[], &[]).await;
        assert_eq!(fault_beside(db, &taken).await, None, "it may grow");

        db.drop_guards("ledger").await;
        let cut = "seq > 9";
        db.exec(&format!("DELETE FROM ledger_evidence WHERE {cut}"))
            .await
            .unwrap();
        db.exec("UPDATE ledger_head SET seq = 9, hash = (SELECT hash FROM ledger WHERE seq = 9)")
            .await
            .unwrap();
        db.exec(&format!("DELETE FROM ledger WHERE {cut}")).await.unwrap();
        assert_eq!(
            fault_beside(db, &taken).await,
            Some(Fault::ShorterThanMarked { seq: 9, marked: 11 })
        );
    }
);

on_both!(
    p06_a_ledger_written_anew_is_found_beside_a_checkpoint,
    async |db| {
        let (house, ann) = five_rows(db).await;
        let taken = checkpoint::take(&db.store).await.unwrap();
        db.drop_guards("ledger").await;
        db.exec("DELETE FROM ledger_evidence WHERE seq = 11")
            .await
            .unwrap();
        db.exec("UPDATE ledger_head SET seq = 10, hash = (SELECT hash FROM ledger WHERE seq = 10)")
            .await
            .unwrap();
        db.exec("DELETE FROM ledger WHERE seq = 11").await.unwrap();
        // Another row takes the place of the last: the chain holds, and is not the one that was.
        house.suppress(ann, SuppressionReason::Complained).await;
        assert_eq!(fault_beside(db, &taken).await, Some(Fault::Rewritten { seq: 11 }));
    }
);

on_both!(
    p06_a_checkpoint_is_not_forged_and_misses_a_tenant_that_is_gone,
    async |db| {
        five_rows(db).await;
        let taken = checkpoint::take(&db.store).await.unwrap();
        let mut altered = taken.clone();
        altered.insert(taken.len() / 2, 'A');
        for forged in ["", "e30.e30.e30", altered.as_str()] {
            assert!(checkpoint::open(&db.store, forged).is_err(), "{forged}");
        }
        let elsewhere = TestStore::new(db.backend).await;
        let foreign = checkpoint::open(&elsewhere.store, &taken).expect("the same operator's");
        let verified = verify::against(&elsewhere.store, Some(&foreign), |_, _| {})
            .await
            .unwrap();
        assert_eq!((verified.reports.len(), verified.gone.len()), (0, 1));
        elsewhere.remove().await;
    }
);
