//! Changes that are made once however often they are asked for.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        isolate(manager, "tenant_id", &["keyed_change"]).await
    }
}

const TABLES: &[&str] = &[
    // `asker_id` is a member or a token. `request` is a keyed hash of what was asked; `sealed_answer` is what was answered, and is
    // there only where it shows neither a secret nor a person.
    "CREATE TABLE keyed_change (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       asker_id {uuid} NOT NULL,
       key TEXT NOT NULL,
       request {bytes} NOT NULL,
       made_at BIGINT NOT NULL,
       sealed_answer {bytes},
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, asker_id, key)
     ) {strict}",
    "CREATE INDEX keyed_change_by_time ON keyed_change (tenant_id, made_at)",
];
