//! What the databases' own catalogues say of the schema: every tenant's table is keyed by its tenant, locked
//! on PostgreSQL, and no path leads from a person to an address of the network.

use std::collections::BTreeSet;
use std::sync::Arc;

use assent_entity::OpenError;
use assent_migration::DIRECTORY_TABLES;
use assent_tests::{Backend, TestStore, database, on_both};
use sea_orm::{ConnectionTrait, Statement};

use crate::furnished::furnished;

/// The migrator's own list of the migrations that ran.
const BOOKKEEPING: &str = "seaql_migrations";

/// Tables whose rows are written and deleted with those of `delivery`, in one transaction: there are so many that looking
/// each up once more would be felt.
const WITH_A_DELIVERY: [&str; 2] = ["delivery_queue", "attempt"];

/// A key of a table: its columns in order, and for a foreign key the columns it refers to.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) sort: &'static str,
    pub(crate) columns: Vec<String>,
    pub(crate) refers_to: Option<(String, Vec<String>)>,
}

pub(crate) async fn tables(db: &TestStore) -> Vec<String> {
    let sql = match db.backend {
        Backend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        Backend::Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'",
    };
    let mut tables: Vec<String> = db.column(sql).await;
    tables.retain(|table| table != BOOKKEEPING);
    tables
}

async fn tenant_tables(db: &TestStore) -> Vec<String> {
    let mut tables = tables(db).await;
    tables.retain(|table| !DIRECTORY_TABLES.contains(&table.as_str()));
    tables
}

pub(crate) async fn columns(db: &TestStore, table: &str) -> Vec<String> {
    let sql = match db.backend {
        Backend::Sqlite => format!("SELECT name FROM pragma_table_info('{table}')"),
        Backend::Postgres => {
            format!("SELECT column_name::text FROM information_schema.columns WHERE table_name = '{table}'")
        }
    };
    db.column(&sql).await
}

pub(crate) async fn keys(db: &TestStore, table: &str) -> Vec<Key> {
    match db.backend {
        Backend::Sqlite => keys_on_sqlite(db, table).await,
        Backend::Postgres => keys_on_postgres(db, table).await,
    }
}

async fn keys_on_sqlite(db: &TestStore, table: &str) -> Vec<Key> {
    let primary = format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk");
    let mut keys = vec![Key {
        sort: "primary key",
        columns: db.column(&primary).await,
        refers_to: None,
    }];
    let unique = format!("SELECT name FROM pragma_index_list('{table}') WHERE \"unique\" = 1");
    for index in db.column::<String>(&unique).await {
        let columns = format!("SELECT name FROM pragma_index_info('{index}') ORDER BY seqno");
        keys.push(Key {
            sort: "unique key",
            columns: db.column(&columns).await,
            refers_to: None,
        });
    }
    let foreign = format!("SELECT DISTINCT id FROM pragma_foreign_key_list('{table}')");
    for id in db.column::<i64>(&foreign).await {
        let of = format!("FROM pragma_foreign_key_list('{table}') WHERE id = {id} ORDER BY seq");
        let target: Vec<String> = db.column(&format!("SELECT \"table\" {of}")).await;
        let to = db.column(&format!("SELECT \"to\" {of}")).await;
        keys.push(Key {
            sort: "foreign key",
            columns: db.column(&format!("SELECT \"from\" {of}")).await,
            refers_to: Some((target[0].clone(), to)),
        });
    }
    keys
}

async fn keys_on_postgres(db: &TestStore, table: &str) -> Vec<Key> {
    let names = |numbers: &str, of: &str| {
        format!(
            "(SELECT string_agg(a.attname, ',' ORDER BY k.place)
              FROM unnest({numbers}) WITH ORDINALITY AS k (number, place)
              JOIN pg_attribute a ON a.attrelid = {of} AND a.attnum = k.number)"
        )
    };
    let split = |text: String| text.split(',').map(str::to_owned).collect::<Vec<_>>();
    let mut keys = Vec::new();
    let indexes = format!(
        "SELECT {}, i.indisprimary FROM pg_index i WHERE i.indrelid = '{table}'::regclass AND i.indisunique",
        names("i.indkey::int2[]", "i.indrelid")
    );
    for row in db.query(&indexes).await {
        let primary: bool = row.try_get_by_index(1).unwrap();
        keys.push(Key {
            sort: if primary { "primary key" } else { "unique key" },
            columns: split(row.try_get_by_index(0).unwrap()),
            refers_to: None,
        });
    }
    let foreign = format!(
        "SELECT {}, c.confrelid::regclass::text, {} FROM pg_constraint c
         WHERE c.conrelid = '{table}'::regclass AND c.contype = 'f'",
        names("c.conkey", "c.conrelid"),
        names("c.confkey", "c.confrelid")
    );
    for row in db.query(&foreign).await {
        let target = row.try_get_by_index(1).unwrap();
        keys.push(Key {
            sort: "foreign key",
            columns: split(row.try_get_by_index(0).unwrap()),
            refers_to: Some((target, split(row.try_get_by_index(2).unwrap()))),
        });
    }
    keys
}

