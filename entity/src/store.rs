//! The open database: two pools on SQLite, one on PostgreSQL; migrations; the clock and the keys.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use assent_domain::clock::{Clock, Timestamp};
use assent_domain::keys::Keys;
use assent_migration::{Migrator, MigratorTrait, estimate};
use sea_orm::sqlx::sqlite::{SqliteAutoVacuum, SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, DbErr,
    SqlxPostgresConnector, Statement,
};
use tokio::sync::Notify;

use crate::access_token;
use crate::asked::Asked;
use crate::backup::{self, UNFINISHED};
use crate::error::StoreError;
use crate::live::Live;
use crate::signing_key::Check;

/// Where the data is and how it is reached.
#[derive(Clone, Debug)]
pub struct StoreSettings {
    /// `sqlite://path` or `postgres://user:password@host/database`.
    pub url: String,
    /// The most connections to PostgreSQL, for requests and for everything else each; or readers of the SQLite file. At
    /// least one.
    pub max_connections: u32,
    /// Whether a PostgreSQL role that row-level security does not bind is accepted.
    pub allow_rls_bypass: bool,
}

/// Why the store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// An address of neither database.
    #[error("the database address begins with neither sqlite: nor postgres:")]
    UnknownDatabase,
    /// A PostgreSQL role that sees every tenant's rows whatever the policies say.
    #[error(
        "the PostgreSQL role is a superuser or has BYPASSRLS, so row-level security does not bind it: \
         use an ordinary role, or accept this with --allow-rls-bypass"
    )]
    RoleBypassesRowSecurity,
    /// The schema is older or newer than this release.
    #[error("the database has not been migrated for this release: run `assent migrate`")]
    NotMigrated,
    /// A restore did not come to its end.
    #[error("a restore into this database was broken off: run `assent restore --replace` again")]
    RestoreUnfinished,
    /// The database answered with an error.
    #[error("the database cannot be opened: {0}")]
    Database(#[from] DbErr),
}

