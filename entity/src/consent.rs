//! Consent records, and the projection that holds today's state.

use std::collections::{BTreeMap, HashMap};

use assent_domain::clock::Timestamp;
use assent_domain::consent::{ConsentFacts, ConsentSource, ConsentState, FormShown, transition};
use assent_domain::id::{
    CollectionPointId, ConsentRecordId, PolicyVersionId, PurposeId, SubscriberId, stored,
};
use assent_domain::webhook::event::Event;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::OnConflict,
};
use serde::Serialize;

use crate::error::StoreError;
use crate::ledger::paging;
use crate::ledger::{EntryKind, NewEntry};
use crate::page::{Page, PageRequest};
use crate::row::{consent as row, ledger};
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};
use crate::wording::{self, WordingHash};

mod bulk;
mod standing;

pub(crate) use bulk::{Asked, Yes, ask_all, give_all, lapse_all};
pub(crate) use standing::{counted, counted_of_all, founded_states_of, state, states_of};

/// A consent record.
#[derive(Clone, Debug)]
pub struct ConsentRecord {
    /// Its id.
    pub id: ConsentRecordId,
    /// Whose it is.
    pub subscriber: SubscriberId,
    /// What for.
    pub purpose: PurposeId,
    /// What it says.
    pub state: ConsentState,
    /// The policy version in force.
    pub policy_version: PolicyVersionId,
    /// How it came about.
    pub source: ConsentSource,
    /// The form or integration it came through, if it was one.
    pub collection_point: Option<CollectionPointId>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// From when its time counts, if it is a yes: earlier than it was recorded where it was carried over.
    pub counts_from: Timestamp,
    /// The exact words shown, if there were any.
    pub statement: Option<String>,
    /// What the form showed, if it came through one.
    pub form: Option<FormShown>,
}

/// Where and to which words somebody answered.
#[derive(Clone, Debug)]
pub(crate) struct Occasion {
    pub(crate) source: ConsentSource,
    pub(crate) policy: PolicyVersionId,
    pub(crate) point: Option<CollectionPointId>,
    /// What a tenant's integration says of how it came by the permission.
    pub(crate) evidence: Option<String>,
    /// What the form showed, if there was one.
    pub(crate) form: Option<FormShown>,
}

#[derive(Serialize)]
struct Evidence<'a> {
    email: String,
    name: &'a str,
    company: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

/// Records an answer, if the rules of transition let it change anything, and says what the state is then.
/// The person's row has to be locked.
pub(crate) async fn record(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    purpose: PurposeId,
    wanted: ConsentState,
    wording: Option<&WordingHash>,
    occasion: &Occasion,
) -> Result<Option<ConsentState>, StoreError> {
    let said = Said {
        wanted,
        wording,
        since: None,
    };
    record_said(tx, person, purpose, said, occasion).await
}

/// What somebody said, or is said to have said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'a> {
    pub(crate) wanted: ConsentState,
    /// The words they had before them.
    pub(crate) wording: Option<&'a WordingHash>,
    /// When, where it was before now.
    pub(crate) since: Option<Timestamp>,
}

/// As [`record`].
pub(crate) async fn record_said(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    purpose: PurposeId,
    said: Said<'_>,
    occasion: &Occasion,
) -> Result<Option<ConsentState>, StoreError> {
    let current = state(tx, person.id, purpose).await?;
    let counted = counted(tx, person.id, purpose).await?;
    let next = next(tx, person.id, purpose, counted, said.wanted, occasion.source).await?;
    let Some(next) = next else {
        return Ok(current);
    };
    // What is refused in a closed tenant is the yes: a no beside it on the same page is kept.
    if !next.grants_nothing() && !tx.takes_yes() {
        return Ok(current);
    }
    let facts = ConsentFacts {
        purpose,
        state: next,
        policy_version: occasion.policy,
        collection_point: occasion.point,
        wording: said.wording.map(WordingHash::hex),
        source: occasion.source,
        form: occasion.form.clone(),
        given_at: said.since.filter(|_| next == ConsentState::Given),
    };
    write(tx, person, &facts, occasion.evidence.as_deref()).await?;
    Ok(Some(next))
}

/// What an answer would make of the state that counts; nothing where it changes nothing.
pub(crate) async fn next(
    tx: &TenantTx<Write>,
    of: SubscriberId,
    purpose: PurposeId,
    counted: Option<ConsentState>,
    wanted: ConsentState,
    source: ConsentSource,
) -> Result<Option<ConsentState>, StoreError> {
    let next = transition(counted, wanted, source);
    if next == Some(ConsentState::Given) && !answers(tx, of, purpose, source).await? {
        return Ok(None);
    }
    Ok(next)
}

