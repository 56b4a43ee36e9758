//! What outside parties have to do with forms and content (P13), and the sites that may send a tenant's forms.

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
                "collection_point_party",
                "policy_party_site",
                "campaign_content",
                "allowed_origin",
            ],
        )
        .await
    }
}

const TABLES: &[&str] = &[
    "CREATE TABLE collection_point_party (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       collection_point_id {uuid} NOT NULL,
       version INTEGER NOT NULL,
       outside_party_id {uuid} NOT NULL,
       position INTEGER NOT NULL,
       PRIMARY KEY (tenant_id, collection_point_id, version, outside_party_id),
       FOREIGN KEY (tenant_id, collection_point_id, version)
         REFERENCES collection_point_version (tenant_id, collection_point_id, version),
       FOREIGN KEY (tenant_id, outside_party_id) REFERENCES outside_party (tenant_id, id)
     ) {strict}",
    // The hosts that an outside party serves content from, as a policy version names them.
    "CREATE TABLE policy_party_site (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       policy_version_id {uuid} NOT NULL,
       outside_party_id {uuid} NOT NULL,
       site TEXT NOT NULL,
       PRIMARY KEY (tenant_id, policy_version_id, outside_party_id, site),
       FOREIGN KEY (tenant_id, policy_version_id, outside_party_id)
         REFERENCES policy_party (tenant_id, policy_version_id, outside_party_id)
     ) {strict}",
    // What a campaign's content is loaded from, beside the tenant's own hosts; `line` is of its source.
    "CREATE TABLE campaign_content (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       campaign_id {uuid} NOT NULL,
       position INTEGER NOT NULL,
       site TEXT NOT NULL,
       kind TEXT NOT NULL,
       line INTEGER NOT NULL,
       PRIMARY KEY (tenant_id, campaign_id, position),
       FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaign (tenant_id, id)
     ) {strict}",
    "CREATE TABLE allowed_origin (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       origin TEXT NOT NULL,
       PRIMARY KEY (tenant_id, origin)
     ) {strict}",
];

const SHOWN: &str = "what a form showed cannot be changed: publish a new version";
const POSTED: &str = "a posted policy version cannot be changed: draft a new one";

const BANS: &[Ban] = &[
    Ban {
        name: "collection_point_party_is_final",
        table: "collection_point_party",
        event: "UPDATE",
        when: "1 = 1",
        message: SHOWN,
    },
    Ban {
        name: "collection_point_party_stays",
        table: "collection_point_party",
        event: "DELETE",
        when: "1 = 1",
        message: SHOWN,
    },
    Ban {
        name: "policy_party_site_is_final",
        table: "policy_party_site",
        event: "UPDATE",
        when: "1 = 1",
        message: POSTED,
    },
    Ban {
        name: "policy_party_site_stays",
        table: "policy_party_site",
        event: "DELETE",
        when: "EXISTS (SELECT 1 FROM policy_version v WHERE v.tenant_id = OLD.tenant_id
                       AND v.id = OLD.policy_version_id AND v.posted_at IS NOT NULL)",
        message: POSTED,
    },
    Ban {
        name: "policy_party_site_comes_with_the_draft",
        table: "policy_party_site",
        event: "INSERT",
        when: "EXISTS (SELECT 1 FROM policy_version v WHERE v.tenant_id = NEW.tenant_id
                       AND v.id = NEW.policy_version_id AND v.posted_at IS NOT NULL)",
        message: POSTED,
    },
];
