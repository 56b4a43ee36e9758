//! Whether today's states are those of the newest records, and whether whoever is gone was erased.

use std::collections::BTreeMap;

use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentFacts;
use assent_domain::disclosure::PermissionFacts;
use sea_orm::FromQueryResult;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Fault, acts, suppressions};
use crate::error::StoreError;
use crate::tx::PlatformTx;

/// The first thing that is wrong with the people of a tenant.
pub(super) async fn check(tx: &PlatformTx, tenant: Uuid) -> Result<Option<Fault>, StoreError> {
    if let Some(fault) = wrong_state(tx, tenant).await? {
        return Ok(Some(fault));
    }
    match left_behind(tx, tenant).await? {
        None => evidence_taken(tx, tenant).await,
        fault => Ok(fault),
    }
}

/// People compared at a time.
const PEOPLE: i64 = 1000;

#[derive(FromQueryResult)]
struct Person {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct LedgerRow {
    id: Uuid,
    subject_id: Uuid,
    recorded_at: i64,
    facts: String,
}

impl LedgerRow {
    fn read<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        serde_json::from_str(&self.facts).map_err(|_| StoreError::Corrupt(format!("record {}", self.id)))
    }
}

#[derive(FromQueryResult)]
struct Projected {
    subscriber_id: Uuid,
    purpose_id: Uuid,
    state: String,
    policy_version_id: Uuid,
    record_id: Uuid,
    recorded_at: i64,
}

/// Compares the projection with the newest record of each person and purpose, a thousand people at a time.
async fn wrong_state(tx: &PlatformTx, tenant: Uuid) -> Result<Option<Fault>, StoreError> {
    let mut after = Uuid::nil();
    loop {
        let sql = "SELECT id FROM subscriber WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3";
        let values = [tenant.into(), after.into(), PEOPLE.into()];
        let people = Person::find_by_statement(tx.statement(sql, values))
            .all(tx.conn())
            .await?;
        let Some(last) = people.last().map(|person| person.id) else {
            return Ok(None);
        };
        let people = [tenant, after, last];
        if let Some(fault) = wrong_consent(tx, people).await? {
            return Ok(Some(fault));
        }
        if let Some(fault) = wrong_permission(tx, people).await? {
            return Ok(Some(fault));
        }
        if let Some(fault) = acts::wrong(tx, people).await? {
            return Ok(Some(fault));
        }
        if let Some(fault) = suppressions::wrong(tx, people).await? {
            return Ok(Some(fault));
        }
        after = last;
    }
}

async fn wrong_consent(tx: &PlatformTx, range: [Uuid; 3]) -> Result<Option<Fault>, StoreError> {
    let range = range.map(sea_orm::Value::from);
    // Whoever was erased has records and no state: see `left_behind`. The range is said of both tables: a merge of the two
    // begins where each is told to.
    let sql = "SELECT id, subject_id, recorded_at, facts FROM ledger l WHERE tenant_id = $1 AND kind = 'CONSENT'
                 AND subject_id > $2 AND subject_id <= $3
                 AND EXISTS (SELECT 1 FROM subscriber s WHERE s.tenant_id = l.tenant_id AND s.id = l.subject_id
                               AND s.id > $2 AND s.id <= $3)
               ORDER BY subject_id, seq";
    let records = LedgerRow::find_by_statement(tx.statement(sql, range.clone()))
        .all(tx.conn())
        .await?;
    let mut newest = BTreeMap::new();
    for record in &records {
        let facts: ConsentFacts = record.read()?;
        let counts_from = facts.given_at.map_or(record.recorded_at, Timestamp::micros);
        let key = (record.subject_id, facts.purpose.uuid());
        newest.insert(key, (record.id, counts_from, facts));
    }
    let sql =
        "SELECT subscriber_id, purpose_id, state, policy_version_id, record_id, recorded_at FROM consent
               WHERE tenant_id = $1 AND subscriber_id > $2 AND subscriber_id <= $3";
    let states = Projected::find_by_statement(tx.statement(sql, range))
        .all(tx.conn())
        .await?;
    for state in states {
        let (subscriber, purpose) = (state.subscriber_id, state.purpose_id);
        let agrees = newest
            .remove(&(subscriber, purpose))
            .is_some_and(|(record, counts_from, facts)| {
                record == state.record_id
                    && counts_from == state.recorded_at
                    && facts.state.to_string() == state.state
                    && facts.policy_version.uuid() == state.policy_version_id
            });
        if !agrees {
            return Ok(Some(Fault::WrongState { subscriber, purpose }));
        }
    }
    // What is left has a record and no state.
    let left = newest.into_keys().next();
    Ok(left.map(|(subscriber, purpose)| Fault::WrongState { subscriber, purpose }))
}

