//! An outside party as one version names it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_party")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) policy_version_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) outside_party_id: Uuid,
    pub(crate) position: i32,
    pub(crate) why: String,
    pub(crate) what: String,
    pub(crate) fields: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
