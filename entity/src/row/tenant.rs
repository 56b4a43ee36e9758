//! A tenant, as stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "tenant")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) slug: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) sender_name: String,
    pub(crate) sender_address: String,
    pub(crate) privacy_contact: String,
    pub(crate) postal_address: String,
    pub(crate) accent: String,
    pub(crate) second_factor_required: i32,
    pub(crate) leaving_page: i32,
    pub(crate) created_at: i64,
    pub(crate) closed_at: Option<i64>,
    pub(crate) delete_at: Option<i64>,
    pub(crate) deleting_since: Option<i64>,
    pub(crate) deleted_at: Option<i64>,
    pub(crate) operator_since: Option<i64>,
    pub(crate) operator_mark: Option<i32>,
    pub(crate) is_limited: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
