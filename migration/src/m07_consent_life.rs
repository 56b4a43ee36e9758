//! The life of a consent: how long a yes lasts, and how a person's address changes.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await?;
        run(manager, TABLES).await?;
        isolate(manager, "tenant_id", &["address_change", "subscriber_alias"]).await
    }
}

const CHANGES: &[&str] = &[
    // Both NULL where a yes to the purpose does not run out.
    "ALTER TABLE purpose ADD COLUMN expires_after_days INTEGER
       CHECK (expires_after_days IS NULL OR expires_after_days > 0)",
    "ALTER TABLE purpose ADD COLUMN expiry_set_at BIGINT",
    // When the person was asked whether this yes still stands.
    "ALTER TABLE consent ADD COLUMN renewal_asked_at BIGINT",
    // Whose yes is about to run out, and whose has.
    "CREATE INDEX consent_given_since ON consent (tenant_id, purpose_id, recorded_at) WHERE state = 'GIVEN'",
];

const TABLES: &[&str] = &[
    // A person's wish to be reached elsewhere. It counts once it is confirmed from there; `mailing_id` is the
    // mailing that asks. The hash is what is left when the address is forgotten. `sort` is BACK where it is the way back
    // that the address which was left is offered, and TOLD where that address only gets word of it.
    "CREATE TABLE address_change (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       subscriber_id {uuid} NOT NULL,
       sort TEXT NOT NULL CHECK (sort IN ('ASKED', 'BACK', 'TOLD')),
       mailing_id {uuid} NOT NULL,
       email TEXT NOT NULL,
       address_hash {bytes} NOT NULL,
       requested_at BIGINT NOT NULL,
       expires_at BIGINT NOT NULL,
       confirmed_at BIGINT,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, mailing_id),
       FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscriber (tenant_id, id),
       FOREIGN KEY (tenant_id, mailing_id) REFERENCES mailing (tenant_id, id)
     ) {strict}",
    "CREATE INDEX address_change_of_subscriber ON address_change (tenant_id, subscriber_id, requested_at)",
    "CREATE INDEX address_change_to_address ON address_change (tenant_id, address_hash, requested_at)",
    // Ids under which a person was known before two turned out to be one. Links and ledger rows still name them.
    "CREATE TABLE subscriber_alias (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       former_id {uuid} NOT NULL,
       subscriber_id {uuid} NOT NULL,
       merged_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, former_id),
       FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscriber (tenant_id, id)
     ) {strict}",
    "CREATE INDEX subscriber_alias_of_subscriber ON subscriber_alias (tenant_id, subscriber_id)",
];
