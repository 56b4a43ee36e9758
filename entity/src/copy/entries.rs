//! The entries of the ledger about a person, in a copy of their data.

use std::collections::BTreeMap;

use assent_domain::audit::{AuditAct, AuditFacts};
use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentFacts;
use assent_domain::disclosure::{Basis, DisclosureFacts, PermissionFacts};
use assent_domain::id::{ConsentRecordId, OutsidePartyId, SubscriberId, stored};
use sea_orm::FromQueryResult;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Consent, Disclosure, Entry, Permission};
use crate::audit::Change;
use crate::chore::CHUNK;
use crate::error::StoreError;
use crate::tx::{TenantTx, places};
use crate::{outside_party, policy, purpose, subscriber, wording};

/// What the ledger says about a person.
#[derive(Default)]
pub(super) struct Entries {
    pub(super) consents: Vec<Consent>,
    pub(super) audit_log: Vec<Entry>,
    pub(super) permissions: Vec<Permission>,
    pub(super) disclosures: Vec<Disclosure>,
}

#[derive(FromQueryResult)]
struct Row {
    seq: i64,
    kind: String,
    id: Uuid,
    recorded_at: i64,
    facts: String,
    evidence: Option<String>,
}

impl Row {
    fn facts<T: DeserializeOwned>(&self) -> Result<T, StoreError> {
        self.read(&self.facts)
    }

    fn evidence<T: DeserializeOwned>(&self) -> Result<Option<T>, StoreError> {
        self.evidence.as_deref().map(|text| self.read(text)).transpose()
    }

    fn read<T: DeserializeOwned>(&self, text: &str) -> Result<T, StoreError> {
        serde_json::from_str(text).map_err(|_| StoreError::Corrupt(format!("row {} of the ledger", self.seq)))
    }

    fn at(&self) -> String {
        Timestamp::from_micros(self.recorded_at).to_string()
    }
}

/// Names by which a consent record is understood.
struct Names {
    purposes: BTreeMap<Uuid, String>,
    versions: BTreeMap<Uuid, i32>,
    parties: BTreeMap<Uuid, String>,
}

impl Names {
    fn party(&self, id: OutsidePartyId) -> String {
        self.parties.get(&id.uuid()).cloned().unwrap_or_default()
    }
}

/// Reads the entries about a person, under whatever ids they were known, and those that note who read the data of several.
pub(super) async fn about<M>(tx: &TenantTx<M>, of: SubscriberId) -> Result<Entries, StoreError> {
    let purposes = purpose::all(tx).await?.into_iter();
    let versions = policy::standings(tx).await?.into_iter();
    let parties = outside_party::all(tx).await?.into_iter();
    let names = Names {
        parties: parties.map(|of| (of.id.uuid(), of.name)).collect(),
        purposes: purposes.map(|of| (of.id.uuid(), of.code)).collect(),
        versions: versions.map(|of| (of.id.uuid(), of.times.number)).collect(),
    };
    let ids = subscriber::ids_of(tx, of).await?;
    let sql = format!(
        "SELECT l.seq, l.kind, l.id, l.recorded_at, l.facts, e.evidence FROM ledger l
         LEFT JOIN ledger_evidence e ON e.tenant_id = l.tenant_id AND e.seq = l.seq
         WHERE l.tenant_id = $1 AND l.subject_id IN ({}) ORDER BY l.seq",
        places(2, ids.len())
    );
    let rows: Vec<Row> = tx.all(&sql, ids.iter().map(|id| (*id).into())).await?;
    let mut entries = Entries::default();
    for row in rows {
        match row.kind.as_str() {
            "CONSENT" => entries.consents.push(consent(tx, &row, &names).await?),
            "PERMISSION" => entries.permissions.push(permission(tx, &row, &names).await?),
            "DISCLOSURE" => entries.disclosures.push(disclosure(&row, &names)?),
            _ => entries.audit_log.push(entry(&row)?),
        }
    }
    readings(tx, &ids, &mut entries.audit_log).await?;
    entries
        .audit_log
        .sort_by(|one, other| one.recorded_at.cmp(&other.recorded_at));
    Ok(entries)
}

