//! Reports about messages that were sent: kept with their delivery, and acted upon once.

use std::collections::HashMap;

use assent_domain::address::EmailAddress;
use assent_domain::audit::Actor;
use assent_domain::bounce::{BounceClass, Consequence, SoftLimit, consequence};
use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentSource;
use assent_domain::id::{BounceId, DeliveryId, SubscriberId, new_id, stored};
use assent_domain::permit::Recipient;
use assent_domain::suppression::SuppressionReason;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::delivery::Delivery;
use crate::error::{StoreError, read_code};
use crate::page::{Page, PageRequest};
use crate::row::bounce as row;
use crate::store::Store;
use crate::subscriber::{self, Subscriber};
use crate::tx::{PlatformTx, TenantCtx, TenantTx, Write};
use crate::{delivery, preferences, suppression};

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
    let Some(said) = meant(tx, person.as_ref(), said).filter(|said| said.class.is_kept()) else {
        return Ok(Taken::Nothing);
    };
    if !keep(tx, about, person.as_ref(), said).await? {
        return Ok(Taken::Known);
    }
    let Some(person) = person else {
        return Ok(Taken::Kept(Consequence::Nothing));
    };
    let soft = soft_messages(tx, person.id, limit).await?;
    let follows = consequence(said.class, soft, limit);
    act(tx, &person, &delivery, said, follows).await?;
    Ok(Taken::Kept(follows))
}

/// The person a delivery went to, held; `None` for members, and for who was erased since.
async fn recipient(tx: &TenantTx<Write>, delivery: &Delivery) -> Result<Option<Subscriber>, StoreError> {
    let Recipient::Subscriber(id) = delivery.recipient else {
        return Ok(None);
    };
    let found = match subscriber::by_any_id(tx, id).await {
        Ok(person) => subscriber::lock(tx, person.id).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(person) => Ok(Some(person)),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a report says of whom the message went to. A message goes to one person, so a report that names others speaks
/// of where it was forwarded to; of several such the mildest counts.
fn meant<'a>(tx: &TenantTx<Write>, person: Option<&Subscriber>, said: &'a [Said]) -> Option<&'a Said> {
    let hasher = tx.address_hasher();
    let is_named = |said: &&Said| {
        let named = said.recipient.as_ref().map(|address| hasher.hash(address));
        person.is_some_and(|person| named == Some(person.address_hash))
    };
    said.iter()
        .find(is_named)
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

/// What makes two reports about one delivery the same, whatever way they took.
fn hash(said: &Said) -> Vec<u8> {
    let mut hash = Sha256::new();
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

/// How many messages to a person came back for now within the limit's time.
async fn soft_messages(tx: &TenantTx<Write>, of: SubscriberId, limit: SoftLimit) -> Result<u32, StoreError> {
    let sql = "SELECT COUNT(DISTINCT delivery_id) AS messages FROM bounce
               WHERE tenant_id = $1 AND subscriber_id = $2 AND class = 'SOFT' AND received_at >= $3";
    let since = tx.now().before(limit.within).micros();
    let count: Option<Count> = tx.one(sql, [of.uuid().into(), since.into()]).await?;
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
            if went_elsewhere(tx, person, delivery).await? {
                return Ok(());
            }
            let through = if said.class == BounceClass::Hard {
                "bounce"
            } else {
                "soft bounces"
            };
            let reason = SuppressionReason::HardBounced;
            suppression::add(tx, person.address_hash, Some(person.id), reason, through).await
        }
        Consequence::Leave => {
            preferences::unsubscribe(tx, person.id, delivery.mailing).await?;
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

/// Whether the message went to another address than the one at which the person is reached: what came back from there
/// says nothing of it.
async fn went_elsewhere(
    tx: &TenantTx<Write>,
    person: &Subscriber,
    delivery: &Delivery,
) -> Result<bool, StoreError> {
    let sql = "SELECT COUNT(*) AS messages FROM address_change
               WHERE tenant_id = $1 AND ((subscriber_id = $2 AND confirmed_at > $3)
                                      OR (mailing_id = $4 AND address_hash <> $5))";
    let values = [
        person.id.uuid().into(),
        delivery.changed_at.micros().into(),
        delivery.mailing.uuid().into(),
        person.address_hash.0.to_vec().into(),
    ];
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

/// The reports about messages to a person.
pub async fn page_of<M>(
    tx: &TenantTx<M>,
    of: SubscriberId,
    request: PageRequest,
) -> Result<Page<Bounce>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(of.uuid()));
    request.run(tx, query, Bounce::try_from).await
}
