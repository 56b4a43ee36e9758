//! A person changes the address at which they are reached: asked for on their own page, and confirmed from the new
//! mailbox. Until then nothing changes.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{AddressChangeId, MailingId, SubscriberId, new_id, stored};
use assent_domain::keys::AddressHash;
use assent_domain::purpose::CONFIRMATION;
use assent_domain::suppression::Suppressions;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use crate::audit::Change;
use crate::error::StoreError;
use crate::link::CONFIRM_WITHIN;
use crate::mailing::{self, Subject};
use crate::row::address_change as row;
use crate::subscriber::{self, Subscriber, read_address, read_address_hash};
use crate::tx::{TenantTx, Write};
use crate::{merge, purpose, suppression};

/// What is said to somebody who asks to be reached where they are.
pub const SAME_ADDRESS: &str = "this is the address that you have: enter another";

/// The most mails a day that one person can cause so, and that one address can be made to get.
pub const MAX_ASKED_A_DAY: u64 = 3;

/// Takes a person's wish to be reached at another address, and asks there whether it is theirs. What becomes of it is
/// the same whether or not the tenant knows the address, or may write to it.
pub async fn ask(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    wanted: &EmailAddress,
) -> Result<(), StoreError> {
    tx.require_open()?;
    let person = subscriber::speaks(tx, of).await?;
    let hash = tx.address_hasher().hash(wanted);
    if hash == person.address_hash {
        return Err(StoreError::invalid("email", SAME_ADDRESS));
    }
    let since = tx.now().before(Duration::from_hours(24)).micros();
    let alike = Condition::any()
        .add(row::Column::SubscriberId.eq(person.id.uuid()))
        .add(row::Column::AddressHash.eq(hash.0.to_vec()));
    let today = tx
        .find::<row::Entity>()
        .filter(row::Column::RequestedAt.gt(since))
        .filter(alike);
    if today.count(tx.conn()).await? >= MAX_ASKED_A_DAY {
        return Ok(());
    }
    let sent_for = purpose::by_code(tx, "email", CONFIRMATION.code).await?.id;
    let (kind, now) = (MailingKind::AddressChange, tx.now());
    let mailing = mailing::create(tx, kind, sent_for, Subject::AddressChange(person.id), now).await?;
    let id: AddressChangeId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        subscriber_id: Set(person.id.uuid()),
        mailing_id: Set(mailing.uuid()),
        email: Set(wanted.expose()),
        address_hash: Set(hash.0.to_vec()),
        requested_at: Set(tx.now().micros()),
        expires_at: Set(tx.now().after(CONFIRM_WITHIN).micros()),
        confirmed_at: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// The change that a mailing asks to confirm.
pub(crate) async fn of_mailing<M>(
    tx: &TenantTx<M>,
    mailing: MailingId,
) -> Result<AddressChangeId, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::MailingId.eq(mailing.uuid()));
    let row = query.one(tx.conn()).await?;
    Ok(stored(row.ok_or(StoreError::NotFound("change of address"))?.id))
}

/// A change that was not confirmed, by the mailbox that was asked.
pub(crate) struct Unconfirmed {
    pub(crate) id: AddressChangeId,
    pub(crate) hash: AddressHash,
}

/// The change that a mailing asks to confirm, if it asks that and nobody did.
pub(crate) async fn unconfirmed<M>(
    tx: &TenantTx<M>,
    mailing: MailingId,
) -> Result<Option<Unconfirmed>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::MailingId.eq(mailing.uuid()))
        .filter(row::Column::ConfirmedAt.is_null());
    let row = query.one(tx.conn()).await?;
    row.map(|row| {
        Ok(Unconfirmed {
            id: stored(row.id),
            hash: read_address_hash(&row.address_hash)?,
        })
    })
    .transpose()
}

/// Ends a change that was not confirmed: it cannot be any more.
pub(crate) async fn end(tx: &TenantTx<Write>, id: AddressChangeId) -> Result<(), StoreError> {
    let over = tx.now().micros() - 1;
    tx.execute(
        "UPDATE address_change SET expires_at = $3
         WHERE tenant_id = $1 AND id = $2 AND confirmed_at IS NULL AND expires_at > $3",
        [id.uuid().into(), over.into()],
    )
    .await?;
    Ok(())
}

/// Where the mail goes that asks to confirm a change, and what holds it back.
pub(crate) struct Destination {
    pub(crate) email: String,
    pub(crate) suppressions: Suppressions,
}

