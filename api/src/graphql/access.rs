//! Who may do what: one table of operations and roles (P15). `assent roles` prints it, a test compares it with the
//! schema, and an operation that is not in it is refused to everybody.

use assent_domain::api_token::{Scope, TokenHolder};
use assent_domain::tenant::Role;
use assent_entity::access::Access;
use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};
use strum::IntoEnumIterator;

use super::error::{ApiError, ErrorCode, Result};
use super::schema::has_root_field;

use Role::{Marketer, Owner, PrivacyOfficer};

/// Who may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// Anybody, signed in or not.
    Anybody,
    /// Every member.
    EveryMember,
    /// Members with one of these roles.
    Roles(&'static [Role]),
}

impl Allowed {
    /// Whether a member with this role may.
    pub fn includes(self, role: Role) -> bool {
        match self {
            Self::Anybody | Self::EveryMember => true,
            Self::Roles(roles) => roles.contains(&role),
        }
    }
}

const OWN: Allowed = Allowed::Roles(&[Owner]);
const GOVERN: Allowed = Allowed::Roles(&[Owner, PrivacyOfficer]);
const COLLECT: Allowed = Allowed::Roles(&[Owner, PrivacyOfficer, Marketer]);
const SEND: Allowed = Allowed::Roles(&[Owner, Marketer]);
const STOP: Allowed = Allowed::Roles(&[Owner, PrivacyOfficer, Marketer]);
const CONNECT: Allowed = Allowed::Roles(&[Owner, Role::Developer]);
const ADMINISTER: Allowed = Allowed::Roles(&[Owner, PrivacyOfficer, Role::Developer]);
const LOOK: Allowed = Allowed::EveryMember;

