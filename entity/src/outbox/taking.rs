//! Taking jobs that are due, fairly: where more are due than there are places, each tenant gets its share of the places,
//! whatever it has queued.

use assent_domain::delivery::MailingKind;
use assent_domain::fair_share::{Claimant, shares};
use assent_domain::id::{JobId, TenantId, stored};
use sea_orm::{ConnectionTrait, DatabaseBackend, FromQueryResult, Value};
use uuid::Uuid;

use super::{DueJob, PUSH_AGAIN_AFTER};
use crate::error::StoreError;
use crate::store::Store;
use crate::tx::{PlatformTx, fill_up, places};

/// Where jobs are worked off. Those that somebody waits for have places of their own, which no campaign keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// All that may take its time.
    Ordinary,
    /// What somebody waits for.
    Urgent,
}

impl Lane {
    /// Where a mailing of this kind is worked off.
    pub(crate) fn of(kind: MailingKind) -> Self {
        if kind.is_urgent() {
            Self::Urgent
        } else {
            Self::Ordinary
        }
    }

    /// As the column says it.
    pub(super) fn urgent(self) -> i32 {
        (self == Self::Urgent).into()
    }
}

#[derive(FromQueryResult)]
struct PushedRow {
    id: Uuid,
    pushes: i32,
}

#[derive(FromQueryResult)]
struct Due {
    due: i64,
}

/// Takes at most `limit` jobs of a lane that are due, and puts off their next push. Where none is, nobody who writes is
/// kept waiting.
pub async fn take_due(store: &Store, lane: Lane, limit: u32) -> Result<Vec<DueJob>, StoreError> {
    let due = count_due(store, lane, limit).await?;
    if due == 0 {
        return Ok(Vec::new());
    }
    let tx = PlatformTx::write(store).await?;
    let mut taken = Vec::new();
    if due > i64::from(limit) {
        for (tenant, share) in by_tenant(&tx, lane, limit).await? {
            taken.extend(take(&tx, lane, Some(tenant), share).await?);
        }
    } else {
        taken = take(&tx, lane, None, limit).await?;
    }
    tx.commit().await?;
    Ok(taken)
}

/// How many jobs of a lane are due, counted up to one more than `limit`.
async fn count_due(store: &Store, lane: Lane, limit: u32) -> Result<i64, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let sql = "SELECT COUNT(*) AS due FROM (
                 SELECT 1 AS one FROM outbox WHERE due_at <= $1 AND stopped_at IS NULL AND urgent = $3 LIMIT $2) due";
    let values = [
        tx.now().micros().into(),
        (i64::from(limit) + 1).into(),
        lane.urgent().into(),
    ];
    let due = Due::find_by_statement(tx.statement(sql, values))
        .one(tx.conn())
        .await?;
    Ok(due.map_or(0, |due| due.due))
}

async fn take(
    tx: &PlatformTx,
    lane: Lane,
    of: Option<TenantId>,
    limit: u32,
) -> Result<Vec<DueJob>, StoreError> {
    let skip = if tx.conn().get_database_backend() == DatabaseBackend::Postgres {
        "FOR UPDATE SKIP LOCKED"
    } else {
        ""
    };
    let of_tenant = if of.is_some() { "tenant_id = $4 AND" } else { "" };
    let sql = format!(
        "UPDATE outbox SET pushes = pushes + 1, due_at = $2, taken_until = $2 WHERE id IN (
           SELECT id FROM outbox WHERE {of_tenant} due_at <= $1 AND stopped_at IS NULL AND urgent = $3
           ORDER BY due_at LIMIT {limit} {skip})
         RETURNING id, pushes"
    );
    let again_at = tx.now().after(PUSH_AGAIN_AFTER);
    let mut values: Vec<Value> = vec![
        tx.now().micros().into(),
        again_at.micros().into(),
        lane.urgent().into(),
    ];
    values.extend(of.map(|tenant| Value::from(tenant.uuid())));
    let rows = PushedRow::find_by_statement(tx.statement(&sql, values))
        .all(tx.conn())
        .await?;
    let jobs = rows.into_iter().map(|row| DueJob {
        id: stored(row.id),
        push: row.pushes,
        lane,
    });
    Ok(jobs.collect())
}

#[derive(FromQueryResult)]
struct Busy {
    tenant_id: Uuid,
    weight: i32,
    running: i64,
    waiting: i64,
}

/// Each tenant's share of the places. The tenants are found by leaping from one to the next in the index, so it does not
/// matter how much each has queued.
async fn by_tenant(tx: &PlatformTx, lane: Lane, places: u32) -> Result<Vec<(TenantId, u32)>, StoreError> {
    let sql = format!(
        "WITH RECURSIVE busy (tenant_id) AS (
           SELECT (SELECT o.tenant_id FROM outbox o WHERE o.stopped_at IS NULL ORDER BY o.tenant_id LIMIT 1)
           UNION ALL
           SELECT (SELECT o.tenant_id FROM outbox o WHERE o.stopped_at IS NULL AND o.tenant_id > busy.tenant_id
                   ORDER BY o.tenant_id LIMIT 1)
           FROM busy WHERE busy.tenant_id IS NOT NULL)
         SELECT b.tenant_id, t.weight,
                (SELECT COUNT(*) FROM outbox o WHERE o.tenant_id = b.tenant_id AND o.stopped_at IS NULL
                   AND o.urgent = $3 AND o.due_at > $1 AND o.due_at <= $2 AND o.taken_until > $1) AS running,
                (SELECT COUNT(*) FROM (SELECT 1 AS one FROM outbox o WHERE o.tenant_id = b.tenant_id
                   AND o.stopped_at IS NULL AND o.urgent = $3 AND o.due_at <= $1 LIMIT {places}) due) AS waiting
         FROM busy b JOIN tenant t ON t.id = b.tenant_id ORDER BY b.tenant_id"
    );
    let values = [
        tx.now().micros().into(),
        tx.now().after(PUSH_AGAIN_AFTER).micros().into(),
        lane.urgent().into(),
    ];
    let busy = Busy::find_by_statement(tx.statement(&sql, values))
        .all(tx.conn())
        .await?;
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    let claimants: Vec<_> = busy
        .iter()
        .map(|busy| Claimant {
            weight: number(busy.weight.into()),
            has: number(busy.running),
            wants: number(busy.waiting),
        })
        .collect();
    // Some number that is another one next time.
    let turn = usize::try_from(tx.now().micros() / 1000).unwrap_or(0);
    let shares = shares(&claimants, places, turn).into_iter();
    let tenants = busy.iter().map(|busy| stored(busy.tenant_id)).zip(shares);
    Ok(tenants.filter(|(_, share)| *share > 0).collect())
}

#[derive(FromQueryResult)]
struct Out {
    id: Uuid,
}

/// Which of these jobs are still queued or under way.
pub async fn still_out(store: &Store, ids: &[JobId]) -> Result<Vec<JobId>, StoreError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let tx = PlatformTx::read(store).await?;
    let mut ids: Vec<Value> = ids.iter().map(|id| id.uuid().into()).collect();
    let places = places(2, fill_up(&mut ids));
    let sql = format!("SELECT id FROM outbox WHERE taken_until > $1 AND id IN ({places})");
    let values = std::iter::once(tx.now().micros().into()).chain(ids);
    let out = Out::find_by_statement(tx.statement(&sql, values))
        .all(tx.conn())
        .await?;
    Ok(out.into_iter().map(|out| stored(out.id)).collect())
}
