//! The link to a person's own page: it opens all that is held, so it goes to their mailbox and nowhere else, and no
//! oftener than a confirmation does.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{PrivacyRequestId, SubscriberId};
use assent_domain::keys::AddressHash;
use assent_domain::language::Language;
use assent_domain::privacy::{IdentityCheck, RequestChannel, RequestKind, RequestState, RequestStep};
use assent_domain::retention::ASK_ERASED_AGAIN_AFTER;
use assent_domain::suppression::SuppressionReason;
use sea_orm::FromQueryResult;
use serde_json::json;

use super::NewRequest;
use super::mail::Says;
use crate::audit::Change;
use crate::error::StoreError;
use crate::opt_in::MAX_ASKED_A_DAY;
use crate::subscriber::{self, Given, Subscriber};
use crate::tx::{TenantTx, Write};
use crate::{policy, suppression};

/// How long a mailbox that was just sent a link is not sent another.
pub const AGAIN_AFTER: Duration = Duration::from_mins(10);

const DAY: Duration = Duration::from_hours(24);

/// Sends the link, as a person asked on another page of theirs, and gives who they are. Where it was sent a few minutes
/// ago, or too often today, nothing more happens.
pub async fn ask(tx: &mut TenantTx<Write>, of: SubscriberId) -> Result<Subscriber, StoreError> {
    let person = subscriber::lock(tx, of).await?;
    if may_send(tx, person.address_hash).await? {
        let by_link = (RequestChannel::Link, IdentityCheck::Verified);
        send_alone(tx, &person, by_link).await?;
    }
    Ok(person)
}

/// Sends the link to whoever is reached at an address that somebody typed, if they are known, or were silenced. Nobody
/// learns whether they are.
pub async fn ask_for(
    tx: &mut TenantTx<Write>,
    email: &EmailAddress,
    language: &Language,
) -> Result<(), StoreError> {
    let hash = tx.address_hasher().hash(email);
    let known = subscriber::by_address(tx, hash).await?;
    let is_confirmed = known.as_ref().is_some_and(|person| person.confirmed_at.is_some());
    let is_silenced = !is_confirmed && is_silenced(tx, hash).await?;
    let may = if is_silenced {
        let earliest = tx.now().before(ASK_ERASED_AGAIN_AFTER);
        sent_since(tx, hash, earliest).await?.links == 0
    } else {
        may_send(tx, hash).await?
    };
    let person = match known {
        Some(person) if may => Some(person),
        None if may && is_silenced => take_in(tx, email, language).await?,
        Some(_) | None => None,
    };
    let Some(person) = person else {
        return Ok(());
    };
    let by_form = (RequestChannel::Form, IdentityCheck::Unverified);
    let id = send_alone(tx, &person, by_form).await?;
    let change = Change::to(json!({ "request": id, "through": "form" }));
    tx.audit_about(AuditAct::PrivacyRequestReceived, Some(person.id), &change)
}

/// Whether no mail goes to an address because of what was said on a form, where it may have been anybody who said so.
async fn is_silenced(tx: &TenantTx<Write>, mailbox: AddressHash) -> Result<bool, StoreError> {
    let held_back = suppression::of_address(tx, mailbox).await?;
    Ok(held_back.contains(SuppressionReason::OptedOutOfAll))
}

/// Takes in whoever reads a mailbox that was silenced, as somebody who has not confirmed and is forgotten like one: so
/// that the mailbox can say otherwise.
async fn take_in(
    tx: &TenantTx<Write>,
    email: &EmailAddress,
    language: &Language,
) -> Result<Option<Subscriber>, StoreError> {
    let Some(policy) = policy::in_force(tx).await?.filter(|_| tx.takes_yes()) else {
        return Ok(None);
    };
    let given = Given {
        email: email.clone(),
        name: String::new(),
        company: String::new(),
        language: language.clone(),
    };
    subscriber::take_in(tx, &given, policy.id, None).await.map(Some)
}

/// Sends the link as the answer to a request for nothing else.
async fn send_alone(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    (channel, identity): (RequestChannel, IdentityCheck),
) -> Result<PrivacyRequestId, StoreError> {
    let request = NewRequest {
        kind: RequestKind::Link,
        channel,
        identity,
        subscriber: Some(person.id),
        email: None,
        address_hash: Some(person.address_hash),
        message: String::new(),
        received_at: tx.now(),
    };
    let id = super::insert(tx, request).await?;
    send(tx, id, person.id).await?;
    super::close(tx, id, RequestState::Done, None).await?;
    Ok(id)
}

/// Sends the link that goes with a request, and notes it in the request's history.
pub(crate) async fn send(
    tx: &mut TenantTx<Write>,
    request: PrivacyRequestId,
    to: SubscriberId,
) -> Result<(), StoreError> {
    super::mail::send(tx, request, to, Says::Link).await?;
    super::note_step(tx, request, RequestStep::LinkSent).await
}

#[derive(Default, FromQueryResult)]
struct Sent {
    links: i64,
    last: Option<i64>,
}

/// The links that went to a mailbox since then.
async fn sent_since(
    tx: &TenantTx<Write>,
    mailbox: AddressHash,
    since: Timestamp,
) -> Result<Sent, StoreError> {
    let sql = "SELECT COUNT(*) AS links, MAX(s.done_at) AS last FROM privacy_request r
               JOIN privacy_step s ON s.tenant_id = r.tenant_id AND s.request_id = r.id
               WHERE r.tenant_id = $1 AND r.address_hash = $2 AND r.received_at > $3 AND s.step = $4";
    let values = [
        mailbox.0.to_vec().into(),
        since.micros().into(),
        RequestStep::LinkSent.to_string().into(),
    ];
    Ok(tx.one(sql, values).await?.unwrap_or_default())
}

/// Whether another link may go to a mailbox now.
pub(crate) async fn may_send(tx: &TenantTx<Write>, mailbox: AddressHash) -> Result<bool, StoreError> {
    let sent = sent_since(tx, mailbox, tx.now().before(DAY)).await?;
    let is_recent = |at: Timestamp| tx.now().since(at) < AGAIN_AFTER;
    let too_many = usize::try_from(sent.links).is_ok_and(|links| links >= MAX_ASKED_A_DAY);
    Ok(!too_many && !sent.last.map(Timestamp::from_micros).is_some_and(is_recent))
}
