//! Domains that mail comes from, and the keys that sign it.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        isolate(manager, "tenant_id", &["sending_domain", "dkim_key"]).await
    }
}

const TABLES: &[&str] = &[
    // What was found of each record when it was last looked for, with the reason in words; `alignment` is what the
    // DMARC policy asks of signatures.
    "CREATE TABLE sending_domain (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       name TEXT NOT NULL,
       spf_state TEXT NOT NULL,
       spf_reason TEXT NOT NULL,
       dmarc_state TEXT NOT NULL,
       dmarc_reason TEXT NOT NULL,
       alignment TEXT NOT NULL CHECK (alignment IN ('RELAXED', 'STRICT')),
       return_path_state TEXT NOT NULL,
       return_path_reason TEXT NOT NULL,
       checked_at BIGINT,
       next_check_at BIGINT NOT NULL,
       created_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, name)
     ) {strict}",
    // The private key is sealed with a key that is not in the database.
    "CREATE TABLE dkim_key (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       sending_domain_id {uuid} NOT NULL,
       selector TEXT NOT NULL,
       algorithm TEXT NOT NULL CHECK (algorithm IN ('RSA_2048', 'ED25519')),
       public_key {bytes} NOT NULL,
       sealed_private_key {bytes} NOT NULL,
       state TEXT NOT NULL CHECK (state IN ('PENDING', 'ACTIVE', 'RETIRING')),
       record_state TEXT NOT NULL,
       record_reason TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       activated_at BIGINT CHECK (activated_at IS NOT NULL OR state <> 'ACTIVE'),
       retired_at BIGINT CHECK ((retired_at IS NOT NULL) = (state = 'RETIRING')),
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, sending_domain_id, selector),
       FOREIGN KEY (tenant_id, sending_domain_id) REFERENCES sending_domain (tenant_id, id)
     ) {strict}",
    "CREATE UNIQUE INDEX dkim_key_active ON dkim_key (tenant_id, sending_domain_id, algorithm)
     WHERE state = 'ACTIVE'",
    "CREATE UNIQUE INDEX dkim_key_pending ON dkim_key (tenant_id, sending_domain_id, algorithm)
     WHERE state = 'PENDING'",
];
