//! Reports about messages that were sent: kept with their delivery, and acted upon once.

use std::collections::HashMap;

use assent_domain::address::EmailAddress;
use assent_domain::audit::Actor;
use assent_domain::bounce::{BounceClass, Consequence, SoftLimit, consequence};
use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentSource;
use assent_domain::id::{BounceId, DeliveryId, SubscriberId, new_id, stored};
use assent_domain::keys::AddressHash;
use assent_domain::permit::Recipient;
use assent_domain::suppression::SuppressionReason;
use assent_domain::webhook::event::Event;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::address_change::Unconfirmed;
use crate::delivery::Delivery;
use crate::error::{StoreError, read_code};
use crate::page::each::{Key, Lists};
use crate::page::{Page, PageRequest};
use crate::row::bounce as row;
use crate::store::Store;
use crate::subscriber::{self, Subscriber};
use crate::tx::{PlatformTx, TenantCtx, TenantTx, Write};
use crate::{address_change, delivery, preferences, suppression};

/// What a report says of one recipient.
#[derive(Clone, Debug)]
pub struct Said {
    /// Whom it names.
    pub recipient: Option<EmailAddress>,
    /// What it amounts to.
    pub class: BounceClass,
    /// The enhanced status (RFC 3463).
    pub status: Option<String>,
    /// Which kind of thing went wrong.
    pub reason: String,
    /// The server's words, without addresses.
    pub text: String,
    /// When it was told, as the report says; `None` where it does not.
    pub told_at: Option<Timestamp>,
}

/// What became of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It says nothing that is kept.
    Nothing,
    /// It was told before.
    Known,
    /// It is kept, and this followed.
    Kept(Consequence),
}

/// A report about a delivery.
#[derive(Clone, Debug)]
pub struct Bounce {
    /// Its id.
    pub id: BounceId,
    /// What it is about.
    pub delivery: DeliveryId,
    /// What it amounts to.
    pub class: BounceClass,
    /// The enhanced status (RFC 3463).
    pub status: Option<String>,
    /// Which kind of thing went wrong.
    pub reason: String,
    /// The server's words; empty when their time was over.
    pub said: String,
    /// When it came.
    pub received_at: Timestamp,
}

impl TryFrom<row::Model> for Bounce {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            delivery: stored(row.delivery_id),
            class: read_code(&row.class)?,
            status: row.status,
            reason: row.reason,
            said: row.said,
            received_at: Timestamp::from_micros(row.received_at),
        })
    }
}

#[derive(FromQueryResult)]
struct Found {
    tenant_id: Uuid,
}

/// The tenant who sent a delivery, if there is such a delivery. Each tenant's own key is asked for it.
pub async fn sender_of(store: &Store, id: DeliveryId) -> Result<Option<TenantCtx>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let sql = "SELECT t.id AS tenant_id FROM tenant t
               WHERE EXISTS (SELECT 1 FROM delivery d WHERE d.tenant_id = t.id AND d.id = $1)";
    let statement = tx.statement(sql, [id.uuid().into()]);
    let found = Found::find_by_statement(statement).one(tx.conn()).await?;
    Ok(found.map(|found| TenantCtx::new(stored(found.tenant_id), Actor::Job)))
}

/// Keeps a report about a delivery and does what follows. The same report told again changes nothing.
pub async fn take(
    tx: &mut TenantTx<Write>,
    about: DeliveryId,
    said: &[Said],
    limit: SoftLimit,
) -> Result<Taken, StoreError> {
    let delivery = delivery::by_id(tx, about).await?;
    let person = recipient(tx, &delivery).await?;
    let change = address_change::unconfirmed(tx, delivery.mailing).await?;
    let present = person.as_ref().map(|person| person.address_hash);
    let went_to = change.as_ref().map(|change| change.hash).or(present);
    let names_it = |said: &Said| names(tx, said, went_to);
    let Some(said) = meant(said, names_it).filter(|said| said.class.is_kept()) else {
        return Ok(Taken::Nothing);
    };
    if !keep(tx, about, person.as_ref(), said).await? {
        return Ok(Taken::Known);
    }
    let Some(person) = person else {
        return Ok(Taken::Kept(Consequence::Nothing));
    };
    if let Some(event) = Event::report(said.class, about, person.id) {
        tx.tell(event);
    }
    if let Some(change) = change {
        let follows = consequence(said.class, 0, limit);
        act_on_change(tx, &change, follows).await?;
        return Ok(Taken::Kept(follows));
    }
    let soft = soft_messages(tx, &person, limit).await?;
    let follows = consequence(said.class, soft, limit);
    let is_old = match follows {
        Consequence::CutOff => !names(tx, said, went_to) && moved_since(tx, &person, &delivery).await?,
        Consequence::Leave | Consequence::Complaint => took_back_since(tx, &person, said).await?,
        Consequence::Nothing => true,
    };
    if is_old {
        return Ok(Taken::Kept(Consequence::Nothing));
    }
    act(tx, &person, &delivery, said, follows).await?;
    Ok(Taken::Kept(follows))
}