/// Whether a yes that comes so answers what was asked last, if anything is open.
async fn answers(
    tx: &TenantTx<Write>,
    of: SubscriberId,
    purpose: PurposeId,
    source: ConsentSource,
) -> Result<bool, StoreError> {
    if source.is_own_act() {
        return Ok(true);
    }
    let asked = newest_facts(tx, of, purpose).await?;
    Ok(asked.is_none_or(|(asked, _)| asked.state != ConsentState::Requested || source.answers(asked.source)))
}

/// Writes a record, whatever the rules of transition say: whoever calls this has decided.
pub(crate) async fn write(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    facts: &ConsentFacts,
    note: Option<&str>,
) -> Result<(), StoreError> {
    let evidence = Evidence {
        email: person.email.expose(),
        name: &person.name,
        company: &person.company,
        note,
    };
    let subject = Some(person.id.uuid());
    let entry = NewEntry::new(EntryKind::Consent, subject, tx.now(), facts, &evidence)?;
    let row = projected(tx, person.id, facts, entry.id());
    row::Entity::insert(row)
        .on_conflict(replacing())
        .exec_without_returning(tx.conn())
        .await?;
    tell(tx, person.id, facts, entry.id());
    tx.note(entry);
    Ok(())
}

/// Tells of a record. What an import brings is told once, when it has ended.
fn tell(tx: &mut TenantTx<Write>, of: SubscriberId, facts: &ConsentFacts, record: ConsentRecordId) {
    if facts.source == ConsentSource::Import {
        return;
    }
    let event = Event::consent(
        facts.state,
        of,
        facts.purpose,
        record,
        facts.policy_version,
        facts.source,
    );
    if let Some(event) = event {
        tx.tell(event);
    }
}

fn projected(
    tx: &TenantTx<Write>,
    subscriber: SubscriberId,
    facts: &ConsentFacts,
    record: ConsentRecordId,
) -> row::ActiveModel {
    row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        subscriber_id: Set(subscriber.uuid()),
        purpose_id: Set(facts.purpose.uuid()),
        state: Set(facts.state.to_string()),
        policy_version_id: Set(facts.policy_version.uuid()),
        record_id: Set(record.uuid()),
        recorded_at: Set(facts.given_at.unwrap_or(tx.now()).micros()),
        renewal_asked_at: Set(None),
    }
}

/// A newer record takes the place of an older one.
fn replacing() -> OnConflict {
    use row::Column::{
        PolicyVersionId, PurposeId, RecordId, RecordedAt, RenewalAskedAt, State, SubscriberId, TenantId,
    };
    OnConflict::columns([TenantId, SubscriberId, PurposeId])
        .update_columns([State, PolicyVersionId, RecordId, RecordedAt, RenewalAskedAt])
        .to_owned()
}

/// A record without the words that were shown.
fn read_record(row: ledger::Model) -> Result<(ConsentRecord, Option<String>), StoreError> {
    let unreadable = || StoreError::Corrupt(format!("row {} of the ledger", row.seq));
    let facts: ConsentFacts = serde_json::from_str(&row.facts).map_err(|_| unreadable())?;
    let record = ConsentRecord {
        id: stored(row.id),
        subscriber: stored(row.subject_id.ok_or_else(unreadable)?),
        purpose: facts.purpose,
        state: facts.state,
        policy_version: facts.policy_version,
        source: facts.source,
        collection_point: facts.collection_point,
        recorded_at: Timestamp::from_micros(row.recorded_at),
        counts_from: facts.given_at.unwrap_or(Timestamp::from_micros(row.recorded_at)),
        statement: None,
        form: facts.form,
    };
    Ok((record, facts.wording))
}

/// Adds the words that were shown, with one query for all records.
async fn with_words<M>(
    tx: &TenantTx<M>,
    records: Vec<(ConsentRecord, Option<String>)>,
) -> Result<Vec<ConsentRecord>, StoreError> {
    let hashes = records.iter().filter_map(|(_, hash)| hash.as_deref());
    let words = wording::by_hexes(tx, hashes).await?;
    Ok(records
        .into_iter()
        .map(|record| in_words(record, &words))
        .collect())
}

fn in_words(
    (record, hash): (ConsentRecord, Option<String>),
    words: &BTreeMap<String, String>,
) -> ConsentRecord {
    ConsentRecord {
        statement: hash.and_then(|hash| words.get(&hash).cloned()),
        ..record
    }
}

/// The words of several forms, by their hashes, where they were ours to show.
pub async fn words_by_hash<M>(
    tx: &TenantTx<M>,
    hashes: &[String],
) -> Result<BTreeMap<String, String>, StoreError> {
    wording::by_hexes(tx, hashes.iter().map(String::as_str)).await
}

