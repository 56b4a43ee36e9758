//! A person changes the address at which they are reached: asked for on a page whose link was sent to the present mailbox
//! when they asked for it, and confirmed from the new one. Until then nothing changes. The mailbox that was left gets word
//! of it, and the way back.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{AddressChangeId, MailingId, SubscriberId, new_id, stored};
use assent_domain::keys::AddressHash;
use assent_domain::purpose::{CONFIRMATION, REQUEST_ANSWER};
use assent_domain::suppression::Suppressions;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use strum::{Display, EnumString};

use crate::audit::Change;
use crate::delivery::of_person;
use crate::error::{StoreError, read_code};
use crate::link::CONFIRM_WITHIN;
use crate::mailing::{self, Subject};
use crate::row::address_change as row;
use crate::subscriber::{self, Subscriber, read_address, read_address_hash};
use crate::tx::{TenantTx, Write};
use crate::{merge, purpose, suppression};

mod left;

pub use left::offers_way_back;
pub(crate) use left::taken_back_at;

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
enum Sort {
    /// A person's wish to be reached at another address.
    Asked,
    /// The way back, which the address that was left is offered.
    Back,
    /// Word to the address that was left, where two turned out to be one: there is no way back.
    Told,
}

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
        .filter(row::Column::Sort.eq(Sort::Asked.to_string()))
        .filter(row::Column::RequestedAt.gt(since))
        .filter(alike);
    if today.count(tx.conn()).await? >= MAX_ASKED_A_DAY {
        return Ok(());
    }
    keep(tx, Sort::Asked, person.id, wanted).await
}

/// Keeps a change, and sends the mail about it to the address that it names.
async fn keep(
    tx: &mut TenantTx<Write>,
    sort: Sort,
    of: SubscriberId,
    to: &EmailAddress,
) -> Result<(), StoreError> {
    let (kind, purpose) = match sort {
        Sort::Asked => (MailingKind::AddressChange, CONFIRMATION),
        Sort::Back | Sort::Told => (MailingKind::AddressLeft, REQUEST_ANSWER),
    };
    let sent_for = purpose::by_code(tx, "email", purpose.code).await?.id;
    let now = tx.now();
    let mailing = mailing::create(tx, kind, sent_for, Subject::AddressChange(of), now).await?;
    let id: AddressChangeId = new_id(now);
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        subscriber_id: Set(of.uuid()),
        sort: Set(sort.to_string()),
        mailing_id: Set(mailing.uuid()),
        email: Set(to.expose()),
        address_hash: Set(tx.address_hasher().hash(to).0.to_vec()),
        requested_at: Set(now.micros()),
        expires_at: Set(now.after(CONFIRM_WITHIN).micros()),
        confirmed_at: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// The change that a mailing is about.
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

/// Where the mail about a change goes, and what holds it back.
pub(crate) struct Destination {
    pub(crate) email: String,
    pub(crate) suppressions: Suppressions,
}

/// Where the mail about a change goes.
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
    /// Whether it is the way back to the address that they left.
    pub goes_back: bool,
    /// When they said so.
    pub requested_at: Timestamp,
    /// Until when it can be confirmed.
    pub expires_at: Timestamp,
    /// When it was.
    pub confirmed_at: Option<Timestamp>,
}

fn sort_of(row: &row::Model) -> Result<Sort, StoreError> {
    read_code(&row.sort)
}

async fn find<M>(tx: &TenantTx<M>, id: AddressChangeId, of: SubscriberId) -> Result<row::Model, StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    if row.subscriber_id == of.uuid() && sort_of(&row)? != Sort::Told {
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
        goes_back: sort_of(&row)? == Sort::Back,
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

/// Confirms a change, from the mailbox that it names. What holds the new address back goes on to do so, and so does a no
/// to everything that was said at the old one. The mailbox that is left gets word of it; whoever takes a change back is
/// its owner, and leaves nobody's.
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
    let sort = sort_of(&change)?;
    if change.expires_at < tx.now().micros() || is_overtaken(tx, &change, sort).await? {
        return Ok(Changed::TooLate);
    }
    let person = subscriber::by_id(tx, of).await?;
    let now = tx.now().micros();
    tx.execute(
        "UPDATE address_change SET confirmed_at = $3 WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into(), now.into()],
    )
    .await?;
    let (now, word) = match other {
        Some(other) if other == of => return Ok(Changed::Before),
        Some(other) => {
            merge::into(tx, &person, other).await?;
            (other, Sort::Told)
        }
        None => {
            let confirmed_at = tx.now();
            move_to(tx, &person, &read_address(&change.email)?, Some(confirmed_at)).await?;
            (of, Sort::Back)
        }
    };
    if sort == Sort::Asked {
        keep(tx, word, now, &person.email).await?;
    }
    Ok(Changed::Now(now))
}

/// Whether the person has moved elsewhere since they asked for this change: the newer wish counts. The way back stays open
/// until a mailbox that was left before takes it: who came after it may not have been the person.
async fn is_overtaken<M>(tx: &TenantTx<M>, change: &row::Model, sort: Sort) -> Result<bool, StoreError> {
    let mut later = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(change.subscriber_id))
        .filter(row::Column::ConfirmedAt.gt(change.requested_at));
    if sort == Sort::Back {
        later = later
            .filter(row::Column::Sort.eq(Sort::Back.to_string()))
            .filter(row::Column::RequestedAt.lt(change.requested_at));
    }
    Ok(later.count(tx.conn()).await? > 0)
}

/// Lets a person, who is held, be reached at an address that nobody has. `confirmed_at` is when they said from there
/// that it is theirs, if they did.
pub(crate) async fn move_to(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    email: &EmailAddress,
    confirmed_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let hash = tx.address_hasher().hash(email);
    suppression::carry_no(tx, person.address_hash, hash, person.id).await?;
    suppression::operator::heed(tx, email, Some(person.id)).await?;
    tx.execute(
        "UPDATE subscriber SET email = $3, address_hash = $4, confirmed_at = COALESCE(confirmed_at, $5)
         WHERE tenant_id = $1 AND id = $2",
        [
            person.id.uuid().into(),
            email.expose().into(),
            hash.0.to_vec().into(),
            confirmed_at.map(Timestamp::micros).into(),
        ],
    )
    .await?;
    of_person::let_go(tx, person.id).await?;
    let change = Change::from_to(
        json!({ "email": person.email.expose() }),
        json!({ "email": email.expose() }),
    );
    tx.audit_about(AuditAct::AddressChanged, Some(person.id), &change)
}
