//! Permissions: what each person lets each outside party get, field by field (P14), and the projection that holds
//! today's state. Silence is no.

use std::collections::BTreeMap;

use assent_domain::clock::Timestamp;
use assent_domain::consent::{ConsentSource, ConsentState, transition};
use assent_domain::disclosure::{Fields, PermissionFacts, PersonField};
use assent_domain::id::{OutsidePartyId, PermissionId, PolicyVersionId, SubscriberId, stored};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Value, sea_query::OnConflict,
};
use serde_json::json;
use uuid::Uuid;

use crate::error::{StoreError, read_code};
use crate::ledger::{EntryKind, NewEntry};
use crate::policy::NamedParty;
use crate::row::permission as row;
use crate::tx::{TenantTx, Write, places};
use crate::wording::{self, WordingHash};

mod denial;

pub(crate) use denial::{deny, merge, withdraw_all};

/// Where a person's permission for one field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The state.
    pub state: ConsentState,
    /// The version under which it was said.
    pub policy_version: PolicyVersionId,
    /// When.
    pub recorded_at: Timestamp,
}

/// Rows of one statement: both databases take fewer than 32,767 values in one.
const ROWS_A_STATEMENT: usize = 2000;

/// What a person said about a party, field by field.
pub type Permissions = BTreeMap<PersonField, Permission>;

/// The words beside a party on the pages that ask about it, in English; a page says in its own language what it showed.
pub fn statement_for(party: &NamedParty) -> String {
    let fields: Vec<_> = party.fields.iter().map(|field| field.in_words()).collect();
    format!(
        "{} may get {}. Why: {} What: {}",
        party.name,
        fields.join(", "),
        party.why,
        party.what
    )
}

fn read_permission(row: &row::Model) -> Result<(PersonField, Permission), StoreError> {
    let permission = Permission {
        state: read_code(&row.state)?,
        policy_version: stored(row.policy_version_id),
        recorded_at: Timestamp::from_micros(row.recorded_at),
    };
    Ok((read_code(&row.field)?, permission))
}

/// What a person said about a party.
pub async fn of<M>(
    tx: &TenantTx<M>,
    person: SubscriberId,
    party: OutsidePartyId,
) -> Result<Permissions, StoreError> {
    let rows = tx
        .find::<row::Entity>()
        .filter(row::Column::OutsidePartyId.eq(party.uuid()))
        .filter(row::Column::SubscriberId.eq(person.uuid()))
        .all(tx.conn())
        .await?;
    rows.iter().map(read_permission).collect()
}

/// What a person said about every party that they were asked about.
pub(crate) async fn of_person<M>(
    tx: &TenantTx<M>,
    person: SubscriberId,
) -> Result<BTreeMap<OutsidePartyId, Permissions>, StoreError> {
    let rows = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(person.uuid()))
        .all(tx.conn())
        .await?;
    let mut said: BTreeMap<OutsidePartyId, Permissions> = BTreeMap::new();
    for row in rows {
        let (field, permission) = read_permission(&row)?;
        let party = said.entry(stored(row.outside_party_id)).or_default();
        party.insert(field, permission);
    }
    Ok(said)
}

/// Where and to which words somebody answered about a party.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion {
    pub(crate) source: ConsentSource,
    pub(crate) policy: PolicyVersionId,
}

/// Records a person's answers about a party, where they change anything: one record for the fields that go the same
/// way, with the words that they had before them. The person's row has to be locked.
pub(crate) async fn record(
    tx: &mut TenantTx<Write>,
    person: SubscriberId,
    party: &NamedParty,
    answers: &BTreeMap<PersonField, bool>,
    occasion: Occasion,
    words: &str,
) -> Result<(), StoreError> {
    let current = of(tx, person, party.id).await?;
    let mut moves: BTreeMap<ConsentState, Fields> = BTreeMap::new();
    for (field, yes) in answers.iter().filter(|(field, _)| party.fields.contains(field)) {
        let wanted = if *yes {
            ConsentState::Given
        } else {
            ConsentState::Withdrawn
        };
        let was = current.get(field);
        // A yes to another version is said anew: that version may not name the party, or was taken back.
        let counted = was.map(|was| match was.state {
            ConsentState::Given if was.policy_version != occasion.policy && *yes => ConsentState::Expired,
            state => state,
        });
        let next = transition(counted, wanted, occasion.source);
        // A closed tenant takes the noes of a page and leaves its yeses out.
        if let Some(next) = next.filter(|next| next.grants_nothing() || tx.takes_yes()) {
            moves.entry(next).or_default().insert(*field);
        }
    }
    if moves.is_empty() {
        return Ok(());
    }
    let shown = wording::keep(tx, "outsideParties", words).await?;
    for (state, fields) in moves {
        let facts = facts(party.id, fields, state, occasion, &shown);
        let entry = entry(tx, person, &facts)?;
        project(tx, projected(tx, person, &facts, stored(entry.id().uuid()))).await?;
        tx.note(entry);
    }
    Ok(())
}

