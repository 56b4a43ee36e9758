//! `/setup`: the first tenant and its owner, on a server that has none.

use askama::Template;

use super::form::{self, Field, FieldError};
use super::tongue::Tongue;

/// Asks for the first tenant and its owner.
///
/// It posts to its own address, with the names of these fields.
#[derive(Template)]
#[template(path = "pages/setup.html", whitespace = "minimize")]
pub struct SetupPage {
    /// The language.
    pub tongue: Tongue,
    /// The code that the server printed at its start, where the server asks for one, so that a stranger cannot
    /// be quicker than the owner.
    pub setup_code: Option<Field>,
    /// The company's name.
    pub company: Field,
    /// Its part of public addresses.
    pub slug: Field,
    /// The name mail is sent under.
    pub sender_name: Field,
    /// The address mail is sent from.
    pub sender_address: Field,
    /// Where questions about data go (P17).
    pub privacy_contact: Field,
    /// Postal address, several lines.
    pub postal_address: Field,
    /// The owner's address, used to sign in.
    pub owner_email: Field,
    /// The owner's password. Never filled in again.
    pub password: Field,
    /// The policy of whoever runs the server, which applies to the owner, if there is one.
    pub operator_policy: Option<OperatorPolicyRef>,
}

/// Where the policy of whoever runs the server stands.
pub struct OperatorPolicyRef {
    /// Who runs it.
    pub company: String,
    /// The number of the version in force.
    pub version: i32,
    /// Its page.
    pub path: String,
}

impl SetupPage {
    /// An empty form; `with_code` says whether the server asks for the code it printed.
    pub fn empty(tongue: Tongue, with_code: bool) -> Self {
        Self {
            tongue,
            setup_code: with_code.then(Field::required),
            company: Field::required(),
            slug: Field::required(),
            sender_name: Field::required(),
            sender_address: Field::required(),
            privacy_contact: Field::required(),
            postal_address: Field::required(),
            owner_email: Field::required(),
            password: Field::required(),
            operator_policy: None,
        }
    }

    /// All errors, in the order of the fields.
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        form::summary([
            ("setup_code", self.setup_code.as_ref()),
            ("company", Some(&self.company)),
            ("slug", Some(&self.slug)),
            ("postal_address", Some(&self.postal_address)),
            ("sender_name", Some(&self.sender_name)),
            ("sender_address", Some(&self.sender_address)),
            ("privacy_contact", Some(&self.privacy_contact)),
            ("owner_email", Some(&self.owner_email)),
            ("password", Some(&self.password)),
        ])
    }
}

/// Says what to do next on a server that has just been set up.
#[derive(Template)]
#[template(path = "pages/setup_done.html", whitespace = "minimize")]
pub struct SetupDonePage {
    /// The language.
    pub tongue: Tongue,
    /// The company's name.
    pub company: String,
    /// Its hosted policy page.
    pub policy_path: String,
    /// Whether mail is kept in the built-in mailbox in place of being sent.
    pub mailbox: bool,
}
