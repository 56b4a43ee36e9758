//! Mailing lists, and which purposes they are used for.

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{MailingListId, new_id, stored};
use assent_domain::mailing_list::OptIn;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::page::{Page, PageRequest};
use crate::purpose::{self, ListPurpose};
use crate::row::{list_purpose, mailing_list as row};
use crate::text;
use crate::tx::{TenantTx, Write};

/// A mailing list.
#[derive(Clone, Debug)]
pub struct MailingList {
    /// Its id.
    pub id: MailingListId,
    /// Its name, which subscribers see.
    pub name: String,
    /// How people get onto it.
    pub opt_in: OptIn,
    /// When it was created.
    pub created_at: Timestamp,
}

impl TryFrom<row::Model> for MailingList {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            name: row.name,
            opt_in: read_code(&row.opt_in)?,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// Creates a list that is used for purposes which a policy version names.
pub async fn create(
    tx: &mut TenantTx<Write>,
    name: &str,
    opt_in: OptIn,
    purposes: &[String],
) -> Result<MailingListId, StoreError> {
    if purposes.is_empty() {
        return Err(StoreError::invalid(
            "purposes",
            "a list is used for at least one purpose",
        ));
    }
    let id: MailingListId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        name: Set(text::name("name", name)?),
        opt_in: Set(opt_in.to_string()),
        created_at: Set(tx.now().micros()),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    let codes: std::collections::BTreeSet<_> = purposes.iter().collect();
    for code in codes {
        let purpose = ListPurpose::by_code(tx, "purposes", code).await?;
        let link = list_purpose::ActiveModel {
            tenant_id: Set(tx.uuid()),
            list_id: Set(id.uuid()),
            purpose_id: Set(purpose.id.uuid()),
        };
        list_purpose::Entity::insert(link)
            .exec_without_returning(tx.conn())
            .await?;
    }
    let created = json!({ "optIn": opt_in, "purposes": purposes });
    tx.audit(AuditAct::MailingListCreated, id, &Change::to(created))?;
    Ok(id)
}

/// Uses a list for one more purpose from now on. Nobody on it has agreed to that yet.
pub async fn add_purpose(tx: &mut TenantTx<Write>, id: MailingListId, code: &str) -> Result<(), StoreError> {
    let list = by_id(tx, id).await?;
    let purpose = ListPurpose::by_code(tx, "purpose", code).await?;
    if purpose::of_list(tx, id).await?.contains(&purpose) {
        let message = format!("{:?} is used for {code} already", list.name);
        return Err(StoreError::conflict("purpose", message));
    }
    let link = list_purpose::ActiveModel {
        tenant_id: Set(tx.uuid()),
        list_id: Set(id.uuid()),
        purpose_id: Set(purpose.id.uuid()),
    };
    list_purpose::Entity::insert(link)
        .exec_without_returning(tx.conn())
        .await?;
    let added = Change::to(json!({ "purpose": code }));
    tx.audit(AuditAct::MailingListPurposeAdded, id, &added)
}

/// The list with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: MailingListId) -> Result<MailingList, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// Every list of the tenant, oldest first.
pub async fn all<M>(tx: &TenantTx<M>) -> Result<Vec<MailingList>, StoreError> {
    let query = sea_orm::QueryOrder::order_by_asc(tx.find::<row::Entity>(), row::Column::Id);
    let rows = query.all(tx.conn()).await?;
    rows.into_iter().map(MailingList::try_from).collect()
}

/// The lists with these ids, in the order of their creation; every one has to exist.
pub async fn by_ids<M>(tx: &TenantTx<M>, ids: &[MailingListId]) -> Result<Vec<MailingList>, StoreError> {
    let wanted: std::collections::BTreeSet<_> = ids.iter().map(type_safe_id::TypeSafeId::uuid).collect();
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::Id.is_in(wanted.iter().copied()));
    let rows = sea_orm::QueryOrder::order_by_asc(query, row::Column::Id)
        .all(tx.conn())
        .await?;
    if rows.len() < wanted.len() {
        return Err(StoreError::NotFound("mailing list"));
    }
    rows.into_iter().map(MailingList::try_from).collect()
}

/// The tenant's lists, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<MailingList>, StoreError> {
    request
        .run(tx, tx.find::<row::Entity>(), MailingList::try_from)
        .await
}
