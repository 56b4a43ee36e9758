//! A list of people that a tenant brought along, as stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "people_import")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) tenant_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) list_id: Uuid,
    pub(crate) collection_point_id: Option<Uuid>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) content_hash: Vec<u8>,
    pub(crate) table_hash: Option<Vec<u8>>,
    pub(crate) status: String,
    pub(crate) failure: Option<String>,
    pub(crate) is_dry_run: i32,
    pub(crate) without_evidence: String,
    pub(crate) names_purposes: i32,
    pub(crate) layout: String,
    pub(crate) upload_id: Option<Uuid>,
    pub(crate) encoding: Option<String>,
    pub(crate) is_encoding_guess: i32,
    pub(crate) delimiter: Option<String>,
    pub(crate) columns: String,
    pub(crate) source: Option<String>,
    pub(crate) collected_at: Option<i64>,
    pub(crate) statement: Option<String>,
    pub(crate) octets: i64,
    pub(crate) read_to: i64,
    pub(crate) line: i64,
    pub(crate) max_rows: i64,
    pub(crate) rows_read: i64,
    pub(crate) rows_imported: i64,
    pub(crate) rows_held: i64,
    pub(crate) rows_refused: i64,
    pub(crate) people_new: i64,
    pub(crate) reasons: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) finished_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
