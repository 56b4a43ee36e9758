//! The ledger: entries are collected by a transaction and appended as its last act, under the lock of the
//! tenant's chain head.

use assent_domain::clock::Timestamp;
use assent_domain::id::{ConsentRecordId, TenantId, new_id};
use assent_domain::ledger::{GENESIS, Hash, Row, chain, commit, salt};
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult};
use serde::Serialize;
use strum::{Display, EnumString};
use uuid::Uuid;

use crate::error::StoreError;
use crate::row::{ledger, ledger_evidence};
use crate::tx::{TenantTx, Write};

pub(crate) mod paging;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum EntryKind {
    /// A consent record.
    Consent,
    /// What somebody lets an outside party get.
    Permission,
    /// Something of a person that went to an outside party.
    Disclosure,
    /// Something that was done, and by whom.
    Audit,
}

/// An entry on its way into the ledger.
#[derive(Clone, Debug)]
pub(crate) struct NewEntry {
    kind: EntryKind,
    id: ConsentRecordId,
    subject: Option<Uuid>,
    recorded_at: Timestamp,
    facts: String,
    evidence: String,
}

impl NewEntry {
    /// Makes an entry: `facts` are ids and codes and stay for good, `evidence` is personal and can be erased.
    pub(crate) fn new(
        kind: EntryKind,
        subject: Option<Uuid>,
        recorded_at: Timestamp,
        facts: &impl Serialize,
        evidence: &impl Serialize,
    ) -> Result<Self, StoreError> {
        let json = |error: serde_json::Error| StoreError::Corrupt(error.to_string());
        Ok(Self {
            kind,
            id: new_id(recorded_at),
            subject,
            recorded_at,
            facts: serde_json::to_string(facts).map_err(json)?,
            evidence: serde_json::to_string(evidence).map_err(json)?,
        })
    }

    /// Whether it says who did something.
    pub(crate) fn answers_for_it(&self) -> bool {
        matches!(self.kind, EntryKind::Audit | EntryKind::Disclosure)
    }

    pub(crate) fn id(&self) -> ConsentRecordId {
        self.id
    }
}

#[derive(FromQueryResult)]
struct Head {
    seq: i64,
    hash: Vec<u8>,
}

pub(crate) fn read_hash(bytes: &[u8]) -> Result<Hash, StoreError> {
    bytes
        .try_into()
        .map_err(|_| StoreError::Corrupt("a hash that is not 32 octets long".to_owned()))
}

/// Begins a tenant's chain. Called once, when the tenant is created.
pub(crate) async fn begin(tx: &TenantTx<Write>) -> Result<(), StoreError> {
    let sql = "INSERT INTO ledger_head (tenant_id, seq, hash) VALUES ($1, 0, $2)";
    tx.execute(sql, [GENESIS.to_vec().into()]).await?;
    Ok(())
}

/// Appends entries to the tenant's chain.
pub(crate) async fn append(tx: &TenantTx<Write>, entries: Vec<NewEntry>) -> Result<(), StoreError> {
    if entries.is_empty() {
        return Ok(());
    }
    let lock = format!(
        "SELECT seq, hash FROM ledger_head WHERE tenant_id = $1 {}",
        tx.for_update()
    );
    let head: Head = tx
        .one(&lock, [])
        .await?
        .ok_or_else(|| missing_head(tx.tenant()))?;
    let (mut seq, mut hash) = (head.seq, read_hash(&head.hash)?);
    let (mut rows, mut evidence) = (
        Vec::with_capacity(entries.len()),
        Vec::with_capacity(entries.len()),
    );
    for entry in entries {
        seq += 1;
        let salt = salt();
        let commitment = commit(&salt, entry.evidence.as_bytes());
        let kind = entry.kind.to_string();
        hash = chain(
            &hash,
            &Row {
                seq,
                kind: &kind,
                id: entry.id.uuid(),
                subject: entry.subject,
                recorded_at: entry.recorded_at,
                facts: &entry.facts,
                commitment: &commitment,
            },
        );
        rows.push(ledger::ActiveModel {
            tenant_id: Set(tx.uuid()),
            seq: Set(seq),
            kind: Set(kind),
            id: Set(entry.id.uuid()),
            subject_id: Set(entry.subject),
            recorded_at: Set(entry.recorded_at.micros()),
            facts: Set(entry.facts),
            commitment: Set(commitment.to_vec()),
            hash: Set(hash.to_vec()),
        });
        evidence.push(ledger_evidence::ActiveModel {
            tenant_id: Set(tx.uuid()),
            seq: Set(seq),
            salt: Set(salt.to_vec()),
            evidence: Set(entry.evidence),
        });
    }
    insert(tx, rows, evidence).await?;
    tx.execute(
        "UPDATE ledger_head SET seq = $2, hash = $3 WHERE tenant_id = $1",
        [seq.into(), hash.to_vec().into()],
    )
    .await?;
    Ok(())
}

/// Rows of one statement: both databases take fewer than 32,767 values in one.
const ROWS_A_STATEMENT: usize = 2000;

async fn insert(
    tx: &TenantTx<Write>,
    rows: Vec<ledger::ActiveModel>,
    evidence: Vec<ledger_evidence::ActiveModel>,
) -> Result<(), StoreError> {
    let (mut rows, mut evidence) = (rows.into_iter(), evidence.into_iter());
    while rows.len() > 0 {
        ledger::Entity::insert_many(rows.by_ref().take(ROWS_A_STATEMENT))
            .exec_without_returning(tx.conn())
            .await?;
        ledger_evidence::Entity::insert_many(evidence.by_ref().take(ROWS_A_STATEMENT))
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

fn missing_head(tenant: TenantId) -> StoreError {
    StoreError::Corrupt(format!("the ledger of {tenant} has no head"))
}
