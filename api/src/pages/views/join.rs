//! `/t/{slug}/join/{collection-point}`: the form that asks, and the two answers to it.

use askama::Template;

use super::chrome::Chrome;
use super::form::{self, Field, FieldError};
use super::terms::{ListName, OutsideParty, PolicyRef, PurposeText};

/// The form of a collection point (P03, P12, P13).
///
/// It posts to its own address: `email`, `name`, `company`, one `purpose={code}` for each ticked box,
/// `no_mail=1`, and `shown`.
#[derive(Template)]
#[template(path = "pages/join.html")]
pub struct JoinPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The collection point's public name; the page's heading.
    pub title: String,
    /// A sentence or two of the tenant's own.
    pub intro: Option<String>,
    /// The version under which the answers will be held.
    pub policy: PolicyRef,
    /// Outside parties who get what is entered; shown before any field. Empty for most.
    pub outside_parties: Vec<OutsideParty>,
    /// The lists that this form leads to.
    pub lists: Vec<ListName>,
    /// The address; always asked for.
    pub email: Field,
    /// The name, if the collection point asks for it.
    pub name: Option<Field>,
    /// The company, if the collection point asks for it.
    pub company: Option<Field>,
    /// Purposes that need no consent; stated, not asked.
    pub essential: Vec<PurposeText>,
    /// All other purposes, each its own choice.
    pub choices: Vec<PurposeChoice>,
    /// What is wrong with the choices as a whole.
    pub choices_error: Option<String>,
    /// Whether "no mail of any sort" is ticked; on first show it is not.
    pub no_mail: bool,
    /// Whether a mail has to be confirmed before anything else is sent (P04).
    pub needs_confirmation: bool,
    /// Names the wording on this page; comes back as `shown`, so that consent is recorded to these words and
    /// not to later ones.
    pub shown: String,
}

/// One purpose on the form.
#[derive(Debug, Clone)]
pub struct PurposeChoice {
    /// The value that is posted.
    pub code: String,
    /// Name and exact wording.
    pub text: PurposeText,
    /// Whether the person ticked it in a form that is shown again; on first show it is not.
    pub ticked: bool,
}

impl JoinPage {
    /// All errors, in the order of the fields.
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        let mut errors = form::summary([
            ("email", Some(&self.email)),
            ("name", self.name.as_ref()),
            ("company", self.company.as_ref()),
        ]);
        errors.extend(self.choices_error.as_deref().map(|message| FieldError { id: "choices", message }));
        errors
    }
}

/// The answer to a form that was accepted.
///
/// It is the same whether or not the address was known, so nobody can ask us who is subscribed.
#[derive(Template)]
#[template(path = "pages/join_done.html")]
pub struct JoinDonePage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address as it was typed, so that a slip is seen; `None` after a redirect.
    pub typed_address: Option<String>,
    /// Whether a mail has to be confirmed first.
    pub needs_confirmation: bool,
    /// How long the link in that mail works.
    pub link_valid_days: u32,
    /// Back to the form.
    pub join_path: String,
}

/// The answer to "no mail of any sort".
#[derive(Template)]
#[template(path = "pages/join_opted_out.html")]
pub struct JoinOptedOutPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address as it was typed, so that a slip is seen; `None` after a redirect.
    pub typed_address: Option<String>,
    /// Back to the form.
    pub join_path: String,
}
