//! Mailings and deliveries: the states of a row a recipient, and when a refused attempt is tried again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::campaign::IfUnknown;
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
    /// An invitation to become a member.
    Invitation,
    /// The link by which a member chooses a new password.
    PasswordReset,
    /// Word to a member that their password was changed.
    PasswordChanged,
    /// Word to a tenant's owners that an endpoint of webhooks was disabled because it failed.
    WebhookDisabled,
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
            Self::Invitation | Self::PasswordReset | Self::PasswordChanged | Self::WebhookDisabled => {
                MessageKind::Account
            }
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
            | Self::Transactional
            | Self::Invitation
            | Self::PasswordReset
            | Self::PasswordChanged
            | Self::WebhookDisabled => true,
            Self::Campaign | Self::PolicyNotice | Self::ConsentRenewal => false,
        }
    }

    /// What becomes of a row that was in flight when its worker died, or the line broke. A campaign is repeated only
    /// where its tenant wants that, what people must be told always is, with the same `Message-ID`.
    pub fn after_crash(self, campaigns: IfUnknown) -> DeliveryStatus {
        match self {
            Self::Campaign if campaigns == IfUnknown::Leave => DeliveryStatus::Unknown,
            Self::Campaign
            | Self::PolicyNotice
            | Self::Confirmation
            | Self::RequestAnswer
            | Self::ConsentRenewal
            | Self::AddressChange
            | Self::AddressLeft
            | Self::Test
            | Self::Transactional
            | Self::Invitation
            | Self::PasswordReset
            | Self::PasswordChanged
            | Self::WebhookDisabled => DeliveryStatus::Queued,
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
    /// A worker is at it. This is not stored: what is claimed is open, and not in the queue any more.
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

/// What became of one attempt.
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
pub enum AttemptOutcome {
    /// The server took the message.
    Sent,
    /// The server said not now, or the line was lost before the message was under way.
    Deferred,
    /// The server refused the sender or the message, not the recipient.
    Blocked,
    /// The server said no to the recipient.
    Rejected,
    /// The line broke, or the worker died, when the message may have been taken.
    Unknown,
    /// It was not fit to leave, or was not to be sent any more.
    Refused,
}

/// Why a message was given up.
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
pub enum Failure {
    /// The server said no for good: there is no such mailbox, say.
    Rejected,
    /// The server said no for a reason that may pass: a full mailbox, say.
    NotNow,
    /// The server refused the sender or the message at every attempt. The recipient is not to blame.
    Blocked,
    /// The server asked to try later, or the line was lost, until the time for that was over.
    PutOff,
}

impl Failure {
    /// Whether trying again some day may help.
    pub fn may_pass(self) -> bool {
        match self {
            Self::Rejected => false,
            Self::NotNow | Self::Blocked | Self::PutOff => true,
        }
    }
}

/// How long to wait after each attempt that a server put off; the last stands for all that follow. The first tries are
/// close together, because most greylisting ends within minutes (RFC 5321, 4.5.4.1).
const RETRY_MINUTES: [u64; 9] = [1, 5, 15, 30, 60, 180, 360, 720, 1440];

/// For how long what a server puts off is tried again. Only the waits between attempts count, so that nobody is given up
/// while a server was down for all, or the workers were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryFor(Duration);

impl Default for RetryFor {
    /// Four days, the least that RFC 5321, 4.5.4.1 recommends.
    fn default() -> Self {
        Self(Duration::from_hours(4 * 24))
    }
}

/// A time that is too long to try something again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "give at most 336 hours: whoever is not reached in two weeks is not waiting for this message any more"
)]
pub struct RetryForTooLong;

impl RetryFor {
    /// So many hours, two weeks at most. None means one attempt.
    pub fn hours(hours: u32) -> Result<Self, RetryForTooLong> {
        if hours > 336 {
            return Err(RetryForTooLong);
        }
        Ok(Self(Duration::from_hours(hours.into())))
    }

    /// How long to wait after the attempt with this number (from 1), or `None` when it is time to give up. The last
    /// wait is as long as there is time for.
    pub fn after(self, attempt: u32) -> Option<Duration> {
        let waits = RETRY_MINUTES.into_iter().chain(std::iter::repeat(1440));
        let mut left = self.0;
        let mut waits = waits.map(|minutes| {
            let wait = Duration::from_mins(minutes).min(left);
            left -= wait;
            wait
        });
        let index = usize::try_from(attempt).ok()?.checked_sub(1)?;
        waits.nth(index).filter(|wait| !wait.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_between_attempts_grow_and_fill_the_time_that_there_is() {
        for hours in [1, 5, 96, 336] {
            let limit = RetryFor::hours(hours).expect("not too long");
            let waits: Vec<_> = (1..).map_while(|attempt| limit.after(attempt)).collect();
            let total: Duration = waits.iter().sum();
            assert_eq!(total, Duration::from_hours(hours.into()), "{hours}");
            let last = waits.len() - 1;
            assert!(waits[..last].is_sorted(), "{waits:?}");
            assert_eq!(waits[0], Duration::from_mins(1));
        }
        assert_eq!(RetryFor::default(), RetryFor::hours(96).expect("not too long"));
        assert_eq!(RetryFor::default().after(0), None);
        assert_eq!(RetryFor::hours(0).expect("not too long").after(1), None);
        assert_eq!(RetryFor::hours(337), Err(RetryForTooLong));
    }
}