/// The open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    read: DatabaseConnection,
    write: DatabaseConnection,
    clock: Arc<dyn Clock>,
    keys: Keys,
    token_checks: OnceLock<Vec<Check>>,
    jobs_waiting: Arc<Notify>,
    asked: Arc<Asked>,
    live: Arc<Live>,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("backend", &self.backend())
            .finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the database. It has to be migrated, see [`Store::migrate`].
    pub async fn open(
        settings: &StoreSettings,
        keys: Keys,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        if is_half_swapped(settings) {
            return Err(OpenError::RestoreUnfinished);
        }
        let store = Self::open_unfinished(settings, keys, clock).await?;
        if store.is_half_restored().await? {
            return Err(OpenError::RestoreUnfinished);
        }
        Ok(store)
    }

    /// Opens the database though a restore into it may not have come to its end: for the restore itself.
    pub(crate) async fn open_unfinished(
        settings: &StoreSettings,
        keys: Keys,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let (read, write) = if backend_of(&settings.url)? == DatabaseBackend::Sqlite {
            // The writer comes first: it creates the file that the readers then find.
            let write = Database::connect(sqlite_options(settings, true)).await?;
            (Database::connect(sqlite_options(settings, false)).await?, write)
        } else {
            let pool = Database::connect(postgres_options(settings)).await?;
            (pool.clone(), pool)
        };
        let store = Self {
            inner: Arc::new(Inner {
                read,
                write,
                clock,
                keys,
                token_checks: OnceLock::new(),
                jobs_waiting: Arc::default(),
                asked: Arc::default(),
                live: Arc::default(),
            }),
        };
        if !settings.allow_rls_bypass && store.role_bypasses_row_security().await? {
            return Err(OpenError::RoleBypassesRowSecurity);
        }
        Ok(store)
    }

    /// The same store through connections of its own, as many as come to each of so many that share them. PostgreSQL's belong to the runtime that opened them and break when
    /// it ends, so whoever brings runtimes that end before the process does, as the threads of an HTTP server are, takes
    /// these there. SQLite's have threads of their own and stay shared.
    #[must_use]
    pub fn with_own_connections(&self, sharing: usize) -> Self {
        if self.is_sqlite() {
            return self.clone();
        }
        let pool = self.inner.write.get_postgres_connection_pool();
        let sharing = u32::try_from(sharing).unwrap_or(u32::MAX);
        // With one, whatever lasts would hold up all that comes to the same thread.
        let most = pool
            .options()
            .get_max_connections()
            .div_ceil(sharing.max(1))
            .max(2);
        let own = pool
            .options()
            .clone()
            .max_connections(most)
            .connect_lazy_with(pool.connect_options().as_ref().clone());
        let pool = SqlxPostgresConnector::from_sqlx_postgres_pool(own);
        Self {
            inner: Arc::new(Inner {
                read: pool.clone(),
                write: pool,
                clock: Arc::clone(&self.inner.clock),
                keys: self.inner.keys.clone(),
                token_checks: OnceLock::new(),
                jobs_waiting: Arc::clone(&self.inner.jobs_waiting),
                asked: Arc::clone(&self.inner.asked),
                live: Arc::clone(&self.inner.live),
            }),
        }
    }

    /// Brings the schema up to this release. On PostgreSQL several processes may try at once: an advisory
    /// lock lets one go first.
    pub async fn migrate(&self) -> Result<(), OpenError> {
        if self.backend() == DatabaseBackend::Postgres {
            let locked = sea_orm::TransactionTrait::begin(&self.inner.write).await?;
            locked
                .execute_unprepared("SELECT pg_advisory_xact_lock(4719321082761)")
                .await?;
            Migrator::up(&locked, None).await?;
            locked.commit().await?;
        } else {
            Migrator::up(&self.inner.write, None).await?;
            estimate(&self.inner.write).await?;
        }
        Ok(())
    }

    /// Refuses a database whose schema is not that of this release.
    pub async fn check_migrated(&self) -> Result<(), OpenError> {
        let pending = Migrator::get_pending_migrations(&self.inner.write).await?;
        if pending.is_empty() {
            Ok(())
        } else {
            Err(OpenError::NotMigrated)
        }
    }

    /// The time now, by this store's clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The clock.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    /// The operator's keys.
    pub fn keys(&self) -> &Keys {
        &self.inner.keys
    }

    /// What checks access tokens; derived when the first is shown.
    pub(crate) fn token_checks(&self) -> Result<&[Check], StoreError> {
        let known = &self.inner.token_checks;
        if let Some(checks) = known.get() {
            return Ok(checks);
        }
        let derived = access_token::checks(&self.inner.keys)?;
        Ok(known.get_or_init(|| derived))
    }

    /// Resolves when a transaction of this process has committed jobs to the outbox.
    pub async fn jobs_waiting(&self) {
        self.inner.jobs_waiting.notified().await;
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.inner.read.execute_unprepared("SELECT 1").await.map(|_| ())
    }

    /// Tells PostgreSQL how much there is in the tables that sending reads. It finds out by itself within minutes,
    /// in which it would read all of a tenant's rows for each of a large mailing's. SQLite needs no telling: its
    /// queries name their way.
    pub async fn take_stock(&self) -> Result<(), DbErr> {
        if self.backend() == DatabaseBackend::Postgres {
            let analyze = "ANALYZE subscriber, subscription, consent, suppression, delivery";
            self.inner.write.execute_unprepared(analyze).await?;
        }
        Ok(())
    }

    /// Whether the data is in an SQLite file, which one process serves.
    pub fn is_sqlite(&self) -> bool {
        self.backend() == DatabaseBackend::Sqlite
    }

    /// Whether a transaction that writes may begin before it has something to do, and keep nobody waiting: on PostgreSQL, while
    /// a connection lies idle. SQLite's writers take turns.
    pub fn has_idle_connection(&self) -> bool {
        !self.is_sqlite() && self.inner.write.get_postgres_connection_pool().num_idle() > 0
    }

    pub(crate) fn backend(&self) -> DatabaseBackend {
        self.inner.write.get_database_backend()
    }

    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.inner.read
    }

    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.inner.write
    }

    /// How many statements the database has been asked so far, beginnings and ends of transactions among them.
    pub fn statements(&self) -> u64 {
        self.inner.asked.times()
    }

    pub(crate) fn live(&self) -> &Arc<Live> {
        &self.inner.live
    }

    /// Shows every statement of a transaction to somebody before it is asked, with places where its values go: for tests
    /// that read how the database answers it. The first to watch is the only one.
    pub fn watch_statements(&self, watcher: impl Fn(&str) + Send + Sync + 'static) {
        self.inner.asked.watch(Box::new(watcher));
    }

    pub(crate) fn asked(&self) -> Arc<Asked> {
        Arc::clone(&self.inner.asked)
    }

    /// Lets the relay look at the outbox: a job was committed, or a place among the workers is free.
    pub fn wake_relay(&self) {
        self.inner.jobs_waiting.notify_one();
    }

    /// Lets go of every connection. What is under way ends first.
    pub async fn close(&self) {
        for pool in [&self.inner.read, &self.inner.write] {
            if let Err(error) = pool.close_by_ref().await {
                tracing::warn!(%error, "a connection did not close");
            }
        }
    }

    /// Brings what SQLite keeps beside the file into it.
    pub(crate) async fn fold_log(&self) -> Result<(), DbErr> {
        let fold = "PRAGMA wal_checkpoint(TRUNCATE)";
        self.inner.write.execute_unprepared(fold).await.map(|_| ())
    }

    async fn is_half_restored(&self) -> Result<bool, DbErr> {
        if self.backend() != DatabaseBackend::Postgres {
            return Ok(false);
        }
        let question = format!("SELECT to_regclass('{UNFINISHED}') IS NOT NULL");
        let statement = Statement::from_string(DatabaseBackend::Postgres, question);
        let answer = self.inner.write.query_one_raw(statement).await?;
        answer.map_or(Ok(false), |row| row.try_get_by_index(0))
    }

    async fn role_bypasses_row_security(&self) -> Result<bool, DbErr> {
        if self.backend() != DatabaseBackend::Postgres {
            return Ok(false);
        }
        let question = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user";
        let answer = self
            .inner
            .write
            .query_one_raw(Statement::from_string(DatabaseBackend::Postgres, question))
            .await?;
        answer.map_or(Ok(true), |row| row.try_get_by_index(0))
    }
}

