//! Gathering the noes that hold, tenant by tenant.

use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentSource;
use assent_domain::id::stored;
use data_encoding::HEXLOWER;
use sea_orm::FromQueryResult;
use serde::Deserialize;
use uuid::Uuid;

use super::{FORMAT, Forbidden, HeldBack, Left, Noes, OfTenant, Withdrawn};
use crate::error::{StoreError, read_code};
use crate::store::Store;
use crate::tenant;
use crate::tx::{Read, TenantCtx, TenantTx};

#[derive(FromQueryResult)]
struct HeldRow {
    address_hash: Vec<u8>,
    reason: String,
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
    facts: String,
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
    Ok(OfTenant {
        tenant: ctx.tenant(),
        addresses: addresses(&tx, since).await?,
        purposes: purposes(&tx, since).await?,
        lists: lists(&tx, since).await?,
        parties: parties(&tx, since).await?,
    })
}

async fn addresses(tx: &TenantTx<Read>, since: Timestamp) -> Result<Vec<HeldBack>, StoreError> {
    let sql = "SELECT address_hash, reason FROM suppression WHERE tenant_id = $1 AND created_at >= $2
               ORDER BY created_at, id";
    let rows: Vec<HeldRow> = tx.all(sql, [since.micros().into()]).await?;
    let held = rows.into_iter().map(|row| {
        Ok(HeldBack {
            hash: HEXLOWER.encode(&row.address_hash),
            reason: read_code(&row.reason)?,
        })
    });
    held.collect()
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
    let sql = "SELECT p.subscriber_id, p.outside_party_id, p.field, l.facts FROM permission p
               JOIN ledger l ON l.tenant_id = p.tenant_id AND l.id = p.record_id
               WHERE p.tenant_id = $1 AND p.recorded_at >= $2 AND p.state IN ('REFUSED', 'WITHDRAWN')
               ORDER BY p.recorded_at, p.subscriber_id, p.outside_party_id, p.field";
    let rows: Vec<ForbiddenRow> = tx.all(sql, [since.micros().into()]).await?;
    let forbidden = rows.into_iter().map(|row| {
        Ok(Forbidden {
            subscriber: stored(row.subscriber_id),
            party: stored(row.outside_party_id),
            field: read_code(&row.field)?,
            source: source_in(&row.facts)?,
        })
    });
    forbidden.collect()
}

fn source_in(facts: &str) -> Result<ConsentSource, StoreError> {
    let facts: Facts =
        serde_json::from_str(facts).map_err(|_| StoreError::Corrupt("a row of the ledger".to_owned()))?;
    Ok(facts.source)
}
