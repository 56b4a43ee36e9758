//! Subscribers: the people a tenant writes to.

use std::collections::HashMap;

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::id::{CollectionPointId, PolicyVersionId, SubscriberId, new_id, stored};
use assent_domain::keys::AddressHash;
use assent_domain::language::Language;
use assent_domain::suppression::{SuppressionReason, Suppressions};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use strum::{Display, EnumString};
use uuid::Uuid;

use crate::error::StoreError;
use crate::row::{subscriber as row, suppression};
use crate::tx::many::Of;
use crate::tx::{TenantTx, Write};

mod newcomers;
mod search;

pub(crate) use newcomers::{Newcomer, admit_all, confirm};
pub use search::{SubscriberFilter, page, some};

/// A subscriber.
#[derive(Clone, Debug)]
pub struct Subscriber {
    /// Their id.
    pub id: SubscriberId,
    /// Where they are reached.
    pub email: EmailAddress,
    /// Their name, empty if they gave none.
    pub name: String,
    /// Their company, empty if they gave none.
    pub company: String,
    /// The policy version in force when they first gave information.
    pub collected_under: PolicyVersionId,
    /// When that was.
    pub created_at: Timestamp,
    /// When they first confirmed, or joined a list for which signing up is enough.
    pub confirmed_at: Option<Timestamp>,
    /// Since when the use of their data is restricted, if it is.
    pub restricted_at: Option<Timestamp>,
    /// The language in which they signed up, if it was at a form.
    pub language: Option<Language>,
    pub(crate) address_hash: AddressHash,
}

/// Where a subscriber stands as a whole. Derived from what holds their address back, and from whether they
/// have confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum SubscriberStatus {
    /// Has not confirmed.
    Pending,
    /// Confirmed, or joined a list for which signing up is enough.
    Confirmed,
    /// Wants no mail of any sort.
    OptedOut,
    /// Reported mail as spam.
    Complained,
    /// The mailbox does not exist.
    Bounced,
    /// Had their data erased.
    Erased,
    /// Is on a suppression list of the tenant's marketing, or of the operator.
    Suppressed,
}

impl SubscriberStatus {
    fn of(confirmed: bool, suppressions: Suppressions) -> Self {
        let held_back = [
            (SuppressionReason::Erased, Self::Erased),
            (SuppressionReason::OptedOutOfAll, Self::OptedOut),
            (SuppressionReason::Complained, Self::Complained),
            (SuppressionReason::HardBounced, Self::Bounced),
            (SuppressionReason::HeldByOperator, Self::Suppressed),
            (SuppressionReason::Listed, Self::Suppressed),
        ];
        let reason = held_back
            .into_iter()
            .find(|(reason, _)| suppressions.contains(*reason));
        reason.map_or(
            if confirmed { Self::Confirmed } else { Self::Pending },
            |(_, status)| status,
        )
    }
}

pub(crate) fn read_address_hash(bytes: &[u8]) -> Result<AddressHash, StoreError> {
    let hash = bytes
        .try_into()
        .map_err(|_| StoreError::Corrupt("a hash that is not 32 octets long".to_owned()))?;
    Ok(AddressHash(hash))
}

pub(crate) fn read_address(text: &str) -> Result<EmailAddress, StoreError> {
    EmailAddress::parse(text).map_err(|_| StoreError::Corrupt("the address of a subscriber".to_owned()))
}

/// A language that is no more than a preference: one that cannot be read is none.
pub(crate) fn read_language(tag: Option<&str>) -> Option<Language> {
    Language::parse(tag?).ok()
}

impl TryFrom<row::Model> for Subscriber {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            email: read_address(&row.email)?,
            name: row.name,
            company: row.company,
            collected_under: stored(row.collected_under),
            created_at: Timestamp::from_micros(row.created_at),
            confirmed_at: row.confirmed_at.map(Timestamp::from_micros),
            restricted_at: row.restricted_at.map(Timestamp::from_micros),
            language: read_language(row.language.as_deref()),
            address_hash: read_address_hash(&row.address_hash)?,
        })
    }
}