/// Every field of `Query`, `Mutation` and `Subscription`, and who may ask for it. What a role sees of a person is another
/// question: see [`Role::sees_persons`].
pub const MATRIX: &[(&str, Allowed)] = &[
    ("viewer", LOOK),
    ("node", LOOK),
    ("policyVersion", LOOK),
    ("policyVersions", LOOK),
    ("policyInForce", LOOK),
    ("purposes", LOOK),
    ("mailingList", LOOK),
    ("mailingLists", LOOK),
    ("collectionPoint", LOOK),
    ("collectionPoints", LOOK),
    ("subscriber", LOOK),
    ("subscribers", LOOK),
    ("consentDecision", LOOK),
    ("campaign", LOOK),
    ("campaigns", LOOK),
    ("campaignProgress", LOOK),
    ("importProgress", LOOK),
    ("policyNoticesProgress", LOOK),
    ("transactionalMail", LOOK),
    ("sendingDomain", LOOK),
    ("sendingDomains", LOOK),
    ("sendingLimits", LOOK),
    ("transport", CONNECT),
    ("transports", CONNECT),
    ("webhookEndpoint", CONNECT),
    ("webhookEndpoints", CONNECT),
    ("webhookDelivery", CONNECT),
    ("webhookDeliveries", CONNECT),
    ("members", LOOK),
    ("identityProvider", OWN),
    ("invitations", OWN),
    ("auditLog", GOVERN),
    ("legalOrder", GOVERN),
    ("legalOrders", GOVERN),
    ("apiTokens", ADMINISTER),
    ("privacyRequest", GOVERN),
    ("privacyRequests", GOVERN),
    ("retentionRules", LOOK),
    ("browserShare", COLLECT),
    ("suppressions", LOOK),
    ("suppressionExport", GOVERN),
    ("import", LOOK),
    ("imports", LOOK),
    ("customFields", LOOK),
    ("segment", LOOK),
    ("segments", LOOK),
    // Counting by a rule of one's own tells who people are.
    ("segmentSize", COLLECT),
    ("signIn", Allowed::Anybody),
    ("signOut", LOOK),
    ("refreshSession", Allowed::Anybody),
    ("endSession", LOOK),
    ("endOtherSessions", LOOK),
    ("endMemberSessions", OWN),
    ("beginSecondFactor", LOOK),
    ("confirmSecondFactor", LOOK),
    ("removeSecondFactor", LOOK),
    ("resetSecondFactor", OWN),
    ("demandSecondFactor", OWN),
    ("setIdentityProvider", OWN),
    ("removeIdentityProvider", OWN),
    ("unlinkMemberIdentity", OWN),
    ("changePassword", LOOK),
    ("requestPasswordReset", Allowed::Anybody),
    ("resetPassword", Allowed::Anybody),
    ("acceptInvitation", Allowed::Anybody),
    ("inviteMember", OWN),
    ("resendInvitation", OWN),
    ("revokeInvitation", OWN),
    ("draftPolicyVersion", GOVERN),
    ("postPolicyVersion", GOVERN),
    ("withdrawPolicyVersion", GOVERN),
    ("postponePolicyVersion", GOVERN),
    ("overridePolicyNotices", GOVERN),
    ("retryPolicyNotices", GOVERN),
    ("enterLegalOrder", GOVERN),
    ("approveLegalOrder", GOVERN),
    ("revokeLegalOrder", GOVERN),
    ("createApiToken", ADMINISTER),
    ("updateApiToken", ADMINISTER),
    ("rotateApiToken", ADMINISTER),
    ("revokeApiToken", ADMINISTER),
    ("setConsentExpiry", GOVERN),
    ("removeMember", OWN),
    ("createMailingList", SEND),
    ("createCollectionPoint", COLLECT),
    ("updateCollectionPoint", COLLECT),
    ("setAllowedOrigins", GOVERN),
    // Its answer tells who is known, so it is for roles that see who people are.
    ("subscribe", SEND),
    ("importSubscribers", SEND),
    ("prepareImport", SEND),
    ("cancelImport", STOP),
    ("exportSubscribers", COLLECT),
    ("createCustomField", COLLECT),
    ("updateCustomField", COLLECT),
    ("deleteCustomField", GOVERN),
    ("setCustomValues", COLLECT),
    ("createSegment", COLLECT),
    ("updateSegment", COLLECT),
    ("deleteSegment", COLLECT),
    ("createCampaign", SEND),
    ("sendTestMail", SEND),
    ("sendTransactionalMail", SEND),
    ("scheduleCampaign", SEND),
    ("pauseCampaign", STOP),
    ("resumeCampaign", SEND),
    ("cancelCampaign", STOP),
    ("setIfUnknown", SEND),
    ("retryFailedDeliveries", SEND),
    ("createSendingDomain", CONNECT),
    ("checkSendingDomain", CONNECT),
    ("rotateDkimKeys", CONNECT),
    ("removeSendingDomain", CONNECT),
    ("setWarmUp", CONNECT),
    ("createTransport", OWN),
    ("updateTransport", OWN),
    ("deleteTransport", OWN),
    ("testTransport", CONNECT),
    ("createWebhookEndpoint", CONNECT),
    ("updateWebhookEndpoint", CONNECT),
    ("deleteWebhookEndpoint", CONNECT),
    ("enableWebhookEndpoint", CONNECT),
    ("disableWebhookEndpoint", CONNECT),
    ("rotateWebhookSecret", CONNECT),
    ("testWebhookEndpoint", CONNECT),
    ("replayWebhookDelivery", CONNECT),
    ("replayFailedWebhookDeliveries", CONNECT),
    ("setSendingLimit", OWN),
    ("setQuietHours", OWN),
    ("recordPrivacyRequest", GOVERN),
    ("extendPrivacyRequest", GOVERN),
    ("answerPrivacyRequest", GOVERN),
    ("carryOutPrivacyRequest", GOVERN),
    ("restrictSubscriber", GOVERN),
    ("setLeavingPage", GOVERN),
    ("closeTenant", OWN),
    ("addSuppression", COLLECT),
    ("removeSuppression", GOVERN),
    ("importSuppressions", COLLECT),
];

/// What tokens may ask for, and the scope that opens it. All else is for members.
pub const FOR_TOKENS: &[(&str, Scope)] = &[
    ("node", Scope::ReadSubscribers),
    ("subscriber", Scope::ReadSubscribers),
    ("subscribers", Scope::ReadSubscribers),
    ("consentDecision", Scope::ReadSubscribers),
    ("exportSubscribers", Scope::ReadSubscribers),
    ("subscribe", Scope::Subscribe),
    ("policyVersion", Scope::ReadPolicy),
    ("policyVersions", Scope::ReadPolicy),
    ("policyInForce", Scope::ReadPolicy),
    ("purposes", Scope::ReadPolicy),
    ("mailingList", Scope::ReadLists),
    ("mailingLists", Scope::ReadLists),
    ("collectionPoint", Scope::ReadLists),
    ("collectionPoints", Scope::ReadLists),
    ("campaign", Scope::ReadCampaigns),
    ("campaigns", Scope::ReadCampaigns),
    ("campaignProgress", Scope::ReadCampaigns),
    ("policyNoticesProgress", Scope::ReadPolicy),
    ("transactionalMail", Scope::SendTransactional),
    ("sendTransactionalMail", Scope::SendTransactional),
    ("webhookEndpoint", Scope::ManageWebhooks),
    ("webhookEndpoints", Scope::ManageWebhooks),
    ("webhookDelivery", Scope::ManageWebhooks),
    ("webhookDeliveries", Scope::ManageWebhooks),
    ("createWebhookEndpoint", Scope::ManageWebhooks),
    ("updateWebhookEndpoint", Scope::ManageWebhooks),
    ("deleteWebhookEndpoint", Scope::ManageWebhooks),
    ("enableWebhookEndpoint", Scope::ManageWebhooks),
    ("disableWebhookEndpoint", Scope::ManageWebhooks),
    ("rotateWebhookSecret", Scope::ManageWebhooks),
    ("testWebhookEndpoint", Scope::ManageWebhooks),
    ("replayWebhookDelivery", Scope::ManageWebhooks),
    ("replayFailedWebhookDeliveries", Scope::ManageWebhooks),
];