/// Records that people were asked about a party. Their rows have to be locked.
pub(crate) async fn ask_all(
    tx: &mut TenantTx<Write>,
    people: &[SubscriberId],
    party: &NamedParty,
    policy: PolicyVersionId,
) -> Result<(), StoreError> {
    let people = unasked(tx, people, party.id).await?;
    if people.is_empty() || party.fields.is_empty() {
        return Ok(());
    }
    let shown = wording::keep(tx, "outsideParties", &statement_for(party)).await?;
    let occasion = Occasion {
        source: ConsentSource::PolicyNotice,
        policy,
    };
    let facts = facts(
        party.id,
        party.fields.clone(),
        ConsentState::Requested,
        occasion,
        &shown,
    );
    let mut rows = Vec::with_capacity(people.len() * party.fields.len());
    for person in people {
        let entry = entry(tx, person, &facts)?;
        rows.extend(projected(tx, person, &facts, stored(entry.id().uuid())));
        tx.note(entry);
    }
    for rows in rows.chunks(ROWS_A_STATEMENT) {
        project(tx, rows.to_vec()).await?;
    }
    Ok(())
}

fn facts(
    party: OutsidePartyId,
    fields: Fields,
    state: ConsentState,
    occasion: Occasion,
    shown: &WordingHash,
) -> PermissionFacts {
    PermissionFacts {
        party,
        fields,
        state,
        policy_version: occasion.policy,
        wording: shown.hex(),
        source: occasion.source,
    }
}

fn entry(
    tx: &TenantTx<Write>,
    person: SubscriberId,
    facts: &PermissionFacts,
) -> Result<NewEntry, StoreError> {
    let nothing_more = json!({});
    NewEntry::new(
        EntryKind::Permission,
        Some(person.uuid()),
        tx.now(),
        facts,
        &nothing_more,
    )
}

fn projected(
    tx: &TenantTx<Write>,
    person: SubscriberId,
    facts: &PermissionFacts,
    record: PermissionId,
) -> Vec<row::ActiveModel> {
    let row = |field: &PersonField| row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        outside_party_id: Set(facts.party.uuid()),
        subscriber_id: Set(person.uuid()),
        field: Set(field.to_string()),
        state: Set(facts.state.to_string()),
        policy_version_id: Set(facts.policy_version.uuid()),
        record_id: Set(record.uuid()),
        recorded_at: Set(tx.now().micros()),
    };
    facts.fields.iter().map(row).collect()
}

async fn project(tx: &TenantTx<Write>, rows: Vec<row::ActiveModel>) -> Result<(), StoreError> {
    use row::Column::{
        Field, OutsidePartyId, PolicyVersionId, RecordId, RecordedAt, State, SubscriberId, TenantId,
    };
    let replace = OnConflict::columns([TenantId, OutsidePartyId, SubscriberId, Field])
        .update_columns([State, PolicyVersionId, RecordId, RecordedAt])
        .to_owned();
    row::Entity::insert_many(rows)
        .on_conflict(replace)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Person {
    id: Uuid,
}

/// Those of the people of whom nothing is recorded about a party.
async fn unasked(
    tx: &TenantTx<Write>,
    people: &[SubscriberId],
    party: OutsidePartyId,
) -> Result<Vec<SubscriberId>, StoreError> {
    let sql = format!(
        "SELECT s.id FROM subscriber s WHERE s.tenant_id = $1 AND s.id IN ({})
           AND NOT EXISTS (SELECT 1 FROM permission p
                           WHERE p.tenant_id = $1 AND p.outside_party_id = $2 AND p.subscriber_id = s.id)",
        places(3, people.len())
    );
    let ids = people.iter().map(|id| Value::from(id.uuid()));
    let rows: Vec<Person> = tx
        .all(&sql, std::iter::once(party.uuid().into()).chain(ids))
        .await?;
    Ok(rows.into_iter().map(|row| stored(row.id)).collect())
}
