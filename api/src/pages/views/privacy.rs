//! `/privacy/{token}`, a person's rights, and the ways to its link: `/t/{tenant}/privacy` and `/preferences/{token}/privacy`
//! (P17).

use askama::Template;
use assent_worker::words::Words;

use super::chrome::Chrome;
use super::form::{Field, FieldError, summary};
use super::when::When;

/// What a person can do about their data. Reading the page changes nothing; every button posts to its own address with
/// an `act`.
#[derive(Template)]
#[template(path = "pages/privacy.html", whitespace = "minimize")]
pub struct PrivacyPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address with its middle hidden: the link may have been forwarded.
    pub masked_address: String,
    /// Where the person changes their address.
    pub address_path: String,
    /// What was done just now.
    pub notice: Option<PrivacyNotice>,
    /// The name that is held.
    pub name: Field,
    /// The company that is held.
    pub company: Field,
    /// What to ask.
    pub message: Field,
    /// What is wrong with the box that goes with erasing.
    pub sure_error: Option<String>,
    /// Since when the use is restricted, if it is.
    pub restricted_since: Option<When>,
    /// Since when they get no mail of any sort, in microseconds, if so; comes back as `no`.
    pub no_mail_since: Option<i64>,
    /// What was asked so far, the newest first.
    pub requests: Vec<RequestRow>,
}

/// What was done just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivacyNotice {
    /// Name and company were put right.
    Corrected,
    /// The use was restricted.
    Restricted,
    /// The restriction was lifted.
    Lifted,
    /// All mail and consent ended.
    Objected,
    /// Mail may come again.
    CameBack,
    /// A message was sent.
    Sent,
    /// A message was said to be the person's own.
    Vouched,
}

impl PrivacyNotice {
    /// In a sentence.
    fn in_words(self, words: Words) -> String {
        match self {
            Self::Corrected => words.privacy_done_corrected(),
            Self::Restricted => words.privacy_done_restricted(),
            Self::Lifted => words.privacy_done_lifted(),
            Self::Objected => words.privacy_done_objected(),
            Self::CameBack => words.privacy_done_came_back(),
            Self::Sent => words.privacy_done_sent(),
            Self::Vouched => words.privacy_done_vouched(),
        }
    }
}

/// Something that was asked.
pub struct RequestRow {
    /// The value that is posted.
    pub id: String,
    /// What it is.
    pub kind: String,
    /// Where it stands.
    pub state: String,
    /// When it came.
    pub received_at: When,
    /// When the answer is owed, while it is.
    pub due_at: Option<When>,
    /// What was written.
    pub message: Option<String>,
    /// What was answered.
    pub answer: Option<String>,
    /// Whether it came by the form open to all, so that anybody may have written it.
    pub asks_whether_it_was_you: bool,
}

impl PrivacyPage {
    /// What is wrong, for the summary at the top.
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        let mut errors = summary([
            ("name", Some(&self.name)),
            ("company", Some(&self.company)),
            ("message", Some(&self.message)),
        ]);
        errors.extend(
            self.sure_error
                .as_deref()
                .map(|message| FieldError { id: "sure", message }),
        );
        errors
    }
}

/// All that is held, to be read.
#[derive(Template)]
#[template(path = "pages/privacy_copy.html", whitespace = "minimize")]
pub struct PrivacyCopyPage {
    /// The tenant.
    pub chrome: Chrome,
    /// When it was made.
    pub made_at: When,
    /// What is held.
    pub tables: Vec<Table>,
}

/// A table of facts.
pub struct Table {
    /// What it is called as a file.
    pub name: &'static str,
    /// What it is called on the page.
    pub title: String,
    /// The heads of its columns.
    pub columns: Vec<String>,
    /// Its rows, a cell a column.
    pub rows: Vec<Vec<String>>,
}

/// Says what the page about a person's data is for, and sends the link to it. Its button posts to its own address.
#[derive(Template)]
#[template(path = "pages/privacy_link.html", whitespace = "minimize")]
pub struct PrivacyLinkPage {
    /// The tenant.
    pub chrome: Chrome,
    /// Where the link goes, with the middle of the address hidden.
    pub masked_address: String,
    /// The way back.
    pub preferences_path: String,
}

/// The form for people who have no link at hand.
#[derive(Template)]
#[template(path = "pages/privacy_form.html", whitespace = "minimize")]
pub struct PrivacyFormPage {
    /// The tenant.
    pub chrome: Chrome,
    /// Their address.
    pub email: Field,
    /// What they would like to know.
    pub message: Field,
}

impl PrivacyFormPage {
    /// What is wrong, for the summary at the top.
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        summary([("email", Some(&self.email)), ("message", Some(&self.message))])
    }
}

/// Says that the message has come, whoever's address was typed.
#[derive(Template)]
#[template(path = "pages/privacy_sent.html", whitespace = "minimize")]
pub struct PrivacySentPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address as it was typed.
    pub typed_address: String,
    /// When the answer is owed.
    pub due_at: When,
}