/// What the token of an outside party may ask for (P14): it all goes through the gate.
pub const FOR_OUTSIDE_PARTIES: &[&str] = &["node", "subscriber", "subscribers", "exportSubscribers"];

/// What a member may ask for who has to set up a second factor first: who they are, setting it up, and leaving.
pub const TO_ENROL: &[&str] = &[
    "viewer",
    "beginSecondFactor",
    "confirmSecondFactor",
    "changePassword",
    "refreshSession",
    "signOut",
];

/// What such a member is told who asks for anything else.
pub(super) fn enrol_first() -> ApiError {
    let message = "this tenant demands a second factor of every member, and you have none: set one up with \
                   beginSecondFactor and confirmSecondFactor first";
    ApiError::new(ErrorCode::SecondFactorSetupRequired, message)
}

/// Who may ask for a field of `Query` or `Mutation`; nobody where the table does not have it.
pub fn allowed(field: &str) -> Allowed {
    let entry = MATRIX.iter().find(|(name, _)| *name == field);
    entry.map_or(Allowed::Roles(&[]), |(_, allowed)| *allowed)
}

/// Whether who asks may ask for a field of `Query` or `Mutation`, of which there is more to get than an answer.
pub(crate) fn may_ask(access: &Access, field: &str) -> bool {
    match access {
        Access::Member(member) => !member.must_enrol && allowed(field).includes(member.role),
        Access::Token(_, token) => opens(token, field),
    }
}

/// What a request asks for: the fields of `Query`, `Mutation` or `Subscription`, whatever fragments they stand in.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    fields: Vec<String>,
}

impl Asked {
    /// What an operation asks for. The document has been measured: its fragments end.
    pub(super) fn of(operation: &OperationDefinition, document: &ExecutableDocument) -> Self {
        let mut asked = Self::default();
        asked.collect(&operation.selection_set.node, document);
        asked
    }

    fn collect(&mut self, set: &SelectionSet, document: &ExecutableDocument) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => self.fields.push(field.node.name.node.to_string()),
                Selection::InlineFragment(fragment) => {
                    self.collect(&fragment.node.selection_set.node, document);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                        self.collect(&fragment.node.selection_set.node, document);
                    }
                }
            }
        }
    }

    /// The fields, under their own names.
    pub(super) fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Makes sure that it is one thing, as a subscription has to be (GraphQL, 5.2.4.1).
    pub(super) fn check_is_one(&self) -> Result<()> {
        if self.fields.len() == 1 {
            return Ok(());
        }
        let message = "a subscription asks for one thing: send one for each";
        Err(ApiError::new(ErrorCode::BadUserInput, message))
    }

    /// Refuses what may not be asked for. Of an operation that asks for what there is not, the library says so, and runs none of
    /// it.
    pub(super) fn check(&self, access: &Access) -> Result<()> {
        if !self.of_schema().all(has_root_field) {
            return Ok(());
        }
        match access {
            Access::Member(member) if member.must_enrol => self.check_enrolment(),
            Access::Member(member) => self.check_role(member.role),
            Access::Token(_, token) => self.check_token(token),
        }
    }

    fn of_schema(&self) -> impl Iterator<Item = &str> {
        let names = self.fields.iter().map(String::as_str);
        names.filter(|name| !name.starts_with("__"))
    }

    fn check_enrolment(&self) -> Result<()> {
        let is_open = |name: &str| TO_ENROL.contains(&name) || allowed(name) == Allowed::Anybody;
        if self.of_schema().all(is_open) {
            return Ok(());
        }
        Err(enrol_first())
    }

    fn check_role(&self, role: Role) -> Result<()> {
        let refused = self.of_schema().find(|name| !allowed(name).includes(role));
        refused.map_or(Ok(()), |name| Err(forbidden(name, role)))
    }

    fn check_token(&self, token: &TokenHolder) -> Result<()> {
        let refused = self.of_schema().find(|name| !opens(token, name));
        refused.map_or(Ok(()), |name| Err(forbidden_to_token(name, token)))
    }
}

