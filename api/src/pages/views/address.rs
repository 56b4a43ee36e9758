//! Where a person changes the address at which they are reached, confirms it, or takes it back.

use askama::Template;

use super::chrome::Chrome;
use super::form::{self, Field, FieldError};
use super::when::When;

/// Asks for the new address. It posts `email` to its own address.
#[derive(Template)]
#[template(path = "pages/address_ask.html", whitespace = "minimize")]
pub struct AddressAskPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The present address with its middle hidden.
    pub masked_address: String,
    /// The new one.
    pub email: Field,
}

impl AddressAskPage {
    /// All errors.
    pub fn errors(&self) -> Vec<FieldError<'_>> {
        form::summary([("email", Some(&self.email))])
    }
}

/// Asks whether the new address is theirs. Its button posts to its own address.
#[derive(Template)]
#[template(path = "pages/address_confirm.html", whitespace = "minimize")]
pub struct AddressConfirmPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The new address with its middle hidden.
    pub masked_address: String,
    /// The present one with its middle hidden.
    pub masked_before: String,
    /// When the change was asked for.
    pub requested_at: When,
    /// When the link stops working.
    pub expires_at: When,
}

/// Asks whether the person wants to be reached where they were before. Its button posts to its own address.
#[derive(Template)]
#[template(path = "pages/address_back.html", whitespace = "minimize")]
pub struct AddressBackPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address that was left, with its middle hidden.
    pub masked_left: String,
    /// The present one with its middle hidden.
    pub masked_present: String,
    /// When it was left.
    pub left_at: When,
    /// When the link stops working.
    pub expires_at: When,
}
