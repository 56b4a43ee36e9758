//! What happened, noted for whoever wants to know. Where nobody does, that costs one look into a table that is empty then, in
//! transactions in which something did happen, and nothing in all others.

use std::collections::BTreeSet;

use assent_domain::id::{WebhookDeliveryId, WebhookEndpointId, WebhookEventId, new_id, stored};
use assent_domain::webhook::DeliveryState;
use assent_domain::webhook::event::{Event, EventType};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use super::endpoint::read_types;
use super::{ROWS_A_STATEMENT, job};
use crate::error::StoreError;
use crate::row::{webhook_delivery, webhook_endpoint, webhook_event};
use crate::tenant_life;
use crate::tx::{TenantTx, Write};

/// Somebody who wants to know.
struct Listener {
    id: WebhookEndpointId,
    wants: BTreeSet<EventType>,
}

/// Notes what happened in a transaction, as one of its last acts.
pub(crate) async fn note(tx: &mut TenantTx<Write>, events: Vec<Event>) -> Result<(), StoreError> {
    if events.is_empty() {
        return Ok(());
    }
    let types: BTreeSet<_> = events.iter().map(|event| event.event_type).collect();
    let mut listeners = listeners(tx).await?;
    listeners.retain(|listener| !listener.wants.is_disjoint(&types));
    if listeners.is_empty() {
        return Ok(());
    }
    // A closed tenant tells nobody, not later either.
    if !tenant_life::of(tx).await?.is_open() {
        return Ok(());
    }
    // What was disabled or changed since is seen once it is held.
    for listener in &listeners {
        tx.lock::<webhook_endpoint::Entity>(listener.id.uuid()).await?;
    }
    let held: Vec<_> = listeners.iter().map(|listener| listener.id).collect();
    listeners = self::listeners(tx).await?;
    listeners.retain(|listener| held.contains(&listener.id));
    let mut told = BTreeSet::new();
    let (mut rows, mut deliveries) = (Vec::new(), Vec::new());
    for event in &events {
        let wants = |listener: &&Listener| listener.wants.contains(&event.event_type);
        let mut wanting = listeners.iter().filter(wants).peekable();
        if wanting.peek().is_none() {
            continue;
        }
        let row = row_of(tx, event)?;
        for listener in wanting {
            deliveries.push(delivery_of(tx, &row, listener.id));
            told.insert(listener.id);
        }
        rows.push(row);
    }
    for some in rows.chunks(ROWS_A_STATEMENT) {
        let active = some.iter().cloned().map(webhook_event::ActiveModel::from);
        let active = active.map(sea_orm::IntoActiveModel::into_active_model);
        webhook_event::Entity::insert_many(active)
            .exec_without_returning(tx.conn())
            .await?;
    }
    for some in deliveries.chunks(ROWS_A_STATEMENT) {
        webhook_delivery::Entity::insert_many(some.to_vec())
            .exec_without_returning(tx.conn())
            .await?;
    }
    for endpoint in told {
        job::wake(tx, endpoint).await?;
    }
    Ok(())
}

/// Notes something for one endpoint, whatever it subscribed to. The endpoint has to be held.
pub(super) async fn note_for(
    tx: &mut TenantTx<Write>,
    endpoint: WebhookEndpointId,
    event: &Event,
) -> Result<WebhookDeliveryId, StoreError> {
    let row = row_of(tx, event)?;
    let delivery = delivery_of(tx, &row, endpoint);
    let id = stored(*delivery.id.as_ref());
    let row = sea_orm::IntoActiveModel::into_active_model(row);
    webhook_event::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    webhook_delivery::Entity::insert(delivery)
        .exec_without_returning(tx.conn())
        .await?;
    job::wake(tx, endpoint).await?;
    Ok(id)
}

async fn listeners(tx: &TenantTx<Write>) -> Result<Vec<Listener>, StoreError> {
    let enabled = tx
        .find::<webhook_endpoint::Entity>()
        .filter(webhook_endpoint::Column::DisabledAt.is_null())
        .filter(webhook_endpoint::Column::DeletedAt.is_null())
        .order_by_asc(webhook_endpoint::Column::Id);
    let rows = enabled.all(tx.conn()).await?;
    let read = |row: webhook_endpoint::Model| {
        Ok(Listener {
            id: stored(row.id),
            wants: read_types(&row.event_types)?,
        })
    };
    rows.into_iter().map(read).collect()
}

fn row_of(tx: &TenantTx<Write>, event: &Event) -> Result<webhook_event::Model, StoreError> {
    let id: WebhookEventId = new_id(tx.now());
    let body = event.body(tx.tenant(), tx.now());
    Ok(webhook_event::Model {
        tenant_id: tx.uuid(),
        id: id.uuid(),
        event_type: event.event_type.to_string(),
        occurred_at: tx.now().micros(),
        body: body.map_err(|error| StoreError::Corrupt(error.to_string()))?,
    })
}

fn delivery_of(
    tx: &TenantTx<Write>,
    event: &webhook_event::Model,
    endpoint: WebhookEndpointId,
) -> webhook_delivery::ActiveModel {
    let id: WebhookDeliveryId = new_id(tx.now());
    webhook_delivery::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        event_id: Set(event.id),
        endpoint_id: Set(endpoint.uuid()),
        event_type: Set(event.event_type.clone()),
        state: Set(DeliveryState::Pending.to_string()),
        attempts: Set(0),
        tried_before: Set(0),
        next_attempt_at: Set(Some(tx.now().micros())),
        taken_until: Set(0),
        created_at: Set(tx.now().micros()),
        finished_at: Set(None),
    }
}
