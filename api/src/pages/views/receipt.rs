//! `/receipt/{token}`: what one consent record says, to print and to check.

use askama::Template;
use assent_entity::receipt::{Document, Event};

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

impl ReceiptPage {
    /// When something happened, with a mark if it is what the receipt is for.
    fn time_of(&self, event: &Event) -> String {
        if event.event_id == self.receipt.record_id {
            self.words().receipt_this_record(&event.event_time)
        } else {
            event.event_time.clone()
        }
    }
}
