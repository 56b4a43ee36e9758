//! What a tenant decided since a backup that must not be undone by its restore: that it is closed, that a policy version was
//! taken back or put off, that a member left.

use assent_domain::audit::{AuditAct, AuditFacts};
use assent_domain::clock::Timestamp;
use assent_domain::id::{MemberId, PolicyVersionId, stored};
use sea_orm::FromQueryResult;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::apply::Applied;
use crate::audit::Change;
use crate::error::StoreError;
use crate::member;
use crate::tx::{Read, TenantTx, Write};

/// The decisions of one tenant.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Decided {
    closed: Option<Closed>,
    withdrawn: Vec<PolicyVersionId>,
    dates: Vec<Dated>,
    removed: Vec<MemberId>,
}

/// That it is closed, since when and to be deleted when.
#[derive(Debug, Serialize, Deserialize)]
struct Closed {
    since: Timestamp,
    delete_at: Timestamp,
}

/// The date of a version that was put off.
#[derive(Debug, Serialize, Deserialize)]
struct Dated {
    version: PolicyVersionId,
    effective_at: Timestamp,
}

#[derive(FromQueryResult)]
struct ClosedRow {
    closed_at: i64,
    delete_at: i64,
}

#[derive(FromQueryResult)]
struct Named {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct DatedRow {
    id: Uuid,
    effective_at: i64,
}

#[derive(FromQueryResult)]
struct Entry {
    facts: String,
}

impl Decided {
    pub(super) fn count(&self) -> usize {
        usize::from(self.closed.is_some()) + self.withdrawn.len() + self.dates.len() + self.removed.len()
    }

    pub(super) async fn gather(tx: &TenantTx<Read>, since: Timestamp) -> Result<Self, StoreError> {
        let closed = "SELECT closed_at, delete_at FROM tenant
                      WHERE id = $1 AND closed_at >= $2 AND delete_at IS NOT NULL";
        let closed: Option<ClosedRow> = tx.one(closed, [since.micros().into()]).await?;
        let withdrawn = "SELECT id FROM policy_version
                         WHERE tenant_id = $1 AND withdrawn_at >= $2 ORDER BY number";
        let withdrawn: Vec<Named> = tx.all(withdrawn, [since.micros().into()]).await?;
        let mut dates = Vec::new();
        for version in objects::<PolicyVersionId>(tx, AuditAct::PolicyPostponed, since).await? {
            let date = "SELECT id, effective_at FROM policy_version
                        WHERE tenant_id = $1 AND id = $2 AND effective_at IS NOT NULL AND withdrawn_at IS NULL";
            let date: Option<DatedRow> = tx.one(date, [version.uuid().into()]).await?;
            dates.extend(date.map(|row| Dated {
                version: stored(row.id),
                effective_at: Timestamp::from_micros(row.effective_at),
            }));
        }
        Ok(Self {
            closed: closed.map(|row| Closed {
                since: Timestamp::from_micros(row.closed_at),
                delete_at: Timestamp::from_micros(row.delete_at),
            }),
            withdrawn: withdrawn.into_iter().map(|row| stored(row.id)).collect(),
            dates,
            removed: objects(tx, AuditAct::MemberRemoved, since).await?,
        })
    }

    /// Enters them, by the operator. What holds already changes nothing.
    pub(super) async fn enter(&self, tx: &mut TenantTx<Write>) -> Result<Applied, StoreError> {
        let mut applied = Applied::default();
        for version in &self.withdrawn {
            applied.take(take_back(tx, *version).await?);
        }
        for date in &self.dates {
            applied.take(put_off(tx, date).await?);
        }
        for member in &self.removed {
            applied.take(remove(tx, *member).await?);
        }
        if let Some(closed) = &self.closed {
            applied.take(close(tx, closed).await?);
        }
        Ok(applied)
    }
}

/// What entries of one sort are about, each once.
async fn objects<T: std::str::FromStr + PartialEq>(
    tx: &TenantTx<Read>,
    act: AuditAct,
    since: Timestamp,
) -> Result<Vec<T>, StoreError> {
    let sql = "SELECT facts FROM ledger
               WHERE tenant_id = $1 AND kind = 'AUDIT' AND recorded_at >= $2 AND facts LIKE $3 ORDER BY seq";
    let pattern = format!(r#"%"act":"{act}"%"#);
    let entries: Vec<Entry> = tx.all(sql, [since.micros().into(), pattern.into()]).await?;
    let mut objects = Vec::new();
    for entry in entries {
        let facts: AuditFacts = serde_json::from_str(&entry.facts)
            .map_err(|_| StoreError::Corrupt("a row of the ledger".to_owned()))?;
        let object = facts.object.and_then(|id| id.parse().ok());
        objects.extend(object.filter(|object| !objects.contains(object)));
    }
    Ok(objects)
}

/// Whether a version is there: it may have been drafted after the backup.
async fn is_posted(tx: &TenantTx<Write>, id: PolicyVersionId) -> Result<bool, StoreError> {
    let sql = "SELECT id FROM policy_version WHERE tenant_id = $1 AND id = $2 AND posted_at IS NOT NULL";
    let found: Option<Named> = tx.one(sql, [id.uuid().into()]).await?;
    Ok(found.is_some())
}

/// By now its date may have come, which does not count: it had been taken back before.
async fn take_back(tx: &mut TenantTx<Write>, id: PolicyVersionId) -> Result<bool, StoreError> {
    if !is_posted(tx, id).await? {
        return Ok(false);
    }
    let sql = "UPDATE policy_version SET withdrawn_at = $3
               WHERE tenant_id = $1 AND id = $2 AND withdrawn_at IS NULL";
    let now = tx.now().micros();
    if tx.execute(sql, [id.uuid().into(), now.into()]).await? > 0 {
        tx.audit(AuditAct::PolicyWithdrawn, id, &through())?;
    }
    Ok(true)
}

async fn put_off(tx: &mut TenantTx<Write>, date: &Dated) -> Result<bool, StoreError> {
    if !is_posted(tx, date.version).await? {
        return Ok(false);
    }
    let sql = "UPDATE policy_version SET effective_at = $3
               WHERE tenant_id = $1 AND id = $2 AND effective_at < $3 AND withdrawn_at IS NULL";
    let values = [date.version.uuid().into(), date.effective_at.micros().into()];
    if tx.execute(sql, values).await? > 0 {
        tx.audit(AuditAct::PolicyPostponed, date.version, &through())?;
    }
    Ok(true)
}

async fn remove(tx: &mut TenantTx<Write>, id: MemberId) -> Result<bool, StoreError> {
    match member::remove(tx, id).await {
        Ok(_) => Ok(true),
        // They joined after the backup; or are, in it, the last who can govern the tenant, and sign in anew.
        Err(StoreError::NotFound(_) | StoreError::Conflict { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn close(tx: &mut TenantTx<Write>, closed: &Closed) -> Result<bool, StoreError> {
    let sql = "UPDATE tenant SET closed_at = $2, delete_at = $3 WHERE id = $1 AND closed_at IS NULL";
    let times = [closed.since.micros().into(), closed.delete_at.micros().into()];
    if tx.execute(sql, times).await? > 0 {
        let id = tx.tenant();
        tx.audit(AuditAct::TenantClosed, id, &through())?;
    }
    Ok(true)
}

fn through() -> Change {
    Change::to(json!({ "through": "list of noes" }))
}
