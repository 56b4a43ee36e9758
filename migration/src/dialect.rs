//! One text for two databases: the few words they spell differently.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

/// What a trigger does not let happen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ban {
    /// The trigger's name.
    pub(crate) name: &'static str,
    /// The table it watches.
    pub(crate) table: &'static str,
    /// `INSERT`, `UPDATE` or `DELETE`.
    pub(crate) event: &'static str,
    /// The condition over `OLD` and `NEW`; it may hold subqueries.
    pub(crate) when: &'static str,
    /// What the database answers.
    pub(crate) message: &'static str,
}

fn on_postgres(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DatabaseBackend::Postgres
}

/// What the words in braces stand for, on PostgreSQL and on SQLite.
const WORDS: &[(&str, &str, &str)] = &[
    ("{uuid}", "uuid", "BLOB"),
    ("{bytes}", "bytea", "BLOB"),
    ("{float}", "DOUBLE PRECISION", "REAL"),
    // SQLite calls every integer so.
    ("BIGINT", "BIGINT", "INTEGER"),
    // The UUID of nothing.
    (
        "{nil}",
        "'00000000-0000-0000-0000-000000000000'",
        "x'00000000000000000000000000000000'",
    ),
    // SQLite's promise to keep to the types of its columns.
    ("{strict}", "", "STRICT"),
    // Small rows that are found by their key: SQLite keeps them in its order, and not in a table of their own beside it.
    ("{by_key}", "", "STRICT, WITHOUT ROWID"),
    // The same, of rows that are changed where they stand: PostgreSQL leaves room for that, and need not touch an index.
    (
        "{by_key_with_room}",
        "WITH (fillfactor = 80)",
        "STRICT, WITHOUT ROWID",
    ),
];

/// Runs statements in the words of the database at hand.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let is_postgres = on_postgres(manager);
    for statement in statements {
        let sql = WORDS
            .iter()
            .fold((*statement).to_owned(), |sql, (word, postgres, sqlite)| {
                sql.replace(word, if is_postgres { postgres } else { sqlite })
            });
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Rows that stay go with their tenant, once its day has come: the columns are those of `m10_tenant_life`.
const BUT_WITH_ITS_TENANT: &str = "NOT EXISTS (
    SELECT 1 FROM tenant t WHERE t.id = OLD.tenant_id AND t.deleting_since IS NOT NULL)";

/// The condition of a ban. Nobody has to remember the one exception there is.
fn condition(ban: &Ban) -> String {
    if ban.event == "DELETE" && ban.table != "tenant" {
        format!("({}) AND {BUT_WITH_ITS_TENANT}", ban.when)
    } else {
        ban.when.to_owned()
    }
}

/// Puts up a trigger that refuses, in the words of either database. What it does not let be deleted goes all the same
/// when its tenant is deleted.
pub(crate) async fn ban(manager: &SchemaManager<'_>, bans: &[Ban]) -> Result<(), DbErr> {
    for of in bans {
        let Ban {
            name,
            table,
            event,
            message,
            ..
        } = of;
        let when = condition(of);
        if on_postgres(manager) {
            let row = if *event == "DELETE" { "OLD" } else { "NEW" };
            let function = format!(
                "CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN
                   IF {when} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'check_violation'; END IF;
                   RETURN {row};
                 END $$"
            );
            let trigger = format!(
                "CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
            );
            manager.get_connection().execute_unprepared(&function).await?;
            manager.get_connection().execute_unprepared(&trigger).await?;
        } else {
            let trigger = format!(
                "CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {when}
                 BEGIN SELECT RAISE(ABORT, '{message}'); END"
            );
            manager.get_connection().execute_unprepared(&trigger).await?;
        }
    }
    Ok(())
}
