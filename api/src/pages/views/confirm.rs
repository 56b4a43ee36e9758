//! `/confirm/{token}`: what is about to be agreed, one large button, and the answer.

use askama::Template;

use super::chrome::Chrome;
use super::terms::{ListName, OutsideParty, PolicyRef, PurposeText};
use super::when::When;

/// Shows what would be agreed. Reading it changes nothing; its button posts to its own address.
#[derive(Template)]
#[template(path = "pages/confirm.html", whitespace = "minimize")]
pub struct ConfirmPage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address with its middle hidden: the link may have been forwarded.
    pub masked_address: String,
    /// When the form was filled in.
    pub requested_at: When,
    /// Public name of the form that was filled in.
    pub collection_point: String,
    /// Lists that would be joined.
    pub lists: Vec<ListName>,
    /// Purposes that would be agreed to, in the words that were shown on the form.
    pub purposes: Vec<PurposeText>,
    /// Outside parties that the form brings in, once more (P13). Empty for most.
    pub outside_parties: Vec<OutsideParty>,
    /// The version in force, under which it would be agreed.
    pub policy: PolicyRef,
    /// When the link stops working.
    pub expires_at: Option<When>,
}

/// The answer to the button, and to every later press of it.
#[derive(Template)]
#[template(path = "pages/confirm_done.html", whitespace = "minimize")]
pub struct ConfirmDonePage {
    /// The tenant.
    pub chrome: Chrome,
    /// The address with its middle hidden.
    pub masked_address: String,
    /// When it was confirmed.
    pub confirmed_at: When,
    /// Lists that were joined.
    pub lists: Vec<ListName>,
    /// Purposes that were agreed to.
    pub purposes: Vec<PurposeText>,
}
