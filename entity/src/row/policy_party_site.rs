//! A host that an outside party serves content from, as one version names it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_party_site")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) policy_version_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) outside_party_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) site: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
