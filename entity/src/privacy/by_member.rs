//! What members do with requests: enter those that came by post or telephone, put an answer off, carry out, answer.

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{PrivacyRequestId, SubscriberId};
use assent_domain::privacy::{IdentityCheck, RequestChannel, RequestKind, RequestState, RequestStep};
use serde_json::json;

use super::mail::Says;
use super::{MAX_MESSAGE_CHARS, NewRequest, PrivacyRequest};
use crate::audit::Change;
use crate::erasure::{self, Why};
use crate::error::StoreError;
use crate::restriction::{self, Restricted};
use crate::subscriber::{self, Subscriber};
use crate::text;
use crate::tx::{TenantTx, Write};

/// Whom a request is about.
#[derive(Clone)]
pub enum About {
    /// Somebody who is known.
    Person(SubscriberId),
    /// Whoever is reached there, known or not.
    Address(EmailAddress),
}

/// A request that reached a member.
#[derive(Clone)]
pub struct Recorded {
    /// What is asked for.
    pub kind: RequestKind,
    /// How it came: by mail, post or telephone.
    pub channel: RequestChannel,
    /// Whom it is about.
    pub about: About,
    /// What they wrote or said.
    pub message: String,
    /// When it came: the time to answer runs from then.
    pub received_at: Timestamp,
    /// Whether the member made sure who is asking.
    pub identity: IdentityCheck,
    /// Whether a link to their own page goes to the person, if they are known.
    pub sends_link: bool,
}

/// Enters a request.
pub async fn record(tx: &mut TenantTx<Write>, new: Recorded) -> Result<PrivacyRequest, StoreError> {
    if matches!(new.channel, RequestChannel::Link | RequestChannel::Form) {
        let advice = "what comes by a page enters itself: a member enters MAIL, POST or PHONE";
        return Err(StoreError::invalid("channel", advice));
    }
    if new.kind == RequestKind::Link {
        let advice = "enter what the person asks for, and have the link sent with it by sendLink";
        return Err(StoreError::invalid("kind", advice));
    }
    if new.received_at > tx.now() {
        return Err(StoreError::invalid(
            "receivedAt",
            "a request cannot have come in the future",
        ));
    }
    let message = text::lines("message", &new.message, MAX_MESSAGE_CHARS)?;
    let (person, email) = match &new.about {
        About::Person(id) => (Some(subscriber::lock(tx, *id).await?), None),
        About::Address(email) => {
            let hash = tx.address_hasher().hash(email);
            (subscriber::by_address(tx, hash).await?, Some(email))
        }
    };
    let hash = email.map(|email| tx.address_hasher().hash(email));
    let request = NewRequest {
        kind: new.kind,
        channel: new.channel,
        identity: new.identity,
        subscriber: person.as_ref().map(|person| person.id),
        email: email.filter(|_| person.is_none()).cloned(),
        address_hash: hash,
        message,
        received_at: new.received_at,
    };
    let id = super::insert(tx, request).await?;
    audit(
        tx,
        AuditAct::PrivacyRequestReceived,
        id,
        json!({ "kind": new.kind, "channel": new.channel }),
    )?;
    if let Some(person) = person.filter(|_| new.sends_link) {
        super::mail::send(tx, id, person.id, Says::Link).await?;
        super::note_step(tx, id, RequestStep::LinkSent).await?;
    }
    super::by_id(tx, id).await
}

fn audit(
    tx: &mut TenantTx<Write>,
    act: AuditAct,
    id: PrivacyRequestId,
    what: serde_json::Value,
) -> Result<(), StoreError> {
    tx.audit(act, id, &Change::to(what))
}

/// Puts the answer to a request off, once, and tells the person until when and why.
pub async fn extend(
    tx: &mut TenantTx<Write>,
    id: PrivacyRequestId,
    until: Timestamp,
    reason: &str,
) -> Result<PrivacyRequest, StoreError> {
    let (request, person) = open_request(tx, id).await?;
    let reason = needed(
        "reason",
        reason,
        "say why the answer takes longer: the person is told",
    )?;
    let times = request
        .times
        .extend(request.state, until, tx.now())
        .map_err(|error| StoreError::conflict("until", error))?;
    tx.execute(
        "UPDATE privacy_request SET due_at = $3, extended_at = $4, extension_reason = $5, state = $6
         WHERE tenant_id = $1 AND id = $2",
        [
            id.uuid().into(),
            times.due_at.micros().into(),
            times.extended_at.map(Timestamp::micros).into(),
            reason.into(),
            RequestState::InProgress.to_string().into(),
        ],
    )
    .await?;
    super::note_step(tx, id, RequestStep::Extended).await?;
    audit(
        tx,
        AuditAct::PrivacyRequestExtended,
        id,
        json!({ "at": times.due_at.to_string() }),
    )?;
    tell(tx, id, person.as_ref(), Says::Extended).await?;
    super::by_id(tx, id).await
}

