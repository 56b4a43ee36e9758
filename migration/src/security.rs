//! Row-level security on PostgreSQL: the second lock, behind `TenantTx`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// Lets a transaction see the rows of a table only where `column` is the tenant it has set in
/// `assent.tenant`, or all of them where it has set `assent.platform` to `on`. `FORCE` makes the table's owner
/// obey too. Each setting is read in a subquery, which is
/// evaluated once a statement; outside one it would be read and parsed for every row. SQLite has no such lock.
pub(crate) async fn isolate(manager: &SchemaManager<'_>, column: &str, tables: &[&str]) -> Result<(), DbErr> {
    let of_tenant = format!(
        "{column} = (SELECT NULLIF(current_setting('assent.tenant', true), '')::uuid)
         OR (SELECT current_setting('assent.platform', true) = 'on')"
    );
    lock(manager, tables, "of_tenant", &of_tenant).await
}

/// Lets only a transaction that has set `assent.platform` to `on` see a table: none of a tenant does.
pub(crate) async fn reserve(manager: &SchemaManager<'_>, tables: &[&str]) -> Result<(), DbErr> {
    let of_platform = "(SELECT current_setting('assent.platform', true) = 'on')";
    lock(manager, tables, "of_platform", of_platform).await
}

async fn lock(
    manager: &SchemaManager<'_>,
    tables: &[&str],
    name: &str,
    condition: &str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(());
    }
    for table in tables {
        for statement in [
            format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"),
            format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY"),
            format!("CREATE POLICY {table}_{name} ON {table} USING ({condition})"),
        ] {
            manager.get_connection().execute_unprepared(&statement).await?;
        }
    }
    Ok(())
}
