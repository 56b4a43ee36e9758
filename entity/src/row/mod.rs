//! What the tables hold, as entities of `sea-orm`. Private: outside this crate there is no way to query them.

#![expect(
    clippy::struct_field_names,
    reason = "the fields are the columns, and links have only ids"
)]

use sea_orm::EntityTrait;
use uuid::Uuid;

pub(crate) mod address_change;
pub(crate) mod allowed_origin;
pub(crate) mod api_credential;
pub(crate) mod api_token;
pub(crate) mod attempt;
pub(crate) mod bounce;
pub(crate) mod campaign;
pub(crate) mod campaign_content;
pub(crate) mod campaign_list;
pub(crate) mod campaign_segment;
pub(crate) mod collection_point;
pub(crate) mod collection_point_choice;
pub(crate) mod collection_point_field;
pub(crate) mod collection_point_list;
pub(crate) mod collection_point_party;
pub(crate) mod collection_point_text;
pub(crate) mod collection_point_version;
pub(crate) mod consent;
pub(crate) mod credential;
pub(crate) mod custom_field;
pub(crate) mod custom_value;
pub(crate) mod delivery;
pub(crate) mod dkim_key;
pub(crate) mod identity_provider;
pub(crate) mod identity_sign_in;
pub(crate) mod import_problem;
pub(crate) mod import_purpose;
pub(crate) mod import_text;
pub(crate) mod invitation;
pub(crate) mod ledger;
pub(crate) mod ledger_evidence;
pub(crate) mod legal_order;
pub(crate) mod legal_order_person;
pub(crate) mod list_purpose;
pub(crate) mod mailing;
pub(crate) mod mailing_list;
pub(crate) mod member;
pub(crate) mod member_identity;
pub(crate) mod membership;
pub(crate) mod opt_in;
pub(crate) mod outbox;
pub(crate) mod outside_party;
pub(crate) mod password_reset;
pub(crate) mod people_import;
pub(crate) mod permission;
pub(crate) mod policy_party;
pub(crate) mod policy_party_site;
pub(crate) mod policy_purpose;
pub(crate) mod policy_version;
pub(crate) mod privacy_mail;
pub(crate) mod privacy_request;
pub(crate) mod privacy_step;
pub(crate) mod purpose;
pub(crate) mod recovery_code;
pub(crate) mod refresh_credential;
pub(crate) mod request_log;
pub(crate) mod second_factor;
pub(crate) mod segment;
pub(crate) mod sending_domain;
pub(crate) mod session;
pub(crate) mod subscriber;
pub(crate) mod subscription;
pub(crate) mod suppression;
pub(crate) mod tenant;
pub(crate) mod test_mail;
pub(crate) mod transactional_mail;
pub(crate) mod transport;
pub(crate) mod webhook_attempt;
pub(crate) mod webhook_delivery;
pub(crate) mod webhook_endpoint;
pub(crate) mod webhook_event;
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
    api_token
    allowed_origin
    address_change
    attempt
    bounce
    campaign
    campaign_content
    campaign_list
    campaign_segment
    collection_point
    collection_point_choice
    collection_point_field
    collection_point_list
    collection_point_party
    collection_point_text
    collection_point_version
    consent
    custom_field
    custom_value
    delivery
    dkim_key
    identity_provider
    identity_sign_in
    import_problem
    import_purpose
    import_text
    invitation
    ledger
    ledger_evidence
    legal_order
    legal_order_person
    list_purpose
    mailing
    mailing_list
    member
    member_identity
    membership
    opt_in
    outside_party
    password_reset
    people_import
    permission
    policy_party
    policy_party_site
    policy_purpose
    policy_version
    privacy_mail
    privacy_request
    privacy_step
    purpose
    second_factor
    segment
    sending_domain
    session
    subscriber
    subscription
    suppression
    test_mail
    transactional_mail
    transport
    webhook_attempt
    webhook_delivery
    webhook_endpoint
    webhook_event
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
    api_token = "token"
    address_change = "change of address"
    bounce = "bounce"
    campaign = "campaign"
    collection_point = "collection point"
    custom_field = "custom field"
    delivery = "delivery"
    dkim_key = "DKIM key"
    invitation = "invitation"
    legal_order = "legal order"
    mailing = "mailing"
    mailing_list = "mailing list"
    member = "member"
    opt_in = "opt-in"
    outside_party = "outside party"
    password_reset = "password reset"
    people_import = "import"
    policy_version = "policy version"
    privacy_request = "request"
    purpose = "purpose"
    segment = "segment"
    sending_domain = "sending domain"
    session = "session"
    subscriber = "subscriber"
    suppression = "suppression"
    transport = "transport"
    webhook_delivery = "webhook delivery"
    webhook_endpoint = "webhook endpoint"
}
