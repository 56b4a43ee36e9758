//! What people ask about their data (P17): requests with a due date and a history. Nothing of a request is lost, and
//! an answer that is owed is seen to be.
//!
//! What a person asks by their own link is carried out at once, see [`by_person`]; what comes by the form open to all
//! or by post waits for a member, see [`form`] and [`by_member`].

use std::collections::BTreeMap;

use std::collections::HashMap;

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::id::{MailingId, PrivacyRequestId, SubscriberId, new_id, stored};
use assent_domain::keys::AddressHash;
use assent_domain::privacy::{
    IdentityCheck, RequestChannel, RequestKind, RequestState, RequestStep, RequestTimes,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use strum::IntoEnumIterator;

use crate::error::{StoreError, read_code};
use crate::page::{Page, PageRequest};
use crate::row::{privacy_request as row, privacy_step as step_row};
use crate::subscriber::{Subscriber, read_address};
use crate::tx::{TenantTx, Write};

pub mod by_member;
pub mod by_person;
pub mod form;
pub mod mail;
pub mod page_link;

/// What is said to somebody who sends no message.
pub const MESSAGE_NEEDED: &str = "write what you would like to know";

/// The longest message to the privacy contact, in characters.
pub const MAX_MESSAGE_CHARS: usize = 5000;

/// A request about somebody's data.
#[derive(Clone)]
pub struct PrivacyRequest {
    /// Its id.
    pub id: PrivacyRequestId,
    /// What is asked for.
    pub kind: RequestKind,
    /// Where it stands.
    pub state: RequestState,
    /// How it came.
    pub channel: RequestChannel,
    /// Whether it is known to come from the person.
    pub identity: IdentityCheck,
    /// Whom it is about, if they are known. It may be somebody who has been erased since.
    pub subscriber: Option<SubscriberId>,
    /// The address that was given; gone after an erasure.
    pub email: Option<EmailAddress>,
    /// What they wrote; gone after an erasure.
    pub message: Option<String>,
    /// What they were answered, or why not; gone after an erasure.
    pub answer: Option<String>,
    /// When it came, and when the answer is owed.
    pub times: RequestTimes,
    /// Why the answer was put off.
    pub extension_reason: Option<String>,
    /// When it was answered.
    pub closed_at: Option<Timestamp>,
}

impl std::fmt::Debug for PrivacyRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PrivacyRequest")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl TryFrom<row::Model> for PrivacyRequest {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            kind: read_code(&row.kind)?,
            state: read_code(&row.state)?,
            channel: read_code(&row.channel)?,
            identity: read_code(&row.identity)?,
            subscriber: row.subscriber_id.map(stored),
            email: row.email.as_deref().map(read_address).transpose()?,
            message: row.message,
            answer: row.answer,
            times: RequestTimes {
                received_at: Timestamp::from_micros(row.received_at),
                due_at: Timestamp::from_micros(row.due_at),
                extended_at: row.extended_at.map(Timestamp::from_micros),
            },
            extension_reason: row.extension_reason,
            closed_at: row.closed_at.map(Timestamp::from_micros),
        })
    }
}

/// A step in the life of a request.
#[derive(Clone, Debug)]
pub struct Step {
    /// What happened.
    pub step: RequestStep,
    /// Who did it: the id of a member or a subscriber, or `visitor`, `operator`, `job`.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// Which requests are wanted. Conditions that are given all have to hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct RequestFilter {
    /// Of this kind.
    pub kind: Option<RequestKind>,
    /// In this state.
    pub state: Option<RequestState>,
    /// Whether an answer is owed and late.
    pub overdue: Option<bool>,
}

/// The request with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: PrivacyRequestId) -> Result<PrivacyRequest, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The request with this id, held against changes by others until the transaction ends.
pub(crate) async fn lock(tx: &TenantTx<Write>, id: PrivacyRequestId) -> Result<PrivacyRequest, StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    by_id(tx, id).await
}