on_both!(the_directory_is_the_named_list_and_nothing_else, async |db| {
    let mut outside = BTreeSet::new();
    for table in tables(db).await {
        let columns = columns(db, &table).await;
        let primary = keys(db, &table).await.remove(0).columns;
        if !columns.contains(&"tenant_id".to_owned()) || primary[0] != "tenant_id" {
            outside.insert(table);
        }
    }
    let named: BTreeSet<_> = DIRECTORY_TABLES.iter().map(|table| (*table).to_owned()).collect();
    assert_eq!(outside, named);
});

on_both!(every_key_of_a_tenants_table_begins_with_the_tenant, async |db| {
    let tables = tenant_tables(db).await;
    assert!(tables.len() > 20, "{tables:?}");
    for table in tables {
        let keys = keys(db, &table).await;
        assert!(keys.iter().any(|key| key.sort == "primary key"), "{table}");
        assert!(
            keys.iter().any(|key| key.sort == "foreign key") || WITH_A_DELIVERY.contains(&table.as_str()),
            "{table} refers to no tenant"
        );
        for key in keys {
            assert_eq!(key.columns[0], "tenant_id", "{table}: {key:?}");
            if let Some((target, to)) = &key.refers_to {
                let own = if target == "tenant" { "id" } else { "tenant_id" };
                assert_eq!(to[0], own, "{table}: {key:?}");
            }
        }
    }
});

on_both!(
    p02_no_table_of_ours_has_room_for_a_network_address_or_a_browser,
    async |db| {
        for table in tables(db).await {
            // The request log has room for an address, and for nobody: see `request_log.rs`.
            if table == "request_log" {
                continue;
            }
            for column in columns(db, &table).await {
                let words: Vec<_> = column.split('_').collect();
                let kept = [
                    "ip", "ips", "inet", "remote", "peer", "host", "client", "agent", "browser", "cookie",
                ];
                assert!(!words.iter().any(|word| kept.contains(word)), "{table}.{column}");
                // The other addresses are a mailbox, a postal address and a keyed hash.
                let harmless = ["sender_address", "postal_address", "address_hash"];
                assert!(
                    !words.contains(&"address") || harmless.contains(&column.as_str()),
                    "{table}.{column}"
                );
            }
        }
        let evidence: Vec<String> = {
            furnished(db, "acme").await;
            db.column("SELECT evidence FROM ledger_evidence").await
        };
        assert!(!evidence.is_empty());
        let mut known = BTreeSet::from(["email", "name", "company", "note", "through"].map(str::to_owned));
        // What entries of the audit log say.
        known.extend(
            [
                "before",
                "after",
                "slug",
                "role",
                "number",
                "effectiveAt",
                "optIn",
            ]
            .map(str::to_owned),
        );
        known.extend(["outsideParty", "scopes", "reference", "people", "fields"].map(str::to_owned));
        known.extend(
            [
                "purposes",
                "purpose",
                "lists",
                "at",
                "reason",
                "version",
                "origins",
                "request",
                "subscriber",
            ]
            .map(str::to_owned),
        );
        known.extend(["issuer", "clientId", "way"].map(str::to_owned));
        known.extend(["selectors", "selector", "atOnce", "spf", "dmarc"].map(str::to_owned));
        known.extend(
            [
                "receivingDomain",
                "setBy",
                "perSecond",
                "perHour",
                "perDay",
                "schedule",
            ]
            .map(str::to_owned),
        );
        known.extend(
            [
                "server",
                "tls",
                "user",
                "sendingDomain",
                "rank",
                "weight",
                "connections",
                "enabled",
                "newPassword",
            ]
            .map(str::to_owned),
        );
        known.extend(
            [
                "key", "kind", "choices", "value", "segment", "rule", "field", "known", "dryRun",
            ]
            .map(str::to_owned),
        );
        known.extend(
            [
                "origin",
                "eventTypes",
                "formerUntil",
                "delivery",
                "since",
                "count",
            ]
            .map(str::to_owned),
        );
        for text in evidence {
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            let mut keys = BTreeSet::new();
            keys_in(&value, &mut keys);
            assert_eq!(keys.difference(&known).next(), None, "{text}");
        }
    }
);

