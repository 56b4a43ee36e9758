//! How many places among the workers a tenant gets beside others.

use assent_domain::audit::AuditAct;
use serde_json::json;

use super::{Change, FromQueryResult, StoreError, TenantTx, Write};

/// The highest weight.
const MAX_WEIGHT: i32 = 100;

#[derive(FromQueryResult)]
struct Row {
    weight: i32,
}

/// The tenant's weight: with 3 it gets three times the places of one with 1, where both have that much to send.
pub async fn weight<M>(tx: &TenantTx<M>) -> Result<i32, StoreError> {
    let row: Option<Row> = tx.one("SELECT weight FROM tenant WHERE id = $1", []).await?;
    Ok(row.ok_or(StoreError::NotFound("tenant"))?.weight)
}

/// Sets it.
pub async fn set_weight(tx: &mut TenantTx<Write>, to: i32) -> Result<(), StoreError> {
    if !(1..=MAX_WEIGHT).contains(&to) {
        let rule = format!("a weight is a number from 1 to {MAX_WEIGHT}: 1 is that of every tenant at first");
        return Err(StoreError::invalid("weight", rule));
    }
    let before = weight(tx).await?;
    tx.execute("UPDATE tenant SET weight = $2 WHERE id = $1", [to.into()])
        .await?;
    let change = Change::from_to(json!({ "weight": before }), json!({ "weight": to }));
    let tenant = tx.tenant();
    tx.audit(AuditAct::SendingWeightSet, tenant, &change)
}
