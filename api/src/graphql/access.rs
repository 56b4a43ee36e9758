//! Who may do what: one table of operations and roles (P15). `assent roles` prints it, a test compares it with the
//! schema, and an operation that is not in it is refused to everybody.

use assent_domain::tenant::Role;
use async_graphql::parser::types::{
    ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet,
};
use strum::IntoEnumIterator;

use super::error::{ApiError, ErrorCode, Result};

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
const LOOK: Allowed = Allowed::EveryMember;

/// Every field of `Query` and `Mutation`, and who may ask for it. What a role sees of a person is another
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
    ("members", LOOK),
    ("auditLog", GOVERN),
    ("signIn", Allowed::Anybody),
    ("signOut", LOOK),
    ("draftPolicyVersion", GOVERN),
    ("postPolicyVersion", GOVERN),
    ("withdrawPolicyVersion", GOVERN),
    ("postponePolicyVersion", GOVERN),
    ("overridePolicyNotices", GOVERN),
    ("setConsentExpiry", GOVERN),
    ("removeMember", OWN),
    ("createMailingList", SEND),
    ("createCollectionPoint", COLLECT),
    // Its answer tells who is known, so it is for roles that see who people are.
    ("subscribe", SEND),
    ("createCampaign", SEND),
    ("scheduleCampaign", SEND),
    ("pauseCampaign", STOP),
    ("resumeCampaign", SEND),
    ("cancelCampaign", STOP),
];

/// Who may ask for a field of `Query` or `Mutation`; nobody where the table does not have it.
pub fn allowed(field: &str) -> Allowed {
    let entry = MATRIX.iter().find(|(name, _)| *name == field);
    entry.map_or(Allowed::Roles(&[]), |(_, allowed)| *allowed)
}

/// What a request asks for: the fields of `Query` or `Mutation`, whatever fragments they stand in.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    fields: Vec<String>,
}

impl Asked {
    /// What an operation asks for. The document has been measured: its fragments end.
    pub(super) fn of(operation: &OperationDefinition, document: &ExecutableDocument) -> Self {
        let mut asked = Self::default();
        if operation.ty != OperationType::Subscription {
            asked.collect(&operation.selection_set.node, document);
        }
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

    /// Refuses what a role may not ask for.
    pub(super) fn check(&self, role: Role) -> Result<()> {
        let of_schema = |name: &&String| !name.starts_with("__");
        let refused = self
            .fields
            .iter()
            .filter(of_schema)
            .find(|name| !allowed(name).includes(role));
        refused.map_or(Ok(()), |name| Err(forbidden(name, role)))
    }
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
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graphql::limits::admit;

    fn check(query: &str, role: Role) -> Result<()> {
        let document = admit(query, true).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        Asked::of(&operation.node, &document).check(role)
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
    fn p15_what_the_table_does_not_have_is_refused_to_everybody() {
        for role in Role::iter() {
            assert!(check("{ somethingNew }", role).is_err());
            assert!(check("{ __typename viewer { member { id } } }", role).is_ok());
        }
    }
}
