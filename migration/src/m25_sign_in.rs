//! Staying signed in: refresh tokens, and when a session was last used; the second factors of members.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await?;
        isolate(
            manager,
            "tenant_id",
            &["refresh_credential", "second_factor", "recovery_code"],
        )
        .await
    }
}

const CHANGES: &[&str] = &[
    // Noted once an hour at most.
    "ALTER TABLE session ADD COLUMN last_used_at BIGINT NOT NULL DEFAULT 0",
    // One that is spent stays with its session, so that whoever shows it again is noticed.
    "CREATE TABLE refresh_credential (
       token_hash {bytes} NOT NULL PRIMARY KEY,
       tenant_id {uuid} NOT NULL,
       session_id {uuid} NOT NULL,
       expires_at BIGINT NOT NULL,
       spent_at BIGINT,
       FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id)
     ) {strict}",
    "CREATE INDEX refresh_credential_of_session ON refresh_credential (tenant_id, session_id)",
    // The secret is sealed with a key that is not in the database. `last_step` is of which 30 seconds since 1970 the last
    // code was that was taken.
    "CREATE TABLE second_factor (
       tenant_id {uuid} NOT NULL,
       member_id {uuid} NOT NULL,
       sealed_secret {bytes} NOT NULL,
       created_at BIGINT NOT NULL,
       confirmed_at BIGINT,
       last_step BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, member_id),
       FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id)
     ) {strict}",
    // One that was used is gone.
    "CREATE TABLE recovery_code (
       tenant_id {uuid} NOT NULL,
       member_id {uuid} NOT NULL,
       code_hash {bytes} NOT NULL,
       PRIMARY KEY (tenant_id, member_id, code_hash),
       FOREIGN KEY (tenant_id, member_id) REFERENCES second_factor (tenant_id, member_id)
     ) {by_key}",
];
