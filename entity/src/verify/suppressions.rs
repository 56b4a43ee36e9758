//! Whether what people said against all mail to them still holds their address back. That more is held back than the
//! ledger says harms nobody: a mailbox that was left stays held back, and rows about nobody have no entry.

use std::collections::{HashMap, HashSet};

use assent_domain::audit::{AuditAct, AuditFacts};
use assent_domain::suppression::{SuppressionReason, SuppressionScope};
use sea_orm::FromQueryResult;
use serde::Deserialize;
use uuid::Uuid;

use super::Fault;
use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::suppression::read_scope;
use crate::tx::PlatformTx;

#[derive(FromQueryResult)]
struct Entry {
    id: Uuid,
    subject_id: Uuid,
    facts: String,
    evidence: String,
}

#[derive(FromQueryResult)]
struct Held {
    subscriber_id: Uuid,
    reason: String,
    scope: String,
    scope_id: Uuid,
}

/// What an entry says of a suppression.
#[derive(Deserialize)]
struct Told {
    reason: SuppressionReason,
    #[serde(default = "everything")]
    scope: SuppressionScope,
}

fn everything() -> SuppressionScope {
    SuppressionScope::All
}

/// A person, and what holds mail to them back.
type Key = (Uuid, SuppressionReason, SuppressionScope);

impl Entry {
    /// What it tells of, and whether that holds from then on. Only what goes with the person: the rest is of an address
    /// that they may have left since.
    fn read(&self) -> Result<Option<(Key, bool)>, StoreError> {
        let corrupt = |_| StoreError::Corrupt(format!("record {}", self.id));
        let facts: AuditFacts = serde_json::from_str(&self.facts).map_err(corrupt)?;
        let change: Change = serde_json::from_str(&self.evidence).map_err(corrupt)?;
        let holds = facts.act == AuditAct::Suppressed;
        let told = if holds { change.after } else { change.before };
        let told: Told = serde_json::from_value(told).map_err(corrupt)?;
        let key = (self.subject_id, told.reason, told.scope);
        Ok(told.reason.goes_with_the_person().then_some((key, holds)))
    }
}

/// The first no that is gone of the people of a range: the tenant, and the ids after which and up to which.
pub(super) async fn wrong(tx: &PlatformTx, range: [Uuid; 3]) -> Result<Option<Fault>, StoreError> {
    let range = range.map(sea_orm::Value::from);
    let sql = r#"SELECT l.id, l.subject_id, l.facts, e.evidence FROM ledger l
                 JOIN ledger_evidence e ON e.tenant_id = l.tenant_id AND e.seq = l.seq
               WHERE l.tenant_id = $1 AND l.kind = 'AUDIT' AND l.subject_id > $2 AND l.subject_id <= $3
                 AND (l.facts LIKE '%"act":"SUPPRESSED"%' OR l.facts LIKE '%"act":"SUPPRESSION_LIFTED"%')
                 AND EXISTS (SELECT 1 FROM subscriber s WHERE s.tenant_id = l.tenant_id AND s.id = l.subject_id
                               AND s.id > $2 AND s.id <= $3)
               ORDER BY l.subject_id, l.seq"#;
    let entries = Entry::find_by_statement(tx.statement(sql, range.clone()))
        .all(tx.conn())
        .await?;
    let mut said = HashMap::new();
    for entry in &entries {
        said.extend(entry.read()?);
    }
    if said.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT s.id AS subscriber_id, x.reason, x.scope, x.scope_id FROM subscriber s
               JOIN suppression x ON x.tenant_id = s.tenant_id AND x.address_hash = s.address_hash
               WHERE s.tenant_id = $1 AND s.id > $2 AND s.id <= $3";
    let rows = Held::find_by_statement(tx.statement(sql, range))
        .all(tx.conn())
        .await?;
    let mut held: HashSet<Key> = HashSet::new();
    for row in rows {
        let scope = read_scope(&row.scope, row.scope_id)?;
        held.insert((row.subscriber_id, read_code(&row.reason)?, scope));
    }
    let gone = said.iter().filter(|(key, holds)| **holds && !held.contains(key));
    let first = gone.min_by_key(|((subscriber, ..), _)| *subscriber);
    Ok(first.map(|((subscriber, reason, _), _)| Fault::NoTaken {
        subscriber: *subscriber,
        reason: *reason,
    }))
}
