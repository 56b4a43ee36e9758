//! The audit log: what members, partners and the operator change, in the tenant's ledger (P06); `TenantTx::commit`
//! insists on it. What was there before and after lies beside the chain, under its commitment.

use std::collections::BTreeSet;

use assent_domain::audit::{AuditAct, AuditFacts, Door};
use assent_domain::clock::Timestamp;
use assent_domain::id::{AuditEntryId, PrivacyRequestId, SubscriberId, stored};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::StoreError;
use crate::ledger::paging;
use crate::ledger::{EntryKind, NewEntry};
use crate::page::{Page, PageRequest};
use crate::row::{ledger, ledger_evidence};
use crate::tx::{TenantTx, Write};

/// What changed: as it was, and as it is now. Null where there was nothing, or is nothing any more.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Change {
    /// As it was.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
    /// As it is now.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub after: Value,
}

impl Change {
    /// Something new.
    pub(crate) fn to(after: Value) -> Self {
        Self {
            before: Value::Null,
            after,
        }
    }

    /// Something that is different now.
    pub(crate) fn from_to(before: Value, after: Value) -> Self {
        Self { before, after }
    }
}

impl TenantTx<Write> {
    /// Notes in the audit log what is done to `object`.
    pub(crate) fn audit(
        &mut self,
        act: AuditAct,
        object: impl std::fmt::Display,
        change: &Change,
    ) -> Result<(), StoreError> {
        let object = Some(object.to_string());
        note(self, act, object, None, change)
    }

    /// Notes in the audit log what is done to `object` about a person.
    pub(crate) fn audit_of(
        &mut self,
        act: AuditAct,
        object: impl std::fmt::Display,
        person: SubscriberId,
        change: &Change,
    ) -> Result<(), StoreError> {
        note(self, act, Some(object.to_string()), Some(person), change)
    }

    /// Notes in the audit log what is done about a person.
    pub(crate) fn audit_about(
        &mut self,
        act: AuditAct,
        person: Option<SubscriberId>,
        change: &Change,
    ) -> Result<(), StoreError> {
        let object = person.map(|id| id.to_string());
        note(self, act, object, person, change)
    }
}

fn note(
    tx: &mut TenantTx<Write>,
    act: AuditAct,
    object: Option<String>,
    person: Option<SubscriberId>,
    change: &Change,
) -> Result<(), StoreError> {
    let actor = tx.actor();
    let facts = AuditFacts {
        act,
        by: actor.code(),
        door: actor.door(),
        object,
    };
    let subject = person.map(|id| id.uuid());
    let entry = NewEntry::new(EntryKind::Audit, subject, tx.now(), &facts, change)?;
    tx.note(entry);
    Ok(())
}

/// An entry of the audit log.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditEntryId,
    /// Its number in the tenant's ledger.
    pub seq: i64,
    /// What was done.
    pub act: AuditAct,
    /// Who did it: the id of a member or a subscriber, or `operator`, `visitor`, `job`.
    pub by: String,
    /// Through what.
    pub door: Door,
    /// What it was done to: an id, if there is one.
    pub object: Option<String>,
    /// When.
    pub recorded_at: Timestamp,
    /// What changed; `None` where that was erased.
    pub change: Option<Change>,
}

fn read(row: ledger::Model, evidence: Option<ledger_evidence::Model>) -> Result<AuditEntry, StoreError> {
    let unreadable = |_| StoreError::Corrupt(format!("row {} of the ledger", row.seq));
    let facts: AuditFacts = serde_json::from_str(&row.facts).map_err(unreadable)?;
    let change = evidence
        .map(|row| serde_json::from_str(&row.evidence))
        .transpose();
    Ok(AuditEntry {
        id: stored(row.id),
        seq: row.seq,
        act: facts.act,
        by: facts.by,
        door: facts.door,
        object: facts.object,
        recorded_at: Timestamp::from_micros(row.recorded_at),
        change: change.map_err(unreadable)?,
    })
}

/// The audit log, newest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<AuditEntry>, StoreError> {
    let entries = tx
        .find::<ledger::Entity>()
        // In so many words, because the index is for these.
        .filter(Expr::cust("kind = 'AUDIT'"));
    let page = paging::newest(tx, entries, request).await?;
    let seqs = page.rows.iter().map(|(_, row)| row.seq);
    let evidence = tx
        .find::<ledger_evidence::Entity>()
        .filter(ledger_evidence::Column::Seq.is_in(seqs))
        .all(tx.conn())
        .await?;
    page.try_map(|row| {
        let beside = evidence.iter().find(|beside| beside.seq == row.seq).cloned();
        read(row, beside)
    })
}

/// Notes that somebody read in clear who people are (P15): which people, which fields of them, and what for. Where it
/// is one person, the entry is about them; the ids of several lie beside the chain, as do those of requests by people
/// who are not known.
pub fn note_reading(
    tx: &mut TenantTx<Write>,
    people: &BTreeSet<SubscriberId>,
    requests: &BTreeSet<PrivacyRequestId>,
    fields: &BTreeSet<&'static str>,
    reason: &str,
) -> Result<(), StoreError> {
    let mut read = serde_json::json!({ "reason": reason, "fields": fields, "people": people });
    if !requests.is_empty()
        && let Some(read) = read.as_object_mut()
    {
        read.insert("requests".to_owned(), serde_json::json!(requests));
    }
    let only = match people.first() {
        Some(person) if people.len() == 1 && requests.is_empty() => Some(*person),
        _ => None,
    };
    tx.audit_about(AuditAct::PersonalDataRead, only, &Change::to(read))
}
