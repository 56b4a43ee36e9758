//! An invitation to become a member, as stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitation")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) email: String,
    pub(crate) email_key: String,
    pub(crate) role: String,
    pub(crate) language: Option<String>,
    pub(crate) invited_by: Uuid,
    pub(crate) mailing_id: Uuid,
    pub(crate) sendings: i32,
    pub(crate) created_at: i64,
    pub(crate) sent_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) accepted_at: Option<i64>,
    pub(crate) member_id: Option<Uuid>,
    pub(crate) revoked_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
