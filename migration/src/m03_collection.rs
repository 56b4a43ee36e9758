//! Lists, collection points, and the people who came through them.

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
        isolate(manager, "tenant_id", TENANT_TABLES).await
    }
}

const TENANT_TABLES: &[&str] = &[
    "wording",
    "mailing_list",
    "list_purpose",
    "collection_point",
    "collection_point_version",
    "collection_point_text",
    "collection_point_list",
    "collection_point_field",
    "collection_point_choice",
    "subscriber",
    "subscription",
    "opt_in",
    "suppression",
];

const TABLES: &[&str] = &[
    // What a person was shown, by the SHA-256 of its text.
    "CREATE TABLE wording (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       hash {bytes} NOT NULL,
       body TEXT NOT NULL,
       PRIMARY KEY (tenant_id, hash)
     ) {strict}",
    "CREATE TABLE mailing_list (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       name TEXT NOT NULL,
       opt_in TEXT NOT NULL CHECK (opt_in IN ('DOUBLE', 'SINGLE')),
       created_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, id)
     ) {strict}",
    "CREATE TABLE list_purpose (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       list_id {uuid} NOT NULL,
       purpose_id {uuid} NOT NULL,
       PRIMARY KEY (tenant_id, list_id, purpose_id),
       FOREIGN KEY (tenant_id, list_id) REFERENCES mailing_list (tenant_id, id),
       FOREIGN KEY (tenant_id, purpose_id) REFERENCES purpose (tenant_id, id)
     ) {strict}",
    "CREATE TABLE collection_point (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       slug TEXT NOT NULL,
       version INTEGER NOT NULL CHECK (version > 0),
       name TEXT NOT NULL,
       language TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, slug)
     ) {strict}",
    // What a form says, version by version; a collection point names its newest, with what that one is called.
    "CREATE TABLE collection_point_version (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       collection_point_id {uuid} NOT NULL,
       version INTEGER NOT NULL CHECK (version > 0),
       language TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, collection_point_id, version),
       FOREIGN KEY (tenant_id, collection_point_id) REFERENCES collection_point (tenant_id, id)
     ) {strict}",
    "CREATE TABLE collection_point_text (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       collection_point_id {uuid} NOT NULL,
       version INTEGER NOT NULL,
       language TEXT NOT NULL,
       name TEXT NOT NULL,
       PRIMARY KEY (tenant_id, collection_point_id, version, language),
       FOREIGN KEY (tenant_id, collection_point_id, version)
         REFERENCES collection_point_version (tenant_id, collection_point_id, version)
     ) {strict}",
    "CREATE TABLE collection_point_list (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       collection_point_id {uuid} NOT NULL,
       version INTEGER NOT NULL,
       list_id {uuid} NOT NULL,
       PRIMARY KEY (tenant_id, collection_point_id, version, list_id),
       FOREIGN KEY (tenant_id, collection_point_id, version)
         REFERENCES collection_point_version (tenant_id, collection_point_id, version),
       FOREIGN KEY (tenant_id, list_id) REFERENCES mailing_list (tenant_id, id)
     ) {strict}",
    "CREATE TABLE collection_point_field (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       collection_point_id {uuid} NOT NULL,
       version INTEGER NOT NULL,
       name TEXT NOT NULL CHECK (name IN ('name', 'company')),
       required INTEGER NOT NULL CHECK (required IN (0, 1)),
       position INTEGER NOT NULL,
       PRIMARY KEY (tenant_id, collection_point_id, version, name),
       FOREIGN KEY (tenant_id, collection_point_id, version)
         REFERENCES collection_point_version (tenant_id, collection_point_id, version)
     ) {strict}",
    "CREATE TABLE collection_point_choice (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       collection_point_id {uuid} NOT NULL,
       version INTEGER NOT NULL,
       language TEXT NOT NULL,
       purpose_id {uuid} NOT NULL,
       wording_hash {bytes} NOT NULL,
       position INTEGER NOT NULL,
       PRIMARY KEY (tenant_id, collection_point_id, version, language, purpose_id),
       FOREIGN KEY (tenant_id, collection_point_id, version, language)
         REFERENCES collection_point_text (tenant_id, collection_point_id, version, language),
       FOREIGN KEY (tenant_id, purpose_id) REFERENCES purpose (tenant_id, id),
       FOREIGN KEY (tenant_id, wording_hash) REFERENCES wording (tenant_id, hash)
     ) {strict}",
    "CREATE TABLE subscriber (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       email TEXT NOT NULL,
       address_hash {bytes} NOT NULL,
       name TEXT NOT NULL DEFAULT '',
       company TEXT NOT NULL DEFAULT '',
       collected_under {uuid} NOT NULL,
       collection_point_id {uuid},
       created_at BIGINT NOT NULL,
       confirmed_at BIGINT,
       restricted_at BIGINT,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, address_hash),
       FOREIGN KEY (tenant_id, collected_under) REFERENCES policy_version (tenant_id, id),
       FOREIGN KEY (tenant_id, collection_point_id) REFERENCES collection_point (tenant_id, id)
     ) {strict}",
    // Those against whom something stands are few, and are found without the others.
    "CREATE INDEX subscriber_restricted ON subscriber (tenant_id) WHERE restricted_at IS NOT NULL",
    "CREATE INDEX subscriber_collected_under ON subscriber (tenant_id, collected_under)",
    "CREATE TABLE subscription (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       list_id {uuid} NOT NULL,
       subscriber_id {uuid} NOT NULL,
       state TEXT NOT NULL CHECK (state IN ('PENDING', 'ACTIVE', 'ENDED')),
       changed_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, list_id, subscriber_id),
       FOREIGN KEY (tenant_id, list_id) REFERENCES mailing_list (tenant_id, id),
       FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscriber (tenant_id, id)
     ) {by_key}",
    "CREATE INDEX subscription_of_subscriber ON subscription (tenant_id, subscriber_id)",
    // What somebody asked for at a form and may confirm: the purposes as a JSON array of ids.
    "CREATE TABLE opt_in (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       subscriber_id {uuid} NOT NULL,
       collection_point_id {uuid} NOT NULL,
       version INTEGER NOT NULL,
       language TEXT NOT NULL,
       purposes TEXT NOT NULL,
       requested_at BIGINT NOT NULL,
       expires_at BIGINT NOT NULL,
       confirmed_at BIGINT,
       PRIMARY KEY (tenant_id, id),
       FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscriber (tenant_id, id),
       FOREIGN KEY (tenant_id, collection_point_id, version, language)
         REFERENCES collection_point_text (tenant_id, collection_point_id, version, language)
     ) {strict}",
    "CREATE INDEX opt_in_of_subscriber ON opt_in (tenant_id, subscriber_id, requested_at)",
    // `bit` is the reason's bit in the set that the rule reads. `scope_id` is the list or purpose, or nothing.
    "CREATE TABLE suppression (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       address_hash {bytes} NOT NULL,
       reason TEXT NOT NULL CHECK (reason IN
         ('OPTED_OUT_OF_ALL', 'COMPLAINED', 'ERASED', 'HARD_BOUNCED', 'LISTED', 'HELD_BY_OPERATOR')),
       bit INTEGER NOT NULL,
       scope TEXT NOT NULL DEFAULT 'ALL' CHECK (scope IN ('ALL', 'LIST', 'PURPOSE')),
       scope_id {uuid} NOT NULL DEFAULT {nil},
       created_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, address_hash, reason, scope_id),
       CHECK ((scope = 'ALL') = (scope_id = {nil})),
       CHECK (scope = 'ALL' OR reason = 'LISTED')
     ) {strict}",
];

