//! Tenants: their names in addresses and whether they may send.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// Whether a tenant may send.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum TenantStatus {
    /// In business.
    Active,
    /// Stopped by the operator: nothing is sent, pages and opt-outs work.
    Suspended,
}

/// What a member does for the tenant. What each role may do is one table, `assent_api`'s matrix of roles.
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
pub enum Role {
    /// Runs the tenant.
    Owner,
    /// Answers for the policy and for the rights of the people it is about.
    PrivacyOfficer,
    /// Writes to people.
    Marketer,
    /// Looks at figures.
    Analyst,
    /// Connects other systems.
    Developer,
}

impl Role {
    /// Whether the role needs to see who somebody is: their address, name and company (P15). All others see
    /// them masked.
    pub fn sees_persons(self) -> bool {
        match self {
            Self::Owner | Self::PrivacyOfficer | Self::Marketer => true,
            Self::Analyst | Self::Developer => false,
        }
    }
}

/// A name that stands in an address: 1 to 40 of `a-z`, `0-9` and `-`, neither first nor last a hyphen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Slug(String);

/// A text that cannot stand in an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a short name has 1 to 40 characters from a-z, 0-9 and -, with no hyphen at either end")]
pub struct SlugError;

impl Slug {
    /// Reads a slug.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        let fits = (1..=40).contains(&text.len())
            && !text.starts_with('-')
            && !text.ends_with('-')
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(SlugError)
        }
    }

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
