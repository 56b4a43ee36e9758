//! The form that is open to all, for people who have no link at hand. Whoever's address is typed, the answer is the
//! same: a form is no way to learn who is known, and no weapon.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::keys::AddressHash;
use assent_domain::privacy::{IdentityCheck, RequestChannel, RequestKind};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;

use super::{MAX_MESSAGE_CHARS, MESSAGE_NEEDED, NewRequest, PrivacyRequest, page_link};
use crate::audit::Change;
use crate::error::StoreError;
use crate::row::privacy_request as row;
use crate::tx::{TenantTx, Write};
use crate::{subscriber, text};

/// The most requests that the form takes for one address in a day.
pub const MAX_A_DAY: usize = 5;

const DAY: Duration = Duration::from_hours(24);

/// What became of what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It waits for an answer.
    Yes,
    /// Too much came for this address today. Nothing was kept.
    TooMuch,
}

/// Takes a message. Where the address is known, a link to the person's own page goes there.
pub async fn write(
    tx: &mut TenantTx<Write>,
    email: &EmailAddress,
    message: &str,
) -> Result<Taken, StoreError> {
    let message = text::lines("message", message, MAX_MESSAGE_CHARS)?;
    if message.is_empty() {
        return Err(StoreError::invalid("message", MESSAGE_NEEDED));
    }
    let hash = tx.address_hasher().hash(email);
    let today = of_today(tx, hash).await?;
    if today.iter().any(|request| is_same(request, &message)) {
        return Ok(Taken::Yes);
    }
    if today.len() >= MAX_A_DAY {
        return Ok(Taken::TooMuch);
    }
    let known = subscriber::by_address(tx, hash).await?;
    let may_link = page_link::may_send(tx, hash).await?;
    let new = NewRequest {
        kind: RequestKind::Question,
        channel: RequestChannel::Form,
        identity: IdentityCheck::Unverified,
        subscriber: known.as_ref().map(|person| person.id),
        email: known.is_none().then(|| email.clone()),
        address_hash: Some(hash),
        message,
        received_at: tx.now(),
    };
    let id = super::insert(tx, new).await?;
    let about = known.as_ref().map(|person| person.id);
    let change = Change::to(json!({ "request": id, "through": "form" }));
    tx.audit_about(AuditAct::PrivacyRequestReceived, about, &change)?;
    if let Some(person) = known.filter(|_| may_link) {
        page_link::send(tx, id, person.id).await?;
    }
    Ok(Taken::Yes)
}

fn is_same(request: &PrivacyRequest, message: &str) -> bool {
    request.state.is_open() && request.message.as_deref() == Some(message)
}

async fn of_today(tx: &TenantTx<Write>, hash: AddressHash) -> Result<Vec<PrivacyRequest>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::AddressHash.eq(hash.0.to_vec()))
        .filter(row::Column::Kind.eq(RequestKind::Question.to_string()))
        .filter(row::Column::ReceivedAt.gt(tx.now().before(DAY).micros()));
    let rows = query.all(tx.conn()).await?;
    rows.into_iter().map(PrivacyRequest::try_from).collect()
}
