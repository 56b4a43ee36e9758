//! Where somebody becomes a member, and where a member chooses a new password.

use askama::Template;

use super::chrome::Chrome;
use super::form::{self, Field, FieldError};
use super::message::{Around, MessagePage};
use super::setup::OperatorPolicyRef;
use super::when::When;

/// Invites to become a member. It posts `name` and `password` to its own address.
#[derive(Template)]
#[template(path = "pages/invitation.html", whitespace = "minimize")]
pub struct InvitationPage {
    /// The tenant.
    pub chrome: Chrome,
    /// Who is invited, with the middle of their address hidden.
    pub masked_address: String,
    /// What they are to be, in the language of the page.
    pub role: String,
    /// Until when they can accept.
    pub expires_at: When,
    /// Their name.
    pub name: Field,
    /// The password that they choose. Never filled in again.
    pub password: Field,
    /// The policy of whoever runs the server, which applies to members, if there is one.
    pub operator_policy: Option<OperatorPolicyRef>,
}

impl InvitationPage {
    /// All errors, in the order of the fields.
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        form::summary([("name", Some(&self.name)), ("password", Some(&self.password))])
    }
}

/// Asks a member whose password it is that they have forgotten. It posts `email` to its own address.
#[derive(Template)]
#[template(path = "pages/password_forgotten.html", whitespace = "minimize")]
pub struct PasswordForgottenPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address with which they sign in.
    pub email: Field,
}

impl PasswordForgottenPage {
    /// All errors.
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        form::summary([("email", Some(&self.email))])
    }
}

/// Asks a member for a new password. It posts `password` to its own address.
#[derive(Template)]
#[template(path = "pages/password_reset.html", whitespace = "minimize")]
pub struct PasswordResetPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The member's address with its middle hidden.
    pub masked_address: String,
    /// Until when the link works.
    pub expires_at: When,
    /// The new password. Never filled in again.
    pub password: Field,
}

impl PasswordResetPage {
    /// All errors.
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        form::summary([("password", Some(&self.password))])
    }
}

impl MessagePage {
    /// 200: somebody who was invited is a member.
    pub fn invitation_accepted(chrome: Chrome) -> Self {
        let words = chrome.tongue.words;
        let happened = words.invitation_accepted_happened(&chrome.tenant_name);
        let next = words.invitation_accepted_next(&chrome.tenant_name, &chrome.slug);
        Around::from(chrome).information(words.invitation_accepted_title(), happened, next)
    }

    /// 410: an invitation that cannot be accepted any more.
    pub fn invitation_over(around: impl Into<Around>) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.invitation_over_title(),
            words.invitation_over_happened(),
            words.invitation_over_next(),
        )
    }

    /// 200: somebody asked for the link to a new password. It is the same whether or not they are a member.
    pub fn password_asked(chrome: Chrome, typed: &str) -> Self {
        let words = chrome.tongue.words;
        let happened = words.forgotten_asked_happened(typed, &chrome.tenant_name);
        Around::from(chrome).information(
            words.privacy_link_asked_title(),
            happened,
            words.forgotten_asked_next(),
        )
    }

    /// 200: a member has a new password.
    pub fn password_reset(chrome: Chrome) -> Self {
        let words = chrome.tongue.words;
        Around::from(chrome).information(
            words.reset_done_title(),
            words.reset_done_happened(),
            words.reset_done_next(),
        )
    }

    /// 410: a link to a new password that counts no more.
    pub fn password_reset_over(around: impl Into<Around>) -> Self {
        let around = around.into();
        let words = around.words();
        around.problem(
            words.reset_over_title(),
            words.reset_over_happened(),
            words.reset_over_next(),
        )
    }
}
