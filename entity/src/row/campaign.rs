//! A campaign, as stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaign")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) purpose_id: Uuid,
    pub(crate) subject: String,
    pub(crate) preheader: String,
    pub(crate) body_format: String,
    pub(crate) body_source: String,
    pub(crate) status: String,
    pub(crate) scheduled_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) paused_reason: Option<String>,
    pub(crate) not_after: Option<i64>,
    pub(crate) if_unknown: String,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
