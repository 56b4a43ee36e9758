//! After an erasure: entries of the audit log that name several people at once, and what lies outside the tables.
//! A worker does it within minutes; until then an erasure counts as not settled, and a crash loses nothing.

use std::collections::BTreeSet;

use assent_domain::audit::Actor;
use assent_domain::id::{DeliveryId, stored};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::Unsettled;
use crate::chore::CHUNK;
use crate::error::StoreError;
use crate::store::Store;
use crate::tx::{PlatformTx, TenantCtx, TenantTx, fill_up, places};

/// An erasure whose traces outside the tables are still to be removed.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    ctx: TenantCtx,
}

/// The tenants that have erasures to be settled.
pub async fn open(store: &Store) -> Result<Vec<Open>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let sql = "SELECT DISTINCT tenant_id FROM privacy_request
               WHERE kind = 'ERASURE' AND state = 'DONE' AND settled_at IS NULL";
    let found = Unsettled::find_by_statement(tx.statement(sql, []))
        .all(tx.conn())
        .await?;
    let as_job = |of: Unsettled| Open {
        ctx: TenantCtx::new(of.tenant(), Actor::Job),
    };
    Ok(found.into_iter().map(as_job).collect())
}

#[derive(FromQueryResult)]
struct Erased {
    id: Uuid,
    subscriber_id: Option<Uuid>,
}

/// The erasures of one tenant, whose people are forgotten in entries about several.
pub struct Batch {
    ctx: TenantCtx,
    requests: Vec<Uuid>,
}

/// Forgets what entries of the audit log say where they name an erased person among others.
pub async fn forget_mentions(store: &Store, open: Open) -> Result<Batch, StoreError> {
    let tx = TenantTx::read(store, open.ctx).await?;
    let sql = format!(
        "SELECT id, subscriber_id FROM privacy_request
         WHERE tenant_id = $1 AND kind = 'ERASURE' AND state = 'DONE' AND settled_at IS NULL
         ORDER BY id LIMIT {CHUNK}"
    );
    let erased: Vec<Erased> = tx.all(&sql, []).await?;
    let people = erased.iter().filter_map(|erased| erased.subscriber_id);
    let people: BTreeSet<String> = people
        .map(|id| stored::<assent_domain::id::Subscriber>(id).to_string())
        .collect();
    let mut after = 0;
    let mut mentions = Vec::new();
    while let Some(last) = collect(&tx, &people, after, &mut mentions).await? {
        after = last;
    }
    drop(tx);
    for some in mentions.chunks(1000) {
        let tx = TenantTx::write(store, open.ctx).await?;
        let mut seqs: Vec<Value> = some.iter().map(|seq| (*seq).into()).collect();
        seqs.resize(seqs.len().next_power_of_two(), Value::BigInt(None));
        let sql = format!(
            "DELETE FROM ledger_evidence WHERE tenant_id = $1 AND seq IN ({})",
            places(2, seqs.len())
        );
        tx.execute(&sql, seqs).await?;
        tx.commit().await?;
    }
    Ok(Batch {
        ctx: open.ctx,
        requests: erased.into_iter().map(|erased| erased.id).collect(),
    })
}

#[derive(FromQueryResult)]
struct Entry {
    seq: i64,
    evidence: Option<String>,
}

/// Reads the next entries that are about nobody in particular, and gives where it got to.
async fn collect<M>(
    tx: &TenantTx<M>,
    people: &BTreeSet<String>,
    after: i64,
    mentions: &mut Vec<i64>,
) -> Result<Option<i64>, StoreError> {
    if people.is_empty() {
        return Ok(None);
    }
    let sql = format!(
        "SELECT l.seq, e.evidence FROM ledger l
         LEFT JOIN ledger_evidence e ON e.tenant_id = l.tenant_id AND e.seq = l.seq
         WHERE l.tenant_id = $1 AND l.subject_id IS NULL AND l.kind = 'AUDIT' AND l.seq > $2
         ORDER BY l.seq LIMIT {CHUNK}"
    );
    let entries: Vec<Entry> = tx.all(&sql, [after.into()]).await?;
    for entry in &entries {
        let Some(evidence) = &entry.evidence else { continue };
        if people.iter().any(|person| evidence.contains(person.as_str())) {
            mentions.push(entry.seq);
        }
    }
    Ok(entries.last().map(|entry| entry.seq))
}

/// Notes that nothing is left of the erasures of a batch.
pub async fn finish(store: &Store, batch: Batch) -> Result<(), StoreError> {
    for some in batch.requests.chunks(1000) {
        let tx = TenantTx::write(store, batch.ctx).await?;
        let mut ids: Vec<Value> = some.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "UPDATE privacy_request SET settled_at = $2 WHERE tenant_id = $1 AND id IN ({})",
            places(3, fill_up(&mut ids))
        );
        let now = tx.now().micros();
        tx.execute(&sql, std::iter::once(now.into()).chain(ids)).await?;
        tx.commit().await?;
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Kept {
    id: Uuid,
}

/// Those of some deliveries whose recipient is known still, of whatever tenant: a copy of any other mail is to go.
pub async fn still_known(
    store: &Store,
    deliveries: &[DeliveryId],
) -> Result<BTreeSet<DeliveryId>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let mut known = BTreeSet::new();
    for some in deliveries.chunks(1000) {
        let mut ids: Vec<Value> = some.iter().map(|id| id.uuid().into()).collect();
        let sql = format!(
            "SELECT d.id FROM delivery d WHERE d.id IN ({})
               AND (d.recipient_kind = 'MEMBER' OR EXISTS (
                 SELECT 1 FROM subscriber s WHERE s.tenant_id = d.tenant_id AND s.id = d.recipient_id))",
            places(1, fill_up(&mut ids))
        );
        let rows = Kept::find_by_statement(tx.statement(&sql, ids))
            .all(tx.conn())
            .await?;
        known.extend(rows.into_iter().map(|row| stored(row.id)));
    }
    Ok(known)
}
