//! What the tables hold, as entities of `sea-orm`. Private: outside this crate there is no way to query them.

#![expect(
    clippy::struct_field_names,
    reason = "the fields are the columns, and links have only ids"
)]

use sea_orm::EntityTrait;
use uuid::Uuid;

pub(crate) mod address_change;
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
    address_change
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

/// A table of things that have an id of their own.
pub(crate) trait Identified: OfTenant {
    /// The column of the id.
    const ID: Self::Column;
    /// What such a thing is called when there is none.
    const NOUN: &'static str;

    /// The id of a row.
    fn id_of(row: &Self::Model) -> Uuid;
}

macro_rules! identified {
    ($($table:ident = $noun:literal)+) => {
        $(impl Identified for $table::Entity {
            const ID: $table::Column = $table::Column::Id;
            const NOUN: &'static str = $noun;

            fn id_of(row: &$table::Model) -> Uuid {
                row.id
            }
        })+
    };
}

identified! {
    address_change = "change of address"
    campaign = "campaign"
    collection_point = "collection point"
    delivery = "delivery"
    mailing = "mailing"
    mailing_list = "mailing list"
    member = "member"
    opt_in = "opt-in"
    policy_version = "policy version"
    purpose = "purpose"
    subscriber = "subscriber"
}
