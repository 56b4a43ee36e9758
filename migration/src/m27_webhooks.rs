//! Webhooks out: endpoints, the events that they are told, and what became of it.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, TABLES).await?;
        let tables = [
            "webhook_endpoint",
            "webhook_event",
            "webhook_delivery",
            "webhook_attempt",
        ];
        isolate(manager, "tenant_id", &tables).await
    }
}

const TABLES: &[&str] = &[
    // `event_types` is a JSON array. Secrets are sealed with a key that is not in the database; `former` is the one before, which
    // signs as well until `former_until`. `job_id` is the job in the outbox that tells the endpoint what is due, while there is
    // something. One that is deleted goes when what became of its events has gone.
    "CREATE TABLE webhook_endpoint (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       url TEXT NOT NULL,
       description TEXT NOT NULL,
       event_types TEXT NOT NULL,
       sealed_secret {bytes} NOT NULL,
       sealed_former_secret {bytes},
       former_until BIGINT CHECK ((former_until IS NULL) = (sealed_former_secret IS NULL)),
       disabled_at BIGINT,
       disabled_reason TEXT CHECK ((disabled_reason IS NULL) = (disabled_at IS NULL))
         CHECK (disabled_reason IN ('REQUESTED', 'GONE', 'FAILING', 'RESTORED')),
       failing_since BIGINT,
       job_id {uuid},
       created_at BIGINT NOT NULL,
       deleted_at BIGINT,
       PRIMARY KEY (tenant_id, id)
     ) {strict}",
    "CREATE TABLE webhook_event (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       id {uuid} NOT NULL,
       event_type TEXT NOT NULL,
       occurred_at BIGINT NOT NULL,
       body TEXT NOT NULL,
       PRIMARY KEY (tenant_id, id)
     ) {strict}",
    "CREATE INDEX webhook_event_by_time ON webhook_event (tenant_id, occurred_at)",
    // `next_attempt_at` of one that is being attempted is `taken_until`: when it is due again if nobody says what became of the
    // attempt. `tried_before` is how many attempts there were when it was last sent once more.
    "CREATE TABLE webhook_delivery (
       tenant_id {uuid} NOT NULL,
       id {uuid} NOT NULL,
       event_id {uuid} NOT NULL,
       endpoint_id {uuid} NOT NULL,
       event_type TEXT NOT NULL,
       state TEXT NOT NULL CHECK (state IN ('PENDING', 'DELIVERED', 'FAILED')),
       attempts INTEGER NOT NULL DEFAULT 0,
       tried_before INTEGER NOT NULL DEFAULT 0 CHECK (tried_before <= attempts),
       next_attempt_at BIGINT CHECK ((next_attempt_at IS NOT NULL) = (state = 'PENDING')),
       taken_until BIGINT NOT NULL DEFAULT 0,
       created_at BIGINT NOT NULL,
       finished_at BIGINT CHECK ((finished_at IS NULL) = (state = 'PENDING')),
       PRIMARY KEY (tenant_id, id),
       UNIQUE (tenant_id, event_id, endpoint_id),
       FOREIGN KEY (tenant_id, event_id) REFERENCES webhook_event (tenant_id, id),
       FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoint (tenant_id, id)
     ) {strict}",
    "CREATE INDEX webhook_delivery_of_endpoint ON webhook_delivery (tenant_id, endpoint_id, id)",
    "CREATE INDEX webhook_delivery_due ON webhook_delivery (tenant_id, endpoint_id, next_attempt_at)
     WHERE state = 'PENDING'",
    "CREATE INDEX webhook_delivery_taken ON webhook_delivery (tenant_id, endpoint_id, taken_until)
     WHERE state = 'PENDING' AND taken_until > 0",
    // What the endpoint said is not kept, but for its status.
    "CREATE TABLE webhook_attempt (
       tenant_id {uuid} NOT NULL,
       webhook_delivery_id {uuid} NOT NULL,
       number INTEGER NOT NULL,
       started_at BIGINT NOT NULL,
       milliseconds BIGINT NOT NULL,
       status_code INTEGER,
       failure TEXT,
       PRIMARY KEY (tenant_id, webhook_delivery_id, number),
       FOREIGN KEY (tenant_id, webhook_delivery_id) REFERENCES webhook_delivery (tenant_id, id)
     ) {by_key}",
];
