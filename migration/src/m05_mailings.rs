//! What is mailed, to whom, and what became of it.

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
                "campaign",
                "campaign_list",
                "mailing",
                "delivery",
                "delivery_queue",
                "attempt",
            ],
        )
        .await
    }
}

const TABLES: &[&str] = &[
    "CREATE TABLE campaign (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       name TEXT NOT NULL,
       purpose_id {uuid} NOT NULL,
       subject TEXT NOT NULL,
       body_format TEXT NOT NULL CHECK (body_format IN ('HTML', 'MARKDOWN', 'MJML')),
       body_source TEXT NOT NULL,
       status TEXT NOT NULL CHECK (
         status IN ('DRAFT', 'SCHEDULED', 'SENDING', 'PAUSED', 'FINISHED', 'CANCELLED')),
       scheduled_at BIGINT,
       created_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, id),
       FOREIGN KEY (tenant_id, purpose_id) REFERENCES purpose (tenant_id, id)
     ) {strict}",
    "CREATE TABLE campaign_list (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       campaign_id {uuid} NOT NULL,
       list_id {uuid} NOT NULL,
       PRIMARY KEY (tenant_id, campaign_id, list_id),
       FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaign (tenant_id, id),
       FOREIGN KEY (tenant_id, list_id) REFERENCES mailing_list (tenant_id, id)
     ) {strict}",
    // `news` is what a notice says of its policy version.
    // `planned_to` is the last recipient that planning has reached; `planned_at` is set when it reached all.
    // `lease_until` is moved on by the worker that owns the mailing; when it passes, another may take over.
    "CREATE TABLE mailing (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       kind TEXT NOT NULL CHECK (kind IN (
         'CAMPAIGN', 'POLICY_NOTICE', 'CONFIRMATION', 'REQUEST_ANSWER', 'CONSENT_RENEWAL', 'ADDRESS_CHANGE',
         'ADDRESS_LEFT', 'TEST', 'TRANSACTIONAL', 'INVITATION', 'PASSWORD_RESET', 'PASSWORD_CHANGED',
         'WEBHOOK_DISABLED')),
       purpose_id {uuid} NOT NULL,
       campaign_id {uuid},
       policy_version_id {uuid},
       news TEXT CHECK (news IN ('POSTED', 'POSTPONED', 'WITHDRAWN')),
       opt_in_id {uuid},
       created_at BIGINT NOT NULL,
       planned_to {uuid},
       planned_at BIGINT,
       finished_at BIGINT,
       lease_owner {uuid},
       lease_until BIGINT NOT NULL DEFAULT 0,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, campaign_id),
       UNIQUE (tenant_id, opt_in_id),
       FOREIGN KEY (tenant_id, purpose_id) REFERENCES purpose (tenant_id, id),
       FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaign (tenant_id, id),
       FOREIGN KEY (tenant_id, policy_version_id) REFERENCES policy_version (tenant_id, id),
       FOREIGN KEY (tenant_id, opt_in_id) REFERENCES opt_in (tenant_id, id),
       CHECK ((kind = 'CAMPAIGN') = (campaign_id IS NOT NULL)
          AND (kind = 'POLICY_NOTICE') = (policy_version_id IS NOT NULL)
          AND (kind = 'POLICY_NOTICE') = (news IS NOT NULL)
          AND (kind = 'CONFIRMATION') = (opt_in_id IS NOT NULL))
     ) {strict}",
    "CREATE TABLE delivery (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       mailing_id {uuid} NOT NULL,
       recipient_kind TEXT NOT NULL CHECK (recipient_kind IN ('SUBSCRIBER', 'MEMBER', 'INVITEE')),
       recipient_id {uuid} NOT NULL,
       status TEXT NOT NULL CHECK (status IN (
         'QUEUED', 'SENT', 'DEFERRED', 'BOUNCED', 'REFUSED', 'UNKNOWN', 'CANCELLED')),
       refusal TEXT,
       attempts INTEGER NOT NULL DEFAULT 0,
       changed_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, mailing_id, recipient_id),
       FOREIGN KEY (tenant_id, mailing_id) REFERENCES mailing (tenant_id, id),
       CHECK ((status = 'REFUSED') = (refusal IS NOT NULL))
     ) {by_key_with_room}",
    // What waits to be handed over, and since when it may be. Whoever claims a delivery takes it out: one that is open and
    // not in here is on its way. That costs less than any note in the delivery would, whose every index it would touch.
    // Rows come and go with those of `delivery` in one transaction, so a foreign key would look up each once more; the
    // same holds for attempts.
    "CREATE TABLE delivery_queue (
       tenant_id {uuid} NOT NULL,
       delivery_id {uuid} NOT NULL,
       mailing_id {uuid} NOT NULL,
       due_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, delivery_id)
     ) {by_key}",
    "CREATE INDEX delivery_due ON delivery_queue (tenant_id, mailing_id, due_at, delivery_id)",
    // An attempt is kept when it has ended.
    "CREATE TABLE attempt (
       tenant_id {uuid} NOT NULL,
       delivery_id {uuid} NOT NULL,
       number INTEGER NOT NULL,
       worker_id {uuid} NOT NULL,
       started_at BIGINT NOT NULL,
       ended_at BIGINT NOT NULL,
       outcome TEXT NOT NULL,
       reply_code INTEGER,
       enhanced_status TEXT,
       reply TEXT NOT NULL,
       PRIMARY KEY (tenant_id, delivery_id, number)
     ) {by_key}",
];

const BANS: &[Ban] = &[];