/// Where the mail goes that asks to confirm a change.
pub(crate) async fn destination<M>(tx: &TenantTx<M>, id: AddressChangeId) -> Result<Destination, StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    let hash = read_address_hash(&row.address_hash)?;
    Ok(Destination {
        email: row.email,
        suppressions: suppression::of_address(tx, hash).await?,
    })
}

/// A change, as its page shows it.
#[derive(Clone, Debug)]
pub struct AddressChange {
    /// Its id.
    pub id: AddressChangeId,
    /// Whose it is.
    pub subscriber: Subscriber,
    /// Where they want to be reached.
    pub email: EmailAddress,
    /// When they said so.
    pub requested_at: Timestamp,
    /// Until when it can be confirmed.
    pub expires_at: Timestamp,
    /// When it was.
    pub confirmed_at: Option<Timestamp>,
}

async fn find<M>(tx: &TenantTx<M>, id: AddressChangeId, of: SubscriberId) -> Result<row::Model, StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    if row.subscriber_id == of.uuid() {
        Ok(row)
    } else {
        Err(StoreError::NotFound("change of address"))
    }
}

/// Reads a change for its page.
pub async fn view<M>(
    tx: &TenantTx<M>,
    id: AddressChangeId,
    of: SubscriberId,
) -> Result<AddressChange, StoreError> {
    let row = find(tx, id, of).await?;
    Ok(AddressChange {
        id,
        subscriber: subscriber::by_id(tx, of).await?,
        email: read_address(&row.email)?,
        requested_at: Timestamp::from_micros(row.requested_at),
        expires_at: Timestamp::from_micros(row.expires_at),
        confirmed_at: row.confirmed_at.map(Timestamp::from_micros),
    })
}

/// What confirming a change did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// The person is reached at the new address. They go by this id now, which is another one where the address was
    /// somebody's whom the tenant knew.
    Now(SubscriberId),
    /// The link had been used; nothing changed.
    Before,
    /// It came too late: ask again.
    TooLate,
}

/// Confirms a change, from the new mailbox. What holds the new address back goes on to do so, and so does a no to
/// everything that was said at the old one.
pub async fn confirm(
    tx: &mut TenantTx<Write>,
    id: AddressChangeId,
    of: SubscriberId,
) -> Result<Changed, StoreError> {
    tx.require_open()?;
    let wanted = find(tx, id, of).await?;
    let hash = read_address_hash(&wanted.address_hash)?;
    let other = subscriber::by_address(tx, hash).await?.map(|person| person.id);
    let mut people = vec![of.uuid()];
    people.extend(other.map(|id| id.uuid()));
    subscriber::hold(tx, &people).await?;
    let change = find(tx, id, of).await?;
    if change.confirmed_at.is_some() {
        return Ok(Changed::Before);
    }
    if change.expires_at < tx.now().micros() || has_moved_since(tx, &change).await? {
        return Ok(Changed::TooLate);
    }
    let person = subscriber::by_id(tx, of).await?;
    let now = tx.now().micros();
    tx.execute(
        "UPDATE address_change SET confirmed_at = $3 WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into(), now.into()],
    )
    .await?;
    match other {
        Some(other) if other == of => Ok(Changed::Before),
        Some(other) => {
            merge::into(tx, &person, other).await?;
            Ok(Changed::Now(other))
        }
        None => {
            move_to(tx, &person, &read_address(&change.email)?).await?;
            Ok(Changed::Now(of))
        }
    }
}

/// Whether the person has moved elsewhere since they asked for this change: the newer wish counts.
async fn has_moved_since<M>(tx: &TenantTx<M>, change: &row::Model) -> Result<bool, StoreError> {
    let later = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(change.subscriber_id))
        .filter(row::Column::ConfirmedAt.gt(change.requested_at));
    Ok(later.count(tx.conn()).await? > 0)
}

async fn move_to(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    email: &EmailAddress,
) -> Result<(), StoreError> {
    let hash = tx.address_hasher().hash(email);
    suppression::carry_no(tx, person, hash).await?;
    let now = tx.now().micros();
    tx.execute(
        "UPDATE subscriber SET email = $3, address_hash = $4, confirmed_at = COALESCE(confirmed_at, $5)
         WHERE tenant_id = $1 AND id = $2",
        [
            person.id.uuid().into(),
            email.expose().into(),
            hash.0.to_vec().into(),
            now.into(),
        ],
    )
    .await?;
    let change = Change::from_to(
        json!({ "email": person.email.expose() }),
        json!({ "email": email.expose() }),
    );
    tx.audit_about(AuditAct::AddressChanged, Some(person.id), &change)
}
