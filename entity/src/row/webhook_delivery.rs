//! What becomes of telling an endpoint something, as stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) event_id: Uuid,
    pub(crate) endpoint_id: Uuid,
    pub(crate) event_type: String,
    pub(crate) state: String,
    pub(crate) attempts: i32,
    pub(crate) tried_before: i32,
    pub(crate) next_attempt_at: Option<i64>,
    pub(crate) taken_until: i64,
    pub(crate) created_at: i64,
    pub(crate) finished_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