/// The subscriber with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: SubscriberId) -> Result<Subscriber, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The language of a person's pages and mails; nothing where it is not known, nor the person.
pub async fn language<M>(tx: &TenantTx<M>, id: SubscriberId) -> Result<Option<Language>, StoreError> {
    let query = tx.find::<row::Entity>().filter(row::Column::Id.eq(id.uuid()));
    let row = query.one(tx.conn()).await?;
    Ok(row.and_then(|row| read_language(row.language.as_deref())))
}

/// The subscriber who has this id, or had it before two turned out to be one.
pub async fn by_any_id<M>(tx: &TenantTx<M>, id: SubscriberId) -> Result<Subscriber, StoreError> {
    by_id(tx, known_as(tx, id).await?).await
}

/// The subscribers with these ids, for a loader; ids of nobody are left out.
pub async fn by_ids<M>(tx: &TenantTx<M>, ids: &[SubscriberId]) -> Result<Vec<Subscriber>, StoreError> {
    let ids = ids.iter().map(type_safe_id::TypeSafeId::uuid);
    let rows = tx
        .find::<row::Entity>()
        .filter(row::Column::Id.is_in(ids))
        .all(tx.conn())
        .await?;
    rows.into_iter().map(Subscriber::try_from).collect()
}

/// The subscriber with this id, held against changes by others until the transaction ends.
pub(crate) async fn lock(tx: &TenantTx<Write>, id: SubscriberId) -> Result<Subscriber, StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    by_id(tx, id).await
}

/// Who acts by a link of their own, held. The link was only in their mailbox, so that it is theirs is confirmed from now
/// on. They may have turned out to be somebody else since the link was opened: then it is that person who is held.
pub(crate) async fn speaks(tx: &TenantTx<Write>, id: SubscriberId) -> Result<Subscriber, StoreError> {
    let person = lock_by_any_id(tx, id).await?;
    if person.confirmed_at.is_some() {
        return Ok(person);
    }
    let now = tx.now();
    tx.execute(
        "UPDATE subscriber SET confirmed_at = COALESCE(confirmed_at, $3) WHERE tenant_id = $1 AND id = $2",
        [person.id.uuid().into(), now.micros().into()],
    )
    .await?;
    Ok(Subscriber {
        confirmed_at: Some(now),
        ..person
    })
}

/// The subscriber who has this id, or had it before two turned out to be one, held. A merge that is under way is waited for,
/// and followed.
pub(crate) async fn lock_by_any_id(tx: &TenantTx<Write>, id: SubscriberId) -> Result<Subscriber, StoreError> {
    let mut of = known_as(tx, id).await?;
    loop {
        match lock(tx, of).await {
            Err(StoreError::NotFound(what)) => {
                let now = known_as(tx, id).await?;
                if now == of {
                    return Err(StoreError::NotFound(what));
                }
                of = now;
            }
            found => return found,
        }
    }
}

/// Holds several people, so that nothing is decided about them in the meantime. SQLite's writers take turns anyway.
pub(crate) async fn hold(tx: &TenantTx<Write>, people: &[Uuid]) -> Result<(), StoreError> {
    let hold = tx.for_update();
    if hold.is_empty() {
        return Ok(());
    }
    let places = crate::tx::places(2, people.len());
    let sql =
        format!("SELECT id FROM subscriber WHERE tenant_id = $1 AND id IN ({places}) ORDER BY id {hold}");
    tx.execute(&sql, people.iter().map(|id| (*id).into())).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Known {
    id: Uuid,
}

/// The ids under which a person is and was known: links, and rows of the ledger, name any of them.
pub(crate) async fn ids_of<M>(tx: &TenantTx<M>, id: SubscriberId) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT former_id AS id FROM subscriber_alias WHERE tenant_id = $1 AND subscriber_id = $2";
    let former: Vec<Known> = tx.all(sql, [id.uuid().into()]).await?;
    Ok(std::iter::once(id.uuid())
        .chain(former.into_iter().map(|of| of.id))
        .collect())
}

