//! That somebody is a member of another tenant, as the operator's tenant stores it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "membership")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) member_tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) member_id: Uuid,
    pub(crate) subscriber_id: Option<Uuid>,
    pub(crate) address_hash: Vec<u8>,
    pub(crate) began_at: i64,
    pub(crate) ended_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
