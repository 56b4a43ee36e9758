//! Outside parties: whoever is neither tenant nor subscriber. A policy version names those that may get information;
//! an authority becomes one by its order.

use assent_domain::disclosure::Fields;
use assent_domain::id::{OutsidePartyId, new_id, stored};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::error::{StoreError, read_code};
use crate::row::outside_party as row;
use crate::text;
use crate::tx::{TenantTx, Write};

/// An outside party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideParty {
    /// Its id.
    pub id: OutsidePartyId,
    /// Its name.
    pub name: String,
}

impl From<row::Model> for OutsideParty {
    fn from(row: row::Model) -> Self {
        Self {
            id: stored(row.id),
            name: row.name,
        }
    }
}

/// The outside party with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: OutsidePartyId) -> Result<OutsideParty, StoreError> {
    Ok(tx.get::<row::Entity>(id.uuid()).await?.into())
}

/// Every outside party of the tenant.
pub(crate) async fn all<M>(tx: &TenantTx<M>) -> Result<Vec<OutsideParty>, StoreError> {
    let rows = tx.find::<row::Entity>().all(tx.conn()).await?;
    Ok(rows.into_iter().map(OutsideParty::from).collect())
}

/// The outside parties with these ids, for a loader.
pub async fn by_ids<M>(tx: &TenantTx<M>, ids: &[OutsidePartyId]) -> Result<Vec<OutsideParty>, StoreError> {
    let ids = ids.iter().map(type_safe_id::TypeSafeId::uuid);
    let rows = tx
        .find::<row::Entity>()
        .filter(row::Column::Id.is_in(ids))
        .all(tx.conn())
        .await?;
    Ok(rows.into_iter().map(OutsideParty::from).collect())
}

/// The outside party with this name.
pub async fn by_name<M>(tx: &TenantTx<M>, name: &str) -> Result<Option<OutsideParty>, StoreError> {
    let query = tx.find::<row::Entity>().filter(row::Column::Name.eq(name));
    Ok(query.one(tx.conn()).await?.map(OutsideParty::from))
}

/// Finds the outside party with this name, or takes it in.
pub(crate) async fn settle(
    tx: &TenantTx<Write>,
    field: &'static str,
    name: &str,
) -> Result<OutsidePartyId, StoreError> {
    let name = text::name(field, name)?;
    if let Some(known) = by_name(tx, &name).await? {
        return Ok(known.id);
    }
    let id: OutsidePartyId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        name: Set(name),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(id)
}

/// Fields as they are stored: codes with a space between them.
pub(crate) fn write_fields(fields: &Fields) -> String {
    let codes: Vec<_> = fields.iter().map(|field| <&str>::from(*field)).collect();
    codes.join(" ")
}

/// Reads what [`write_fields`] wrote.
pub(crate) fn read_fields(text: &str) -> Result<Fields, StoreError> {
    text.split_whitespace().map(read_code).collect()
}