/// Whether a report names a mailbox.
fn names(tx: &TenantTx<Write>, said: &Said, mailbox: Option<AddressHash>) -> bool {
    let named = said.recipient.as_ref();
    named.is_some_and(|address| Some(tx.address_hasher().hash(address)) == mailbox)
}

/// The person a delivery went to, held; `None` for members, and for who was erased since.
async fn recipient(tx: &TenantTx<Write>, delivery: &Delivery) -> Result<Option<Subscriber>, StoreError> {
    let Recipient::Subscriber(id) = delivery.recipient else {
        return Ok(None);
    };
    match subscriber::lock_by_any_id(tx, id).await {
        Ok(person) => Ok(Some(person)),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a report says of whom the message went to. A message goes to one person, so a report that names others speaks
/// of where it was forwarded to; of several such the mildest counts.
fn meant(said: &[Said], names_it: impl Fn(&Said) -> bool) -> Option<&Said> {
    said.iter()
        .find(|said| names_it(said))
        .or_else(|| said.iter().min_by_key(|said| said.class))
}

/// Keeps a report; false where it was kept before.
async fn keep(
    tx: &TenantTx<Write>,
    about: DeliveryId,
    person: Option<&Subscriber>,
    said: &Said,
) -> Result<bool, StoreError> {
    let id: BounceId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        delivery_id: Set(about.uuid()),
        subscriber_id: Set(person.map(|person| person.id.uuid())),
        report_hash: Set(hash(said)),
        class: Set(said.class.to_string()),
        status: Set(said.status.clone()),
        reason: Set(said.reason.clone()),
        // What is kept of the words names nobody, though it be by the name of their mailbox alone.
        said: Set(person.map_or_else(|| said.text.clone(), |person| person.email.hidden_in(&said.text))),
        received_at: Set(tx.now().micros()),
    };
    let known = [
        row::Column::TenantId,
        row::Column::DeliveryId,
        row::Column::ReportHash,
    ];
    let known = OnConflict::columns(known).do_nothing().to_owned();
    let kept = row::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(kept > 0)
}

/// What makes two reports about one delivery the same, whatever way they took. A mailbox is gone once; a no may be said
/// again after it was taken back, so that of noes the time counts.
fn hash(said: &Said) -> Vec<u8> {
    let mut hash = Sha256::new();
    if let (BounceClass::Complaint | BounceClass::Optout, Some(at)) = (said.class, said.told_at) {
        hash.update(at.micros().to_be_bytes());
    }
    let status = said.status.as_deref().unwrap_or_default();
    for part in [&said.class.to_string(), status, &said.reason, &said.text] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().to_vec()
}

#[derive(FromQueryResult)]
struct Count {
    messages: i64,
}

/// How many messages to a person came back for now within the limit's time. What went to an address that they only said
/// is theirs does not count.
async fn soft_messages(tx: &TenantTx<Write>, of: &Subscriber, limit: SoftLimit) -> Result<u32, StoreError> {
    let sql = "SELECT COUNT(DISTINCT b.delivery_id) AS messages FROM bounce b
               WHERE b.tenant_id = $1 AND b.subscriber_id = $2 AND b.class = 'SOFT' AND b.received_at >= $3
                 AND NOT EXISTS (
                   SELECT 1 FROM delivery d
                   JOIN address_change a ON a.tenant_id = d.tenant_id AND a.mailing_id = d.mailing_id
                   WHERE d.tenant_id = b.tenant_id AND d.id = b.delivery_id AND a.address_hash <> $4)";
    let since = tx.now().before(limit.within).micros();
    let values = [
        of.id.uuid().into(),
        since.into(),
        of.address_hash.0.to_vec().into(),
    ];
    let count: Option<Count> = tx.one(sql, values).await?;
    Ok(count.map_or(0, |count| u32::try_from(count.messages).unwrap_or(u32::MAX)))
}

async fn act(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    delivery: &Delivery,
    said: &Said,
    follows: Consequence,
) -> Result<(), StoreError> {
    match follows {
        Consequence::Nothing => Ok(()),
        Consequence::CutOff => {
            let through = if said.class == BounceClass::Hard {
                "bounce"
            } else {
                "soft bounces"
            };
            let reason = SuppressionReason::HardBounced;
            suppression::add(tx, person.address_hash, Some(person.id), reason, through).await
        }
        Consequence::Leave => {
            preferences::leave(tx, person, delivery.mailing, ConsentSource::Unsubscribe).await?;
            Ok(())
        }
        Consequence::Complaint => {
            let reason = SuppressionReason::Complained;
            suppression::add(tx, person.address_hash, Some(person.id), reason, "complaint").await?;
            preferences::leave(tx, person, delivery.mailing, ConsentSource::Complaint).await?;
            Ok(())
        }
    }
}

/// What follows for an address that somebody said is theirs and that did not confirm it: it is not asked again. Nothing
/// that the person has, or said, is touched by what happens there.
async fn act_on_change(
    tx: &mut TenantTx<Write>,
    change: &Unconfirmed,
    follows: Consequence,
) -> Result<(), StoreError> {
    let (reason, through) = match follows {
        Consequence::Nothing => return Ok(()),
        Consequence::Leave => return address_change::end(tx, change.id).await,
        Consequence::CutOff => (SuppressionReason::HardBounced, "bounce"),
        Consequence::Complaint => (SuppressionReason::Complained, "complaint"),
    };
    address_change::end(tx, change.id).await?;
    let about = subscriber::by_address(tx, change.hash)
        .await?
        .map(|person| person.id);
    suppression::add(tx, change.hash, about, reason, through).await
}

/// Whether the person took a no back after the one that a report tells of, which came late: their later word counts.
async fn took_back_since(tx: &TenantTx<Write>, person: &Subscriber, said: &Said) -> Result<bool, StoreError> {
    let Some(told_at) = said.told_at else {
        return Ok(false);
    };
    let back_at = suppression::lifted_at(tx, person.id).await?;
    Ok(back_at.is_some_and(|back_at| back_at > told_at))
}

/// Whether the person has been reached at another address since: what came back from the old one says nothing of it.
async fn moved_since(
    tx: &TenantTx<Write>,
    person: &Subscriber,
    delivery: &Delivery,
) -> Result<bool, StoreError> {
    let sql = "SELECT COUNT(*) AS messages FROM address_change
               WHERE tenant_id = $1 AND subscriber_id = $2 AND confirmed_at > $3";
    let values = [person.id.uuid().into(), delivery.changed_at.micros().into()];
    let moves: Option<Count> = tx.one(sql, values).await?;
    Ok(moves.is_some_and(|moves| moves.messages > 0))
}

/// The reports about each of these deliveries, oldest first.
pub async fn of_deliveries<M>(
    tx: &TenantTx<M>,
    ids: &[DeliveryId],
) -> Result<HashMap<DeliveryId, Vec<Bounce>>, StoreError> {
    let keys = ids.iter().map(type_safe_id::TypeSafeId::uuid);
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::DeliveryId.is_in(keys));
    let rows = query.order_by_asc(row::Column::Id).all(tx.conn()).await?;
    let mut found: HashMap<_, Vec<_>> = ids.iter().map(|id| (*id, Vec::new())).collect();
    for row in rows {
        let bounce = Bounce::try_from(row)?;
        found.entry(bounce.delivery).or_default().push(bounce);
    }
    Ok(found)
}

/// The reports about messages to each of several people: a page of each.
pub async fn pages_of<M>(
    tx: &TenantTx<M>,
    people: &[SubscriberId],
    request: PageRequest,
) -> Result<HashMap<SubscriberId, Page<Bounce>>, StoreError> {
    let lists = Lists {
        table: "bounce",
        of: "subscriber_id",
        key: Key::Id,
        only: String::new(),
        key_of: |row: &row::Model| row.id,
    };
    let ids: Vec<_> = people.iter().map(SubscriberId::uuid).collect();
    let pages = request.run_each(tx, &lists, &ids).await?.into_iter();
    pages
        .map(|(of, page)| Ok((stored(of), page.try_map(Bounce::try_from)?)))
        .collect()
}
