//! Purposes, outside parties, and the versions of a policy: immutable once posted, and a week ahead (P07).

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
                "purpose",
                "outside_party",
                "policy_version",
                "policy_purpose",
                "policy_party",
            ],
        )
        .await
    }
}

const TABLES: &[&str] = &[
    "CREATE TABLE purpose (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       code TEXT NOT NULL,
       kind TEXT NOT NULL CHECK (kind IN ('ESSENTIAL', 'MARKETING', 'ANALYTICS', 'DISCLOSURE')),
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, code)
     ) {strict}",
    "CREATE TABLE outside_party (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       name TEXT NOT NULL,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, name)
     ) {strict}",
    // Seven days are 604,800,000,000 microseconds.
    "CREATE TABLE policy_version (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       number INTEGER NOT NULL CHECK (number > 0),
       body TEXT NOT NULL,
       summary TEXT NOT NULL,
       created_at BIGINT NOT NULL,
       posted_at BIGINT,
       effective_at BIGINT,
       binds_nobody INTEGER NOT NULL DEFAULT 0 CHECK (binds_nobody IN (0, 1)),
       withdrawn_at BIGINT,
       notices_settled_at BIGINT,
       overridden_at BIGINT,
       overridden_by {uuid},
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, number),
       FOREIGN KEY (tenant_id, overridden_by) REFERENCES member (tenant_id, id),
       CONSTRAINT p07_notice_period CHECK (
         posted_at IS NULL
         OR (effective_at IS NOT NULL AND effective_at >= posted_at
             AND (effective_at - posted_at >= 604800000000 OR binds_nobody = 1)))
     ) {strict}",
    "CREATE TABLE policy_purpose (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       policy_version_id {uuid} NOT NULL,
       purpose_id {uuid} NOT NULL,
       position INTEGER NOT NULL,
       name TEXT NOT NULL,
       description TEXT NOT NULL,
       PRIMARY KEY (tenant_id, policy_version_id, purpose_id),
       FOREIGN KEY (tenant_id, policy_version_id) REFERENCES policy_version (tenant_id, id),
       FOREIGN KEY (tenant_id, purpose_id) REFERENCES purpose (tenant_id, id)
     ) {strict}",
    "CREATE TABLE policy_party (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       policy_version_id {uuid} NOT NULL,
       outside_party_id {uuid} NOT NULL,
       position INTEGER NOT NULL,
       why TEXT NOT NULL,
       what TEXT NOT NULL,
       fields TEXT NOT NULL,
       PRIMARY KEY (tenant_id, policy_version_id, outside_party_id),
       FOREIGN KEY (tenant_id, policy_version_id) REFERENCES policy_version (tenant_id, id),
       FOREIGN KEY (tenant_id, outside_party_id) REFERENCES outside_party (tenant_id, id)
     ) {strict}",
];

const POSTED: &str = "a posted policy version cannot be changed: draft a new one";

const BANS: &[Ban] = &[
    Ban {
        name: "policy_version_keeps_its_words",
        table: "policy_version",
        event: "UPDATE",
        when: "OLD.posted_at IS NOT NULL AND (NEW.posted_at IS NULL OR NEW.posted_at <> OLD.posted_at
               OR NEW.body <> OLD.body OR NEW.summary <> OLD.summary OR NEW.number <> OLD.number
               OR NEW.binds_nobody <> OLD.binds_nobody
               OR NEW.effective_at IS NULL OR NEW.effective_at < OLD.effective_at)",
        message: POSTED,
    },
    Ban {
        name: "policy_version_is_not_posted_at_birth",
        table: "policy_version",
        event: "INSERT",
        when: "NEW.posted_at IS NOT NULL",
        message: "a policy version is drafted first, then posted",
    },
    Ban {
        name: "policy_version_binds_nobody_only_at_first",
        table: "policy_version",
        event: "UPDATE",
        when: "OLD.posted_at IS NULL AND NEW.posted_at IS NOT NULL AND NEW.binds_nobody = 1 AND (
                 EXISTS (SELECT 1 FROM subscriber s WHERE s.tenant_id = NEW.tenant_id)
                 OR EXISTS (SELECT 1 FROM policy_version v
                            WHERE v.tenant_id = NEW.tenant_id AND v.posted_at IS NOT NULL))",
        message: "only the first version of a tenant without subscribers may take effect within 7 days",
    },
    Ban {
        name: "policy_version_stays_posted",
        table: "policy_version",
        event: "DELETE",
        when: "OLD.posted_at IS NOT NULL",
        message: POSTED,
    },
    Ban {
        name: "policy_purpose_is_final",
        table: "policy_purpose",
        event: "UPDATE",
        when: "1 = 1",
        message: POSTED,
    },
    Ban {
        name: "policy_purpose_stays",
        table: "policy_purpose",
        event: "DELETE",
        when: "EXISTS (SELECT 1 FROM policy_version v WHERE v.tenant_id = OLD.tenant_id
                       AND v.id = OLD.policy_version_id AND v.posted_at IS NOT NULL)",
        message: POSTED,
    },
    Ban {
        name: "policy_purpose_comes_with_the_draft",
        table: "policy_purpose",
        event: "INSERT",
        when: "EXISTS (SELECT 1 FROM policy_version v WHERE v.tenant_id = NEW.tenant_id
                       AND v.id = NEW.policy_version_id AND v.posted_at IS NOT NULL)",
        message: POSTED,
    },
    Ban {
        name: "policy_party_is_final",
        table: "policy_party",
        event: "UPDATE",
        when: "1 = 1",
        message: POSTED,
    },
    Ban {
        name: "policy_party_stays",
        table: "policy_party",
        event: "DELETE",
        when: "EXISTS (SELECT 1 FROM policy_version v WHERE v.tenant_id = OLD.tenant_id
                       AND v.id = OLD.policy_version_id AND v.posted_at IS NOT NULL)",
        message: POSTED,
    },
    Ban {
        name: "policy_party_comes_with_the_draft",
        table: "policy_party",
        event: "INSERT",
        when: "EXISTS (SELECT 1 FROM policy_version v WHERE v.tenant_id = NEW.tenant_id
                       AND v.id = NEW.policy_version_id AND v.posted_at IS NOT NULL)",
        message: POSTED,
    },
];
