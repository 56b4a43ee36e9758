//! The queue: apalis, which wakes workers and nothing more. What is to be done, and whether it was, stands in
//! the outbox; the queue may be lost.

use std::sync::Arc;
use std::time::Duration;

use apalis::prelude::*;
use apalis_postgres::PostgresStorage;
use apalis_sqlite::SqliteStorage;
use assent_domain::id::{JobId, WorkerId};
use assent_entity::outbox::{DueJob, Lane};
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::run::World;
use crate::settings::QueueSettings;

/// The names under which our jobs stand among others: those that somebody waits for are worked off by workers of their
/// own, which no campaign keeps busy.
const QUEUES: [&str; 2] = ["assent", "assent-urgent"];

/// How many of those that somebody waits for are worked on at a time.
pub(crate) const URGENT_AT_ONCE: usize = 4;

/// How often a queue is looked at when nothing in this process has woken it.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How often a worker shows that it lives; a dead one is noticed after two.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// What makes the workers look at their queues at once.
#[derive(Debug, Default)]
pub(crate) struct Wakes {
    ordinary: Arc<Notify>,
    urgent: Arc<Notify>,
}

impl Wakes {
    /// Something has been pushed.
    pub(crate) fn notify(&self) {
        self.ordinary.notify_one();
        self.urgent.notify_one();
    }
}

/// What the queue carries: which row of the outbox is meant.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Wake {
    pub(crate) outbox: JobId,
}

/// Why the queue does not work.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// Its database answered with an error.
    #[error("the queue's database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// Its schema could not be brought up to date.
    #[error("the queue's schema could not be set up: {0}")]
    Setup(String),
    /// A job could not be pushed.
    #[error("a job could not be pushed to the queue: {0}")]
    Push(String),
    /// The workers stopped by themselves.
    #[error("the queue's worker stopped: {0}")]
    Worker(String),
}

/// A queue in either database.
#[derive(Clone, Debug)]
pub(crate) enum Queue {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Queue {
    /// Opens the queue and sets up its tables.
    pub(crate) async fn open(settings: &QueueSettings) -> Result<Self, QueueError> {
        let setup = |error: sqlx::migrate::MigrateError| QueueError::Setup(error.to_string());
        match settings {
            QueueSettings::Sqlite { path } => {
                // Not apalis's own `setup`: it would turn `synchronous` off and claim a cache of 260 MB.
                let options = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(SqliteSynchronous::Normal)
                    .pragma("secure_delete", "ON")
                    .busy_timeout(Duration::from_secs(10));
                let pool = SqlitePoolOptions::new()
                    .max_connections(1)
                    .connect_with(options)
                    .await?;
                SqliteStorage::migrations().run(&pool).await.map_err(setup)?;
                Ok(Self::Sqlite(pool))
            }
            QueueSettings::Postgres { url } => {
                let pool = PgPoolOptions::new().max_connections(4).connect(url).await?;
                PostgresStorage::migrations().run(&pool).await.map_err(setup)?;
                Ok(Self::Postgres(pool))
            }
        }
    }

    /// Brings the write-ahead log of its file into the file, and cuts it to nothing. `false` where somebody was in the
    /// way.
    pub(crate) async fn empty_log(&self) -> Result<bool, QueueError> {
        let Self::Sqlite(pool) = self else { return Ok(true) };
        let busy = sqlx::query_scalar::<_, i32>("PRAGMA wal_checkpoint(TRUNCATE)");
        Ok(busy.fetch_one(pool).await? == 0)
    }

    /// Pushes a job. Pushing the same push again does nothing.
    pub(crate) async fn push(&self, job: &DueJob) -> Result<(), QueueError> {
        let key = format!("{}:{}", job.id, job.push);
        let task = TaskBuilder::new(Wake { outbox: job.id })
            .idempotency_key(&key)
            .max_attempts(1)
            .build();
        let [ordinary, urgent] = QUEUES;
        let queue = match job.lane {
            Lane::Ordinary => ordinary,
            Lane::Urgent => urgent,
        };
        match self {
            Self::Sqlite(pool) => sqlite(pool, queue).push_task(task).await.map_err(push_error),
            Self::Postgres(pool) => match postgres(pool, queue).push_task(task).await.map_err(push_error) {
                // The key is a plain unique index there: the job has been pushed.
                Err(QueueError::Push(error))
                    if error.contains("23505") || error.contains("duplicate key") =>
                {
                    Ok(())
                }
                other => other,
            },
        }
    }

