//! Sending once more what was sent, or what failed: the same event under the same id, with all its attempts anew.

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{WebhookDeliveryId, WebhookEndpointId};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;

use super::endpoint::{hold, require_enabled};
use super::{delivery, job};
use crate::audit::Change;
use crate::chore::CHUNK;
use crate::error::StoreError;
use crate::row::webhook_delivery as row;
use crate::tx::{TenantTx, Write};

/// The most deliveries that are sent once more in one go.
pub const AT_ONCE: u32 = CHUNK;

/// How often an event is attempted at most, before it is not sent once more: each attempt is on the record.
const MOST_ATTEMPTS: i32 = 100;

const AGAIN: &str =
    "UPDATE webhook_delivery SET state = 'PENDING', tried_before = attempts, next_attempt_at = $3,
                       taken_until = 0, finished_at = NULL";

/// Sends one event once more, whether it arrived or not.
pub async fn one(tx: &mut TenantTx<Write>, id: WebhookDeliveryId) -> Result<(), StoreError> {
    let endpoint = delivery::by_id(tx, id).await?.endpoint.id;
    require_enabled(&hold(tx, endpoint).await?)?;
    let of = tx.find::<row::Entity>().filter(row::Column::Id.eq(id.uuid()));
    let row = of.one(tx.conn()).await?;
    let row = row.ok_or(StoreError::NotFound("webhook delivery"))?;
    if row.finished_at.is_none() {
        let advice = "this delivery is not over: it is attempted by itself";
        return Err(StoreError::conflict("id", advice));
    }
    if row.attempts >= MOST_ATTEMPTS {
        let advice = "this event was sent as often as any may be: ask the API for what it is about";
        return Err(StoreError::conflict("id", advice));
    }
    let sql = format!("{AGAIN} WHERE tenant_id = $1 AND id = $2");
    let now = tx.now().micros();
    tx.execute(&sql, [id.uuid().into(), now.into()]).await?;
    job::wake(tx, endpoint).await?;
    let sent = Change::to(json!({ "delivery": id.to_string() }));
    tx.audit(AuditAct::WebhookReplayed, endpoint, &sent)
}

/// Sends once more what failed at an endpoint of what happened since then, but for tests: at most [`AT_ONCE`], oldest first. Says how
/// many they are.
pub async fn failed(
    tx: &mut TenantTx<Write>,
    endpoint: WebhookEndpointId,
    since: Timestamp,
) -> Result<u64, StoreError> {
    require_enabled(&hold(tx, endpoint).await?)?;
    let sql = format!(
        "{AGAIN} WHERE tenant_id = $1 AND id IN (
           SELECT d.id FROM webhook_delivery d
           JOIN webhook_event e ON e.tenant_id = d.tenant_id AND e.id = d.event_id
           WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.state = 'FAILED' AND d.attempts < {MOST_ATTEMPTS} AND e.occurred_at >= $4
             AND d.event_type <> 'webhook.test'
           ORDER BY d.id LIMIT {AT_ONCE})"
    );
    let values = [
        endpoint.uuid().into(),
        tx.now().micros().into(),
        since.micros().into(),
    ];
    let again = tx.execute(&sql, values).await?;
    if again > 0 {
        job::wake(tx, endpoint).await?;
    }
    let sent = Change::to(json!({ "since": since.to_string(), "count": again }));
    tx.audit(AuditAct::WebhookReplayed, endpoint, &sent)?;
    Ok(again)
}
