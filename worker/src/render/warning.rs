//! What an author should know of a mail that can be sent all the same.

use super::markup::{Piece, Tag, pieces};
use super::protect::Tags;

/// Gmail shows no more of the HTML than this, in octets, and hides the rest behind a link: with it the way out.
pub const CLIPPED_AT_BYTES: usize = 102 * 1024;

/// What a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WarningKind {
    /// An image says nothing to those who do not see it.
    ImageWithoutText,
    /// The mail is so long that programs cut it off.
    Clipped,
    /// A script, which no mail program runs.
    Script,
    /// There is nothing to read but images.
    NoText,
    /// Nothing stands beside the subject where mails are listed but what the mail happens to begin with.
    NoPreheader,
    /// MJML does not know an attribute, and leaves it out.
    UnknownAttribute,
}

/// A warning to the author of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// What it is about.
    pub kind: WarningKind,
    /// The line of the author's source, from 1, where there is one.
    pub line: Option<u32>,
    /// What to do about it.
    pub message: String,
}

impl Warning {
    fn new(kind: WarningKind, line: Option<u32>, message: impl Into<String>) -> Self {
        Self {
            kind,
            line,
            message: message.into(),
        }
    }

    pub(super) fn unknown_attribute(source: &str, offset: usize) -> Self {
        let written = source.get(offset..).unwrap_or_default();
        let name: String = written
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '-')
            .collect();
        let message = format!("MJML has no attribute `{name}` here, and leaves it out: correct its name.");
        Self::new(
            WarningKind::UnknownAttribute,
            Some(line_at(source, offset)),
            message,
        )
    }

    pub(super) fn clipped(bytes: usize) -> Option<Self> {
        (bytes > CLIPPED_AT_BYTES).then(|| {
            let message = format!(
                "The HTML part has {bytes} bytes: Gmail shows the first {CLIPPED_AT_BYTES} and hides the rest, and \
                 the way out with it. Make it shorter."
            );
            Self::new(WarningKind::Clipped, None, message)
        })
    }

    pub(super) fn no_preheader() -> Self {
        let message =
            "There is no preheader: beside the subject, people see what the mail happens to begin with.";
        Self::new(WarningKind::NoPreheader, None, message)
    }
}

/// What an author should know of protected HTML and of the text made of it.
pub(super) fn warnings_of(html: &str, text: &str, source: &str, tags: &Tags<'_>) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for piece in pieces(html) {
        let Piece::Tag(tag) = piece else { continue };
        if tag.closing {
            continue;
        }
        if tag.is("script") {
            let (line, message) = (
                place_of(&tag, source, tags),
                "No mail program runs a script: leave it out.",
            );
            warnings.push(Warning::new(WarningKind::Script, line, message));
        } else if tag.is("img") && tag.attribute("alt").is_none() {
            let message =
                "This image has no alt text: say what it shows, or write alt=\"\" where it is an ornament.";
            let line = place_of(&tag, source, tags);
            warnings.push(Warning::new(WarningKind::ImageWithoutText, line, message));
        }
    }
    if text.trim().is_empty() {
        let message = "The mail has no text: who does not see images, or reads the plain part, gets nothing.";
        warnings.push(Warning::new(WarningKind::NoText, None, message));
    }
    warnings
}

/// The line on which an element's source was written.
fn place_of(tag: &Tag<'_>, source: &str, tags: &Tags<'_>) -> Option<u32> {
    let written = tag.attribute("src").filter(|src| !src.is_empty())?;
    let offset = match tags.first_in(written) {
        Some(variable) => source.find(variable),
        None => source.find(written),
    };
    offset.map(|offset| line_at(source, offset))
}

fn line_at(source: &str, offset: usize) -> u32 {
    let before = source.get(..offset).unwrap_or_default().matches('\n').count();
    u32::try_from(before + 1).unwrap_or(u32::MAX)
}
