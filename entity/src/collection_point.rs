//! Collection points: the forms through which people join, with the fields they ask and the choices they
//! offer (P12).

use std::collections::BTreeSet;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::collection_point::{FieldName, check_choices};
use assent_domain::id::{CollectionPointId, MailingListId, new_id, stored};
use assent_domain::purpose::PurposeCode;
use assent_domain::tenant::Slug;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::mailing_list::{self, MailingList};
use crate::page::{Page, PageRequest};
use crate::policy;
use crate::purpose::{self, Purpose};
use crate::row::{
    collection_point as row, collection_point_choice as choice_row, collection_point_field as field_row,
    collection_point_list as list_row,
};
use crate::text;
use crate::tx::{TenantTx, Write};
use crate::wording::{self, WordingHash};

/// A collection point.
#[derive(Clone, Debug)]
pub struct CollectionPoint {
    /// Its id.
    pub id: CollectionPointId,
    /// Its name in addresses.
    pub slug: String,
    /// Its name, which stands over the form.
    pub name: String,
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

/// A collection point to be opened.
#[derive(Clone, Debug)]
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
}

impl From<row::Model> for CollectionPoint {
    fn from(row: row::Model) -> Self {
        Self {
            id: stored(row.id),
            slug: row.slug,
            name: row.name,
            created_at: Timestamp::from_micros(row.created_at),
        }
    }
}

/// Opens a collection point. It needs a policy in force, and a choice for each purpose of its lists.
pub async fn create(
    tx: &mut TenantTx<Write>,
    new: NewCollectionPoint,
) -> Result<CollectionPointId, StoreError> {
    let policy = policy::require_in_force(tx, "slug").await?;
    if new.lists.is_empty() {
        return Err(StoreError::invalid(
            "mailingListIds",
            "a form leads to at least one list",
        ));
    }
    let lists = mailing_list::by_ids(tx, &new.lists).await?;
    let of_lists = purposes_of(tx, &lists).await?;
    let codes: Vec<_> = of_lists
        .iter()
        .filter_map(|purpose| Some((PurposeCode::parse(&purpose.code).ok()?, purpose.kind)))
        .collect();
    check_choices(&codes, new.choices.iter().map(|(code, _)| code))
        .map_err(|error| StoreError::invalid("choices", error))?;
    let named = policy::purposes_of(tx, policy.id).await?;
    if let Some(missing) = of_lists
        .iter()
        .find(|purpose| named.iter().all(|named| named.id != purpose.id))
    {
        let message = format!(
            "version {} of the policy, which is in force, does not name {:?}: wait for one that does",
            policy.times.number, missing.code
        );
        return Err(StoreError::conflict("choices", message));
    }
    if by_slug(tx, new.slug.as_str()).await?.is_some() {
        return Err(StoreError::conflict(
            "slug",
            "a collection point with this short name exists: choose another",
        ));
    }
    let opened = json!({ "slug": new.slug, "lists": new.lists });
    let id = insert(tx, new, &lists, &of_lists).await?;
    tx.audit(AuditAct::CollectionPointCreated, id, &Change::to(opened))?;
    Ok(id)
}

async fn purposes_of<M>(tx: &TenantTx<M>, lists: &[MailingList]) -> Result<Vec<Purpose>, StoreError> {
    let ids: Vec<_> = lists.iter().map(|list| list.id).collect();
    let mut purposes: Vec<_> = purpose::of_lists(tx, &ids)
        .await?
        .into_values()
        .flatten()
        .collect();
    purposes.sort_by(|one, other| one.code.cmp(&other.code));
    purposes.dedup();
    Ok(purposes)
}

async fn insert(
    tx: &TenantTx<Write>,
    new: NewCollectionPoint,
    lists: &[MailingList],
    purposes: &[Purpose],
) -> Result<CollectionPointId, StoreError> {
    let id: CollectionPointId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        slug: Set(new.slug.as_str().to_owned()),
        name: Set(text::name("name", &new.name)?),
        created_at: Set(tx.now().micros()),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    for list in lists {
        let link = list_row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            collection_point_id: Set(id.uuid()),
            list_id: Set(list.id.uuid()),
        };
        list_row::Entity::insert(link)
            .exec_without_returning(tx.conn())
            .await?;
    }
    insert_fields(tx, id, &new.fields).await?;
    for (position, (code, statement)) in (1..).zip(&new.choices) {
        let Some(purpose) = purposes.iter().find(|purpose| purpose.code == code.as_str()) else {
            continue;
        };
        let wording = wording::keep(tx, "choices", statement).await?;
        let choice = choice_row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            collection_point_id: Set(id.uuid()),
            purpose_id: Set(purpose.id.uuid()),
            wording_hash: Set(wording.0),
            position: Set(position),
        };
        choice_row::Entity::insert(choice)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(id)
}

async fn insert_fields(
    tx: &TenantTx<Write>,
    id: CollectionPointId,
    fields: &[Field],
) -> Result<(), StoreError> {
    let mut seen = BTreeSet::new();
    for (position, field) in (1..).zip(fields) {
        if !seen.insert(field.name) {
            return Err(StoreError::invalid(
                "fields",
                format!("the field {:?} stands twice", field.name.to_string()),
            ));
        }
        let row = field_row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            collection_point_id: Set(id.uuid()),
            name: Set(field.name.to_string()),
            required: Set(field.required.into()),
            position: Set(position),
        };
        field_row::Entity::insert(row)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

/// The collection point with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: CollectionPointId) -> Result<CollectionPoint, StoreError> {
    Ok(tx.get::<row::Entity>(id.uuid()).await?.into())
}

/// The collection point with this name in addresses.
pub async fn by_slug<M>(tx: &TenantTx<M>, slug: &str) -> Result<Option<CollectionPoint>, StoreError> {
    let row = tx
        .find::<row::Entity>()
        .filter(row::Column::Slug.eq(slug))
        .one(tx.conn())
        .await?;
    Ok(row.map(CollectionPoint::from))
}

/// The tenant's collection points, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<CollectionPoint>, StoreError> {
    request
        .run(tx, tx.find::<row::Entity>(), |row| Ok(row.into()))
        .await
}

/// The lists that a collection point leads to.
pub async fn lists<M>(tx: &TenantTx<M>, id: CollectionPointId) -> Result<Vec<MailingList>, StoreError> {
    let query = tx
        .find::<list_row::Entity>()
        .filter(list_row::Column::CollectionPointId.eq(id.uuid()));
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
pub async fn fields<M>(tx: &TenantTx<M>, id: CollectionPointId) -> Result<Vec<Field>, StoreError> {
    let query = tx
        .find::<field_row::Entity>()
        .filter(field_row::Column::CollectionPointId.eq(id.uuid()));
    let rows = query
        .order_by_asc(field_row::Column::Position)
        .all(tx.conn())
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Field {
                name: read_code(&row.name)?,
                required: row.required == 1,
            })
        })
        .collect()
}

/// The choices that a form offers, in its order.
pub async fn choices<M>(tx: &TenantTx<M>, id: CollectionPointId) -> Result<Vec<Choice>, StoreError> {
    let query = tx
        .find::<choice_row::Entity>()
        .filter(choice_row::Column::CollectionPointId.eq(id.uuid()));
    let rows = query
        .order_by_asc(choice_row::Column::Position)
        .all(tx.conn())
        .await?;
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
