//! A domain that mail comes from, as stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sending_domain")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) spf_state: String,
    pub(crate) spf_reason: String,
    pub(crate) dmarc_state: String,
    pub(crate) dmarc_reason: String,
    pub(crate) alignment: String,
    pub(crate) return_path_state: String,
    pub(crate) return_path_reason: String,
    pub(crate) checked_at: Option<i64>,
    pub(crate) next_check_at: i64,
    pub(crate) created_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
