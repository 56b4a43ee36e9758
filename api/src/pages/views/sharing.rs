//! `/sharing/{token}`: who gets what of a person, and what went out (P14).

use askama::Template;
use assent_entity::preferences::Taken;
use assent_worker::words::Words;

use super::chrome::Chrome;
use super::parties::PartyQuestion;
use super::when::When;

/// The page. Reading it changes nothing; it posts to its own address one field a question, `yes` or `no`.
#[derive(Template)]
#[template(path = "pages/sharing.html", whitespace = "minimize")]
pub struct SharingPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address with its middle hidden: the link may have been forwarded.
    pub masked_address: String,
    /// Where the person's preferences are.
    pub preferences_path: String,
    /// Who may get information if the person lets them.
    pub parties: Vec<PartyQuestion>,
    /// Names what this page says; comes back as `shown`.
    pub shown: String,
    /// What went out, newest first.
    pub sent_out: Vec<SentOut>,
    /// What became of answers that were just sent.
    pub outcome: Option<Taken>,
}

impl SharingPage {
    /// Whether answers were just saved.
    pub fn is_saved(&self) -> bool {
        self.outcome == Some(Taken::All)
    }

    /// Whether only the noes among them were, because the page was out of date.
    pub fn is_out_of_date(&self) -> bool {
        self.outcome == Some(Taken::OnlyNoes)
    }
}

/// Something that went to an outside party.
pub struct SentOut {
    /// When.
    pub at: When,
    /// Who got it.
    pub to: String,
    /// What it was, as the person calls it.
    pub what: Vec<String>,
    /// Whether a legal order demanded it.
    pub by_order: bool,
}

impl SentOut {
    /// What it was, in a sentence.
    fn what(&self, words: Words) -> String {
        if self.what.is_empty() {
            words.sharing_mere_answer()
        } else {
            self.what.join(", ")
        }
    }
}
