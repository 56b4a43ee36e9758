//! A person's wish to be reached at another address.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "address_change")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) subscriber_id: Uuid,
    pub(crate) sort: String,
    pub(crate) mailing_id: Uuid,
    pub(crate) email: String,
    pub(crate) address_hash: Vec<u8>,
    pub(crate) requested_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) confirmed_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
