//! Signing in by an identity provider: whose a tenant has, which account there is which member's, and the sign-ins that are
//! under way.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await?;
        let tables = ["identity_provider", "member_identity", "identity_sign_in"];
        isolate(manager, "tenant_id", &tables).await
    }
}

const CHANGES: &[&str] = &[
    "ALTER TABLE session ADD COLUMN way TEXT NOT NULL DEFAULT 'PASSWORD'
       CHECK (way IN ('PASSWORD', 'PROVIDER', 'PROVIDER_TWO_FACTORS'))",
    // One for a tenant. The secret is sealed with a key that is not in the database.
    "CREATE TABLE identity_provider (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       issuer TEXT NOT NULL,
       registered_as TEXT NOT NULL,
       sealed_secret {bytes} NOT NULL,
       created_at BIGINT NOT NULL,
       updated_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id)
     ) {strict}",
    // What the provider calls somebody is kept as a hash: it is compared, and told to nobody.
    "CREATE TABLE member_identity (
       tenant_id {uuid} NOT NULL,
       member_id {uuid} NOT NULL,
       subject_hash {bytes} NOT NULL,
       linked_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, member_id),
       UNIQUE (tenant_id, subject_hash),
       FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id)
     ) {strict}",
    // By the hash of a secret that one browser has. `taken_at` is when it came back from the provider; one that waits for the
    // code of a member's second factor is another row, with the member.
    "CREATE TABLE identity_sign_in (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       token_hash {bytes} NOT NULL,
       expires_at BIGINT NOT NULL,
       taken_at BIGINT,
       member_id {uuid},
       subject_hash {bytes},
       PRIMARY KEY (tenant_id, token_hash),
       CHECK ((member_id IS NULL) = (subject_hash IS NULL)),
       FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id)
     ) {strict}",
    "CREATE INDEX identity_sign_in_by_time ON identity_sign_in (tenant_id, expires_at)",
];
