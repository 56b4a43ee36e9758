//! The one kind of text that a page prints without escaping.

use std::fmt;

use askama::filters::HtmlSafe;

/// HTML that is printed as it is.
///
/// It must come out of the sanitiser: a tenant writes the policy, and whatever is in here runs with the rights
/// of the page. The sanitiser must leave no script, style, form, frame, `id`, `class` or event attribute, and
/// no heading above `<h3>`, because the page owns the first two levels.
#[derive(Debug, Clone)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Marks the sanitiser's output as safe; call it nowhere else.
    pub fn from_sanitiser(html: String) -> Self {
        Self(html)
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for SafeHtml {}
