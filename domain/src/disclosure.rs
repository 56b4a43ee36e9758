//! Disclosure (P14): what of a person may leave for an outside party, decided field by field. It leaves with the
//! person's permission for that party, or under a legal order, and in no other way.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::consent::{ConsentSource, ConsentState};
use crate::id::{ApiTokenId, LegalOrderId, OutsidePartyId, PolicyVersionId, SubscriberId, TenantId};

/// Something of a person that could be disclosed.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PersonField {
    /// The address.
    Email,
    /// The name.
    Name,
    /// The company.
    Company,
}

impl PersonField {
    /// How people call it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Email => "your e-mail address",
            Self::Name => "your name",
            Self::Company => "your company",
        }
    }
}

/// Fields of a person, each once.
pub type Fields = BTreeSet<PersonField>;

/// What a record of a permission says without naming anybody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionFacts {
    /// Who may get it, or may not.
    pub party: OutsidePartyId,
    /// What.
    pub fields: Fields,
    /// The state from now on.
    pub state: ConsentState,
    /// The policy version that names the party.
    pub policy_version: PolicyVersionId,
    /// SHA-256, in hex, of the exact words shown.
    pub wording: String,
    /// How it came about.
    pub source: ConsentSource,
}

/// What allows a disclosure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "basis", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Basis {
    /// The person's own permission.
    Permission,
    /// An order that binds the tenant.
    LegalOrder {
        /// Which.
        order: LegalOrderId,
    },
}

/// Why something is not disclosed. The codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Display)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Withheld {
    /// The policy in force does not say that the party gets it.
    NotInPolicy,
    /// The person has not said yes.
    NoPermission,
    /// The person said no.
    PermissionRefused,
    /// The person's yes was to a version that does not name the party, or that was taken back.
    PermissionUnfounded,
    /// The person has restricted the use of their data (GDPR, article 18).
    Restricted,
}

/// Where a person's permission for one field stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermissionFact {
    /// The state of the newest record.
    pub state: ConsentState,
    /// Whether the version under which it was given says that the party gets the field.
    pub named_by_its_version: bool,
}

/// What is true of the party that asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartyFacts {
    /// Of which tenant's people it asks.
    pub tenant: TenantId,
    /// Who asks.
    pub party: OutsidePartyId,
    /// What the policy in force says it gets.
    pub in_force: Fields,
}

/// What is true of the person it asks about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonFacts {
    /// Whether the person has restricted the use of their data.
    pub restricted: bool,
    /// The person's permissions for the party.
    pub permissions: BTreeMap<PersonField, PermissionFact>,
    /// What an order that is approved and in its time demands for the party.
    pub ordered: BTreeMap<PersonField, LegalOrderId>,
}

/// Leave to disclose fields of one person to one party. It can be neither made elsewhere nor used twice, and only
/// what the ledger keeps of it gives the values.
#[derive(Debug)]
pub struct Release {
    tenant: TenantId,
    party: OutsidePartyId,
    person: SubscriberId,
    known_by: Basis,
    granted: BTreeMap<PersonField, Basis>,
}

impl Release {
    /// Whose people.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Who gets it.
    pub fn party(&self) -> OutsidePartyId {
        self.party
    }

    /// Of whom.
    pub fn person(&self) -> SubscriberId {
        self.person
    }

    /// What allows the party to learn that there is such a person.
    pub fn known_by(&self) -> Basis {
        self.known_by
    }

    /// Which fields, each with what allows it.
    pub fn granted(&self) -> &BTreeMap<PersonField, Basis> {
        &self.granted
    }
}

/// The decision about one person: what may go, and why the rest may not.
#[derive(Debug)]
pub struct Decision {
    /// What may go; `None` where nothing of the person may, not even that there is such a person.
    pub release: Option<Release>,
    /// What may not, of what was wanted.
    pub withheld: BTreeMap<PersonField, Withheld>,
}

/// Decides what a party gets of a person, of what it wants. A person is known to a party of whom it may get anything at
/// all.
pub fn may_disclose(
    party: &PartyFacts,
    person: SubscriberId,
    facts: &PersonFacts,
    wanted: &Fields,
) -> Decision {
    let basis = |field| basis_of(party, facts, field);
    let may_know = facts.ordered.keys().chain(facts.permissions.keys());
    let known_by = may_know.copied().find_map(|field| basis(field).ok());
    let (mut granted, mut withheld) = (BTreeMap::new(), BTreeMap::new());
    for field in wanted {
        match basis(*field) {
            Ok(basis) => {
                granted.insert(*field, basis);
            }
            Err(reason) => {
                withheld.insert(*field, reason);
            }
        }
    }
    let release = known_by.map(|known_by| Release {
        tenant: party.tenant,
        party: party.party,
        person,
        known_by,
        granted,
    });
    Decision { release, withheld }
}

fn basis_of(party: &PartyFacts, facts: &PersonFacts, field: PersonField) -> Result<Basis, Withheld> {
    // An order binds whatever the person or the policy says.
    if let Some(order) = facts.ordered.get(&field) {
        return Ok(Basis::LegalOrder { order: *order });
    }
    if !party.in_force.contains(&field) {
        return Err(Withheld::NotInPolicy);
    }
    if facts.restricted {
        return Err(Withheld::Restricted);
    }
    let Some(permission) = facts.permissions.get(&field) else {
        return Err(Withheld::NoPermission);
    };
    match permission.state {
        ConsentState::Given if permission.named_by_its_version => Ok(Basis::Permission),
        ConsentState::Given => Err(Withheld::PermissionUnfounded),
        ConsentState::Refused | ConsentState::Withdrawn => Err(Withheld::PermissionRefused),
        ConsentState::Requested | ConsentState::Expired => Err(Withheld::NoPermission),
    }
}

/// What the ledger says of a disclosure for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisclosureFacts {
    /// Who got it.
    pub party: OutsidePartyId,
    /// By which token.
    pub token: ApiTokenId,
    /// What allowed it.
    #[serde(flatten)]
    pub basis: Basis,
    /// What it was. Empty where the party learned no more than that it may ask about the person.
    pub fields: Fields,
}

#[cfg(test)]
mod tests;
