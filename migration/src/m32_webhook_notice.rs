//! Word to a tenant's owners that an endpoint was disabled because it failed.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, COLUMNS).await
    }
}

const COLUMNS: &[&str] = &[
    // The mailing that says that the endpoint is disabled as it is, and what its last attempt met: a status, if it answered, and
    // why that was a failure. All of it goes when the endpoint is enabled again.
    "ALTER TABLE webhook_endpoint ADD COLUMN notice_mailing_id {uuid}",
    "ALTER TABLE webhook_endpoint ADD COLUMN last_status INTEGER",
    "ALTER TABLE webhook_endpoint ADD COLUMN last_failure TEXT",
];
