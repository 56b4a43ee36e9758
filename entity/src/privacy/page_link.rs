//! The link to a person's own page: it opens all that is held, so it goes to their mailbox and nowhere else, and no
//! oftener than a confirmation does.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{PrivacyRequestId, SubscriberId};
use assent_domain::keys::AddressHash;
use assent_domain::privacy::{IdentityCheck, RequestChannel, RequestKind, RequestState, RequestStep};
use sea_orm::FromQueryResult;
use serde_json::json;

use super::NewRequest;
use super::mail::Says;
use crate::audit::Change;
use crate::error::StoreError;
use crate::opt_in::MAX_ASKED_A_DAY;
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};

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

/// Sends the link to whoever is reached at an address that somebody typed, if they are known. Nobody learns whether they
/// are.
pub async fn ask_for(tx: &mut TenantTx<Write>, email: &EmailAddress) -> Result<(), StoreError> {
    let hash = tx.address_hasher().hash(email);
    let may = may_send(tx, hash).await?;
    let Some(person) = subscriber::by_address(tx, hash).await?.filter(|_| may) else {
        return Ok(());
    };
    let by_form = (RequestChannel::Form, IdentityCheck::Unverified);
    let id = send_alone(tx, &person, by_form).await?;
    let change = Change::to(json!({ "request": id, "through": "form" }));
    tx.audit_about(AuditAct::PrivacyRequestReceived, Some(person.id), &change)
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

#[derive(FromQueryResult)]
struct Sent {
    links: i64,
    last: Option<i64>,
}

/// Whether another link may go to a mailbox now.
pub(crate) async fn may_send(tx: &TenantTx<Write>, mailbox: AddressHash) -> Result<bool, StoreError> {
    let sql = "SELECT COUNT(*) AS links, MAX(s.done_at) AS last FROM privacy_request r
               JOIN privacy_step s ON s.tenant_id = r.tenant_id AND s.request_id = r.id
               WHERE r.tenant_id = $1 AND r.address_hash = $2 AND r.received_at > $3 AND s.step = $4";
    let values = [
        mailbox.0.to_vec().into(),
        tx.now().before(DAY).micros().into(),
        RequestStep::LinkSent.to_string().into(),
    ];
    let Some(sent) = tx.one::<Sent>(sql, values).await? else {
        return Ok(true);
    };
    let is_recent = |at: Timestamp| tx.now().since(at) < AGAIN_AFTER;
    let too_many = usize::try_from(sent.links).is_ok_and(|links| links >= MAX_ASKED_A_DAY);
    Ok(!too_many && !sent.last.map(Timestamp::from_micros).is_some_and(is_recent))
}