/// Whether a restore was broken off while one SQLite file took the place of another.
fn is_half_swapped(settings: &StoreSettings) -> bool {
    let file = settings
        .url
        .starts_with("sqlite:")
        .then(|| backup::file_of(&settings.url));
    file.flatten()
        .is_some_and(|file| backup::ready_for(&file).exists())
}

fn backend_of(url: &str) -> Result<DatabaseBackend, OpenError> {
    match url.split(':').next() {
        Some("sqlite") => Ok(DatabaseBackend::Sqlite),
        Some("postgres" | "postgresql") => Ok(DatabaseBackend::Postgres),
        _ => Err(OpenError::UnknownDatabase),
    }
}

fn quiet_options(settings: &StoreSettings) -> ConnectOptions {
    let mut options = ConnectOptions::new(settings.url.clone());
    options
        .sqlx_logging(false)
        .record_stmt_in_spans(false)
        .acquire_timeout(Duration::from_secs(30))
        .test_before_acquire_if_idle_for(Duration::from_secs(1));
    options
}

fn postgres_options(settings: &StoreSettings) -> ConnectOptions {
    let mut options = quiet_options(settings);
    options
        .max_connections(settings.max_connections.max(1))
        .set_application_name("assent")
        // Every query goes by a key, so a plan that was made once is as good for the next tenant.
        .map_sqlx_postgres_opts(|postgres| postgres.options([("plan_cache_mode", "force_generic_plan")]));
    options
}

/// One connection writes, first come first served; the others only read. `secure_delete` overwrites what is
/// erased.
fn sqlite_options(settings: &StoreSettings, writes: bool) -> ConnectOptions {
    let mut options = quiet_options(settings);
    options.max_connections(if writes {
        1
    } else {
        settings.max_connections.max(1)
    });
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .create_if_missing(writes)
            .journal_mode(SqliteJournalMode::Wal)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("secure_delete", "ON")
            // In KiB. The writer goes to and fro between a few indexes; 2 MiB, SQLite's own choice, hold the
            // inner pages of none.
            .pragma("cache_size", if writes { "-16384" } else { "-2048" })
            .pragma("query_only", if writes { "OFF" } else { "ON" })
    });
    options
}
