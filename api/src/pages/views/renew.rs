//! `/renew/{token}`: whether a yes still stands, one button a purpose.

use askama::Template;

use super::chrome::Chrome;
use super::terms::{PolicyRef, PurposeText};
use super::when::When;

/// The yeses of a person that run out. Reading the page changes nothing; each button posts the code of its purpose as
/// `purpose`, and `shown`.
#[derive(Template)]
#[template(path = "pages/renew.html", whitespace = "minimize")]
pub struct RenewPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address with its middle hidden: the link may have been forwarded.
    pub masked_address: String,
    /// The version in force, whose words are shown.
    pub policy: PolicyRef,
    /// Names the words on this page; comes back as `shown`.
    pub shown: String,
    /// What runs out.
    pub yeses: Vec<Renewal>,
    /// Whether a yes was just saved, or not because the page was out of date.
    pub saved: Option<bool>,
    /// Where everything else can be changed.
    pub preferences_path: String,
}

/// A yes that runs out.
pub struct Renewal {
    /// The value that is posted.
    pub code: String,
    /// What it is to, in today's words.
    pub text: PurposeText,
    /// When it runs out, or ran out.
    pub expires_at: When,
    /// Whether it has.
    pub is_over: bool,
    /// Whether it is time to say it once more.
    pub is_due: bool,
}
