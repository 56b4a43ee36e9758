//! What can go wrong with a template: at compile (the author's to mend) and at rendering (one person's mail).

use std::fmt;

/// The part of a [`TemplateSource`](super::TemplateSource) that an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateField {
    /// The subject line.
    Subject,
    /// The body.
    Body,
    /// What stands beside the subject where mails are listed.
    Preheader,
}

impl TemplateField {
    /// The name an API shows: `subject`, `body` or `preheader`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Body => "body",
            Self::Preheader => "preheader",
        }
    }
}

impl fmt::Display for TemplateField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a template was refused. Line and column are of the author's source, in characters, from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}, line {line}, column {column}: {message}")]
pub struct TemplateError {
    /// Where to look.
    pub field: TemplateField,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
    /// What is wrong and what to write in its place.
    pub message: String,
}

impl TemplateError {
    /// An error at a byte offset of the author's source.
    pub(crate) fn at(field: TemplateField, source: &str, offset: usize, message: impl Into<String>) -> Self {
        let (line, column) = position(source, offset);
        Self {
            field,
            line,
            column,
            message: message.into(),
        }
    }
}

fn position(source: &str, offset: usize) -> (usize, usize) {
    let mut end = offset.min(source.len());
    while !source.is_char_boundary(end) {
        end -= 1;
    }
    let before = source.get(..end).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Which proof of a way out is missing from a rendered mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingWayOut {
    /// The HTML part has no visible link to the unsubscribe page.
    LinkInHtml,
    /// The text part does not hold the address of the unsubscribe page.
    LinkInText,
    /// The HTML part does not show the postal address.
    PostalAddressInHtml,
    /// The text part does not hold the postal address.
    PostalAddressInText,
}

impl MissingWayOut {
    pub(crate) fn is_address(self) -> bool {
        matches!(self, Self::PostalAddressInHtml | Self::PostalAddressInText)
    }
}

impl fmt::Display for MissingWayOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LinkInHtml => "the HTML part has no visible link to {{ unsubscribe_url }}",
            Self::LinkInText => "the text part does not hold {{ unsubscribe_url }}",
            Self::PostalAddressInHtml => "the HTML part does not show {{ tenant.postal_address }}",
            Self::PostalAddressInText => "the text part does not hold {{ tenant.postal_address }}",
        })
    }
}

/// Why one person's mail could not be rendered. Nothing of the person is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A marketing mail without a working way out is never sent (15 USC 7704(a)(3), (5); RFC 8058).
    #[error("the mail has no way out: {0}")]
    NoWayOut(MissingWayOut),
    /// The subject came out empty for this person.
    #[error("the subject is empty")]
    EmptySubject,
    /// A part came out larger than [`MAX_RENDERED_BYTES`](super::MAX_RENDERED_BYTES).
    #[error("the rendered mail is larger than {max} bytes", max = super::MAX_RENDERED_BYTES)]
    TooLarge,
    /// The template did more work than one mail may cost.
    #[error("the template takes too much work: fewer or shorter loops are needed")]
    OutOfFuel,
    /// The template engine failed: the kind of failure and the line of the compiled template.
    #[error("the template failed: {0}")]
    Failed(String),
}