/// Requests in the order in which they came in.
pub async fn page<M>(
    tx: &TenantTx<M>,
    filter: &RequestFilter,
    request: PageRequest,
) -> Result<Page<PrivacyRequest>, StoreError> {
    let open: Vec<_> = RequestState::iter().filter(|state| state.is_open()).collect();
    let is_late = Condition::all()
        .add(row::Column::DueAt.lt(tx.now().micros()))
        .add(row::Column::State.is_in(open.iter().map(ToString::to_string)));
    let mut query = tx.find::<row::Entity>();
    if let Some(kind) = filter.kind {
        query = query.filter(row::Column::Kind.eq(kind.to_string()));
    }
    if let Some(state) = filter.state {
        query = query.filter(row::Column::State.eq(state.to_string()));
    }
    query = match filter.overdue {
        Some(true) => query.filter(is_late),
        Some(false) => query.filter(is_late.not()),
        None => query,
    };
    request.run(tx, query, PrivacyRequest::try_from).await
}

/// What a person asked, or somebody in their name; the newest first.
pub async fn of_person<M>(tx: &TenantTx<M>, of: SubscriberId) -> Result<Vec<PrivacyRequest>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(of.uuid()))
        .order_by_desc(row::Column::Id);
    let rows = query.all(tx.conn()).await?;
    rows.into_iter().map(PrivacyRequest::try_from).collect()
}

/// Every request about a person: theirs, those in their name, and those that came from their mailbox before they were
/// known.
pub(crate) async fn about<M>(
    tx: &TenantTx<M>,
    person: &Subscriber,
) -> Result<Vec<PrivacyRequest>, StoreError> {
    let theirs = Condition::any()
        .add(row::Column::SubscriberId.eq(person.id.uuid()))
        .add(row::Column::AddressHash.eq(person.address_hash.0.to_vec()));
    let query = tx
        .find::<row::Entity>()
        .filter(theirs)
        .order_by_desc(row::Column::Id);
    let rows = query.all(tx.conn()).await?;
    rows.into_iter().map(PrivacyRequest::try_from).collect()
}

/// The histories of requests, each from its first step, with one query for all.
pub(crate) async fn histories<M>(
    tx: &TenantTx<M>,
    of: &[PrivacyRequestId],
) -> Result<BTreeMap<PrivacyRequestId, Vec<Step>>, StoreError> {
    let query = tx
        .find::<step_row::Entity>()
        .filter(step_row::Column::RequestId.is_in(of.iter().map(type_safe_id::TypeSafeId::uuid)))
        .order_by_asc(step_row::Column::Number);
    let mut histories: BTreeMap<_, Vec<Step>> = BTreeMap::new();
    for row in query.all(tx.conn()).await? {
        let steps = histories.entry(stored(row.request_id)).or_default();
        steps.push(read_step(row)?);
    }
    Ok(histories)
}

fn read_step(row: step_row::Model) -> Result<Step, StoreError> {
    Ok(Step {
        step: read_code(&row.step)?,
        by: row.done_by,
        at: Timestamp::from_micros(row.done_at),
    })
}

/// The history of a request, from its first step.
pub async fn history<M>(
    tx: &TenantTx<M>,
    requests: &[PrivacyRequestId],
) -> Result<HashMap<PrivacyRequestId, Vec<Step>>, StoreError> {
    let sql = "SELECT s.*, s.request_id AS of_id FROM privacy_step s
               WHERE s.tenant_id = $1 AND s.request_id IN ({ids}) ORDER BY s.request_id, s.number";
    tx.lists_about(sql, requests, read_step).await
}

/// A request that came in.
pub(crate) struct NewRequest {
    pub(crate) kind: RequestKind,
    pub(crate) channel: RequestChannel,
    pub(crate) identity: IdentityCheck,
    pub(crate) subscriber: Option<SubscriberId>,
    /// Kept only where it leads to nobody who is known: a subscriber's address is on their own row.
    pub(crate) email: Option<EmailAddress>,
    pub(crate) address_hash: Option<AddressHash>,
    pub(crate) message: String,
    pub(crate) received_at: Timestamp,
}