/// All the words of the form that a record came through, where they were ours to show.
pub async fn words_shown<M>(tx: &TenantTx<M>, form: &FormShown) -> Result<Option<String>, StoreError> {
    match &form.words {
        Some(hash) => wording::by_hex(tx, hash).await,
        None => Ok(None),
    }
}

fn records<M>(tx: &TenantTx<M>) -> sea_orm::Select<ledger::Entity> {
    tx.find::<ledger::Entity>()
        .filter(ledger::Column::Kind.eq(EntryKind::Consent.to_string()))
}

/// The record with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: ConsentRecordId) -> Result<ConsentRecord, StoreError> {
    let row = records(tx)
        .filter(ledger::Column::Id.eq(id.uuid()))
        .one(tx.conn())
        .await?;
    let record = read_record(row.ok_or(StoreError::NotFound("consent record"))?)?;
    let records = with_words(tx, vec![record]).await?;
    records
        .into_iter()
        .next()
        .ok_or(StoreError::NotFound("consent record"))
}

/// The newest record of a person for a purpose.
pub async fn newest<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    purpose: PurposeId,
) -> Result<Option<ConsentRecord>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(subscriber.uuid()))
        .filter(row::Column::PurposeId.eq(purpose.uuid()));
    match query.one(tx.conn()).await? {
        Some(row) => by_id(tx, stored(row.record_id)).await.map(Some),
        None => Ok(None),
    }
}

/// The facts of the newest record of a person for a purpose, and from when it counts.
pub(crate) async fn newest_facts<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    purpose: PurposeId,
) -> Result<Option<(ConsentFacts, Timestamp)>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(subscriber.uuid()))
        .filter(row::Column::PurposeId.eq(purpose.uuid()));
    let Some(state) = query.one(tx.conn()).await? else {
        return Ok(None);
    };
    let query = records(tx).filter(ledger::Column::Id.eq(state.record_id));
    let entry = query.one(tx.conn()).await?;
    let entry = entry.ok_or(StoreError::NotFound("consent record"))?;
    let facts = serde_json::from_str(&entry.facts)
        .map_err(|_| StoreError::Corrupt(format!("row {} of the ledger", entry.seq)))?;
    Ok(Some((facts, Timestamp::from_micros(state.recorded_at))))
}

/// The longest history that is read at once.
const MAX_HISTORY: u64 = 200;

/// The records of a person for a purpose, first to last: of all that were ever made about them, the newest 200.
pub(crate) async fn history<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    purpose: PurposeId,
) -> Result<Vec<ConsentRecord>, StoreError> {
    let rows = of_person(tx, subscriber)
        .await?
        .order_by_desc(ledger::Column::Seq)
        .limit(MAX_HISTORY)
        .all(tx.conn())
        .await?;
    let records = rows.into_iter().rev().map(read_record);
    let mut records = records.collect::<Result<Vec<_>, StoreError>>()?;
    records.retain(|(record, _)| record.purpose == purpose);
    with_words(tx, records).await
}

/// The records about a person, under whatever ids they were known.
async fn of_person<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
) -> Result<sea_orm::Select<ledger::Entity>, StoreError> {
    let ids = subscriber::ids_of(tx, subscriber).await?;
    Ok(records(tx).filter(ledger::Column::SubjectId.is_in(ids)))
}

/// The records of a person in the order in which they were made.
pub async fn page_of<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    request: PageRequest,
) -> Result<Page<ConsentRecord>, StoreError> {
    let mut pages = pages_of(tx, &[subscriber], request).await?;
    Ok(pages.remove(&subscriber).unwrap_or_else(Page::empty))
}

/// The same of several people: a page of each.
pub async fn pages_of<M>(
    tx: &TenantTx<M>,
    people: &[SubscriberId],
    request: PageRequest,
) -> Result<HashMap<SubscriberId, Page<ConsentRecord>>, StoreError> {
    let pages = paging::pages_about(tx, EntryKind::Consent, people, request).await?;
    let pages = pages
        .into_iter()
        .map(|(person, page)| Ok((person, page.try_map(read_record)?)))
        .collect::<Result<Vec<_>, StoreError>>()?;
    let hashes = pages.iter().flat_map(|(_, page)| &page.rows);
    let hashes = hashes.filter_map(|(_, (_, hash))| hash.as_deref());
    let words = wording::by_hexes(tx, hashes).await?;
    let pages = pages
        .into_iter()
        .map(|(person, page)| Ok((person, page.try_map(|record| Ok(in_words(record, &words)))?)));
    pages.collect()
}
