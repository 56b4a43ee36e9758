//! `/choices/{token}`: what a policy version adds, asked one by one (P11).

use askama::Template;
use assent_entity::preferences::Taken;

use super::chrome::Chrome;
use super::parties::PartyQuestion;
use super::terms::PurposeText;
use super::when::When;

/// The questions of a version. Reading the page changes nothing; it posts to its own address one field a question,
/// `yes` or `no`.
#[derive(Template)]
#[template(path = "pages/choices.html", whitespace = "minimize")]
pub struct ChoicesPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address with its middle hidden: the link may have been forwarded.
    pub masked_address: String,
    /// The version's number.
    pub version: u32,
    /// When it takes or took effect.
    pub effective_at: When,
    /// Whether it is in force.
    pub in_force: bool,
    /// Whether it still asks: it was neither taken back nor replaced.
    pub is_open: bool,
    /// What it changes, in the tenant's words.
    pub summary: Option<String>,
    /// What it asks.
    pub questions: Vec<Question>,
    /// Who would get information and did not before, if the person lets them.
    pub parties: Vec<PartyQuestion>,
    /// What became of answers that were just sent.
    pub outcome: Option<Taken>,
    /// Names what this page says; comes back as `shown`.
    pub shown: String,
}

impl ChoicesPage {
    /// Whether answers were just saved.
    pub fn is_saved(&self) -> bool {
        self.outcome == Some(Taken::All)
    }

    /// Whether only the noes among them were, because the page was out of date.
    pub fn is_out_of_date(&self) -> bool {
        self.outcome == Some(Taken::OnlyNoes)
    }
}

/// A question.
pub struct Question {
    /// The name of its field.
    pub field: String,
    /// What is asked for.
    pub text: PurposeText,
    /// What was answered; nothing is ticked before that.
    pub answer: Option<bool>,
}

impl Question {
    /// Whether the answer was yes.
    pub fn is_yes(&self) -> bool {
        self.answer == Some(true)
    }

    /// Whether the answer was no.
    pub fn is_no(&self) -> bool {
        self.answer == Some(false)
    }
}
