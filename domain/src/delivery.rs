//! Mailings and deliveries: the states of a row a recipient, and when a refused attempt is tried again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::suppression::MessageKind;

/// What is mailed.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
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
pub enum MailingKind {
    /// What a marketer wrote.
    Campaign,
    /// News of a policy version (P08).
    PolicyNotice,
    /// The question whether it was you who signed up.
    Confirmation,
    /// What a person is told of their request (P17).
    RequestAnswer,
    /// The question whether a yes still stands that is about to run out.
    ConsentRenewal,
    /// The question whether an address is yours at which you want to be reached from now on.
    AddressChange,
    /// Word to the address that a person has left, with the way back.
    AddressLeft,
    /// A campaign as it would look, to members of the tenant.
    Test,
    /// One message to one person, for an essential purpose, that a program of the tenant asked for.
    Transactional,
}

impl MailingKind {
    /// What it is to the person who gets it. A campaign may be for an essential purpose.
    pub fn message_kind(self, purpose_needs_consent: bool) -> MessageKind {
        match self {
            // What goes to one person for a marketing purpose needs a yes and a list, like any: it has no list, so it
            // goes to nobody.
            Self::Campaign | Self::Transactional if purpose_needs_consent => MessageKind::Marketing,
            // A renewal, and the question whether an address is somebody's, are held back by all that holds mail back, and
            // need no consent. Who was erased signs up anew to be asked anything.
            Self::Campaign | Self::ConsentRenewal | Self::AddressChange | Self::Transactional => {
                MessageKind::Essential
            }
            Self::PolicyNotice => MessageKind::PolicyNotice,
            Self::Confirmation => MessageKind::Confirmation,
            // Whoever reads that mailbox is told, whatever else they get: it may not have been them.
            Self::RequestAnswer | Self::AddressLeft => MessageKind::RequestAnswer,
            Self::Test => MessageKind::Test,
        }
    }

    /// Whether somebody waits for it: it goes to one person or few, and comes before what goes to many.
    pub fn is_urgent(self) -> bool {
        match self {
            Self::Confirmation
            | Self::RequestAnswer
            | Self::AddressChange
            | Self::AddressLeft
            | Self::Test
            | Self::Transactional => true,
            Self::Campaign | Self::PolicyNotice | Self::ConsentRenewal => false,
        }
    }

    /// What becomes of a row that was in flight when its worker died. A campaign is not repeated, what people
    /// must be told is, with the same `Message-ID`.
    pub fn after_crash(self) -> DeliveryStatus {
        match self {
            Self::Campaign => DeliveryStatus::Unknown,
            Self::PolicyNotice
            | Self::Confirmation
            | Self::RequestAnswer
            | Self::ConsentRenewal
            | Self::AddressChange
            | Self::AddressLeft
            | Self::Test
            | Self::Transactional => DeliveryStatus::Queued,
        }
    }
}

/// Where one recipient of one mailing stands.
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
pub enum DeliveryStatus {
    /// Waits for its turn.
    Queued,
    /// A worker is at it.
    Claimed,
    /// The server took it.
    Sent,
    /// The server asked to try later.
    Deferred,
    /// The server said no for good, or too often.
    Bounced,
    /// The rule said no.
    Refused,
    /// The worker died, or the line did, after the message may have been handed over.
    Unknown,
    /// The mailing was cancelled before its turn came.
    Cancelled,
}

impl DeliveryStatus {
    /// Whether anything is still to happen. A mailing is finished when no row is open.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Claimed | Self::Deferred)
    }
}

/// How long to wait after each attempt that a server put off. About four days in all, with the first tries
/// close together, because most greylisting ends within minutes (RFC 5321, 4.5.4.1).
const RETRY_MINUTES: [u64; 11] = [1, 5, 15, 30, 60, 180, 360, 720, 1440, 1440, 1440];

/// How long to wait after the attempt with this number (from 1), or `None` when it is time to give up.
pub fn retry_after(attempt: u32) -> Option<Duration> {
    let index = usize::try_from(attempt).ok()?.checked_sub(1)?;
    RETRY_MINUTES
        .get(index)
        .map(|minutes| Duration::from_mins(*minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_spread_over_four_to_five_days_and_end() {
        let total: Duration = (1..).map_while(retry_after).sum();
        assert!(total > Duration::from_hours(3 * 24) && total < Duration::from_hours(5 * 24));
        assert_eq!(retry_after(0), None);
        assert_eq!(retry_after(12), None);
    }
}
