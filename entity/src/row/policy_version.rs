//! A policy version, as stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "policy_version")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) number: i32,
    pub(crate) body: String,
    pub(crate) summary: String,
    pub(crate) created_at: i64,
    pub(crate) posted_at: Option<i64>,
    pub(crate) effective_at: Option<i64>,
    pub(crate) binds_nobody: i32,
    pub(crate) withdrawn_at: Option<i64>,
    pub(crate) notices_settled_at: Option<i64>,
    pub(crate) overridden_at: Option<i64>,
    pub(crate) overridden_by: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
