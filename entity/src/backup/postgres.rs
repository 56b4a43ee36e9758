//! A backup of PostgreSQL is an archive of `pg_dump`. Row-level security binds the tables' owner, so the programs set
//! the platform's flag as [`crate::tx`] does; without it they would see no rows. The archive's moment is that of a
//! transaction in which the rows are counted and the ledgers' ends are read.

use std::path::Path;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, FromQueryResult,
    Statement,
};

use super::error::BackupError;
use super::file::{About, BackupFile, DatabaseKind, Digest, FORMAT};
use super::{census, scratch};
use crate::checkpoint;
use crate::error::StoreError;
use crate::store::{Store, StoreSettings};
use crate::tx::PlatformTx;

mod tools;

use tools::Tools;

/// The table that says that a restore did not come to its end: such a database is not opened.
pub(crate) const UNFINISHED: &str = "restore_unfinished";

/// Takes away what the database has of ours, and the marks of the queue, and says that a restore is under way. It runs
/// in the transaction that puts the rows in.
const MAKE_WAY: &str = "DO $$
DECLARE it record;
BEGIN
  CREATE TEMPORARY TABLE ours ON COMMIT DROP AS
    SELECT c.oid, c.oid::regclass::text AS name FROM pg_class c
    WHERE c.relkind = 'r' AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
      AND (c.relname IN ('tenant', 'request_log', 'held_address', 'seaql_migrations', 'restore_unfinished') OR EXISTS (
        SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'));
  FOR it IN SELECT DISTINCT t.tgfoid::regprocedure::text AS name FROM pg_trigger t
    JOIN ours o ON o.oid = t.tgrelid WHERE NOT t.tgisinternal
  LOOP
    EXECUTE 'DROP FUNCTION ' || it.name || ' CASCADE';
  END LOOP;
  FOR it IN SELECT name FROM ours LOOP
    EXECUTE 'DROP TABLE ' || it.name || ' CASCADE';
  END LOOP;
  IF to_regclass('apalis.jobs') IS NOT NULL THEN
    DELETE FROM apalis.jobs;
  END IF;
END $$;
CREATE TABLE restore_unfinished (since timestamptz NOT NULL DEFAULT now());";

#[derive(FromQueryResult)]
struct Moment {
    snapshot: String,
    schema: String,
}

#[derive(FromQueryResult)]
struct Asked {
    yes: bool,
}

/// Dumps the database into a file.
pub(super) async fn copy(store: &Store, settings: &StoreSettings, into: &Path) -> Result<About, BackupError> {
    let tools = Tools::of(&settings.url)?;
    let created_at = store.now();
    let tx = PlatformTx::read(store).await?;
    tx.see_one_moment().await?;
    let moment = tx.statement(
        "SELECT pg_export_snapshot()::text AS snapshot, current_schema()::text AS schema",
        [],
    );
    let moment = Moment::find_by_statement(moment).one(tx.conn()).await?;
    let moment = moment.ok_or_else(|| StoreError::Corrupt("the schema of the connection".to_owned()))?;
    let about = About {
        format: FORMAT,
        database: DatabaseKind::Postgres,
        release: env!("CARGO_PKG_VERSION").to_owned(),
        schema: Some(moment.schema.clone()),
        migrations: census::migrations(tx.conn()).await?,
        created_at,
        checkpoint: checkpoint::of(tx.conn(), store.keys(), created_at).await?,
        rows: census::count(tx.conn()).await?,
        payload: Digest::default(),
    };
    tools.dump(&moment.schema, &moment.snapshot, into).await?;
    tools.read_through(into).await?;
    tx.commit().await?;
    Ok(about)
}

async fn connect(settings: &StoreSettings) -> Result<DatabaseConnection, BackupError> {
    let mut options = ConnectOptions::new(&settings.url);
    options
        .max_connections(1)
        .sqlx_logging(false)
        .set_application_name("assent restore");
    let conn = Database::connect(options).await?;
    conn.execute_unprepared("SET assent.platform = 'on'").await?;
    Ok(conn)
}

async fn ask(conn: &DatabaseConnection, sql: &str) -> Result<bool, BackupError> {
    let statement = Statement::from_string(DatabaseBackend::Postgres, sql);
    let asked = Asked::find_by_statement(statement).one(conn).await?;
    Ok(asked.is_some_and(|asked| asked.yes))
}

/// Refuses a database that others work on, or that holds tenants unless it may be replaced.
pub(super) async fn prepare(settings: &StoreSettings, replace: bool) -> Result<(), BackupError> {
    let conn = connect(settings).await?;
    // A restore whose process was killed leaves its `psql` behind, which goes on to its end.
    let others = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                      AND application_name IN ('assent', 'assent restore')) AS yes";
    if ask(&conn, others).await? {
        return Err(BackupError::InUse);
    }
    let has_table = ask(&conn, "SELECT to_regclass('tenant') IS NOT NULL AS yes").await?;
    if !replace && has_table && ask(&conn, "SELECT EXISTS (SELECT 1 FROM tenant) AS yes").await? {
        return Err(BackupError::NotEmpty);
    }
    conn.close().await?;
    Ok(())
}

/// Puts the rows in, in one transaction: all of them, or none, and then the database is as it was.
pub(super) async fn put_back(
    settings: &StoreSettings,
    backup: &BackupFile,
    directory: &Path,
) -> Result<(), BackupError> {
    let tools = Tools::of(&settings.url)?;
    let script = scratch::beside(&directory.join("restore"), "sql")?;
    tools.unpack(backup, script.path()).await?;
    tools.run(MAKE_WAY, script.path()).await
}

/// Lets the database be opened.
pub(super) async fn finish(store: &Store) -> Result<(), BackupError> {
    let sql = format!("DROP TABLE {UNFINISHED}");
    store.writer().execute_unprepared(&sql).await?;
    Ok(())
}
