//! What is known of visits: a request log apart from everybody, browsers as counts, and the links of mails that
//! are measured for those who agreed (P02, P16).

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::{isolate, reserve};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        reserve(manager, &["request_log"]).await?;
        let of_tenants = [
            "browser_share",
            "campaign_tracking",
            "campaign_link",
            "link_click",
        ];
        isolate(manager, "tenant_id", &of_tenants).await
    }
}

const TABLES: &[&str] = &[
    // No key leads here or away: the id is random, the time is of whole seconds, and the route is a pattern without
    // the names and tokens of an address. `ip_address` goes first, then `ip_prefix`, then the row.
    "CREATE TABLE request_log (
       id {uuid} NOT NULL PRIMARY KEY,
       received_at BIGINT NOT NULL CHECK (received_at % 1000000 = 0),
       method TEXT NOT NULL,
       route TEXT NOT NULL,
       status INTEGER NOT NULL,
       duration_millis INTEGER NOT NULL,
       ip_address TEXT,
       ip_prefix TEXT
     ) {strict}",
    "CREATE INDEX request_log_by_time ON request_log (received_at, id)",
    "CREATE INDEX request_log_with_address ON request_log (received_at) WHERE ip_address IS NOT NULL",
    "CREATE INDEX request_log_with_prefix ON request_log (received_at) WHERE ip_prefix IS NOT NULL",
    // `day` counts from 1970-01-01, in UTC; nothing finer is kept.
    "CREATE TABLE browser_share (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       day INTEGER NOT NULL,
       family TEXT NOT NULL,
       views BIGINT NOT NULL CHECK (views > 0),
       PRIMARY KEY (tenant_id, day, family)
     ) {strict}",
    // The campaigns whose links are measured, and the purpose that people have to have agreed to.
    "CREATE TABLE campaign_tracking (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       campaign_id {uuid} NOT NULL,
       purpose_id {uuid} NOT NULL,
       PRIMARY KEY (tenant_id, campaign_id),
       FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaign (tenant_id, id),
       FOREIGN KEY (tenant_id, purpose_id) REFERENCES purpose (tenant_id, id)
     ) {strict}",
    "CREATE TABLE campaign_link (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       campaign_id {uuid} NOT NULL,
       number INTEGER NOT NULL CHECK (number > 0),
       url TEXT NOT NULL,
       clicks BIGINT NOT NULL DEFAULT 0,
       PRIMARY KEY (tenant_id, campaign_id, number),
       FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaign_tracking (tenant_id, campaign_id)
     ) {strict}",
    "CREATE TABLE link_click (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       campaign_id {uuid} NOT NULL,
       number INTEGER NOT NULL,
       subscriber_id {uuid} NOT NULL,
       clicked_at BIGINT NOT NULL,
       clicks BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, campaign_id, number, subscriber_id),
       FOREIGN KEY (tenant_id, campaign_id, number)
         REFERENCES campaign_link (tenant_id, campaign_id, number),
       FOREIGN KEY (tenant_id, subscriber_id) REFERENCES subscriber (tenant_id, id)
     ) {strict}",
    "CREATE INDEX link_click_of_subscriber ON link_click (tenant_id, subscriber_id)",
    "CREATE INDEX link_click_by_time ON link_click (tenant_id, clicked_at)",
    "ALTER TABLE tenant ADD COLUMN leaving_page INTEGER NOT NULL DEFAULT 1 CHECK (leaving_page IN (0, 1))",
];
