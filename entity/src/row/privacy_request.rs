//! What a person asked about their data, as stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "privacy_request")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) state: String,
    pub(crate) channel: String,
    pub(crate) identity: String,
    pub(crate) subscriber_id: Option<Uuid>,
    pub(crate) address_hash: Option<Vec<u8>>,
    pub(crate) email: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) answer: Option<String>,
    pub(crate) received_at: i64,
    pub(crate) due_at: i64,
    pub(crate) extended_at: Option<i64>,
    pub(crate) extension_reason: Option<String>,
    pub(crate) closed_at: Option<i64>,
    pub(crate) settled_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
