//! `/l/{token}`: you are leaving (P16).

use askama::Template;

use super::chrome::Chrome;

/// Says where a link leads, before it does.
#[derive(Template)]
#[template(path = "pages/leaving.html", whitespace = "minimize")]
pub struct LeavingPage {
    /// The tenant whose mail had the link.
    pub chrome: Chrome,
    /// The host, in ASCII, so that no letter looks like another.
    pub host: String,
    /// The whole address, of the message and of no one else.
    pub url: String,
}