/// Whose each id is or was that these people are or were known by.
pub(crate) async fn people_by_ids<M>(
    tx: &TenantTx<M>,
    people: &[SubscriberId],
) -> Result<HashMap<Uuid, SubscriberId>, StoreError> {
    let sql = "SELECT subscriber_id AS of_id, former_id AS id FROM subscriber_alias
               WHERE tenant_id = $1 AND subscriber_id IN ({ids})";
    let former: Vec<Of<Known>> = tx.about(sql, people.iter().map(SubscriberId::uuid)).await?;
    let own = people.iter().map(|person| (person.uuid(), *person));
    Ok(own
        .chain(former.into_iter().map(|of| (of.row.id, stored(of.of))))
        .collect())
}

/// Whether an id is or was a person's.
pub async fn is_known_as<M>(
    tx: &TenantTx<M>,
    id: SubscriberId,
    other: SubscriberId,
) -> Result<bool, StoreError> {
    Ok(other == id || known_as(tx, other).await? == id)
}

/// Who a person is now: another id where two turned out to be one.
pub(crate) async fn known_as<M>(tx: &TenantTx<M>, id: SubscriberId) -> Result<SubscriberId, StoreError> {
    let sql = "SELECT subscriber_id AS id FROM subscriber_alias WHERE tenant_id = $1 AND former_id = $2";
    let now: Option<Known> = tx.one(sql, [id.uuid().into()]).await?;
    Ok(now.map_or(id, |now| stored(now.id)))
}

/// The mailbox at which a person is reached; `None` for nobody.
pub(crate) async fn mailbox<M>(
    tx: &TenantTx<M>,
    id: SubscriberId,
) -> Result<Option<AddressHash>, StoreError> {
    let row = tx.find::<row::Entity>().filter(row::Column::Id.eq(id.uuid()));
    let row = row.one(tx.conn()).await?;
    row.map(|row| read_address_hash(&row.address_hash)).transpose()
}

/// The subscriber with this address.
pub(crate) async fn by_address<M>(
    tx: &TenantTx<M>,
    hash: AddressHash,
) -> Result<Option<Subscriber>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::AddressHash.eq(hash.0.to_vec()));
    query.one(tx.conn()).await?.map(Subscriber::try_from).transpose()
}

/// The subscribers who have these addresses, as far as somebody does.
pub async fn by_addresses<M>(
    tx: &TenantTx<M>,
    hashes: &[AddressHash],
) -> Result<HashMap<AddressHash, Subscriber>, StoreError> {
    let hashes = hashes.iter().map(|hash| hash.0.to_vec());
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::AddressHash.is_in(hashes));
    let rows = query.all(tx.conn()).await?;
    rows.into_iter()
        .map(|row| {
            let person = Subscriber::try_from(row)?;
            Ok((person.address_hash, person))
        })
        .collect()
}

/// The subscriber with this address, in any spelling.
pub async fn with_address<M>(
    tx: &TenantTx<M>,
    email: &EmailAddress,
) -> Result<Option<Subscriber>, StoreError> {
    let hash = tx.address_hasher().hash(email);
    by_address(tx, hash).await
}

/// Where subscribers stand, for a loader: one query for all.
pub async fn statuses<M>(
    tx: &TenantTx<M>,
    subscribers: &[Subscriber],
) -> Result<Vec<SubscriberStatus>, StoreError> {
    let hashes = subscribers
        .iter()
        .map(|subscriber| subscriber.address_hash.0.to_vec());
    let query = tx
        .find::<suppression::Entity>()
        .filter(suppression::Column::AddressHash.is_in(hashes))
        .filter(suppression::Column::Scope.eq("ALL"));
    let rows = query.all(tx.conn()).await?;
    let statuses = subscribers.iter().map(|subscriber| {
        let own = rows
            .iter()
            .filter(|row| row.address_hash == subscriber.address_hash.0);
        let bits = own
            .filter_map(|row| u8::try_from(row.bit).ok())
            .fold(0, |bits, bit| bits | bit);
        SubscriberStatus::of(subscriber.confirmed_at.is_some(), Suppressions::from_bits(bits))
    });
    Ok(statuses.collect())
}

