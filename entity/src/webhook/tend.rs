//! The chores of webhooks: secrets are sealed anew, jobs that were lost are given anew, what has had its time is forgotten, and
//! endpoints that were deleted are cleared away; each in chunks.

use assent_domain::retention::WEBHOOKS;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, Value};
use uuid::Uuid;

use super::{endpoint, job, secret};
use crate::error::StoreError;
use crate::row::{webhook_delivery, webhook_endpoint, webhook_event};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write, fill_up, places};

/// Events, or deliveries, that are forgotten in one transaction.
const AT_ONCE: usize = 1000;

/// Does the chores of a tenant.
pub(crate) async fn tend(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let endpoints = tx.find::<webhook_endpoint::Entity>().count(tx.conn()).await?;
    drop(tx);
    if endpoints == 0 {
        return Ok(());
    }
    secret::tend(store, ctx).await?;
    let mut tx = TenantTx::write(store, ctx).await?;
    job::mend(&mut tx).await?;
    tx.commit().await?;
    while forget_old(store, ctx).await? {}
    while clear_deleted(store, ctx).await? {}
    Ok(())
}

async fn delete<'a>(
    tx: &TenantTx<Write>,
    from: &str,
    column: &str,
    ids: impl IntoIterator<Item = &'a Uuid>,
    but: &str,
) -> Result<(), StoreError> {
    let mut ids: Vec<Value> = ids.into_iter().map(|id| (*id).into()).collect();
    let sql = format!(
        "DELETE FROM {from} WHERE tenant_id = $1 AND {column} IN ({}) {but}",
        places(2, fill_up(&mut ids))
    );
    tx.execute(&sql, ids).await?;
    Ok(())
}

/// Forgets deliveries with their attempts, and events of which then none is left.
async fn forget(tx: &TenantTx<Write>, rows: &[webhook_delivery::Model]) -> Result<(), StoreError> {
    let ids = || rows.iter().map(|row| &row.id);
    delete(tx, "webhook_attempt", "webhook_delivery_id", ids(), "").await?;
    delete(tx, "webhook_delivery", "id", ids(), "").await?;
    let unless_told = "AND NOT EXISTS (SELECT 1 FROM webhook_delivery d
                       WHERE d.tenant_id = $1 AND d.event_id = webhook_event.id)";
    let events = rows.iter().map(|row| &row.event_id);
    delete(tx, "webhook_event", "id", events, unless_told).await
}

/// Forgets some of what happened long ago; whether there may be more.
async fn forget_old(store: &Store, ctx: TenantCtx) -> Result<bool, StoreError> {
    let tx = TenantTx::write(store, ctx).await?;
    let before = tx.now().before(WEBHOOKS).micros();
    let old: Vec<Uuid> = tx
        .find::<webhook_event::Entity>()
        .filter(webhook_event::Column::OccurredAt.lt(before))
        .select_only()
        .column(webhook_event::Column::Id)
        .limit(AT_ONCE as u64)
        .into_tuple()
        .all(tx.conn())
        .await?;
    if old.is_empty() {
        return Ok(false);
    }
    let of_them = tx
        .find::<webhook_delivery::Entity>()
        .filter(webhook_delivery::Column::EventId.is_in(old.iter().copied()));
    for some in of_them.all(tx.conn()).await?.chunks(AT_ONCE) {
        forget(&tx, some).await?;
    }
    tx.commit().await?;
    Ok(old.len() == AT_ONCE)
}

/// Clears away some of what became of events at an endpoint that was deleted, and then the endpoint; whether there may be more.
async fn clear_deleted(store: &Store, ctx: TenantCtx) -> Result<bool, StoreError> {
    let tx = TenantTx::write(store, ctx).await?;
    let Some(endpoint) = endpoint::deleted(&tx).one(tx.conn()).await? else {
        return Ok(false);
    };
    tx.lock::<webhook_endpoint::Entity>(endpoint.id).await?;
    let told = tx
        .find::<webhook_delivery::Entity>()
        .filter(webhook_delivery::Column::EndpointId.eq(endpoint.id))
        .limit(AT_ONCE as u64);
    let told = told.all(tx.conn()).await?;
    forget(&tx, &told).await?;
    if told.len() < AT_ONCE {
        let gone = webhook_endpoint::Entity::delete_by_id((endpoint.tenant_id, endpoint.id));
        gone.exec(tx.conn()).await?;
    }
    tx.commit().await?;
    Ok(true)
}
