//! Gathering the noes that hold, tenant by tenant.

use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentSource;
use assent_domain::id::{LegalOrderId, SubscriberId, stored};
use data_encoding::HEXLOWER;
use sea_orm::FromQueryResult;
use serde::Deserialize;
use uuid::Uuid;

use super::decided::Decided;
use super::{Erased, FORMAT, Forbidden, HeldBack, Left, Merged, Noes, OfTenant, Withdrawn};
use crate::error::{StoreError, read_code};
use crate::store::Store;
use crate::tx::{Read, TenantCtx, TenantTx};
use crate::{suppression, tenant};

#[derive(FromQueryResult)]
struct MergedRow {
    former_id: Uuid,
    subscriber_id: Uuid,
}

#[derive(FromQueryResult)]
struct ErasedRow {
    subscriber_id: Uuid,
    channel: String,
}

#[derive(FromQueryResult)]
struct HeldRow {
    address_hash: Vec<u8>,
    reason: String,
    scope: String,
    scope_id: Uuid,
    subscriber_id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct Named {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct WithdrawnRow {
    subscriber_id: Uuid,
    purpose_id: Uuid,
    facts: String,
}

#[derive(FromQueryResult)]
struct LeftRow {
    subscriber_id: Uuid,
    list_id: Uuid,
}

#[derive(FromQueryResult)]
struct ForbiddenRow {
    subscriber_id: Uuid,
    outside_party_id: Uuid,
    field: String,
}

#[derive(Deserialize)]
struct Facts {
    source: ConsentSource,
}

/// Gathers the noes that were said at `since` or later, and hold now.
pub async fn gather(store: &Store, since: Timestamp) -> Result<Noes, StoreError> {
    let mut tenants = Vec::new();
    for (ctx, _) in tenant::all(store).await? {
        tenants.push(of_tenant(store, ctx, since).await?);
    }
    Ok(Noes {
        format: FORMAT,
        since,
        tenants,
    })
}

async fn of_tenant(store: &Store, ctx: TenantCtx, since: Timestamp) -> Result<OfTenant, StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    // Who merges or is erased meanwhile is in all parts of the list, or in none.
    tx.see_one_moment().await?;
    Ok(OfTenant {
        tenant: ctx.tenant(),
        merged: merged(&tx, since).await?,
        erased: erased(&tx, since).await?,
        addresses: addresses(&tx, since).await?,
        restricted: restricted(&tx, since).await?,
        purposes: purposes(&tx, since).await?,
        lists: lists(&tx, since).await?,
        parties: parties(&tx, since).await?,
        orders: orders(&tx, since).await?,
        decided: Decided::gather(&tx, since).await?,
    })
}

async fn merged(tx: &TenantTx<Read>, since: Timestamp) -> Result<Vec<Merged>, StoreError> {
    let sql = "SELECT former_id, subscriber_id FROM subscriber_alias WHERE tenant_id = $1 AND merged_at >= $2
               ORDER BY merged_at, former_id";
    let rows: Vec<MergedRow> = tx.all(sql, [since.micros().into()]).await?;
    let merged = rows.into_iter().map(|row| Merged {
        former: stored(row.former_id),
        subscriber: stored(row.subscriber_id),
    });
    Ok(merged.collect())
}

async fn erased(tx: &TenantTx<Read>, since: Timestamp) -> Result<Vec<Erased>, StoreError> {
    let sql = "SELECT subscriber_id, channel FROM privacy_request
               WHERE tenant_id = $1 AND kind = 'ERASURE' AND state = 'DONE' AND closed_at >= $2
                 AND subscriber_id IS NOT NULL
               ORDER BY closed_at, id";
    let rows: Vec<ErasedRow> = tx.all(sql, [since.micros().into()]).await?;
    let erased = rows.into_iter().map(|row| {
        Ok(Erased {
            subscriber: stored(row.subscriber_id),
            channel: read_code(&row.channel)?,
        })
    });
    erased.collect()
}

async fn addresses(tx: &TenantTx<Read>, since: Timestamp) -> Result<Vec<HeldBack>, StoreError> {
    let sql = "SELECT x.address_hash, x.reason, x.scope, x.scope_id, s.id AS subscriber_id FROM suppression x
               LEFT JOIN subscriber s ON s.tenant_id = x.tenant_id AND s.address_hash = x.address_hash
               WHERE x.tenant_id = $1 AND x.created_at >= $2 ORDER BY x.created_at, x.id";
    let rows: Vec<HeldRow> = tx.all(sql, [since.micros().into()]).await?;
    let held = rows.into_iter().map(|row| {
        Ok(HeldBack {
            hash: HEXLOWER.encode(&row.address_hash),
            reason: read_code(&row.reason)?,
            scope: suppression::read_scope(&row.scope, row.scope_id)?,
            subscriber: row.subscriber_id.map(stored),
        })
    });
    held.collect()
}

async fn restricted(tx: &TenantTx<Read>, since: Timestamp) -> Result<Vec<SubscriberId>, StoreError> {
    let sql =
        "SELECT id FROM subscriber WHERE tenant_id = $1 AND restricted_at >= $2 ORDER BY restricted_at, id";
    let rows: Vec<Named> = tx.all(sql, [since.micros().into()]).await?;
    Ok(rows.into_iter().map(|row| stored(row.id)).collect())
}

async fn orders(tx: &TenantTx<Read>, since: Timestamp) -> Result<Vec<LegalOrderId>, StoreError> {
    let sql = "SELECT id FROM legal_order WHERE tenant_id = $1 AND revoked_at >= $2 ORDER BY revoked_at, id";
    let rows: Vec<Named> = tx.all(sql, [since.micros().into()]).await?;
    Ok(rows.into_iter().map(|row| stored(row.id)).collect())
}

async fn purposes(tx: &TenantTx<Read>, since: Timestamp) -> Result<Vec<Withdrawn>, StoreError> {
    let sql = "SELECT c.subscriber_id, c.purpose_id, l.facts FROM consent c
               JOIN ledger l ON l.tenant_id = c.tenant_id AND l.id = c.record_id
               WHERE c.tenant_id = $1 AND c.recorded_at >= $2 AND c.state IN ('REFUSED', 'WITHDRAWN')
               ORDER BY c.recorded_at, c.subscriber_id, c.purpose_id";
    let rows: Vec<WithdrawnRow> = tx.all(sql, [since.micros().into()]).await?;
    let withdrawn = rows.into_iter().map(|row| {
        Ok(Withdrawn {
            subscriber: stored(row.subscriber_id),
            purpose: stored(row.purpose_id),
            source: source_in(&row.facts)?,
        })
    });
    withdrawn.collect()
}

async fn lists(tx: &TenantTx<Read>, since: Timestamp) -> Result<Vec<Left>, StoreError> {
    let sql = "SELECT subscriber_id, list_id FROM subscription
               WHERE tenant_id = $1 AND changed_at >= $2 AND state = 'ENDED'
               ORDER BY changed_at, subscriber_id, list_id";
    let rows: Vec<LeftRow> = tx.all(sql, [since.micros().into()]).await?;
    let left = rows.into_iter().map(|row| Left {
        subscriber: stored(row.subscriber_id),
        list: stored(row.list_id),
    });
    Ok(left.collect())
}

async fn parties(tx: &TenantTx<Read>, since: Timestamp) -> Result<Vec<Forbidden>, StoreError> {
    let sql = "SELECT subscriber_id, outside_party_id, field FROM permission
               WHERE tenant_id = $1 AND recorded_at >= $2 AND state IN ('REFUSED', 'WITHDRAWN')
               ORDER BY recorded_at, subscriber_id, outside_party_id, field";
    let rows: Vec<ForbiddenRow> = tx.all(sql, [since.micros().into()]).await?;
    let forbidden = rows.into_iter().map(|row| {
        Ok(Forbidden {
            subscriber: stored(row.subscriber_id),
            party: stored(row.outside_party_id),
            field: read_code(&row.field)?,
        })
    });
    forbidden.collect()
}

fn source_in(facts: &str) -> Result<ConsentSource, StoreError> {
    let facts: Facts =
        serde_json::from_str(facts).map_err(|_| StoreError::Corrupt("a row of the ledger".to_owned()))?;
    Ok(facts.source)
}
