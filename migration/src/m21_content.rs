//! What stands beside a campaign's subject; tests of campaigns, and messages to one person; what is urgent.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await?;
        isolate(manager, "tenant_id", &["test_mail", "transactional_mail"]).await
    }
}

const CHANGES: &[&str] = &[
    "ALTER TABLE campaign ADD COLUMN preheader TEXT NOT NULL DEFAULT ''",
    // What somebody waits for goes before what goes to many.
    "ALTER TABLE outbox ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1))",
    // Which mailing shows which campaign to members.
    "CREATE TABLE test_mail (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       mailing_id {uuid} NOT NULL,
       campaign_id {uuid} NOT NULL,
       PRIMARY KEY (tenant_id, mailing_id),
       FOREIGN KEY (tenant_id, mailing_id) REFERENCES mailing (tenant_id, id),
       FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaign (tenant_id, id)
     ) {strict}",
    // `key` is the tenant's own name for the message: asked for again, it is not sent again. `content` is what is sent,
    // and goes when it has been; `content_hash` still tells another message under the same key from a repetition.
    "CREATE TABLE transactional_mail (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       mailing_id {uuid} NOT NULL,
       subscriber_id {uuid} NOT NULL,
       key TEXT NOT NULL,
       content_hash {bytes} NOT NULL,
       content TEXT,
       PRIMARY KEY (tenant_id, mailing_id),
       UNIQUE (tenant_id, key),
       FOREIGN KEY (tenant_id, mailing_id) REFERENCES mailing (tenant_id, id),
       FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscriber (tenant_id, id)
     ) {strict}",
    "CREATE INDEX transactional_mail_of ON transactional_mail (tenant_id, subscriber_id)",
];
