//! How people become members and choose passwords, by mail; tokens with several secrets, and the networks they count from;
//! whether a tenant's members need a second factor.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await?;
        isolate(manager, "tenant_id", &["invitation", "password_reset"]).await
    }
}

const CHANGES: &[&str] = &[
    "ALTER TABLE member ADD COLUMN name TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE member ADD COLUMN language TEXT",
    "ALTER TABLE tenant ADD COLUMN second_factor_required INTEGER NOT NULL DEFAULT 0",
    // The link in the mail `mailing_id` counts, and none of an earlier one. `member_id` is who accepted.
    "CREATE TABLE invitation (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       email TEXT NOT NULL,
       email_key TEXT NOT NULL,
       role TEXT NOT NULL CHECK (
         role IN ('OWNER', 'PRIVACY_OFFICER', 'MARKETER', 'ANALYST', 'DEVELOPER')),
       language TEXT,
       invited_by {uuid} NOT NULL,
       mailing_id {uuid} NOT NULL,
       sendings INTEGER NOT NULL DEFAULT 1,
       created_at BIGINT NOT NULL,
       sent_at BIGINT NOT NULL,
       expires_at BIGINT NOT NULL,
       accepted_at BIGINT,
       member_id {uuid},
       revoked_at BIGINT,
       PRIMARY KEY (tenant_id, id),
       FOREIGN KEY (tenant_id, mailing_id) REFERENCES mailing (tenant_id, id),
       CHECK ((accepted_at IS NULL) = (member_id IS NULL)),
       CHECK (accepted_at IS NULL OR revoked_at IS NULL)
     ) {strict}",
    "CREATE UNIQUE INDEX invitation_open ON invitation (tenant_id, email_key)
       WHERE accepted_at IS NULL AND revoked_at IS NULL",
    "CREATE INDEX invitation_of_mailing ON invitation (tenant_id, mailing_id)",
    // One that was used, or was overtaken by another way to a new password, is gone.
    "CREATE TABLE password_reset (
       tenant_id {uuid} NOT NULL,
       id {uuid} NOT NULL,
       member_id {uuid} NOT NULL,
       mailing_id {uuid} NOT NULL,
       language TEXT,
       requested_at BIGINT NOT NULL,
       expires_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, id),
       FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id),
       FOREIGN KEY (tenant_id, mailing_id) REFERENCES mailing (tenant_id, id)
     ) {strict}",
    "CREATE INDEX password_reset_of_member ON password_reset (tenant_id, member_id)",
    "CREATE INDEX password_reset_of_mailing ON password_reset (tenant_id, mailing_id)",
    // A secret that another has taken over for counts until `expires_at`; that of a token which was never rotated has none.
    "ALTER TABLE api_credential ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE api_credential ADD COLUMN expires_at BIGINT",
    "ALTER TABLE api_credential ADD COLUMN last_used_at BIGINT",
    // Networks in the notation of RFC 4632 and RFC 4291, with spaces between; none is everywhere.
    "ALTER TABLE api_token ADD COLUMN networks TEXT NOT NULL DEFAULT ''",
];