/// Takes a request in, with the first step of its history.
pub(crate) async fn insert(tx: &TenantTx<Write>, new: NewRequest) -> Result<PrivacyRequestId, StoreError> {
    let id: PrivacyRequestId = new_id(tx.now());
    let times = RequestTimes::of(new.received_at);
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        kind: Set(new.kind.to_string()),
        state: Set(RequestState::Received.to_string()),
        channel: Set(new.channel.to_string()),
        identity: Set(new.identity.to_string()),
        subscriber_id: Set(new.subscriber.map(|id| id.uuid())),
        address_hash: Set(new.address_hash.map(|hash| hash.0.to_vec())),
        email: Set(new.email.map(|email| email.expose())),
        message: Set(Some(new.message).filter(|message| !message.is_empty())),
        received_at: Set(times.received_at.micros()),
        due_at: Set(times.due_at.micros()),
        ..Default::default()
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    note_step(tx, id, RequestStep::Received).await?;
    Ok(id)
}

/// Takes in what a person asks who is known for sure.
pub(crate) async fn take_in(
    tx: &TenantTx<Write>,
    of: SubscriberId,
    kind: RequestKind,
    channel: RequestChannel,
    message: String,
) -> Result<PrivacyRequestId, StoreError> {
    let new = NewRequest {
        kind,
        channel,
        identity: IdentityCheck::Verified,
        subscriber: Some(of),
        email: None,
        address_hash: None,
        message,
        received_at: tx.now(),
    };
    insert(tx, new).await
}

/// Notes what a person asked and what was done at once.
pub(crate) async fn done(
    tx: &TenantTx<Write>,
    of: SubscriberId,
    kind: RequestKind,
    channel: RequestChannel,
) -> Result<(), StoreError> {
    let id = take_in(tx, of, kind, channel, String::new()).await?;
    close(tx, id, RequestState::Done, None).await
}

/// Adds a step to the history of a request.
pub(crate) async fn note_step(
    tx: &TenantTx<Write>,
    of: PrivacyRequestId,
    step: RequestStep,
) -> Result<(), StoreError> {
    let now = tx.now().micros();
    tx.execute(
        "INSERT INTO privacy_step (tenant_id, request_id, number, step, done_by, done_at)
         SELECT $1, $2, COALESCE(MAX(number), 0) + 1, $3, $4, $5
         FROM privacy_step WHERE tenant_id = $1 AND request_id = $2",
        [
            of.uuid().into(),
            step.to_string().into(),
            tx.actor().code().into(),
            now.into(),
        ],
    )
    .await?;
    Ok(())
}

/// Ends a request. The person's row, where there is one, has to be locked.
pub(crate) async fn close(
    tx: &TenantTx<Write>,
    of: PrivacyRequestId,
    state: RequestState,
    answer: Option<&str>,
) -> Result<(), StoreError> {
    let now = tx.now().micros();
    tx.execute(
        "UPDATE privacy_request SET state = $3, closed_at = $4, answer = $5 WHERE tenant_id = $1 AND id = $2",
        [
            of.uuid().into(),
            state.to_string().into(),
            now.into(),
            answer.into(),
        ],
    )
    .await?;
    let step = if state == RequestState::Refused {
        RequestStep::Refused
    } else {
        RequestStep::Done
    };
    note_step(tx, of, step).await
}

/// Notes that a mailing is about a request.
pub(crate) async fn link_mailing(
    tx: &TenantTx<Write>,
    request: PrivacyRequestId,
    mailing: MailingId,
    says: mail::Says,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO privacy_mail (tenant_id, mailing_id, request_id, says) VALUES ($1, $2, $3, $4)",
        [
            mailing.uuid().into(),
            request.uuid().into(),
            says.to_string().into(),
        ],
    )
    .await?;
    Ok(())
}
