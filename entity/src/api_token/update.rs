//! Changing what a token is called, where it counts, and until when.

use assent_domain::allowed_networks::AllowedNetworks;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::ApiTokenId;
use serde_json::{Value, json};

use super::{ApiToken, by_id, check_expiry, held_by};
use crate::audit::Change;
use crate::error::StoreError;
use crate::text;
use crate::tx::{TenantTx, Write};

/// What is to be otherwise; what is not said stays.
#[derive(Clone, Debug, Default)]
pub struct TokenChanges {
    /// What the tenant calls it.
    pub name: Option<String>,
    /// Until when it counts.
    pub expires_at: Option<Timestamp>,
    /// Where it counts.
    pub networks: Option<AllowedNetworks>,
}

fn shown(token: &ApiToken) -> Value {
    json!({
        "name": token.name,
        "expiresAt": token.expires_at.to_string(),
        "networks": token.networks.texts(),
    })
}

/// Changes a token that counts.
pub async fn update(
    tx: &mut TenantTx<Write>,
    id: ApiTokenId,
    changes: TokenChanges,
) -> Result<ApiToken, StoreError> {
    let before = held_by(tx, id).await?;
    let name = match &changes.name {
        Some(name) => text::name("name", name)?,
        None => before.name.clone(),
    };
    if let Some(expires_at) = changes.expires_at {
        check_expiry(tx, expires_at)?;
    }
    let expires_at = changes.expires_at.unwrap_or(before.expires_at);
    let networks = changes.networks.unwrap_or_else(|| before.networks.clone());
    let sql =
        "UPDATE api_token SET name = $3, expires_at = $4, networks = $5 WHERE tenant_id = $1 AND id = $2";
    let values = [
        id.uuid().into(),
        name.into(),
        expires_at.micros().into(),
        networks.to_string().into(),
    ];
    tx.execute(sql, values).await?;
    let after = by_id(tx, id).await?;
    let change = Change::from_to(shown(&before), shown(&after));
    tx.audit(AuditAct::ApiTokenUpdated, id, &change)?;
    Ok(after)
}
