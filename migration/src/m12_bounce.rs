//! What came back: reports about messages that were sent, with what the servers said.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        isolate(manager, "tenant_id", &["bounce"]).await
    }
}

const TABLES: &[&str] = &[
    // The same report told twice has the same hash. `said` holds no address; it is emptied when its time is over.
    // `subscriber_id` is the recipient of the delivery, NULL where that is a member or nobody any more.
    "CREATE TABLE bounce (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       delivery_id {uuid} NOT NULL,
       subscriber_id {uuid},
       report_hash {bytes} NOT NULL,
       class TEXT NOT NULL CHECK (class IN ('HARD', 'SOFT', 'BLOCK', 'COMPLAINT', 'OPTOUT')),
       status TEXT,
       reason TEXT NOT NULL,
       said TEXT NOT NULL,
       received_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, delivery_id, report_hash),
       FOREIGN KEY (tenant_id, delivery_id) REFERENCES delivery (tenant_id, id)
     ) {strict}",
    "CREATE INDEX bounce_of_subscriber ON bounce (tenant_id, subscriber_id, received_at)",
    "CREATE INDEX bounce_with_words ON bounce (tenant_id, received_at) WHERE said <> ''",
];
