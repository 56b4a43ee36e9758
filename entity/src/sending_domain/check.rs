//! What was found in DNS, recorded; a key whose record is there begins to sign.

use assent_domain::audit::AuditAct;
use assent_domain::dkim::DkimKeyState;
use assent_domain::id::{DkimKeyId, SendingDomainId, stored};
use assent_domain::sending_domain::{Alignment, Finding, RecordState};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;

use super::{SendingDomain, keys, locked};
use crate::audit::Change;
use crate::error::StoreError;
use crate::row::sending_domain as row;
use crate::store::Store;
use crate::tenant_life;
use crate::tx::{TenantCtx, TenantTx, Write};

/// What was found of a domain's records.
#[derive(Clone, Debug)]
pub struct Checked {
    /// Of each key.
    pub keys: Vec<(DkimKeyId, Finding)>,
    /// Of SPF.
    pub spf: Finding,
    /// Of DMARC.
    pub dmarc: Finding,
    /// What the DMARC policy asks of signatures.
    pub alignment: Alignment,
    /// Of the `CNAME` of return paths, where there is to be one.
    pub return_path: Option<Finding>,
}

/// The domains whose time has come to be looked at; none of a closed tenant, which sends nothing.
pub async fn due(store: &Store, ctx: TenantCtx) -> Result<Vec<SendingDomainId>, StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    if !tenant_life::of(&tx).await?.is_open() {
        return Ok(Vec::new());
    }
    let due = tx
        .find::<row::Entity>()
        .filter(row::Column::NextCheckAt.lte(tx.now().micros()));
    let rows = due.all(tx.conn()).await?;
    Ok(rows.into_iter().map(|row| stored(row.id)).collect())
}

/// Records what was found, and lets the keys sign that are seen.
pub async fn record_check(
    tx: &mut TenantTx<Write>,
    id: SendingDomainId,
    checked: Checked,
) -> Result<(), StoreError> {
    let mut domain = locked(tx, id).await?;
    domain.take(checked);
    for key in &domain.keys {
        let sql =
            "UPDATE dkim_key SET record_state = $3, record_reason = $4 WHERE tenant_id = $1 AND id = $2";
        let finding = &key.finding;
        let values = [
            key.id.uuid().into(),
            finding.state.to_string().into(),
            finding.reason.as_str().into(),
        ];
        tx.execute(sql, values).await?;
        if key.state == DkimKeyState::Pending && finding.is_published() {
            keys::activate(tx, id, key).await?;
        }
    }
    // The keys that sign may be others now.
    domain.keys = super::by_id(tx, id).await?.keys;
    let next = domain.standing().next_check_at(domain.created_at, tx.now());
    save(tx, &domain, next.micros()).await?;
    if tx.actor().has_to_answer() {
        let found = json!({ "spf": domain.spf.state.to_string(), "dmarc": domain.dmarc.state.to_string() });
        tx.audit(AuditAct::SendingDomainChecked, id, &Change::to(found))?;
    }
    Ok(())
}

impl SendingDomain {
    /// What counts after another look.
    fn take(&mut self, checked: Checked) {
        if checked.dmarc.state != RecordState::Unreachable {
            self.alignment = checked.alignment;
        }
        let replace = |of: &mut Finding, newer: Finding| {
            let before = std::mem::replace(of, Finding::unchecked());
            *of = before.then(newer);
        };
        replace(&mut self.spf, checked.spf);
        replace(&mut self.dmarc, checked.dmarc);
        if let Some(newer) = checked.return_path {
            replace(&mut self.return_path, newer);
        } else {
            self.return_path = Finding::unchecked();
        }
        for (id, newer) in checked.keys {
            if let Some(key) = self.keys.iter_mut().find(|key| key.id == id) {
                replace(&mut key.finding, newer);
            }
        }
    }
}

async fn save(tx: &TenantTx<Write>, domain: &SendingDomain, next_check_at: i64) -> Result<(), StoreError> {
    let of = |finding: &Finding| [finding.state.to_string().into(), finding.reason.as_str().into()];
    let [spf, spf_reason] = of(&domain.spf);
    let [dmarc, dmarc_reason] = of(&domain.dmarc);
    let [return_path, return_path_reason] = of(&domain.return_path);
    let values = [
        domain.id.uuid().into(),
        spf,
        spf_reason,
        dmarc,
        dmarc_reason,
        domain.alignment.to_string().into(),
        return_path,
        return_path_reason,
        tx.now().micros().into(),
        next_check_at.into(),
    ];
    tx.execute(
        "UPDATE sending_domain
         SET spf_state = $3, spf_reason = $4, dmarc_state = $5, dmarc_reason = $6, alignment = $7,
             return_path_state = $8, return_path_reason = $9, checked_at = $10, next_check_at = $11
         WHERE tenant_id = $1 AND id = $2",
        values,
    )
    .await?;
    Ok(())
}
