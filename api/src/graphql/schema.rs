//! The schema: every noun's part of it put together.

use std::collections::HashSet;
use std::sync::LazyLock;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use async_graphql::{MergedObject, SDLExportOptions, Schema};

use super::allowed_origin::AllowedOriginMutation;
use super::api_token::{ApiTokenMutation, ApiTokenQuery};
use super::audit::AuditQuery;
use super::browser::BrowserQuery;
use super::campaign::{
    CampaignActMutation, CampaignMutation, CampaignQuery, CampaignSendingMutation, TestMailMutation,
};
use super::collection_point::{CollectionPointMutation, CollectionPointQuery};
use super::consent::ConsentQuery;
use super::custom_field::{CustomFieldMutation, CustomFieldQuery};
use super::export::ExportMutation;
use super::identity_provider::{IdentityProviderMutation, IdentityProviderQuery};
use super::import::{ImportMutation, ImportQuery};
use super::invitation::{InvitationMutation, InvitationQuery};
use super::leaving_page::LeavingPageMutation;
use super::legal_order::{LegalOrderMutation, LegalOrderQuery};
use super::limits::MAX_COST;
use super::live::Subscription;
use super::mailing_list::{MailingListMutation, MailingListQuery};
use super::member::{MemberMutation, MemberQuery};
use super::node::{Node, NodeQuery};
use super::password::PasswordMutation;
use super::password_reset::PasswordResetMutation;
use super::policy::{PolicyMutation, PolicyQuery, UpcomingPolicyMutation};
use super::privacy::{PrivacyMutation, PrivacyQuery};
use super::purpose::{PurposeMutation, PurposeQuery};
use super::retention::RetentionQuery;
use super::second_factor::SecondFactorMutation;
use super::segment::{SegmentMutation, SegmentQuery};
use super::sending_domain::{SendingDomainMutation, SendingDomainQuery, WarmUpMutation};
use super::sending_limit::{SendingLimitMutation, SendingLimitQuery};
use super::session::{RefreshMutation, SessionListMutation, SessionMutation, SessionQuery};
use super::subscriber::{SubscriberMutation, SubscriberQuery};
use super::suppression::{SuppressionMutation, SuppressionQuery};
use super::tenant_life::TenantLifeMutation;
use super::transactional_mail::{TransactionalMailMutation, TransactionalMailQuery};
use super::transport::{TransportMutation, TransportQuery, TransportTrialMutation};
use super::webhook::{WebhookActMutation, WebhookMutation, WebhookQuery};

/// What can be asked. The tenant comes from who is asking.
///
/// An error says what it is in `extensions.code`: `UNAUTHENTICATED` (nobody is signed in, or the sign-in failed),
/// `SECOND_FACTOR_REQUIRED` (the password is right: send a code too), `SECOND_FACTOR_SETUP_REQUIRED` (the tenant demands a
/// second factor: set one up first), `NETWORK_NOT_ALLOWED` (the token does not count where it was shown), `FORBIDDEN` (not for
/// this role),
/// `NOT_FOUND` (the tenant has no such thing), `BAD_USER_INPUT` (the request breaks a rule), `CONFLICT` (it does not
/// fit as things stand), `NOTICE_PERIOD_TOO_SHORT` (a policy version less than 7 days ahead),
/// `OUTSIDE_PARTY_NOT_IN_POLICY` (content brings in somebody whom the policy in force does not name),
/// `ALREADY_DONE` (by an earlier request with the same `Idempotency-Key`), `SENDING_DOMAIN_UNVERIFIED` (a campaign needs a sender whose domain is verified), `TENANT_CLOSED` (nothing
/// is changed in a tenant that is closed), `QUERY_TOO_COMPLEX`
/// (too much at once), `TOO_MANY_REQUESTS` (too often: `extensions.retryAfter` says after how many seconds to try again),
/// `UNAVAILABLE` (busy: try again) or `INTERNAL` (the server's fault, with an
/// `extensions.incident` that its log knows). `extensions.field` names the input field where there is one.
#[derive(MergedObject, Default)]
pub(crate) struct Query(
    SessionQuery,
    NodeQuery,
    PolicyQuery,
    PurposeQuery,
    MailingListQuery,
    CollectionPointQuery,
    SubscriberQuery,
    ConsentQuery,
    CampaignQuery,
    TransactionalMailQuery,
    SendingDomainQuery,
    SendingLimitQuery,
    TransportQuery,
    MemberQuery,
    IdentityProviderQuery,
    InvitationQuery,
    AuditQuery,
    LegalOrderQuery,
    ApiTokenQuery,
    PrivacyQuery,
    RetentionQuery,
    BrowserQuery,
    SuppressionQuery,
    ImportQuery,
    CustomFieldQuery,
    SegmentQuery,
    WebhookQuery,
);

