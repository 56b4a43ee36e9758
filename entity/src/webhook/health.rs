//! How an endpoint does: since when everything fails, and when that has gone on for too long.

use std::time::Duration;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{WebhookEndpointId, stored};
use assent_domain::webhook::DisabledReason;
use serde_json::json;

use super::notice;
use super::turn::Ended;
use crate::audit::Change;
use crate::error::StoreError;
use crate::row::webhook_endpoint as row;
use crate::tx::{TenantTx, Write};

/// At which attempt a failure may end an endpoint: one event after a long quiet says little.
const TRIES: i32 = 3;

/// Notes that an endpoint took something.
pub(super) async fn well(tx: &TenantTx<Write>, endpoint: &mut row::Model) -> Result<(), StoreError> {
    if endpoint.failing_since.take().is_some() {
        let sql = "UPDATE webhook_endpoint SET failing_since = NULL WHERE tenant_id = $1 AND id = $2";
        tx.execute(sql, [endpoint.id.into()]).await?;
    }
    Ok(())
}

/// Notes that an endpoint failed at this attempt, one of so many tries, and disables it where it has failed for `patience`.
pub(super) async fn unwell(
    tx: &mut TenantTx<Write>,
    endpoint: &mut row::Model,
    last: &Ended,
    tries: i32,
    patience: Duration,
) -> Result<(), StoreError> {
    let now = tx.now();
    let Some(since) = endpoint.failing_since.map(Timestamp::from_micros) else {
        endpoint.failing_since = Some(now.micros());
        let sql = "UPDATE webhook_endpoint SET failing_since = $3 WHERE tenant_id = $1 AND id = $2";
        tx.execute(sql, [endpoint.id.into(), now.micros().into()]).await?;
        return Ok(());
    };
    if tries >= TRIES && now.since(since) >= patience {
        give_up(tx, endpoint, last, DisabledReason::Failing).await?;
    }
    Ok(())
}

/// Disables an endpoint that said at this attempt that it is gone for good.
pub(super) async fn gone(
    tx: &mut TenantTx<Write>,
    endpoint: &mut row::Model,
    last: &Ended,
) -> Result<(), StoreError> {
    give_up(tx, endpoint, last, DisabledReason::Gone).await
}

/// Disables an endpoint for what it did, and tells the tenant's owners. Attempts that end later tell them nothing more.
async fn give_up(
    tx: &mut TenantTx<Write>,
    endpoint: &mut row::Model,
    last: &Ended,
    reason: DisabledReason,
) -> Result<(), StoreError> {
    if endpoint.disabled_at.is_some() {
        return Ok(());
    }
    disable(tx, endpoint, reason).await?;
    notice::send(tx, endpoint, last).await
}

/// Disables an endpoint that is held, on the record. What waits for it is given up by its job.
pub(super) async fn disable(
    tx: &mut TenantTx<Write>,
    endpoint: &mut row::Model,
    reason: DisabledReason,
) -> Result<(), StoreError> {
    if endpoint.disabled_at.is_some() {
        return Ok(());
    }
    let id: WebhookEndpointId = stored(endpoint.id);
    let now = tx.now().micros();
    (endpoint.disabled_at, endpoint.disabled_reason) = (Some(now), Some(reason.to_string()));
    let sql =
        "UPDATE webhook_endpoint SET disabled_at = $3, disabled_reason = $4 WHERE tenant_id = $1 AND id = $2";
    let values = [endpoint.id.into(), now.into(), reason.to_string().into()];
    tx.execute(sql, values).await?;
    let why = Change::to(json!({ "reason": reason.to_string() }));
    tx.audit(AuditAct::WebhookEndpointDisabled, id, &why)
}
