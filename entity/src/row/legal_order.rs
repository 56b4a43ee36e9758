//! An order of an authority, as stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "legal_order")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) outside_party_id: Uuid,
    pub(crate) reference: String,
    pub(crate) scope: String,
    pub(crate) fields: String,
    pub(crate) valid_from: i64,
    pub(crate) valid_until: i64,
    pub(crate) entered_by: Uuid,
    pub(crate) entered_at: i64,
    pub(crate) approved_by: Option<Uuid>,
    pub(crate) approved_at: Option<i64>,
    pub(crate) revoked_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
