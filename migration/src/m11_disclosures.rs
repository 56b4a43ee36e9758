//! Disclosure (P14): what people permit outside parties, orders that bind a tenant, and the tokens of partners.

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
            &[
                "permission",
                "legal_order",
                "legal_order_person",
                "api_token",
                "api_credential",
            ],
        )
        .await
    }
}

const TABLES: &[&str] = &[
    // Today's state: a projection of the newest record for each person, party and field.
    "CREATE TABLE permission (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       outside_party_id {uuid} NOT NULL,
       subscriber_id {uuid} NOT NULL,
       field TEXT NOT NULL CHECK (field IN ('EMAIL', 'NAME', 'COMPANY')),
       state TEXT NOT NULL CHECK (state IN ('REQUESTED', 'GIVEN', 'REFUSED', 'WITHDRAWN', 'EXPIRED')),
       policy_version_id {uuid} NOT NULL,
       record_id {uuid} NOT NULL,
       recorded_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, outside_party_id, subscriber_id, field),
       FOREIGN KEY (tenant_id, outside_party_id) REFERENCES outside_party (tenant_id, id),
       FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscriber (tenant_id, id),
       FOREIGN KEY (tenant_id, policy_version_id) REFERENCES policy_version (tenant_id, id)
     ) {strict}",
    "CREATE INDEX permission_of_subscriber ON permission (tenant_id, subscriber_id)",
    // `fields` are codes with a space between them. The authority is an outside party that no policy names. Who entered
    // and approved it may have left since: their ids stay.
    "CREATE TABLE legal_order (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       outside_party_id {uuid} NOT NULL,
       reference TEXT NOT NULL,
       scope TEXT NOT NULL,
       fields TEXT NOT NULL,
       valid_from BIGINT NOT NULL,
       valid_until BIGINT NOT NULL,
       entered_by {uuid} NOT NULL,
       entered_at BIGINT NOT NULL,
       approved_by {uuid},
       approved_at BIGINT,
       revoked_at BIGINT,
       PRIMARY KEY (tenant_id, id),
       FOREIGN KEY (tenant_id, outside_party_id) REFERENCES outside_party (tenant_id, id),
       CHECK (valid_until > valid_from),
       CHECK ((approved_by IS NULL) = (approved_at IS NULL)),
       CONSTRAINT p14_two_members CHECK (approved_by IS NULL OR approved_by <> entered_by)
     ) {strict}",
    "CREATE TABLE legal_order_person (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       legal_order_id {uuid} NOT NULL,
       subscriber_id {uuid} NOT NULL,
       PRIMARY KEY (tenant_id, subscriber_id, legal_order_id),
       FOREIGN KEY (tenant_id, legal_order_id) REFERENCES legal_order (tenant_id, id),
       FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscriber (tenant_id, id)
     ) {strict}",
    // `scopes` are codes with a space between them (RFC 6749, 3.3). Who made it may have left since, and it with them.
    "CREATE TABLE api_token (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       name TEXT NOT NULL,
       scopes TEXT NOT NULL,
       outside_party_id {uuid},
       created_by {uuid} NOT NULL,
       created_at BIGINT NOT NULL,
       expires_at BIGINT NOT NULL,
       revoked_at BIGINT,
       last_used_at BIGINT,
       PRIMARY KEY (tenant_id, id),
       FOREIGN KEY (tenant_id, outside_party_id) REFERENCES outside_party (tenant_id, id)
     ) {strict}",
    "CREATE INDEX api_token_made_by ON api_token (tenant_id, created_by)",
    "CREATE TABLE api_credential (
       token_hash {bytes} NOT NULL PRIMARY KEY,
       tenant_id {uuid} NOT NULL,
       api_token_id {uuid} NOT NULL,
       FOREIGN KEY (tenant_id, api_token_id) REFERENCES api_token (tenant_id, id)
     ) {strict}",
];

const BANS: &[Ban] = &[
    Ban {
        name: "legal_order_is_not_approved_at_birth",
        table: "legal_order",
        event: "INSERT",
        when: "NEW.approved_at IS NOT NULL",
        message: "a legal order is entered first, then approved by another member",
    },
    Ban {
        name: "legal_order_keeps_its_words",
        table: "legal_order",
        event: "UPDATE",
        when: "NEW.outside_party_id <> OLD.outside_party_id OR NEW.reference <> OLD.reference
               OR NEW.scope <> OLD.scope OR NEW.fields <> OLD.fields
               OR NEW.valid_from <> OLD.valid_from OR NEW.valid_until <> OLD.valid_until
               OR NEW.entered_by <> OLD.entered_by",
        message: "a legal order is entered anew, not changed",
    },
];
