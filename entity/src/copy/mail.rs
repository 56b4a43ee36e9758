//! What was sent to a person, in a copy of their data.

use assent_domain::clock::Timestamp;
use assent_domain::id::{SubscriberId, stored};
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::{Attempt, Delivery, Report};
use crate::delivery::IS_ON_ITS_WAY;
use crate::delivery::of_person::deliveries_to;
use crate::error::StoreError;
use crate::tx::{TenantTx, fill_up, places};

/// Rows named in one statement.
const AT_ONCE: usize = 1000;

#[derive(FromQueryResult)]
struct Sent {
    id: Uuid,
    kind: String,
    subject: Option<String>,
    content: Option<String>,
    status: String,
    refusal: Option<String>,
    failure: Option<String>,
    changed_at: i64,
}

#[derive(FromQueryResult)]
struct Tried {
    delivery_id: Uuid,
    number: i32,
    started_at: i64,
    ended_at: i64,
    outcome: String,
    reply_code: Option<i32>,
    reply: String,
}

#[derive(FromQueryResult)]
struct Told {
    delivery_id: Uuid,
    class: String,
    status: Option<String>,
    reason: String,
    said: String,
    received_at: i64,
}

/// Every message to a person, with every attempt.
pub(super) async fn to<M>(tx: &TenantTx<M>, of: SubscriberId) -> Result<Vec<Delivery>, StoreError> {
    let mut deliveries = Vec::new();
    for some in deliveries_to(tx, of).await?.chunks(AT_ONCE) {
        let mut ids: Vec<Value> = some.iter().map(|id| (*id).into()).collect();
        let among = places(2, fill_up(&mut ids));
        let sql = format!(
            "SELECT d.id, m.kind, c.subject, t.content,
                    CASE WHEN {IS_ON_ITS_WAY} THEN 'CLAIMED' ELSE d.status END AS status, d.refusal, d.failure, d.changed_at
             FROM delivery d
             JOIN mailing m ON m.tenant_id = d.tenant_id AND m.id = d.mailing_id
             LEFT JOIN campaign c ON c.tenant_id = m.tenant_id AND c.id = m.campaign_id
             LEFT JOIN transactional_mail t ON t.tenant_id = m.tenant_id AND t.mailing_id = m.id
             WHERE d.tenant_id = $1 AND d.id IN ({among}) ORDER BY d.id"
        );
        let sent: Vec<Sent> = tx.all(&sql, ids.clone()).await?;
        let sql = format!(
            "SELECT delivery_id, number, started_at, ended_at, outcome, reply_code, reply FROM attempt
             WHERE tenant_id = $1 AND delivery_id IN ({among}) ORDER BY delivery_id, number"
        );
        let tried: Vec<Tried> = tx.all(&sql, ids.clone()).await?;
        let sql = format!(
            "SELECT delivery_id, class, status, reason, said, received_at FROM bounce
             WHERE tenant_id = $1 AND delivery_id IN ({among}) ORDER BY delivery_id, id"
        );
        let told: Vec<Told> = tx.all(&sql, ids).await?;
        deliveries.extend(sent.into_iter().map(|sent| delivery(sent, &tried, &told)));
    }
    Ok(deliveries)
}

fn delivery(sent: Sent, tried: &[Tried], told: &[Told]) -> Delivery {
    let id: assent_domain::id::DeliveryId = stored(sent.id);
    let reports = told.iter().filter(|told| told.delivery_id == sent.id);
    let attempts = tried.iter().filter(|tried| tried.delivery_id == sent.id);
    Delivery {
        id: id.to_string(),
        kind: sent.kind,
        subject: sent.subject,
        message: sent
            .content
            .and_then(|content| serde_json::from_str(&content).ok()),
        status: sent.status,
        refusal: sent.refusal,
        failure: sent.failure,
        changed_at: at(sent.changed_at),
        attempts: attempts.map(attempt).collect(),
        reports: reports.map(report).collect(),
    }
}

fn report(told: &Told) -> Report {
    Report {
        class: told.class.clone(),
        status: told.status.clone(),
        reason: told.reason.clone(),
        said: told.said.clone(),
        received_at: at(told.received_at),
    }
}

fn attempt(tried: &Tried) -> Attempt {
    Attempt {
        number: tried.number,
        started_at: at(tried.started_at),
        ended_at: at(tried.ended_at),
        outcome: tried.outcome.clone(),
        reply_code: tried.reply_code,
        reply: tried.reply.clone(),
    }
}

fn at(micros: i64) -> String {
    Timestamp::from_micros(micros).to_string()
}
