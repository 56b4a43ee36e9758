//! Consent records, and the projection that holds today's state.

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::consent::{ConsentFacts, ConsentSource, ConsentState, FormShown, transition};
use assent_domain::id::{
    CollectionPointId, ConsentRecordId, PolicyVersionId, PurposeId, SubscriberId, stored,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use serde::Serialize;
use uuid::Uuid;

use crate::error::{StoreError, read_code};
use crate::ledger::{EntryKind, NewEntry};
use crate::page::{Page, PageRequest};
use crate::row::{consent as row, ledger};
use crate::subscriber::Subscriber;
use crate::tx::{TenantTx, Write};
use crate::wording::{self, WordingHash};

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
    /// When it was recorded.
    pub recorded_at: Timestamp,
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

/// Where a person's consent to one purpose stands.
pub(crate) async fn state<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    purpose: PurposeId,
) -> Result<Option<ConsentState>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(subscriber.uuid()))
        .filter(row::Column::PurposeId.eq(purpose.uuid()));
    query
        .one(tx.conn())
        .await?
        .map(|row| read_code(&row.state))
        .transpose()
}

/// Where a person's consent to each purpose stands that they were ever asked for.
pub(crate) async fn states_of<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
) -> Result<Vec<(PurposeId, ConsentState)>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(subscriber.uuid()));
    let rows = query.all(tx.conn()).await?;
    let read = |row: row::Model| Ok((stored(row.purpose_id), read_code(&row.state)?));
    rows.into_iter().map(read).collect()
}

#[derive(FromQueryResult)]
struct Withdrawn {
    withdrawn_at: Option<i64>,
}

/// Whether the version that a person's newest record for a purpose names was taken back.
pub(crate) async fn is_groundless<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    purpose: PurposeId,
) -> Result<bool, StoreError> {
    let sql = "SELECT v.withdrawn_at FROM consent c
               JOIN policy_version v ON v.tenant_id = c.tenant_id AND v.id = c.policy_version_id
               WHERE c.tenant_id = $1 AND c.subscriber_id = $2 AND c.purpose_id = $3";
    let found: Option<Withdrawn> = tx
        .one(sql, [subscriber.uuid().into(), purpose.uuid().into()])
        .await?;
    Ok(found.is_some_and(|version| version.withdrawn_at.is_some()))
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
    let current = state(tx, person.id, purpose).await?;
    let counted = match current {
        // A yes to a version that was taken back counts for nothing: the person may say it anew.
        Some(ConsentState::Given) if is_groundless(tx, person.id, purpose).await? => {
            Some(ConsentState::Expired)
        }
        current => current,
    };
    let Some(next) = transition(counted, wanted, occasion.source) else {
        return Ok(current);
    };
    let facts = ConsentFacts {
        purpose,
        state: next,
        policy_version: occasion.policy,
        collection_point: occasion.point,
        wording: wording.map(WordingHash::hex),
        source: occasion.source,
        form: occasion.form.clone(),
    };
    let evidence = Evidence {
        email: person.email.expose(),
        name: &person.name,
        company: &person.company,
        note: occasion.evidence.as_deref(),
    };
    let entry = NewEntry::new(
        EntryKind::Consent,
        Some(person.id.uuid()),
        tx.now(),
        &facts,
        &evidence,
    )?;
    project(tx, person.id, &facts, entry.id()).await?;
    tx.note(entry);
    Ok(Some(next))
}

/// Somebody who is asked, with what they are known by.
pub(crate) struct Asked {
    pub(crate) id: SubscriberId,
    pub(crate) email: EmailAddress,
    pub(crate) name: String,
    pub(crate) company: String,
}

/// Records that many people were asked for one purpose. Their rows have to be locked, and none may have a record for
/// it.
pub(crate) async fn ask_all(
    tx: &mut TenantTx<Write>,
    people: &[Asked],
    purpose: PurposeId,
    wording: &WordingHash,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let facts = ConsentFacts {
        purpose,
        state: ConsentState::Requested,
        policy_version: occasion.policy,
        collection_point: occasion.point,
        wording: Some(wording.hex()),
        source: occasion.source,
        form: occasion.form.clone(),
    };
    let mut rows = Vec::with_capacity(people.len());
    for person in people {
        let evidence = Evidence {
            email: person.email.expose(),
            name: &person.name,
            company: &person.company,
            note: None,
        };
        let subject = Some(person.id.uuid());
        let entry = NewEntry::new(EntryKind::Consent, subject, tx.now(), &facts, &evidence)?;
        rows.push(projected(tx, person.id, &facts, entry.id()));
        tx.note(entry);
    }
    if !rows.is_empty() {
        row::Entity::insert_many(rows)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
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
        recorded_at: Set(tx.now().micros()),
    }
}

async fn project(
    tx: &TenantTx<Write>,
    subscriber: SubscriberId,
    facts: &ConsentFacts,
    record: ConsentRecordId,
) -> Result<(), StoreError> {
    use row::Column::{PolicyVersionId, PurposeId, RecordId, RecordedAt, State, SubscriberId, TenantId};
    let row = projected(tx, subscriber, facts, record);
    let replace = OnConflict::columns([TenantId, SubscriberId, PurposeId])
        .update_columns([State, PolicyVersionId, RecordId, RecordedAt])
        .to_owned();
    row::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

async fn read_record<M>(tx: &TenantTx<M>, row: ledger::Model) -> Result<ConsentRecord, StoreError> {
    let unreadable = || StoreError::Corrupt(format!("row {} of the ledger", row.seq));
    let facts: ConsentFacts = serde_json::from_str(&row.facts).map_err(|_| unreadable())?;
    let statement = match &facts.wording {
        Some(hash) => wording::by_hex(tx, hash).await?,
        None => None,
    };
    Ok(ConsentRecord {
        id: stored(row.id),
        subscriber: stored(row.subject_id.ok_or_else(unreadable)?),
        purpose: facts.purpose,
        state: facts.state,
        policy_version: facts.policy_version,
        source: facts.source,
        recorded_at: Timestamp::from_micros(row.recorded_at),
        statement,
        form: facts.form,
    })
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
    read_record(tx, row.ok_or(StoreError::NotFound("consent record"))?).await
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

/// The records of a person in the order in which they were made. The key of a page is a row's number in the
/// ledger, written as a UUID.
pub async fn page_of<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    request: PageRequest,
) -> Result<Page<ConsentRecord>, StoreError> {
    let of_person = records(tx).filter(ledger::Column::SubjectId.eq(subscriber.uuid()));
    let total = if request.count {
        Some(sea_orm::PaginatorTrait::count(of_person.clone(), tx.conn()).await?)
    } else {
        None
    };
    let after = request
        .after
        .and_then(|key| i64::try_from(key.as_u128()).ok())
        .unwrap_or(0);
    let query = of_person
        .filter(ledger::Column::Seq.gt(after))
        .order_by_asc(ledger::Column::Seq);
    let mut rows = Vec::new();
    for row in query.limit(request.limit()).all(tx.conn()).await? {
        let key = Uuid::from_u128(u128::try_from(row.seq).unwrap_or(0));
        rows.push((key, read_record(tx, row).await?));
    }
    Ok(request.cut(rows, total))
}
