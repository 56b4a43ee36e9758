//! A mail server of a tenant's own, as stored: its password is sealed.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transport")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) server: String,
    pub(crate) port: i32,
    pub(crate) encryption: String,
    pub(crate) login: Option<String>,
    pub(crate) sealed_password: Option<Vec<u8>>,
    pub(crate) sending_domain_id: Option<Uuid>,
    pub(crate) rank: i32,
    pub(crate) weight: i32,
    pub(crate) connections: Option<i32>,
    pub(crate) per_second: Option<i32>,
    pub(crate) per_hour: Option<i32>,
    pub(crate) second_spent_until: i64,
    pub(crate) hour_spent_until: i64,
    pub(crate) is_enabled: i32,
    pub(crate) created_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