/// A person of whom nothing is known but the address.
fn new_row(tx: &TenantTx<Write>, email: &EmailAddress, policy: PolicyVersionId) -> row::ActiveModel {
    hashed_row(tx, email, tx.address_hasher().hash(email), policy)
}

/// The same, where the hash of the address is known.
fn hashed_row(
    tx: &TenantTx<Write>,
    email: &EmailAddress,
    hash: AddressHash,
    policy: PolicyVersionId,
) -> row::ActiveModel {
    let id: SubscriberId = new_id(tx.now());
    row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        email: Set(email.expose()),
        address_hash: Set(hash.0.to_vec()),
        name: Set(String::new()),
        company: Set(String::new()),
        collected_under: Set(policy.uuid()),
        collection_point_id: Set(None),
        created_at: Set(tx.now().micros()),
        confirmed_at: Set(None),
        restricted_at: Set(None),
        language: Set(None),
    }
}

/// The person with this address, held, and whether it took `new` to know them.
async fn find_or_insert(
    tx: &TenantTx<Write>,
    email: &EmailAddress,
    new: row::ActiveModel,
) -> Result<(Subscriber, bool), StoreError> {
    let known = sea_orm::sea_query::OnConflict::columns([row::Column::TenantId, row::Column::AddressHash])
        .do_nothing()
        .to_owned();
    let inserted = row::Entity::insert(new)
        .on_conflict(known)
        .exec_without_returning(tx.conn())
        .await?;
    let found = with_address(tx, email)
        .await?
        .ok_or(StoreError::NotFound("subscriber"))?;
    Ok((lock(tx, found.id).await?, inserted > 0))
}

/// Finds the person with this address, or takes them in without anything of theirs having come through a form, and
/// says whether they are new. What is known of them stays as it was.
pub(crate) async fn admit(
    tx: &TenantTx<Write>,
    email: &EmailAddress,
    policy: PolicyVersionId,
) -> Result<(Subscriber, bool), StoreError> {
    find_or_insert(tx, email, new_row(tx, email, policy)).await
}

/// What a form or an integration tells about a person.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) email: EmailAddress,
    pub(crate) name: String,
    pub(crate) company: String,
    /// The language of the form.
    pub(crate) language: Language,
}

/// Finds the person with this address, or takes them in under the policy version in force.
///
/// What is given later fills gaps and corrects what was not yet confirmed; it does not overwrite what a
/// confirmed person is known by, since anybody may have typed it.
pub(crate) async fn take_in(
    tx: &TenantTx<Write>,
    given: &Given,
    policy: PolicyVersionId,
    point: Option<CollectionPointId>,
) -> Result<Subscriber, StoreError> {
    let row = row::ActiveModel {
        name: Set(given.name.clone()),
        company: Set(given.company.clone()),
        collection_point_id: Set(point.map(|point| point.uuid())),
        language: Set(Some(given.language.to_string())),
        ..new_row(tx, &given.email, policy)
    };
    let (locked, is_new) = find_or_insert(tx, &given.email, row).await?;
    if locked.confirmed_at.is_some() || is_new {
        return Ok(locked);
    }
    tx.execute(
        "UPDATE subscriber SET name = CASE WHEN $3 = '' THEN name ELSE $3 END,
                company = CASE WHEN $4 = '' THEN company ELSE $4 END, language = $5
         WHERE tenant_id = $1 AND id = $2",
        [
            locked.id.uuid().into(),
            given.name.as_str().into(),
            given.company.as_str().into(),
            given.language.as_str().into(),
        ],
    )
    .await?;
    by_id(tx, locked.id).await
}
