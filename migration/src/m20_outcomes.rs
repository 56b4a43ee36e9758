//! What becomes of messages that do not arrive at once: why they were given up, what a campaign does about those of which
//! nobody knows, until when it may go out; and how tenants stand with mail servers.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await?;
        isolate(manager, "tenant_id", &["circuit"]).await
    }
}

const CHANGES: &[&str] = &[
    "ALTER TABLE campaign ADD COLUMN not_after BIGINT",
    "ALTER TABLE campaign ADD COLUMN if_unknown TEXT NOT NULL DEFAULT 'LEAVE'
       CHECK (if_unknown IN ('LEAVE', 'SEND_AGAIN'))",
    // The mail server whose circuit a mailing waits for.
    "ALTER TABLE mailing ADD COLUMN waits_for TEXT",
    // `tried_before` are the attempts before the row was given another chance: how long to wait goes by those since.
    "ALTER TABLE delivery ADD COLUMN failure TEXT CHECK (failure IS NULL OR status = 'BOUNCED')",
    "ALTER TABLE delivery ADD COLUMN tried_before INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE attempt ADD COLUMN server TEXT NOT NULL DEFAULT ''",
    // `reason` holds no addresses.
    "CREATE TABLE circuit (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       server TEXT NOT NULL,
       refusals INTEGER NOT NULL DEFAULT 0,
       open_since BIGINT,
       next_try_at BIGINT,
       rests INTEGER NOT NULL DEFAULT 0,
       is_tried INTEGER NOT NULL DEFAULT 0 CHECK (is_tried IN (0, 1)),
       reason TEXT NOT NULL DEFAULT '',
       PRIMARY KEY (tenant_id, server),
       CHECK ((open_since IS NULL) = (next_try_at IS NULL))
     ) {strict}",
];
