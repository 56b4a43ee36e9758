//! How much may be sent in which time, when nothing is, and how tenants share the workers.

use sea_orm_migration::prelude::*;

use crate::dialect::run;
use crate::security::isolate;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, CHANGES).await?;
        isolate(manager, "tenant_id", &["sending_limit", "warm_up"]).await
    }
}

const CHANGES: &[&str] = &[
    // Limits, with the buckets that count against them: of all mail where no receiving domain is named, else of mail to
    // it. `*_spent_until` is until when what was sent is paid for; `sent` is what was sent on `day`, counted from
    // 0001-01-01. A row without limits stays while deliveries are held for its domain.
    "CREATE TABLE sending_limit (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       receiving_domain TEXT NOT NULL,
       operator_per_second INTEGER CHECK (operator_per_second > 0),
       operator_per_hour INTEGER CHECK (operator_per_hour > 0),
       operator_per_day INTEGER CHECK (operator_per_day > 0),
       own_per_second INTEGER CHECK (own_per_second > 0),
       own_per_hour INTEGER CHECK (own_per_hour > 0),
       own_per_day INTEGER CHECK (own_per_day > 0),
       second_spent_until BIGINT NOT NULL DEFAULT 0,
       hour_spent_until BIGINT NOT NULL DEFAULT 0,
       day INTEGER NOT NULL DEFAULT 0,
       sent INTEGER NOT NULL DEFAULT 0 CHECK (sent >= 0),
       PRIMARY KEY (tenant_id, receiving_domain),
       CHECK (receiving_domain = '' OR (operator_per_day IS NULL AND own_per_day IS NULL))
     ) {strict}",
    // `schedule` is the messages of each day, with commas between; `step` is the day of it, from 0.
    "CREATE TABLE warm_up (
       tenant_id {uuid} NOT NULL REFERENCES tenant (id),
       sending_domain_id {uuid} NOT NULL,
       schedule TEXT NOT NULL,
       step INTEGER NOT NULL DEFAULT 0 CHECK (step >= 0),
       day INTEGER NOT NULL DEFAULT 0,
       sent INTEGER NOT NULL DEFAULT 0 CHECK (sent >= 0),
       began_at BIGINT NOT NULL,
       PRIMARY KEY (tenant_id, sending_domain_id),
       FOREIGN KEY (tenant_id, sending_domain_id) REFERENCES sending_domain (tenant_id, id)
     ) {strict}",
    "ALTER TABLE tenant ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'Etc/UTC'",
    // Minutes of the day.
    "ALTER TABLE tenant ADD COLUMN quiet_from INTEGER",
    "ALTER TABLE tenant ADD COLUMN quiet_until INTEGER CHECK ((quiet_from IS NULL) = (quiet_until IS NULL))",
    // Whether there is any limit, warm-up or quiet hour: where there is none, a claim asks no further.
    "ALTER TABLE tenant ADD COLUMN is_limited INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE tenant ADD COLUMN weight INTEGER NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 100)",
    // For which receiving domain's limit a delivery waits. It is not due until a claim lets it go.
    "ALTER TABLE delivery_queue ADD COLUMN held_for TEXT",
    "CREATE INDEX delivery_held ON delivery_queue (tenant_id, held_for, mailing_id, delivery_id)
       WHERE held_for IS NOT NULL",
    // Until when a worker that took a job has it to itself.
    "ALTER TABLE outbox ADD COLUMN taken_until BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX outbox_of_tenant ON outbox (tenant_id, due_at) WHERE stopped_at IS NULL",
];