const SHOWN: &str = "what a form showed cannot be changed: publish a new version";

const BANS: &[Ban] = &[
    Ban {
        name: "collection_point_version_is_final",
        table: "collection_point_version",
        event: "UPDATE",
        when: "1 = 1",
        message: SHOWN,
    },
    Ban {
        name: "collection_point_version_stays",
        table: "collection_point_version",
        event: "DELETE",
        when: "1 = 1",
        message: SHOWN,
    },
    Ban {
        name: "collection_point_text_is_final",
        table: "collection_point_text",
        event: "UPDATE",
        when: "1 = 1",
        message: SHOWN,
    },
    Ban {
        name: "collection_point_text_stays",
        table: "collection_point_text",
        event: "DELETE",
        when: "1 = 1",
        message: SHOWN,
    },
    Ban {
        name: "collection_point_choice_is_final",
        table: "collection_point_choice",
        event: "UPDATE",
        when: "1 = 1",
        message: SHOWN,
    },
    Ban {
        name: "collection_point_choice_stays",
        table: "collection_point_choice",
        event: "DELETE",
        when: "1 = 1",
        message: SHOWN,
    },
    Ban {
        name: "wording_is_final",
        table: "wording",
        event: "UPDATE",
        when: "1 = 1",
        message: "what people were shown cannot be changed",
    },
    Ban {
        name: "wording_stays",
        table: "wording",
        event: "DELETE",
        when: "1 = 1",
        message: "what people were shown cannot be deleted",
    },
];
