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

/// Runs statements in which `{uuid}` and `{bytes}` stand for the types of the database at hand, `{nil}` for
/// the UUID of nothing, and `{strict}` for SQLite's promise to keep to the types of its columns, of which it calls every integer `INTEGER`.
pub(crate) async fn run(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let (uuid, bytes, bigint, strict, nil) = if on_postgres(manager) {
        (
            "uuid",
            "bytea",
            "BIGINT",
            "",
            "'00000000-0000-0000-0000-000000000000'",
        )
    } else {
        (
            "BLOB",
            "BLOB",
            "INTEGER",
            "STRICT",
            "x'00000000000000000000000000000000'",
        )
    };
    for statement in statements {
        let sql = statement
            .replace("{uuid}", uuid)
            .replace("{bytes}", bytes)
            .replace("BIGINT", bigint)
            .replace("{strict}", strict)
            .replace("{nil}", nil);
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
