//! `/receipt/{token}`: what one consent record says, to print and to check.

use askama::Template;
use assent_entity::receipt::Document;

use super::chrome::Chrome;

/// A receipt. It names the person by a pseudonym only.
#[derive(Template)]
#[template(path = "pages/receipt.html", whitespace = "minimize")]
pub struct ReceiptPage {
    /// The tenant.
    pub chrome: Chrome,
    /// What it says.
    pub receipt: Document,
    /// The same, signed.
    pub jws: String,
    /// Where the signed one is as a file.
    pub file_path: String,
}
