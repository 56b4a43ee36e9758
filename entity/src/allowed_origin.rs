//! The sites whose pages may read and send a tenant's forms by script.

use std::collections::BTreeSet;

use assent_domain::audit::AuditAct;
use assent_domain::site::Origin;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder};
use serde_json::json;

use crate::audit::Change;
use crate::error::StoreError;
use crate::row::allowed_origin as row;
use crate::tx::{TenantTx, Write};

/// The most origins of a tenant.
const MAX_ORIGINS: usize = 100;

/// The tenant's origins, as browsers send them.
pub async fn all<M>(tx: &TenantTx<M>) -> Result<Vec<String>, StoreError> {
    let query = tx.find::<row::Entity>().order_by_asc(row::Column::Origin);
    let rows = query.all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| row.origin).collect())
}

/// Sets the tenant's origins, in place of those before.
pub async fn set(tx: &mut TenantTx<Write>, origins: &[Origin]) -> Result<(), StoreError> {
    let origins: BTreeSet<_> = origins.iter().map(Origin::as_str).collect();
    if origins.len() > MAX_ORIGINS {
        let rule = format!("at most {MAX_ORIGINS} origins may be allowed");
        return Err(StoreError::invalid("origins", rule));
    }
    let before = all(tx).await?;
    tx.execute("DELETE FROM allowed_origin WHERE tenant_id = $1", [])
        .await?;
    for origin in &origins {
        let row = row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            origin: Set((*origin).to_owned()),
        };
        row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    }
    let change = Change::from_to(json!({ "origins": before }), json!({ "origins": origins }));
    let tenant = tx.tenant();
    tx.audit(AuditAct::AllowedOriginsSet, tenant, &change)
}
