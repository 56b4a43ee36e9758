//! A delivery, as stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "delivery")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) mailing_id: Uuid,
    pub(crate) recipient_kind: String,
    pub(crate) recipient_id: Uuid,
    pub(crate) status: String,
    pub(crate) refusal: Option<String>,
    pub(crate) attempts: i32,
    pub(crate) changed_at: i64,
    pub(crate) failure: Option<String>,
    pub(crate) tried_before: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
