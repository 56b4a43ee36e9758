//! How many rows each table has: what is counted when a backup is made has to be there when it is put back.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DatabaseBackend, FromQueryResult, Statement};

use super::BackupError;
use super::postgres::UNFINISHED;
use crate::error::StoreError;
use crate::store::Store;
use crate::tx::PlatformTx;

#[derive(FromQueryResult)]
struct Named {
    name: String,
}

#[derive(FromQueryResult)]
struct Counted {
    rows: i64,
}

/// Counts through a connection that sees every tenant's rows.
pub(super) async fn count(conn: &impl ConnectionTrait) -> Result<BTreeMap<String, u64>, StoreError> {
    let backend = conn.get_database_backend();
    let sql = if backend == DatabaseBackend::Postgres {
        "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    };
    let tables = Named::find_by_statement(Statement::from_string(backend, sql))
        .all(conn)
        .await?;
    let mut rows = BTreeMap::new();
    for Named { name } in tables.into_iter().filter(|table| table.name != UNFINISHED) {
        let sql = format!("SELECT COUNT(*) AS rows FROM \"{name}\"");
        let counted = Counted::find_by_statement(Statement::from_string(backend, sql))
            .one(conn)
            .await?;
        let counted = counted.map_or(0, |counted| u64::try_from(counted.rows).unwrap_or(0));
        rows.insert(name, counted);
    }
    Ok(rows)
}

/// Counts in an open store.
pub(super) async fn of(store: &Store) -> Result<BTreeMap<String, u64>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    count(tx.conn()).await
}

/// Refuses a database in which a table has other than its rows.
pub(super) fn compare(
    expected: &BTreeMap<String, u64>,
    found: &BTreeMap<String, u64>,
) -> Result<(), BackupError> {
    for (table, expected) in expected {
        let (expected, found) = (*expected, found.get(table).copied().unwrap_or(0));
        if expected != found {
            let table = table.clone();
            return Err(BackupError::Rows {
                table,
                expected,
                found,
            });
        }
    }
    Ok(())
}

/// The migrations that have run.
pub(super) async fn migrations(conn: &impl ConnectionTrait) -> Result<Vec<String>, StoreError> {
    let sql = "SELECT version AS name FROM seaql_migrations ORDER BY version";
    let statement = Statement::from_string(conn.get_database_backend(), sql);
    let ran = Named::find_by_statement(statement).all(conn).await?;
    Ok(ran.into_iter().map(|ran| ran.name).collect())
}
