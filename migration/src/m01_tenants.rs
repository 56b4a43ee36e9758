//! Tenants, their members, and what proves who is asking; the outbox.

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
        isolate(manager, "id", &["tenant"]).await?;
        isolate(
            manager,
            "tenant_id",
            &["member", "session", "credential", "outbox"],
        )
        .await
    }
}

const TABLES: &[&str] = &[
    "CREATE TABLE tenant (
       id {uuid} NOT NULL PRIMARY KEY,
       slug TEXT NOT NULL UNIQUE,
       name TEXT NOT NULL,
       status TEXT NOT NULL CHECK (status IN ('ACTIVE', 'SUSPENDED')),
       sender_name TEXT NOT NULL,
       sender_address TEXT NOT NULL,
       privacy_contact TEXT NOT NULL,
       postal_address TEXT NOT NULL CHECK (postal_address <> ''),
       accent TEXT NOT NULL,
       created_at BIGINT NOT NULL
     ) {strict}",
    "CREATE TABLE member (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       email TEXT NOT NULL,
       email_key TEXT NOT NULL,
       role TEXT NOT NULL CHECK (
         role IN ('OWNER', 'PRIVACY_OFFICER', 'MARKETER', 'ANALYST', 'DEVELOPER')),
       password_hash TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, email_key)
     ) {strict}",
    "CREATE TABLE session (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       member_id {uuid} NOT NULL,
       created_at BIGINT NOT NULL,
       expires_at BIGINT NOT NULL,
       ended_at BIGINT,
       PRIMARY KEY (tenant_id, id),
       FOREIGN KEY (tenant_id, member_id) REFERENCES member (tenant_id, id)
     ) {strict}",
    "CREATE TABLE credential (
       token_hash {bytes} NOT NULL PRIMARY KEY,
       tenant_id {uuid} NOT NULL,
       session_id {uuid} NOT NULL,
       expires_at BIGINT NOT NULL,
       FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id)
     ) {strict}",
    "CREATE TABLE outbox (
       id {uuid} NOT NULL PRIMARY KEY,
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       payload TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       due_at BIGINT NOT NULL,
       pushes INTEGER NOT NULL DEFAULT 0,
       failures INTEGER NOT NULL DEFAULT 0,
       last_error TEXT,
       stopped_at BIGINT
     ) {strict}",
    "CREATE INDEX outbox_due ON outbox (due_at) WHERE stopped_at IS NULL",
];

const BANS: &[Ban] = &[];