/// What can be done. Each takes one `input` and gives a payload; all of it happens, or nothing.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(
    SessionMutation,
    RefreshMutation,
    SessionListMutation,
    SecondFactorMutation,
    IdentityProviderMutation,
    PasswordMutation,
    PasswordResetMutation,
    InvitationMutation,
    PolicyMutation,
    UpcomingPolicyMutation,
    MailingListMutation,
    CollectionPointMutation,
    AllowedOriginMutation,
    SubscriberMutation,
    CampaignMutation,
    CampaignActMutation,
    CampaignSendingMutation,
    TestMailMutation,
    TransactionalMailMutation,
    WarmUpMutation,
    TransportTrialMutation,
    TransportMutation,
    SendingDomainMutation,
    SendingLimitMutation,
    LegalOrderMutation,
    ApiTokenMutation,
    PrivacyMutation,
    LeavingPageMutation,
    PurposeMutation,
    MemberMutation,
    TenantLifeMutation,
    SuppressionMutation,
    ImportMutation,
    CustomFieldMutation,
    SegmentMutation,
    ExportMutation,
    WebhookActMutation,
    WebhookMutation,
);

/// The schema of every server: what a request is about comes with the request.
pub(crate) static SCHEMA: LazyLock<Schema<Query, Mutation, Subscription>> = LazyLock::new(|| {
    Schema::build(Query::default(), Mutation::default(), Subscription)
        .register_output_type::<Node>()
        .limit_complexity(MAX_COST)
        // Who may not ask what there is, is not told it by guessing; the explorer suggests by itself.
        .disable_suggestions()
        .finish()
});

/// The schema in the schema definition language, as `api/schema.graphql` holds it.
pub fn sdl() -> String {
    SCHEMA.sdl_with_options(
        SDLExportOptions::new()
            .prefer_single_line_descriptions()
            .use_space_ident()
            .include_specified_by(),
    )
}

/// The fields of `Query`, `Mutation` and `Subscriptions`; nothing where they cannot be read.
static ROOT_FIELDS: LazyLock<Option<HashSet<String>>> = LazyLock::new(|| {
    let document = parse_schema(sdl()).ok()?;
    let roots = document
        .definitions
        .into_iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Type(ty) if is_root(&ty.node.name.node) => match ty.node.kind {
                TypeKind::Object(object) => Some(object.fields),
                _ => None,
            },
            _ => None,
        });
    let names = roots.flatten().map(|field| field.node.name.node.to_string());
    Some(names.collect())
});

fn is_root(ty: &str) -> bool {
    ["Query", "Mutation", "Subscriptions"].contains(&ty)
}

/// Whether an operation of some kind may ask for a field of this name at its root. Where that cannot be told, it is taken for
/// one that may: what is not there is let through to be refused as unknown, and nothing else is to get that way.
pub(crate) fn has_root_field(name: &str) -> bool {
    ROOT_FIELDS.as_ref().is_none_or(|fields| fields.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_no_operation_can_ask_for_is_left_to_the_library_to_refuse() {
        for name in ["subscribers", "createCampaign", "campaignProgress"] {
            assert!(has_root_field(name), "{name}");
        }
        for name in ["somethingNew", "email", "Query"] {
            assert!(!has_root_field(name), "{name}");
        }
    }
}
