//! A person's copy holds all that is held: the catalogue says which tables know of people, and each of them is in the copy
//! or has a reason not to be (P17).

use std::collections::BTreeSet;

use assent_domain::suppression::SuppressionReason;
use assent_entity::copy;
use assent_tests::{House, TestStore, on_both};
use serde_json::Value;

use crate::catalogue::{columns, keys, tables};
use crate::furnished::furnished;

/// Columns that tell of somebody, by an id or in words.
const TELLING: &[&str] = &[
    "subscriber_id",
    "recipient_id",
    "subject_id",
    "former_id",
    "delivery_id",
    "email",
    "address_hash",
    "message",
    "answer",
    "reply",
    "evidence",
    "done_by",
];

/// Where a table is found in the copy.
const IN_THE_COPY: &[(&str, &str)] = &[
    ("subscriber", "/person"),
    ("custom_value", "/person/fields/0/value"),
    ("subscriber_alias", "/former_ids/0"),
    ("address_change", "/address_changes/0"),
    ("membership", "/memberships/0"),
    ("opt_in", "/sign_ups/0"),
    ("subscription", "/subscriptions/0"),
    ("ledger", "/consents/0"),
    ("ledger_evidence", "/consents/0/evidence/email"),
    ("permission", "/permissions/0"),
    ("delivery", "/deliveries/0"),
    ("attempt", "/deliveries/*/attempts/0"),
    ("transactional_mail", "/deliveries/*/message/values/sum"),
    ("bounce", "/deliveries/*/reports/0"),
    ("link_click", "/clicks/0"),
    ("suppression", "/suppressions/0"),
    ("privacy_request", "/requests/0"),
    ("privacy_step", "/requests/0/history/0"),
];

/// Why a table is not.
const NOT_IN_THE_COPY: &[(&str, &str)] = &[
    (
        "consent",
        "a projection of the records in the ledger, which are in it",
    ),
    (
        "import_seen",
        "whom a dry run has met so far who is nobody's subscriber, by a hash; it goes when the run ends",
    ),
    (
        "delivery_queue",
        "which deliveries wait, and until when: that they are open stands in the deliveries",
    ),
    ("mailing", "what was sent, to whomever: each delivery says it"),
    (
        "privacy_mail",
        "which mail was about which request: the mail is a delivery, the request has a history",
    ),
    (
        "legal_order_person",
        "an order may forbid to tell of it; what went out under it is among the disclosures",
    ),
    ("member", "people who work for the tenant, not those it writes to"),
    (
        "invitation",
        "people who are asked to work for the tenant, not those it writes to",
    ),
    (
        "held_address",
        "the operator's, under a hash that is no tenant's; where it reaches somebody, the suppression is in the copy",
    ),
];

/// The tables that know of people: by a column, or by a key that leads to one that does.
async fn telling(db: &TestStore) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for table in tables(db).await {
        let columns = columns(db, &table).await;
        if columns.iter().any(|column| TELLING.contains(&column.as_str())) {
            found.insert(table);
        }
    }
    loop {
        let before = found.len();
        for table in tables(db).await {
            for key in keys(db, &table).await {
                let Some((target, _)) = &key.refers_to else {
                    continue;
                };
                let leads = key.columns.len() > 1 && !["mailing", "member"].contains(&target.as_str());
                if leads && found.contains(target) {
                    found.insert(table.clone());
                }
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

/// Whether there is something at a place of the copy; a star is any row.
fn is_held(copy: &Value, place: &str) -> bool {
    match place.split_once("/*") {
        None => copy.pointer(place).is_some_and(|held| !held.is_null()),
        Some((table, rest)) => {
            let rows = copy.pointer(table).and_then(Value::as_array);
            rows.is_some_and(|rows| rows.iter().any(|row| is_held(row, rest)))
        }
    }
}

on_both!(
    p17_every_table_that_knows_of_people_is_in_their_copy,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        house.suppress(acme.ann, SuppressionReason::HardBounced).await;
        let copy = copy::of_person(&house.read().await, acme.ann).await.unwrap();
        let copy = serde_json::to_value(copy).unwrap();
        let mut listed = BTreeSet::new();
        for (table, place) in IN_THE_COPY {
            assert!(listed.insert((*table).to_owned()), "{table} twice");
            assert!(is_held(&copy, place), "{table}: nothing at {place}: {copy:#}");
        }
        for (table, reason) in NOT_IN_THE_COPY {
            assert!(listed.insert((*table).to_owned()), "{table} twice");
            assert!(reason.len() > 20, "{table}");
        }
        assert_eq!(
            telling(db).await,
            listed,
            "let entity/src/copy.rs take a new table in, or say here why not"
        );
    }
);

/// The values of one column of a table of the copy.
fn all<'a>(copy: &'a Value, table: &str, column: &str) -> Vec<&'a str> {
    let rows = copy[table].as_array().unwrap().iter();
    rows.filter_map(|row| row[column].as_str()).collect()
}

on_both!(
    p17_what_was_said_and_done_under_a_former_id_is_in_the_copy_too,
    async |db| {
        let acme = furnished(db, "acme").await;
        let house = House { db, ctx: acme.ctx };
        let copy = copy::of_person(&house.read().await, acme.ann).await.unwrap();
        let copy = serde_json::to_value(copy).unwrap();
        let former: Vec<uuid::Uuid> = db.column("SELECT former_id FROM subscriber_alias").await;
        let under_former = format!("kind = 'CONSENT' AND subject_id = {}", db.uuid(former[0]));
        assert_eq!(db.count("ledger", &under_former).await, 2, "asked, and said yes");
        let evidence: Vec<_> = copy["consents"]
            .as_array()
            .unwrap()
            .iter()
            .map(|of| of["evidence"]["email"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(
            evidence
                .iter()
                .filter(|email| **email == "anna@example.org")
                .count(),
            2,
            "{evidence:?}"
        );
        let acts = all(&copy, "audit_log", "act");
        assert!(acts.contains(&"SUBSCRIBERS_MERGED"), "{acts:?}");
        let mut addresses = all(&copy, "address_changes", "email");
        addresses.sort_unstable();
        let told = "where she wanted to be reached, and where she was told of it";
        assert_eq!(addresses, ["ann@example.org", "anna@example.org"], "{told}");
        assert_eq!(all(&copy, "clicks", "url"), ["https://shop.example/"]);
        assert_eq!(all(&copy, "disclosures", "outside_party"), ["Courier Ltd"]);
        let of_ben = copy.to_string();
        assert!(!of_ben.contains("ben@"), "nobody else's");
    }
);