fn keys_in(value: &serde_json::Value, keys: &mut BTreeSet<String>) {
    if let serde_json::Value::Object(fields) = value {
        for (key, value) in fields {
            keys.insert(key.clone());
            keys_in(value, keys);
        }
    }
}

#[test]
fn row_level_security_is_on_and_forced_for_every_tenants_table() {
    assent_tests::run(Backend::Postgres, async |db| {
        let mut locked = tenant_tables(db).await;
        locked.push("tenant".to_owned());
        for table in locked {
            let sql = format!(
                "SELECT relrowsecurity AND relforcerowsecurity AND
                        (SELECT COUNT(*) = 1 FROM pg_policy p WHERE p.polrelid = c.oid)
                 FROM pg_class c WHERE oid = '{table}'::regclass"
            );
            assert!(db.value::<bool>(&sql).await, "{table}");
        }
    });
}

#[test]
fn a_role_that_row_level_security_does_not_bind_is_refused_at_start() {
    assent_tests::run(Backend::Postgres, async |db| {
        let bound = "SELECT NOT (rolsuper OR rolbypassrls) FROM pg_roles WHERE rolname = current_user";
        assert!(
            db.value::<bool>(bound).await,
            "the tests have to run under an ordinary role"
        );
        let bypassing = db.url.replacen("://assent@", "://assent_bypass@", 1);
        let refused = database::try_open(&bypassing, Arc::clone(&db.clock), false).await;
        assert!(
            matches!(refused, Err(OpenError::RoleBypassesRowSecurity)),
            "{refused:?}"
        );
        let accepted = database::try_open(&bypassing, Arc::clone(&db.clock), true).await;
        assert!(accepted.is_ok(), "{accepted:?}");
    });
}

#[test]
fn raw_sql_within_a_tenant_sees_and_changes_nothing_of_another() {
    assent_tests::run(Backend::Postgres, async |db| {
        let ours = furnished(db, "acme").await.ctx.tenant();
        let theirs = furnished(db, "brook").await.ctx.tenant();
        let mut locked = tenant_tables(db).await;
        locked.push("tenant".to_owned());
        for table in locked {
            let column = if table == "tenant" { "id" } else { "tenant_id" };
            let of = |tenant| format!("{column} = {}", db.id(tenant));
            let (own, other) = (
                db.count(&table, &of(theirs)).await,
                db.count(&table, &of(ours)).await,
            );
            assert!(own > 0 && other > 0, "{table} is empty: nothing is proven");
            assert_eq!(db.rows_seen_by(Some(theirs), &table).await, own, "{table}");
            assert_eq!(db.rows_seen_by(None, &table).await, 0, "{table}");

            let copy = format!(
                "INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) ||
                   jsonb_build_object('{column}', {}, 'posted_at', NULL))).* FROM {table} t",
                db.id(ours)
            );
            let refused = db.exec_as(theirs, &copy).await.expect_err(&table).to_string();
            assert!(refused.contains("row-level security"), "{table}: {refused}");
            let delete = format!("DELETE FROM {table} WHERE {}", of(ours));
            assert_eq!(db.exec_as(theirs, &delete).await.unwrap(), 0, "{table}");
        }
    });
}

#[test]
fn raw_sql_without_a_tenant_sees_nothing() {
    assent_tests::run(Backend::Postgres, async |db| {
        furnished(db, "acme").await;
        let stranger = database::connect(&db.url).await;
        for table in tenant_tables(db).await {
            let sql = format!("SELECT 1 FROM {table}");
            let rows = stranger
                .query_all_raw(Statement::from_string(stranger.get_database_backend(), sql))
                .await
                .unwrap();
            assert!(rows.is_empty(), "{table}");
        }
    });
}