#[derive(FromQueryResult)]
struct Permitted {
    subscriber_id: Uuid,
    outside_party_id: Uuid,
    field: String,
    state: String,
    record_id: Uuid,
}

async fn wrong_permission(tx: &PlatformTx, range: [Uuid; 3]) -> Result<Option<Fault>, StoreError> {
    let range = range.map(sea_orm::Value::from);
    let sql = "SELECT id, subject_id, recorded_at, facts FROM ledger l WHERE tenant_id = $1 AND kind = 'PERMISSION'
                 AND subject_id > $2 AND subject_id <= $3
                 AND EXISTS (SELECT 1 FROM subscriber s WHERE s.tenant_id = l.tenant_id AND s.id = l.subject_id
                               AND s.id > $2 AND s.id <= $3)
               ORDER BY subject_id, seq";
    let records = LedgerRow::find_by_statement(tx.statement(sql, range.clone()))
        .all(tx.conn())
        .await?;
    let mut newest = BTreeMap::new();
    for record in &records {
        let facts: PermissionFacts = record.read()?;
        for field in facts.fields {
            let key = (record.subject_id, facts.party.uuid(), field.to_string());
            newest.insert(key, (record.id, facts.state.to_string()));
        }
    }
    let sql = "SELECT subscriber_id, outside_party_id, field, state, record_id FROM permission
               WHERE tenant_id = $1 AND subscriber_id > $2 AND subscriber_id <= $3";
    let states = Permitted::find_by_statement(tx.statement(sql, range))
        .all(tx.conn())
        .await?;
    for row in states {
        let (subscriber, party) = (row.subscriber_id, row.outside_party_id);
        let recorded = newest.remove(&(subscriber, party, row.field));
        if recorded != Some((row.record_id, row.state)) {
            return Ok(Some(Fault::WrongPermission { subscriber, party }));
        }
    }
    // What is left has a record and no state.
    let left = newest.into_keys().next();
    Ok(left.map(|(subscriber, party, _)| Fault::WrongPermission { subscriber, party }))
}

#[derive(FromQueryResult)]
struct LeftBehind {
    subject_id: Uuid,
    seq: i64,
}

/// Finds a person whose row is gone although they were not erased: an erasure leaves no evidence.
async fn left_behind(tx: &PlatformTx, tenant: Uuid) -> Result<Option<Fault>, StoreError> {
    let sql = "SELECT l.subject_id, l.seq FROM ledger l
               JOIN ledger_evidence e ON e.tenant_id = l.tenant_id AND e.seq = l.seq
               WHERE l.tenant_id = $1 AND l.kind = 'CONSENT' AND NOT EXISTS (
                 SELECT 1 FROM subscriber s WHERE s.tenant_id = l.tenant_id AND s.id = l.subject_id)
                 AND NOT EXISTS (SELECT 1 FROM subscriber_alias a
                                 WHERE a.tenant_id = l.tenant_id AND a.former_id = l.subject_id)
               ORDER BY l.seq LIMIT 1";
    let found = LeftBehind::find_by_statement(tx.statement(sql, [tenant.into()]))
        .one(tx.conn())
        .await?;
    Ok(found.map(|found| Fault::PersonMissing {
        subscriber: found.subject_id,
        seq: found.seq,
    }))
}

#[derive(FromQueryResult)]
struct Bare {
    seq: i64,
    id: Uuid,
}

/// Finds a row without its evidence although nobody whom it is about was erased. What entries about nobody in particular
/// say goes where they mention somebody who was.
async fn evidence_taken(tx: &PlatformTx, tenant: Uuid) -> Result<Option<Fault>, StoreError> {
    let sql = r#"SELECT l.seq, l.id FROM ledger l
               LEFT JOIN ledger_evidence e ON e.tenant_id = l.tenant_id AND e.seq = l.seq
               WHERE l.tenant_id = $1 AND e.seq IS NULL AND CASE
                 WHEN l.subject_id IS NULL THEN NOT EXISTS (
                   SELECT 1 FROM ledger a WHERE a.tenant_id = $1 AND a.kind = 'AUDIT'
                     AND a.facts LIKE '%"act":"PERSON_ERASED"%')
                 ELSE NOT EXISTS (
                   SELECT 1 FROM ledger a WHERE a.tenant_id = $1 AND a.subject_id = l.subject_id AND a.kind = 'AUDIT'
                     AND a.facts LIKE '%"act":"PERSON_ERASED"%')
                   OR EXISTS (SELECT 1 FROM subscriber s WHERE s.tenant_id = $1 AND s.id = l.subject_id) END
               ORDER BY l.seq LIMIT 1"#;
    let bare = Bare::find_by_statement(tx.statement(sql, [tenant.into()]))
        .one(tx.conn())
        .await?;
    Ok(bare.map(|bare| Fault::EvidenceTaken {
        seq: bare.seq,
        id: bare.id,
    }))
}
