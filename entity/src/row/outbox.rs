//! A job that waits.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) tenant_id: Uuid,
    pub(crate) payload: String,
    pub(crate) created_at: i64,
    pub(crate) due_at: i64,
    pub(crate) urgent: i32,
    pub(crate) pushes: i32,
    pub(crate) failures: i32,
    pub(crate) last_error: Option<String>,
    pub(crate) stopped_at: Option<i64>,
    pub(crate) taken_until: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
