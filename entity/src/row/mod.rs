//! What the tables hold, as entities of `sea-orm`. Private: outside this crate there is no way to query them.

#![expect(
    clippy::struct_field_names,
    reason = "the fields are the columns, and links have only ids"
)]

use sea_orm::EntityTrait;

pub(crate) mod attempt;
pub(crate) mod campaign;
pub(crate) mod campaign_list;
pub(crate) mod collection_point;
pub(crate) mod collection_point_choice;
pub(crate) mod collection_point_field;
pub(crate) mod collection_point_list;
pub(crate) mod consent;
pub(crate) mod credential;
pub(crate) mod delivery;
pub(crate) mod ledger;
pub(crate) mod ledger_evidence;
pub(crate) mod list_purpose;
pub(crate) mod mailing;
pub(crate) mod mailing_list;
pub(crate) mod member;
pub(crate) mod opt_in;
pub(crate) mod outbox;
pub(crate) mod outside_party;
pub(crate) mod policy_party;
pub(crate) mod policy_purpose;
pub(crate) mod policy_version;
pub(crate) mod purpose;
pub(crate) mod session;
pub(crate) mod subscriber;
pub(crate) mod subscription;
pub(crate) mod suppression;
pub(crate) mod tenant;
pub(crate) mod wording;

/// A table whose rows belong to tenants. `TenantTx::find` adds the tenant to every query of one.
pub(crate) trait OfTenant: EntityTrait {
    /// The column that names the tenant.
    const TENANT: Self::Column;
}

macro_rules! of_tenant {
    ($($table:ident)+) => {
        $(impl OfTenant for $table::Entity {
            const TENANT: $table::Column = $table::Column::TenantId;
        })+
    };
}

of_tenant! {
    attempt
    campaign
    campaign_list
    collection_point
    collection_point_choice
    collection_point_field
    collection_point_list
    consent
    delivery
    ledger
    ledger_evidence
    list_purpose
    mailing
    mailing_list
    member
    opt_in
    outside_party
    policy_party
    policy_purpose
    policy_version
    purpose
    session
    subscriber
    subscription
    suppression
    wording
}
