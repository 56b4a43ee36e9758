//! The operator's own tenant, and the members of all others as its subscribers.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await?;
        isolate(manager, "tenant_id", &["membership"]).await
    }
}

const CHANGES: &[&str] = &[
    // Since when it is the operator's own, and a mark that one row can have: all marks are alike.
    "ALTER TABLE tenant ADD COLUMN operator_since BIGINT",
    "ALTER TABLE tenant ADD COLUMN operator_mark INTEGER
       CHECK ((operator_mark IS NULL) = (operator_since IS NULL) AND (operator_mark IS NULL OR operator_mark = 1))",
    "CREATE UNIQUE INDEX tenant_of_operator ON tenant (operator_mark)",
    // A row belongs to the operator's tenant, and names a member of another. No key leads there: the other tenant
    // sees nothing of it, and is not held up by it. `address_hash` is what the member was known by when the row was
    // last seen to; `subscriber_id` is NULL where that address was erased and stays out. A row that has ended stays
    // until it is settled what becomes of the person.
    "CREATE TABLE membership (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       member_tenant_id {uuid} NOT NULL CHECK (member_tenant_id <> tenant_id),
       member_id {uuid} NOT NULL,
       subscriber_id {uuid},
       address_hash {bytes} NOT NULL,
       began_at BIGINT NOT NULL,
       ended_at BIGINT CHECK (ended_at >= began_at),
       PRIMARY KEY (tenant_id, member_tenant_id, member_id),
       FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscriber (tenant_id, id)
     ) {strict}",
    "CREATE INDEX membership_of_subscriber ON membership (tenant_id, subscriber_id)",
    "CREATE INDEX membership_to_settle ON membership (tenant_id, subscriber_id) WHERE ended_at IS NOT NULL",
];
