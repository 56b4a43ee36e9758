//! The outbox: jobs that exist if and only if the change that calls for them was committed.
//!
//! The relay pushes what is due to the queue and pushes it again while the row is open, so the queue itself
//! may be lost. Done means deleted; a job that has to stop stays, with the reason, for the operator.

use std::time::Duration;

use assent_domain::audit::Actor;
use assent_domain::clock::Timestamp;
use assent_domain::id::{JobId, stored};
use assent_domain::job::Job;
use sea_orm::{ActiveValue::Set, ConnectionTrait, EntityTrait, FromQueryResult};

use crate::error::StoreError;
use crate::row::outbox as row;
use crate::store::Store;
use crate::tx::{PlatformTx, TenantCtx, TenantTx, Write};

mod taking;

pub use taking::{Lane, still_out, take_due};

/// How long a pushed job has before it is pushed again: longer than a slice of work and its lease, so that a
/// job whose worker lives is not pushed twice.
pub const PUSH_AGAIN_AFTER: Duration = Duration::from_secs(20);

/// A job that is to be pushed to the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueJob {
    /// The outbox row.
    pub id: JobId,
    /// How often it has been pushed, this time included: with the id, the key that makes a push idempotent.
    pub push: i32,
    /// Where it is worked off.
    pub lane: Lane,
}

/// A job that a worker opened.
#[derive(Clone, Debug)]
pub struct OpenJob {
    /// The outbox row.
    pub id: JobId,
    /// What is to be done.
    pub job: Job,
    /// Within which tenant.
    pub ctx: TenantCtx,
    /// How often it has failed.
    pub failures: i32,
}

pub(crate) async fn insert(
    conn: &impl ConnectionTrait,
    id: JobId,
    job: &Job,
    now: Timestamp,
    due_at: Timestamp,
    lane: Lane,
) -> Result<(), StoreError> {
    let payload = serde_json::to_string(job).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let row = row::ActiveModel {
        id: Set(id.uuid()),
        tenant_id: Set(job.tenant().uuid()),
        payload: Set(payload),
        created_at: Set(now.micros()),
        due_at: Set(due_at.micros()),
        urgent: Set(lane.urgent()),
        pushes: Set(0),
        failures: Set(0),
        last_error: Set(None),
        stopped_at: Set(None),
        taken_until: Set(0),
    };
    row::Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Count {
    open: i64,
}

/// How many jobs are due, under way or waiting for their time.
pub async fn count_open(store: &Store) -> Result<u64, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let statement = tx.statement("SELECT COUNT(*) AS open FROM outbox WHERE stopped_at IS NULL", []);
    let count = Count::find_by_statement(statement).one(tx.conn()).await?;
    Ok(count.map_or(0, |count| u64::try_from(count.open).unwrap_or(0)))
}

/// Opens a job for the worker, or `None` where it is done or stopped.
pub async fn open(store: &Store, id: JobId) -> Result<Option<OpenJob>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let Some(row) = row::Entity::find_by_id(id.uuid()).one(tx.conn()).await? else {
        return Ok(None);
    };
    if row.stopped_at.is_some() {
        return Ok(None);
    }
    let job: Job =
        serde_json::from_str(&row.payload).map_err(|error| StoreError::Corrupt(format!("{id}: {error}")))?;
    Ok(Some(OpenJob {
        id,
        job,
        ctx: TenantCtx::new(stored(row.tenant_id), Actor::Job),
        failures: row.failures,
    }))
}

/// Closes a job in the handler's own transaction.
pub async fn close(tx: &mut TenantTx<Write>, id: JobId) -> Result<(), StoreError> {
    tx.execute(
        "DELETE FROM outbox WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into()],
    )
    .await?;
    Ok(())
}

/// Lets the tenant's jobs that wait for a time look at once whether it has come: what they waited for has changed. Those
/// under way find out by themselves.
pub(crate) async fn wake(tx: &mut TenantTx<Write>) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET due_at = $2
               WHERE tenant_id = $1 AND stopped_at IS NULL AND due_at > $2 AND taken_until <= $2";
    let now = tx.now().micros();
    tx.execute(sql, [now.into()]).await?;
    tx.wake_relay_at_commit();
    Ok(())
}

/// Puts a job off: the same row is due again at `due_at`.
pub async fn put_off(tx: &mut TenantTx<Write>, id: JobId, due_at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE outbox SET due_at = $3, failures = 0, taken_until = 0 WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into(), due_at.micros().into()],
    )
    .await?;
    if due_at <= tx.now() {
        tx.wake_relay_at_commit();
    }
    Ok(())
}

/// Lets a job that waits for a time look at once; one that is under way finds out by itself.
pub(crate) async fn hasten(tx: &mut TenantTx<Write>, id: JobId) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET due_at = $3 WHERE tenant_id = $1 AND id = $2 AND due_at > $3 AND taken_until <= $3";
    let now = tx.now().micros();
    tx.execute(sql, [id.uuid().into(), now.into()]).await?;
    tx.wake_relay_at_commit();
    Ok(())
}

/// Leaves a job to whoever owns what it is about: it counts as under way, and is looked at again when that lease is over.
pub async fn leave_to_owner(tx: &mut TenantTx<Write>, id: JobId, until: Timestamp) -> Result<(), StoreError> {
    let sql =
        "UPDATE outbox SET due_at = $3, failures = 0, taken_until = $3 WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [id.uuid().into(), until.micros().into()]).await?;
    Ok(())
}

/// Records that a job failed, and when it is tried again; without a time it stops for good.
pub async fn record_failure(
    store: &Store,
    id: JobId,
    error: &str,
    again_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let tx = PlatformTx::write(store).await?;
    let now = tx.now();
    let statement = tx.statement(
        "UPDATE outbox SET failures = failures + 1, last_error = $2, due_at = $3, stopped_at = $4,
                taken_until = 0 WHERE id = $1",
        [
            id.uuid().into(),
            error.into(),
            again_at.unwrap_or(now).micros().into(),
            again_at.is_none().then_some(now.micros()).into(),
        ],
    );
    tx.conn().execute_raw(statement).await?;
    tx.commit().await
}
