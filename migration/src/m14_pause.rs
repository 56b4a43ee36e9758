//! Why a campaign is paused, where it was not a member who paused it.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await
    }
}

const CHANGES: &[&str] = &["ALTER TABLE campaign ADD COLUMN paused_reason TEXT
   CHECK (paused_reason IS NULL OR status = 'PAUSED')"];