async fn consent<M>(tx: &TenantTx<M>, row: &Row, names: &Names) -> Result<Consent, StoreError> {
    let facts: ConsentFacts = row.facts()?;
    let id: ConsentRecordId = stored(row.id);
    let purpose = names.purposes.get(&facts.purpose.uuid()).cloned();
    let version = names.versions.get(&facts.policy_version.uuid()).copied();
    Ok(Consent {
        id: id.to_string(),
        purpose: purpose.unwrap_or_default(),
        state: facts.state.to_string(),
        source: facts.source.to_string(),
        policy_version: version.unwrap_or_default(),
        recorded_at: row.at(),
        words: match &facts.wording {
            Some(hash) => wording::by_hex(tx, hash).await?,
            None => None,
        },
        evidence: row.evidence()?,
    })
}

async fn permission<M>(tx: &TenantTx<M>, row: &Row, names: &Names) -> Result<Permission, StoreError> {
    let facts: PermissionFacts = row.facts()?;
    let version = names.versions.get(&facts.policy_version.uuid()).copied();
    Ok(Permission {
        outside_party: names.party(facts.party),
        fields: facts.fields.iter().map(ToString::to_string).collect(),
        state: facts.state.to_string(),
        source: facts.source.to_string(),
        policy_version: version.unwrap_or_default(),
        recorded_at: row.at(),
        words: wording::by_hex(tx, &facts.wording).await?,
    })
}

fn disclosure(row: &Row, names: &Names) -> Result<Disclosure, StoreError> {
    let facts: DisclosureFacts = row.facts()?;
    Ok(Disclosure {
        outside_party: names.party(facts.party),
        fields: facts.fields.iter().map(ToString::to_string).collect(),
        basis: match facts.basis {
            Basis::Permission => "PERMISSION",
            Basis::LegalOrder { .. } => "LEGAL_ORDER",
        },
        recorded_at: row.at(),
    })
}

fn entry(row: &Row) -> Result<Entry, StoreError> {
    let facts: AuditFacts = row.facts()?;
    let change: Change = row.evidence()?.unwrap_or_default();
    Ok(Entry {
        act: facts.act.to_string(),
        by: facts.by,
        recorded_at: row.at(),
        before: change.before,
        after: without_others(facts.act, change.after),
    })
}

/// Who else was read at the same time is nobody's business but theirs.
fn without_others(act: AuditAct, after: Value) -> Value {
    match (act, after) {
        (AuditAct::PersonalDataRead, Value::Object(mut fields)) => {
            fields.remove("people");
            Value::Object(fields)
        }
        (_, after) => after,
    }
}

/// Entries about nobody in particular that name the person among others whose data was read.
async fn readings<M>(tx: &TenantTx<M>, of: &[Uuid], into: &mut Vec<Entry>) -> Result<(), StoreError> {
    let ids = of
        .iter()
        .map(|id| json!(stored::<assent_domain::id::Subscriber>(*id)));
    let (ids, mut after): (Vec<_>, _) = (ids.collect(), 0);
    loop {
        let sql = format!(
            "SELECT l.seq, l.kind, l.id, l.recorded_at, l.facts, e.evidence FROM ledger l
             LEFT JOIN ledger_evidence e ON e.tenant_id = l.tenant_id AND e.seq = l.seq
             WHERE l.tenant_id = $1 AND l.subject_id IS NULL AND l.kind = 'AUDIT' AND l.seq > $2
             ORDER BY l.seq LIMIT {CHUNK}"
        );
        let rows: Vec<Row> = tx.all(&sql, [after.into()]).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = last.seq;
        for row in rows.iter().filter(|row| row.facts.contains("PERSONAL_DATA_READ")) {
            let change: Option<Change> = row.evidence()?;
            let people = change.and_then(|change| change.after.get("people").cloned());
            let named = people.as_ref().and_then(Value::as_array);
            if named.is_some_and(|named| ids.iter().any(|id| named.contains(id))) {
                into.push(entry(row)?);
            }
        }
    }
}
