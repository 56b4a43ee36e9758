//! Fields of a tenant's own, and segments: some of its people, by a rule.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let tables = ["custom_field", "custom_value", "segment", "campaign_segment"];
        isolate(manager, "tenant_id", &tables).await
    }
}

const TABLES: &[&str] = &[
    // `choices` is a JSON array, in the order of the tenant. A field that is deleted goes when its values have gone.
    "CREATE TABLE custom_field (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       key TEXT NOT NULL,
       name TEXT NOT NULL,
       kind TEXT NOT NULL CHECK (kind IN ('TEXT', 'NUMBER', 'DATE', 'FLAG', 'CHOICE')),
       choices TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       deleted_at BIGINT,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, key)
     ) {strict}",
    // `text` is of a text or a choice; a number, the days of a date since 1970-01-01, and 0 or 1 of a flag stand in `number`.
    "CREATE TABLE custom_value (
       tenant_id {uuid} NOT NULL,
       subscriber_id {uuid} NOT NULL,
       field_id {uuid} NOT NULL,
       text TEXT,
       number {float},
       PRIMARY KEY (tenant_id, subscriber_id, field_id),
       CHECK ((text IS NULL) <> (number IS NULL)),
       FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscriber (tenant_id, id),
       FOREIGN KEY (tenant_id, field_id) REFERENCES custom_field (tenant_id, id)
     ) {by_key}",
    "CREATE INDEX custom_value_of_field ON custom_value (tenant_id, field_id)",
    "CREATE TABLE segment (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       name TEXT NOT NULL,
       rule TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       changed_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, name)
     ) {strict}",
    // Whom of its lists a campaign goes to. `rule` is the one it was scheduled with: what was looked at before stands,
    // whatever becomes of the segment.
    "CREATE TABLE campaign_segment (
       tenant_id {uuid} NOT NULL,
       campaign_id {uuid} NOT NULL,
       segment_id {uuid},
       rule TEXT,
       PRIMARY KEY (tenant_id, campaign_id),
       CHECK (segment_id IS NOT NULL OR rule IS NOT NULL),
       FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaign (tenant_id, id),
       FOREIGN KEY (tenant_id, segment_id) REFERENCES segment (tenant_id, id)
     ) {strict}",
];
