//! Today's state of a person's consent to a purpose.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "consent")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) subscriber_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) purpose_id: Uuid,
    pub(crate) state: String,
    pub(crate) policy_version_id: Uuid,
    pub(crate) record_id: Uuid,
    /// When the yes was said, for a yes that was carried over.
    pub(crate) recorded_at: i64,
    pub(crate) renewal_asked_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
