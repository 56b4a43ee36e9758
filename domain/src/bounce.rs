//! What comes back of mail that was sent, and what follows from it.

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
