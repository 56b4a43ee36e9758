//! `/renew/{token}`: whether a yes still stands, one button a purpose.

use askama::Template;
use assent_entity::preferences::Taken;

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
    /// The version whose words are shown; comes back as `shown`.
    pub shown: String,
    /// What runs out.
    pub yeses: Vec<Renewal>,
    /// What became of a yes that was just sent.
    pub outcome: Option<Taken>,
    /// Where everything else can be changed.
    pub preferences_path: String,
}

impl RenewPage {
    /// Whether a yes was just saved.
    pub fn is_saved(&self) -> bool {
        self.outcome == Some(Taken::All)
    }

    /// Whether it was not, because the page was out of date.
    pub fn is_out_of_date(&self) -> bool {
        self.outcome == Some(Taken::OnlyNoes)
    }
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