/// What a request came to, in a member's words.
#[derive(Clone)]
pub enum Verdict {
    /// It was done; the text is the answer.
    Done(String),
    /// It was refused; the text says why (article 12(4)).
    Refused(String),
}

/// Answers a request. Where the person is known, the answer goes to them by mail.
pub async fn answer(
    tx: &mut TenantTx<Write>,
    id: PrivacyRequestId,
    verdict: Verdict,
) -> Result<PrivacyRequest, StoreError> {
    let (request, person) = open_request(tx, id).await?;
    let (state, text) = match verdict {
        Verdict::Done(_) if person.is_some() && request.kind.can_be_carried_out() => {
            let advice =
                "this request is carried out, not answered: use carryOutPrivacyRequest, or refuse it";
            return Err(StoreError::conflict("outcome", advice));
        }
        Verdict::Done(text) => (
            RequestState::Done,
            needed("text", &text, "write the answer that the person is to get")?,
        ),
        Verdict::Refused(text) => (
            RequestState::Refused,
            needed("text", &text, "say why: the person is told, and may complain")?,
        ),
    };
    super::close(tx, id, state, Some(&text)).await?;
    audit(
        tx,
        AuditAct::PrivacyRequestAnswered,
        id,
        json!({ "state": state }),
    )?;
    tell(tx, id, person.as_ref(), Says::Answer).await?;
    super::by_id(tx, id).await
}

/// Does what a request asks for: restricts, lifts a restriction, ends all, or erases.
pub async fn carry_out(tx: &mut TenantTx<Write>, id: PrivacyRequestId) -> Result<PrivacyRequest, StoreError> {
    let (request, person) = open_request(tx, id).await?;
    if !request.kind.can_be_carried_out() {
        let message = format!("a request of the kind {} is answered in words", request.kind);
        return Err(StoreError::conflict("id", message));
    }
    if request.identity != IdentityCheck::Verified {
        let advice = "it is not known whether this request comes from the person: they can say so by the link in \
                      the mail they were sent, or you enter it anew once you have made sure";
        return Err(StoreError::conflict("id", advice));
    }
    let Some(person) = person else {
        return Err(StoreError::conflict(
            "id",
            "nobody is known at this address: answer it instead",
        ));
    };
    audit(
        tx,
        AuditAct::PrivacyRequestCarriedOut,
        id,
        json!({ "kind": request.kind }),
    )?;
    match request.kind {
        RequestKind::Erasure => erasure::erase(tx, person.id, Why::AskedBefore(request.channel)).await?,
        RequestKind::Restriction => drop(restriction::set(tx, &person, Restricted::Yes).await?),
        RequestKind::RestrictionLift => drop(restriction::set(tx, &person, Restricted::No).await?),
        _ => super::by_person::end_all(tx, &person).await?,
    }
    if request.kind != RequestKind::Erasure {
        super::close(tx, id, RequestState::Done, None).await?;
        tell(tx, id, Some(&person), Says::Answer).await?;
    }
    super::by_id(tx, id).await
}

/// A request that waits for an answer, held, and the person whom it is about, if they are known still.
async fn open_request(
    tx: &TenantTx<Write>,
    id: PrivacyRequestId,
) -> Result<(PrivacyRequest, Option<Subscriber>), StoreError> {
    let about = super::by_id(tx, id).await?.subscriber;
    // People before requests, as everywhere: two who meet do not wait for each other.
    let person = match about {
        Some(of) => match subscriber::lock(tx, of).await {
            Ok(person) => Some(person),
            Err(StoreError::NotFound(_)) => None,
            Err(error) => return Err(error),
        },
        None => None,
    };
    let request = super::lock(tx, id).await?;
    if request.state.is_open() {
        Ok((request, person))
    } else {
        let message = format!("the request was answered before: it is {}", request.state);
        Err(StoreError::conflict("id", message))
    }
}

fn needed(field: &'static str, text: &str, advice: &str) -> Result<String, StoreError> {
    let text = text::lines(field, text, MAX_MESSAGE_CHARS)?;
    if text.is_empty() {
        return Err(StoreError::invalid(field, advice));
    }
    Ok(text)
}

async fn tell(
    tx: &mut TenantTx<Write>,
    id: PrivacyRequestId,
    person: Option<&Subscriber>,
    says: Says,
) -> Result<(), StoreError> {
    match person {
        Some(person) => super::mail::send(tx, id, person.id, says).await,
        None => Ok(()),
    }
}
