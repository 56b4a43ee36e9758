//! What comes back of mail that was sent, and what follows from it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What a mail that came back says about one recipient.
///
/// The order is by gravity: of several, the last is the one to act on first.
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
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum BounceClass {
    /// It is no report about mail that was sent.
    NotBounce,
    /// The message arrived (RFC 3464, 2.3.3: delivered, relayed, expanded).
    Delivered,
    /// A program answered in the recipient's place (RFC 3834). It is neither an opt-out nor an opt-in.
    AutoReply,
    /// A receiver tells how our signatures fared (RFC 6591, 7489), or that a message was no spam. Nobody complained.
    AuthReport,
    /// The sender or the message is refused, not the recipient: reputation, authentication, content, size.
    Block,
    /// It did not work out this time: a full mailbox, a server that cannot be reached, an account that is locked.
    Soft,
    /// There is no such mailbox, or no such domain, for good.
    Hard,
    /// The person asked their provider to be taken off (RFC 5965, `opt-out`).
    Optout,
    /// The person told their provider that the mail is spam (RFC 5965, `abuse`).
    Complaint,
}

impl BounceClass {
    /// Whether it is kept with the delivery that it is about. What says that nothing went wrong is not.
    pub fn is_kept(self) -> bool {
        self >= Self::Block
    }
}

/// How often mail may come back for now before it counts as coming back for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoftLimit {
    /// So many messages, each counted once however often it was reported.
    pub messages: u32,
    /// Within this time.
    pub within: Duration,
}

impl Default for SoftLimit {
    /// Five messages within 30 days.
    fn default() -> Self {
        Self {
            messages: 5,
            within: Duration::from_hours(30 * 24),
        }
    }
}

/// What follows from a report for the person it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// Nothing: the next message goes out as if nothing had been.
    Nothing,
    /// Their mailbox is not written to any more.
    CutOff,
    /// They leave what the message was sent for.
    Leave,
    /// They leave it, and get no mail of any kind.
    Complaint,
}

/// Decides what follows. `soft` is how many messages came back for now within the limit's time, this one included.
///
/// A block never cuts anybody off, however often: it speaks of the sender.
pub fn consequence(class: BounceClass, soft: u32, limit: SoftLimit) -> Consequence {
    match class {
        BounceClass::Hard => Consequence::CutOff,
        BounceClass::Soft if soft >= limit.messages.max(1) => Consequence::CutOff,
        BounceClass::Optout => Consequence::Leave,
        BounceClass::Complaint => Consequence::Complaint,
        BounceClass::Soft
        | BounceClass::Block
        | BounceClass::NotBounce
        | BounceClass::Delivered
        | BounceClass::AutoReply
        | BounceClass::AuthReport => Consequence::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn only_the_recipients_own_troubles_and_wishes_have_consequences() {
        let limit = SoftLimit {
            messages: 3,
            within: Duration::from_hours(24),
        };
        for class in BounceClass::iter() {
            let of = |soft| consequence(class, soft, limit);
            let expected = match class {
                BounceClass::Hard => [Consequence::CutOff; 3],
                BounceClass::Soft => [Consequence::Nothing, Consequence::Nothing, Consequence::CutOff],
                BounceClass::Optout => [Consequence::Leave; 3],
                BounceClass::Complaint => [Consequence::Complaint; 3],
                _ => [Consequence::Nothing; 3],
            };
            assert_eq!([of(1), of(2), of(3)], expected, "{class}");
            assert!(class.is_kept() || expected == [Consequence::Nothing; 3]);
        }
    }
}
