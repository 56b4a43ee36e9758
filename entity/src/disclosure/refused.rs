//! What an outside party asked for and did not get: one entry of the audit log for all that an operation asks, so that
//! nobody makes the ledger grow by asking for many who are not there.

use std::collections::{BTreeMap, BTreeSet};

use assent_domain::audit::AuditAct;
use assent_domain::disclosure::{PersonField, Withheld};
use assent_domain::id::SubscriberId;
use serde_json::json;

use super::Asker;
use crate::audit::Change;
use crate::error::StoreError;
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

/// What was refused so far. It is worth nothing until it is noted.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Refused {
    withheld: BTreeMap<SubscriberId, BTreeMap<PersonField, Withheld>>,
    unknown: BTreeSet<SubscriberId>,
}

impl Refused {
    pub(super) fn withheld(&mut self, of: SubscriberId, fields: BTreeMap<PersonField, Withheld>) {
        self.withheld.entry(of).or_default().extend(fields);
    }

    pub(super) fn unknown(&mut self, ids: impl IntoIterator<Item = SubscriberId>) {
        self.unknown.extend(ids);
    }

    /// Notes all of it in one entry, before anything is answered.
    pub async fn note(&self, store: &Store, ctx: TenantCtx, asker: Asker) -> Result<(), StoreError> {
        if self.is_none() {
            return Ok(());
        }
        let mut tx = TenantTx::write_although_closed(store, ctx).await?;
        self.note_within(&mut tx, asker)?;
        tx.commit().await
    }

    fn is_none(&self) -> bool {
        self.withheld.is_empty() && self.unknown.is_empty()
    }

    /// The same within a transaction.
    pub(crate) fn note_within(&self, tx: &mut TenantTx<Write>, asker: Asker) -> Result<(), StoreError> {
        if self.is_none() {
            return Ok(());
        }
        let only = match self.withheld.first_key_value() {
            Some((person, _)) if self.withheld.len() == 1 && self.unknown.is_empty() => Some(*person),
            _ => None,
        };
        let mut what = json!({ "outsideParty": asker.party, "withheld": self.withheld });
        if !self.unknown.is_empty()
            && let Some(what) = what.as_object_mut()
        {
            what.insert("unknown".to_owned(), json!(self.unknown));
        }
        tx.audit_about(AuditAct::DisclosureRefused, only, &Change::to(what))
    }
}
