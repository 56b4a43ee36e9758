//! How the schema grows: one file a change, the same files for SQLite and PostgreSQL.
//!
//! A table of a tenant has keys that begin with `tenant_id`; on PostgreSQL, [`security`] puts row-level
//! security on it. Tables that have to be read before a tenant is known are named in [`DIRECTORY_TABLES`].

use sea_orm_migration::prelude::*;

pub use estimates::estimate;
pub use sea_orm_migration::MigratorTrait;

mod dialect;
mod estimates;
mod m01_tenants;
mod m02_policy;
mod m03_collection;
mod m04_ledger;
mod m05_mailings;
mod m06_rights;
mod m07_consent_life;
mod m08_forms;
mod m09_visits;
mod m10_tenant_life;
mod m11_disclosures;
mod m12_bounce;
mod m14_pause;
mod m15_operator;
mod m16_sending_domains;
mod m17_held_addresses;
mod m19_language;
mod m20_outcomes;
mod m21_content;
mod m22_sending_limits;
mod m23_transports;
mod m24_imports;
mod m25_sign_in;
mod m26_segments;
mod m27_webhooks;
mod m28_members;
mod m29_idempotency;
mod m30_identity_providers;
mod m31_import_problems;
mod m32_webhook_notice;
mod m33_pages;
mod security;

/// The tables that are read before a tenant is known, and so are not a tenant's. A test compares this list
/// with the catalogue.
pub const DIRECTORY_TABLES: &[&str] = &[
    "tenant",
    "credential",
    "refresh_credential",
    "api_credential",
    "outbox",
    "request_log",
    "held_address",
];

/// All changes, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m01_tenants::Migration),
            Box::new(m02_policy::Migration),
            Box::new(m03_collection::Migration),
            Box::new(m04_ledger::Migration),
            Box::new(m05_mailings::Migration),
            Box::new(m06_rights::Migration),
            Box::new(m08_forms::Migration),
            Box::new(m09_visits::Migration),
            Box::new(m11_disclosures::Migration),
            Box::new(m07_consent_life::Migration),
            Box::new(m12_bounce::Migration),
            Box::new(m14_pause::Migration),
            Box::new(m10_tenant_life::Migration),
            Box::new(m17_held_addresses::Migration),
            Box::new(m19_language::Migration),
            Box::new(m15_operator::Migration),
            Box::new(m16_sending_domains::Migration),
            Box::new(m20_outcomes::Migration),
            Box::new(m21_content::Migration),
            Box::new(m22_sending_limits::Migration),
            Box::new(m23_transports::Migration),
            Box::new(m24_imports::Migration),
            Box::new(m25_sign_in::Migration),
            Box::new(m26_segments::Migration),
            Box::new(m27_webhooks::Migration),
            Box::new(m28_members::Migration),
            Box::new(m29_idempotency::Migration),
            Box::new(m30_identity_providers::Migration),
            Box::new(m31_import_problems::Migration),
            Box::new(m32_webhook_notice::Migration),
            Box::new(m33_pages::Migration),
        ]
    }
}
