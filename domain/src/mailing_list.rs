//! Mailing lists and what it takes to be on one.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

/// How a person gets onto a list.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum OptIn {
    /// They confirm from their own mailbox first (the default, P04).
    Double,
    /// Signing up is enough; the tenant's recorded decision.
    Single,
}

/// Where a person stands with a list.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum SubscriptionState {
    /// Asked for, not confirmed.
    Pending,
    /// On the list.
    Active,
    /// Left by their own act.
    Ended,
}

impl SubscriptionState {
    /// The state after somebody asked for the list without proving who they are: a stranger can neither
    /// undo a confirmation nor bring back a person who left.
    #[must_use]
    pub fn after_request(current: Option<Self>) -> Self {
        current.unwrap_or(Self::Pending)
    }

    /// Where a person stands whom two rows turn out to be: what either ended stays ended, and what one has confirmed
    /// need not be confirmed again.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        match (self, other) {
            (Self::Ended, _) | (_, Self::Ended) => Self::Ended,
            (Self::Active, _) | (_, Self::Active) => Self::Active,
            (Self::Pending, Self::Pending) => Self::Pending,
        }
    }
}