    /// Works until `stop`, on as many jobs at a time as the settings say. `wake` makes it look at once.
    pub(crate) async fn work(
        &self,
        world: Arc<World>,
        name: WorkerId,
        wake: &Wakes,
        stop: CancellationToken,
    ) -> Result<(), QueueError> {
        let [ordinary, urgent] = QUEUES;
        let at_once = world.settings.mailings_at_once;
        // Each is a task of its own: apalis looks at its queue whenever its task is polled, and two in one task would wake
        // each other by what they find, for ever.
        let mut lanes = JoinSet::new();
        for (queue, at_once, name, wake) in [
            (ordinary, at_once, name.to_string(), &wake.ordinary),
            (urgent, URGENT_AT_ONCE, format!("{name}-urgent"), &wake.urgent),
        ] {
            let (of, world, wake, stop) = (self.clone(), Arc::clone(&world), Arc::clone(wake), stop.clone());
            lanes.spawn(async move { of.work_on(queue, at_once, world, name, wake, stop).await });
        }
        while let Some(ended) = lanes.join_next().await {
            ended.map_err(|error| QueueError::Worker(error.to_string()))??;
        }
        Ok(())
    }

    async fn work_on(
        &self,
        queue: &str,
        at_once: usize,
        world: Arc<World>,
        name: String,
        wake: Arc<Notify>,
        stop: CancellationToken,
    ) -> Result<(), QueueError> {
        let looks = move || {
            let wake = Arc::clone(&wake);
            Strategy::new()
                .interval(LOOK_EVERY)
                .stream(Box::pin(futures::stream::unfold(wake, |wake| async move {
                    wake.notified().await;
                    Some(((), wake))
                })))
        };
        let stopped = async move {
            stop.cancelled().await;
            Ok::<(), std::io::Error>(())
        };
        let ended = match self {
            Self::Sqlite(pool) => {
                WorkerBuilder::new(name)
                    .backend(sqlite(pool, queue).poll_with_strategy(looks()))
                    .data(world)
                    .concurrency(at_once)
                    .build(wake_up)
                    .run_until(stopped)
                    .await
            }
            Self::Postgres(pool) => {
                WorkerBuilder::new(name)
                    .backend(postgres(pool, queue).poll_with_strategy(looks()))
                    .data(world)
                    .concurrency(at_once)
                    .build(wake_up)
                    .run_until(stopped)
                    .await
            }
        };
        ended.map_err(|error| QueueError::Worker(error.to_string()))
    }
}

fn push_error(error: impl std::fmt::Debug) -> QueueError {
    QueueError::Push(format!("{error:?}"))
}

fn sqlite(pool: &SqlitePool, queue: &str) -> SqliteStorage<Wake> {
    let config = apalis_sqlite::Config::default()
        .queue(queue)
        .heartbeat_interval(HEARTBEAT);
    SqliteStorage::new(pool).with_config(config.persist_results(false))
}

fn postgres(pool: &PgPool, queue: &str) -> PostgresStorage<Wake> {
    let config = apalis_postgres::Config::default()
        .queue(queue)
        .heartbeat_interval(HEARTBEAT);
    PostgresStorage::new(pool).with_config(config.persist_results(false))
}

/// The queue's only handler. Whether the work is done stands in the outbox, so to the queue it always is. A
/// task of its own lets jobs use every core, and keeps a panic in one from the others.
async fn wake_up(wake: Wake, world: Data<Arc<World>>) -> Result<(), BoxDynError> {
    let world = Arc::clone(&world);
    let work = tokio::spawn(async move { crate::jobs::work_off(&world, wake.outbox).await });
    if let Err(error) = work.await {
        tracing::error!(job = %wake.outbox, %error, "a job broke off; it is pushed again");
    }
    Ok(())
}
