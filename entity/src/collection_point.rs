//! Collection points: the forms through which people join, with the fields they ask, the choices they offer (P12)
//! and the outside parties they bring in (P13). What people see of one is a version, which is never changed.

use assent_domain::clock::Timestamp;
use assent_domain::collection_point::FieldName;
use assent_domain::id::{CollectionPointId, MailingListId, stored};
use assent_domain::language::Language;
use assent_domain::purpose::PurposeCode;
use assent_domain::tenant::Slug;
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, QueryOrder, Select};
use uuid::Uuid;

use crate::error::{StoreError, read_code};
use crate::mailing_list::{self, MailingList};
use crate::outside_party::OutsideParty;
use crate::page::{Page, PageRequest};
use crate::purpose::{self, Purpose};
use crate::row::{
    OfTenant, collection_point as row, collection_point_choice as choice_row,
    collection_point_field as field_row, collection_point_list as list_row, outside_party,
};
use crate::tx::TenantTx;
use crate::wording::{self, WordingHash};

mod edition;
mod insert;
pub mod many;
mod publish;

pub(crate) use edition::as_shown;
pub use edition::{edition, in_language, languages, parties_named, words};
pub use publish::{Revision, create, update};

/// A collection point in one of its versions and languages: the newest and its own, unless another was asked for.
#[derive(Clone, Debug)]
pub struct CollectionPoint {
    /// Its id.
    pub id: CollectionPointId,
    /// Its name in addresses.
    pub slug: String,
    /// The version; they are numbered from 1.
    pub version: i32,
    /// Its name, which stands over the form.
    pub name: String,
    /// The language of its words.
    pub language: Language,
    /// When it was opened.
    pub created_at: Timestamp,
}

/// A field that a form asks for, beside the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which.
    pub name: FieldName,
    /// Whether it has to be filled in.
    pub required: bool,
}

/// A choice that a form offers.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What the choice is about.
    pub purpose: Purpose,
    /// The exact words beside the box.
    pub statement: String,
    pub(crate) wording: WordingHash,
}

/// What a form says in a further language: all of it, so that nobody is asked half a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Translation {
    /// The language.
    pub language: Language,
    /// The name over the form.
    pub name: String,
    /// The words beside each choice.
    pub statements: Vec<(PurposeCode, String)>,
}

/// A collection point to be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCollectionPoint {
    /// Its name in addresses.
    pub slug: Slug,
    /// Its name over the form.
    pub name: String,
    /// The lists it leads to.
    pub lists: Vec<MailingListId>,
    /// What it asks for, beside the address.
    pub fields: Vec<Field>,
    /// The choices it offers: purpose and words.
    pub choices: Vec<(PurposeCode, String)>,
    /// The outside parties it brings in, by the names that the policy in force gives them.
    pub parties: Vec<String>,
    /// The language of name and choices.
    pub language: Language,
    /// Name and choices in further languages.
    pub translations: Vec<Translation>,
}

impl TryFrom<row::Model> for CollectionPoint {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            slug: row.slug,
            version: row.version,
            name: row.name,
            language: read_language(&row.language)?,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

fn read_language(text: &str) -> Result<Language, StoreError> {
    Language::parse(text).map_err(|_| StoreError::Corrupt(format!("{text:?} as a language")))
}

/// The collection point with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: CollectionPointId) -> Result<CollectionPoint, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The collection point with this name in addresses.
pub async fn by_slug<M>(tx: &TenantTx<M>, slug: &str) -> Result<Option<CollectionPoint>, StoreError> {
    let row = tx
        .find::<row::Entity>()
        .filter(row::Column::Slug.eq(slug))
        .one(tx.conn())
        .await?;
    row.map(CollectionPoint::try_from).transpose()
}

/// The tenant's collection points, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<CollectionPoint>, StoreError> {
    request
        .run(tx, tx.find::<row::Entity>(), CollectionPoint::try_from)
        .await
}

#[derive(FromQueryResult)]
struct Named {
    id: Uuid,
}

/// The newest collection point that leads to a list as it stands today.
pub(crate) async fn newest_for<M>(
    tx: &TenantTx<M>,
    list: MailingListId,
) -> Result<Option<CollectionPointId>, StoreError> {
    let sql = "SELECT p.id FROM collection_point p JOIN collection_point_list l
                 ON l.tenant_id = $1 AND l.collection_point_id = p.id AND l.version = p.version
               WHERE p.tenant_id = $1 AND l.list_id = $2 ORDER BY p.id DESC LIMIT 1";
    let newest: Option<Named> = tx.one(sql, [list.uuid().into()]).await?;
    Ok(newest.map(|newest| stored(newest.id)))
}

/// The rows of one part of a version.
fn part<M, E: OfTenant>(
    tx: &TenantTx<M>,
    point: &CollectionPoint,
    (of, version): (E::Column, E::Column),
) -> Select<E> {
    tx.find::<E>()
        .filter(of.eq(point.id.uuid()))
        .filter(version.eq(point.version))
}

/// The lists that a collection point leads to.
pub async fn lists<M>(tx: &TenantTx<M>, point: &CollectionPoint) -> Result<Vec<MailingList>, StoreError> {
    use list_row::Column::{CollectionPointId, Version};
    let query = part::<M, list_row::Entity>(tx, point, (CollectionPointId, Version));
    let links = query.all(tx.conn()).await?;
    mailing_list::by_ids(
        tx,
        &links
            .into_iter()
            .map(|link| stored(link.list_id))
            .collect::<Vec<_>>(),
    )
    .await
}

/// What a form asks for beside the address, in its order.
pub async fn fields<M>(tx: &TenantTx<M>, point: &CollectionPoint) -> Result<Vec<Field>, StoreError> {
    use field_row::Column::{CollectionPointId, Position, Version};
    let query = part::<M, field_row::Entity>(tx, point, (CollectionPointId, Version));
    let rows = query.order_by_asc(Position).all(tx.conn()).await?;
    rows.into_iter()
        .map(|row| {
            Ok(Field {
                name: read_code(&row.name)?,
                required: row.required == 1,
            })
        })
        .collect()
}

/// The choices that a form offers, in its order and its language.
pub async fn choices<M>(tx: &TenantTx<M>, point: &CollectionPoint) -> Result<Vec<Choice>, StoreError> {
    use choice_row::Column::{CollectionPointId, Language, Position, Version};
    let query = part::<M, choice_row::Entity>(tx, point, (CollectionPointId, Version))
        .filter(Language.eq(point.language.as_str()));
    let rows = query.order_by_asc(Position).all(tx.conn()).await?;
    let mut choices = Vec::with_capacity(rows.len());
    for row in rows {
        choices.push(Choice {
            purpose: purpose::by_id(tx, stored(row.purpose_id)).await?,
            statement: wording::by_hash(tx, &row.wording_hash).await?,
            wording: WordingHash(row.wording_hash),
        });
    }
    Ok(choices)
}

/// The outside parties that a form brings in, in its order.
pub async fn parties<M>(tx: &TenantTx<M>, point: &CollectionPoint) -> Result<Vec<OutsideParty>, StoreError> {
    let sql = "SELECT p.* FROM collection_point_party c
               JOIN outside_party p ON p.tenant_id = c.tenant_id AND p.id = c.outside_party_id
               WHERE c.tenant_id = $1 AND c.collection_point_id = $2 AND c.version = $3 ORDER BY c.position";
    let rows: Vec<outside_party::Model> = tx
        .all(sql, [point.id.uuid().into(), point.version.into()])
        .await?;
    Ok(rows.into_iter().map(OutsideParty::from).collect())
}
