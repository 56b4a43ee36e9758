//! Mail servers of a tenant's own.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await?;
        isolate(manager, "tenant_id", &["transport"]).await
    }
}

const CHANGES: &[&str] = &[
    // `server` is the name of its host. The password is sealed with a key that is not in the database. `*_spent_until` is as in `sending_limit`. Without a
    // sending domain, it is for mail from any.
    "CREATE TABLE transport (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       name TEXT NOT NULL,
       server TEXT NOT NULL,
       port INTEGER NOT NULL CHECK (port BETWEEN 1 AND 65535),
       encryption TEXT NOT NULL CHECK (encryption IN ('NONE', 'STARTTLS', 'IMPLICIT')),
       login TEXT CHECK (login IS NULL OR encryption <> 'NONE'),
       sealed_password {bytes} CHECK ((sealed_password IS NULL) = (login IS NULL)),
       sending_domain_id {uuid},
       rank INTEGER NOT NULL CHECK (rank > 0),
       weight INTEGER NOT NULL CHECK (weight >= 0),
       connections INTEGER CHECK (connections > 0),
       per_second INTEGER CHECK (per_second > 0),
       per_hour INTEGER CHECK (per_hour > 0),
       second_spent_until BIGINT NOT NULL DEFAULT 0,
       hour_spent_until BIGINT NOT NULL DEFAULT 0,
       is_enabled INTEGER NOT NULL CHECK (is_enabled IN (0, 1)),
       created_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, name),
       FOREIGN KEY (tenant_id, sending_domain_id) REFERENCES sending_domain (tenant_id, id)
     ) {strict}",
    // Through which server a mailing goes while a worker owns it, by the name of its circuit, and with how many connections.
    "ALTER TABLE mailing ADD COLUMN goes_through TEXT",
    "ALTER TABLE mailing ADD COLUMN connections INTEGER NOT NULL DEFAULT 0",
    "CREATE INDEX mailing_goes_through ON mailing (tenant_id, goes_through) WHERE goes_through IS NOT NULL",
];
