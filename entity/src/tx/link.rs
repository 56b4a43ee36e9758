//! The connection of one transaction.
//!
//! PostgreSQL is told in one trip that a transaction begins, whether it may write, and whose rows it may see: a trip costs
//! as much as a small statement, and every transaction has these.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::prelude::async_trait;
use sea_orm::sqlx::{self, Executor, Postgres, Transaction};
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseBackend, DatabaseTransaction, DbErr, ExecResult, QueryResult,
    RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use sea_query_sqlx::SqlxValues;
use tokio::sync::Mutex;

use crate::asked::Asked;
use crate::store::Store;

/// Whether a transaction may write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    Reads,
    Writes,
}

/// A transaction that is open. Dropped, it changes nothing.
#[derive(Debug)]
pub(crate) struct Link {
    connection: Connection,
    asked: Arc<Asked>,
    is_broken: AtomicBool,
}

#[derive(Debug)]
enum Connection {
    Sqlite(DatabaseTransaction),
    Postgres(Mutex<Transaction<'static, Postgres>>),
}

impl Link {
    /// Begins; `settings` are what `SET LOCAL` is to set on PostgreSQL.
    ///
    /// On SQLite a transaction that may write has the right to from the start (`BEGIN IMMEDIATE`), so that one which
    /// reads, then writes, waits its turn instead of failing in the middle.
    pub(super) async fn begin(store: &Store, access: Access, settings: &[String]) -> Result<Self, DbErr> {
        let asked = store.asked();
        asked.note("BEGIN");
        Ok(Self {
            connection: Connection::begin(store, access, settings).await?,
            asked,
            is_broken: AtomicBool::new(false),
        })
    }

    /// Keeps the changes.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        self.asked.note("COMMIT");
        match self.connection {
            Connection::Sqlite(tx) => tx.commit().await,
            Connection::Postgres(tx) => tx.into_inner().commit().await.map_err(not_done),
        }
    }

    /// Whether a statement failed in it: PostgreSQL answers no further one then.
    pub(super) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::Relaxed)
    }

    fn ask(&self, words: &str) -> &Connection {
        self.asked.note(words);
        &self.connection
    }

    fn answered<T>(&self, answer: Result<T, DbErr>) -> Result<T, DbErr> {
        if answer.is_err() {
            self.is_broken.store(true, Ordering::Relaxed);
        }
        answer
    }
}

impl Connection {
    async fn begin(store: &Store, access: Access, settings: &[String]) -> Result<Self, DbErr> {
        let pool = match access {
            Access::Reads => store.reader(),
            Access::Writes => store.writer(),
        };
        if store.is_sqlite() {
            let mode = (access == Access::Writes).then_some(SqliteTransactionMode::Immediate);
            let options = TransactionOptions {
                sqlite_transaction_mode: mode,
                ..Default::default()
            };
            return Ok(Self::Sqlite(pool.begin_with_options(options).await?));
        }
        let begin = match access {
            Access::Reads => "BEGIN READ ONLY",
            Access::Writes => "BEGIN",
        };
        let set = settings.iter().map(|setting| format!("; SET LOCAL {setting}"));
        let said = std::iter::once(begin.to_owned()).chain(set).collect::<String>();
        let pool = pool.get_postgres_connection_pool().clone();
        // In a task of its own: whoever asks may be dropped on the way, and sqlx 0.9 would give the connection back with
        // what was set in it, for the next tenant to find. Begun, and wanted by nobody, it is rolled back.
        let beginning = tokio::spawn(async move { pool.begin_with(sqlx::AssertSqlSafe(said)).await });
        let tx = beginning.await.map_err(|error| broken_off(&error))?;
        Ok(Self::Postgres(Mutex::new(tx.map_err(not_begun)?)))
    }
}

fn broken_off(error: &tokio::task::JoinError) -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(error.to_string()))
}

fn not_begun(error: sqlx::Error) -> DbErr {
    match error {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        error => DbErr::Conn(RuntimeErr::SqlxError(error.into())),
    }
}

fn not_done(error: sqlx::Error) -> DbErr {
    DbErr::Exec(RuntimeErr::SqlxError(error.into()))
}

fn not_answered(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

/// A statement with its values, as the driver takes it.
fn prepared(statement: Statement) -> sqlx::query::Query<'static, Postgres, SqlxValues> {
    let values = statement.values.unwrap_or_else(|| sea_orm::Values(Vec::new()));
    sqlx::query_with(sqlx::AssertSqlSafe(statement.sql), SqlxValues(values))
}

#[async_trait::async_trait]
impl ConnectionTrait for Link {
    fn get_database_backend(&self) -> DatabaseBackend {
        match self.connection {
            Connection::Sqlite(_) => DatabaseBackend::Sqlite,
            Connection::Postgres(_) => DatabaseBackend::Postgres,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let answer = match self.ask(&statement.sql) {
            Connection::Sqlite(tx) => tx.execute_raw(statement).await,
            Connection::Postgres(tx) => {
                let mut tx = tx.lock().await;
                let done = prepared(statement).execute(&mut **tx).await;
                done.map(ExecResult::from).map_err(not_done)
            }
        };
        self.answered(answer)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let answer = match self.ask(sql) {
            Connection::Sqlite(tx) => tx.execute_unprepared(sql).await,
            Connection::Postgres(tx) => {
                let mut tx = tx.lock().await;
                let done = tx.execute(sqlx::AssertSqlSafe(sql.to_owned())).await;
                done.map(ExecResult::from).map_err(not_done)
            }
        };
        self.answered(answer)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let answer = match self.ask(&statement.sql) {
            Connection::Sqlite(tx) => tx.query_one_raw(statement).await,
            Connection::Postgres(tx) => {
                let mut tx = tx.lock().await;
                let row = prepared(statement).fetch_optional(&mut **tx).await;
                row.map(|row| row.map(QueryResult::from)).map_err(not_answered)
            }
        };
        self.answered(answer)
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let answer = match self.ask(&statement.sql) {
            Connection::Sqlite(tx) => tx.query_all_raw(statement).await,
            Connection::Postgres(tx) => {
                let mut tx = tx.lock().await;
                let rows = prepared(statement).fetch_all(&mut **tx).await;
                rows.map(|rows| rows.into_iter().map(QueryResult::from).collect())
                    .map_err(not_answered)
            }
        };
        self.answered(answer)
    }
}
