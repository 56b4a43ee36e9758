//! `/unsubscribe/{token}`: which lists, one large button, and the answer.

use askama::Template;

use super::chrome::Chrome;
use super::terms::{ListName, PurposeText};

/// Asks once. It has no link to the preferences: the mail it came in has one of its own, and this one is good
/// for one act only. Reading it changes nothing; its button posts to its own address.
#[derive(Template)]
#[template(path = "pages/unsubscribe.html", whitespace = "minimize")]
pub struct UnsubscribePage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address with its middle hidden: the mail may have been forwarded.
    pub masked_address: String,
    /// The lists the mail was sent for; the button ends these.
    pub lists: Vec<ListName>,
}

/// Says what ended and what may still come. Also the answer when nothing was left to end.
#[derive(Template)]
#[template(path = "pages/unsubscribe_done.html", whitespace = "minimize")]
pub struct UnsubscribeDonePage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address with its middle hidden.
    pub masked_address: String,
    /// Names of the lists the link was for; they have ended, now or earlier.
    pub ended: Vec<String>,
    /// Names of the purposes whose consent was withdrawn with them.
    pub withdrawn: Vec<String>,
    /// Names of the lists that go on.
    pub remaining: Vec<String>,
    /// Essential purposes, which may still bring mail; empty when nothing at all may come any more.
    pub still_possible: Vec<PurposeText>,
    /// Whether the link lies in the mailbox at which the person is reached. Where it does not, the page tells whoever
    /// reads it no more than what they ended.
    pub is_current: bool,
}