fn opens(token: &TokenHolder, field: &str) -> bool {
    let by_scope = FOR_TOKENS
        .iter()
        .any(|(name, scope)| *name == field && token.scopes.contains(scope));
    by_scope && (token.party.is_none() || FOR_OUTSIDE_PARTIES.contains(&field))
}

fn forbidden_to_token(field: &str, token: &TokenHolder) -> ApiError {
    let scope = FOR_TOKENS.iter().find(|(name, _)| *name == field);
    let message = match scope {
        Some(_) if token.party.is_some() && !FOR_OUTSIDE_PARTIES.contains(&field) => {
            format!("the token of an outside party may not use {field}: it reads what people permitted it")
        }
        Some((_, scope)) => format!("this token may not use {field}: that needs the scope {scope}"),
        None => format!("a token may not use {field}: sign in as a member"),
    };
    ApiError::new(ErrorCode::Forbidden, message)
}

fn forbidden(field: &str, role: Role) -> ApiError {
    let may: Vec<_> = Role::iter()
        .filter(|role| allowed(field).includes(*role))
        .map(|role| role.to_string())
        .collect();
    let message = format!(
        "a member with the role {role} may not use {field}: ask one who is {}",
        may.join(" or ")
    );
    ApiError::new(ErrorCode::Forbidden, message)
}

/// The table as lines of text, for people.
pub fn table() -> Vec<String> {
    let roles: Vec<_> = Role::iter().collect();
    let head = roles
        .iter()
        .map(|role| format!(" {role:>15}", role = role.to_string()));
    let mut lines = vec![format!("{:<26}{}", "", head.collect::<String>())];
    let mut line = |name: &str, may: &dyn Fn(Role) -> bool| {
        let cells = roles
            .iter()
            .map(|role| format!(" {:>15}", if may(*role) { "yes" } else { "-" }));
        lines.push(format!("{name:<26}{}", cells.collect::<String>()));
    };
    for (name, allowed) in MATRIX {
        line(name, &|role| allowed.includes(role));
    }
    line("(persons in clear)", &Role::sees_persons);
    lines.push(String::new());
    lines.push("tokens, by scope:".to_owned());
    for (name, scope) in FOR_TOKENS {
        let outside = if FOR_OUTSIDE_PARTIES.contains(name) {
            "outside parties too, what people permitted"
        } else {
            ""
        };
        lines.push(
            format!("{name:<26} {:<17}{outside}", scope.to_string())
                .trim_end()
                .to_owned(),
        );
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::limits::admit;

    fn check(query: &str, role: Role) -> Result<()> {
        let document = admit(query, true).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        Asked::of(&operation.node, &document).check_role(role)
    }

    #[test]
    fn p15_what_a_role_may_not_ask_for_is_refused_whatever_it_hides_in() {
        for query in [
            "{ auditLog { totalCount } }",
            "{ viewer: auditLog { totalCount } }",
            "{ ... { ... on Query { auditLog { totalCount } } } }",
            "{ ...A } fragment A on Query { ...B } fragment B on Query { auditLog { totalCount } }",
            "{ viewer { member { id } } auditLog @include(if: false) { totalCount } }",
        ] {
            assert!(check(query, Marketer).is_err(), "{query}");
            assert!(check(query, PrivacyOfficer).is_ok(), "{query}");
        }
    }

    #[test]
    fn p15_a_member_can_lend_a_token_no_more_than_they_may_do() {
        for (field, scope) in FOR_TOKENS {
            for role in Role::iter().filter(|role| scope.is_within(*role)) {
                assert!(allowed(field).includes(role), "{scope} opens {field} to {role}");
            }
        }
        assert!(!Scope::ReadSubscribers.is_within(Role::Developer));
    }

    #[test]
    fn p15_what_the_table_does_not_have_is_refused_to_everybody() {
        for role in Role::iter() {
            assert!(check("{ somethingNew }", role).is_err());
            assert!(check("{ __typename viewer { member { id } } }", role).is_ok());
        }
    }
}
