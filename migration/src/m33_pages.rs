//! Indexes in whose order lists are read, each for a filter that leaves little of a long list.

use sea_orm_migration::prelude::*;

use crate::dialect::run;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run(manager, INDEXES).await
    }
}

const INDEXES: &[&str] = &[
    // The audit log lies among the consent records, of which there may be a million to each of its entries.
    "CREATE INDEX ledger_of_audit ON ledger (tenant_id, seq) WHERE kind = 'AUDIT'",
    "CREATE INDEX suppression_by_reason ON suppression (tenant_id, reason, id)",
    "CREATE INDEX privacy_request_of_kind ON privacy_request (tenant_id, kind, id)",
    "CREATE INDEX privacy_request_in_state ON privacy_request (tenant_id, state, id)",
    "CREATE INDEX webhook_delivery_in_state ON webhook_delivery (tenant_id, state, id)",
    "CREATE INDEX webhook_delivery_of_type ON webhook_delivery (tenant_id, event_type, id)",
    "CREATE INDEX bounce_to_subscriber ON bounce (tenant_id, subscriber_id, id)",
    "CREATE INDEX legal_order_person_of_order ON legal_order_person (tenant_id, legal_order_id, subscriber_id)",
    // Most of a tenant's mailings are confirmations.
    "CREATE INDEX mailing_of_policy ON mailing (tenant_id, policy_version_id) WHERE policy_version_id IS NOT NULL",
    "CREATE INDEX mailing_of_campaigns ON mailing (tenant_id, id) WHERE campaign_id IS NOT NULL",
    "CREATE INDEX session_of_member ON session (tenant_id, member_id, id) WHERE ended_at IS NULL",
    "CREATE INDEX subscriber_came_through ON subscriber (tenant_id, collection_point_id, id)",
    // Whom a segment finds by a field is read in the order of their ids.
    "DROP INDEX custom_value_of_field",
    "CREATE INDEX custom_value_of_field ON custom_value (tenant_id, field_id, subscriber_id)",
];
