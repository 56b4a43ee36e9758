//! Tokens of partners: long-lived, for programs. What each may ask for is its scopes; what it sees of people is
//! decided by whose it is.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::id::{ApiTokenId, OutsidePartyId};
use crate::tenant::Role;

/// What a token may ask for. The table of operations says which scope opens which.
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
pub enum Scope {
    /// Read subscribers. An outside party reads those who permitted it, and of them what they permitted.
    ReadSubscribers,
    /// Ask for people to join.
    Subscribe,
    /// Read the policy and its purposes.
    ReadPolicy,
    /// Read lists and collection points.
    ReadLists,
    /// Read campaigns and what became of them, without people.
    ReadCampaigns,
    /// Send messages to one person each, for essential purposes, and see what became of them.
    SendTransactional,
    /// Set up webhooks, and see what became of what they were told.
    ManageWebhooks,
}

impl Scope {
    /// Whether a member with this role may do what it opens, and so may lend it to a program: nobody lends what they do
    /// not have. A test compares it with the table of operations.
    pub fn is_within(self, role: Role) -> bool {
        match self {
            Self::ReadSubscribers => role.sees_persons(),
            Self::Subscribe | Self::SendTransactional => matches!(role, Role::Owner | Role::Marketer),
            Self::ManageWebhooks => matches!(role, Role::Owner | Role::Developer),
            Self::ReadPolicy | Self::ReadLists | Self::ReadCampaigns => true,
        }
    }

    /// Whether the token of an outside party may have it: it reads what people permitted, and nothing else.
    pub fn is_for_outside_parties(self) -> bool {
        matches!(self, Self::ReadSubscribers)
    }
}

/// A token that was shown and counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHolder {
    /// The token.
    pub id: ApiTokenId,
    /// What it may ask for.
    pub scopes: BTreeSet<Scope>,
    /// The outside party whose it is; `None` for the tenant's own programs.
    pub party: Option<OutsidePartyId>,
    /// The hash by which the secret that was shown is kept: what is opened by it ends with it.
    pub secret_hash: Vec<u8>,
}
