//! A mailing, as stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mailing")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) purpose_id: Uuid,
    pub(crate) campaign_id: Option<Uuid>,
    pub(crate) policy_version_id: Option<Uuid>,
    pub(crate) news: Option<String>,
    pub(crate) opt_in_id: Option<Uuid>,
    pub(crate) created_at: i64,
    pub(crate) planned_to: Option<Uuid>,
    pub(crate) planned_at: Option<i64>,
    pub(crate) finished_at: Option<i64>,
    pub(crate) lease_owner: Option<Uuid>,
    pub(crate) lease_until: i64,
    pub(crate) waits_for: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
