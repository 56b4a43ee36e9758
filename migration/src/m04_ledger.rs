//! The ledger: one hash chain a tenant, insert-only, with the personal part beside it (P06).

use sea_orm_migration::prelude::*;

use crate::dialect::{Ban, ban, run};
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        ban(manager, BANS).await?;
        isolate(
            manager,
            "tenant_id",
            &["ledger", "ledger_evidence", "ledger_head", "consent"],
        )
        .await
    }
}

const TABLES: &[&str] = &[
    // A row of kind CONSENT is a consent record.
    "CREATE TABLE ledger (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       seq BIGINT NOT NULL CHECK (seq > 0),
       kind TEXT NOT NULL CHECK (kind IN ('CONSENT', 'PERMISSION', 'DISCLOSURE', 'AUDIT')),
       id {uuid} NOT NULL,
       subject_id {uuid},
       recorded_at BIGINT NOT NULL,
       facts TEXT NOT NULL,
       commitment {bytes} NOT NULL,
       hash {bytes} NOT NULL,
       PRIMARY KEY (tenant_id, seq),
       UNIQUE (tenant_id, id)
     ) {strict}",
    "CREATE INDEX ledger_of_subject ON ledger (tenant_id, subject_id, kind, seq)",
    // All that is personal or free text. Deleting a row here is erasure: the chain stays whole.
    "CREATE TABLE ledger_evidence (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       seq BIGINT NOT NULL,
       salt {bytes} NOT NULL,
       evidence TEXT NOT NULL,
       PRIMARY KEY (tenant_id, seq),
       FOREIGN KEY (tenant_id, seq) REFERENCES ledger (tenant_id, seq)
     ) {strict}",
    "CREATE TABLE ledger_head (
       tenant_id {uuid} NOT NULL PRIMARY KEY REFERENCES tenant (id),
       seq BIGINT NOT NULL,
       hash {bytes} NOT NULL
     ) {strict}",
    // Today's state: a projection of the newest consent record for each person and purpose.
    "CREATE TABLE consent (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       subscriber_id {uuid} NOT NULL,
       purpose_id {uuid} NOT NULL,
       state TEXT NOT NULL CHECK (state IN ('REQUESTED', 'GIVEN', 'REFUSED', 'WITHDRAWN', 'EXPIRED')),
       policy_version_id {uuid} NOT NULL,
       record_id {uuid} NOT NULL,
       recorded_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, subscriber_id, purpose_id),
       FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscriber (tenant_id, id),
       FOREIGN KEY (tenant_id, purpose_id) REFERENCES purpose (tenant_id, id),
       FOREIGN KEY (tenant_id, policy_version_id) REFERENCES policy_version (tenant_id, id)
     ) {by_key}",
];

const BANS: &[Ban] = &[
    Ban {
        name: "ledger_is_final",
        table: "ledger",
        event: "UPDATE",
        when: "1 = 1",
        message: "the ledger is insert-only",
    },
    Ban {
        name: "ledger_stays",
        table: "ledger",
        event: "DELETE",
        when: "1 = 1",
        message: "the ledger is insert-only",
    },
    Ban {
        name: "ledger_evidence_is_final",
        table: "ledger_evidence",
        event: "UPDATE",
        when: "1 = 1",
        message: "evidence can be erased, not changed",
    },
];
