//! A request, as logged.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "request_log")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) received_at: i64,
    pub(crate) method: String,
    pub(crate) route: String,
    pub(crate) status: i32,
    pub(crate) duration_millis: i32,
    pub(crate) ip_address: Option<String>,
    pub(crate) ip_prefix: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
