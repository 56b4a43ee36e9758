//! What an author hands in, and how large it may be.

use assent_domain::campaign::BodyFormat;
use std::borrow::Cow;

use super::error::{TemplateError, TemplateField};

/// A subject line holds at most this many octets (RFC 5322, 2.1.1).
pub const MAX_SUBJECT_BYTES: usize = 998;
/// A preheader is at most this long, in octets; mail programs show about a hundred characters.
pub const MAX_PREHEADER_BYTES: usize = 500;
/// A body is at most this large before rendering: 1 MiB.
pub const MAX_BODY_BYTES: usize = 1024 * 1024;
/// A rendered part is at most this large: 2 MiB.
pub const MAX_RENDERED_BYTES: usize = 2 * 1024 * 1024;

/// Text without a space is at most this long: the engine counts columns in 16 bits.
const MAX_WORD_CHARS: usize = 60_000;
/// A line longer than this is broken at its next space before it is checked.
const LONG_LINE_CHARS: usize = 1000;
/// A mail as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateSource {
    /// The subject line, a template.
    pub subject: String,
    /// What is shown beside the subject where mails are listed, a template; empty for what the mail begins with.
    pub preheader: String,
    /// The language of `body`.
    pub format: BodyFormat,
    /// The body, a template.
    pub body: String,
    /// The language the mail is written in, as a BCP 47 tag such as `en` or `de-AT`: it becomes the `lang`
    /// of a document made from a fragment and chooses the words of the footer.
    pub language: String,
}

/// What is appended to a mail, and whether it is proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Footer {
    /// Marketing: the way out is appended where the author left it out, and proved after each rendering.
    Marketing,
    /// Essential mail by templates of our own: the way to the person's data is appended, and nothing is proved.
    System,
}

pub(crate) fn check_sizes(source: &TemplateSource) -> Result<(), TemplateError> {
    let refuse = |field, message| {
        Err(TemplateError {
            field,
            line: 1,
            column: 1,
            message,
        })
    };
    if source.subject.trim().is_empty() {
        return refuse(
            TemplateField::Subject,
            "The subject is empty: write a subject line.".to_owned(),
        );
    }
    if source.subject.len() > MAX_SUBJECT_BYTES {
        return refuse(
            TemplateField::Subject,
            format!(
                "The subject has {} bytes; at most {MAX_SUBJECT_BYTES} are allowed.",
                source.subject.len()
            ),
        );
    }
    if source.preheader.len() > MAX_PREHEADER_BYTES {
        return refuse(
            TemplateField::Preheader,
            format!(
                "The preheader has {} bytes; at most {MAX_PREHEADER_BYTES} are allowed, of which mail programs show \
                 about a hundred.",
                source.preheader.len()
            ),
        );
    }
    if source.body.trim().is_empty() {
        return refuse(
            TemplateField::Body,
            "The body is empty: write some text.".to_owned(),
        );
    }
    if source.body.len() > MAX_BODY_BYTES {
        return refuse(
            TemplateField::Body,
            format!(
                "The body has {} bytes; at most {MAX_BODY_BYTES} (1 MiB) are allowed. Link to images and \
                 files in place of embedding them.",
                source.body.len()
            ),
        );
    }
    Ok(())
}

/// The source with line breaks in place of spaces where a line is so long that the engine would miscount its
/// columns. All bytes keep their places; for checking only, not for rendering.
pub(crate) fn short_lines(field: TemplateField, source: &str) -> Result<Cow<'_, str>, TemplateError> {
    if source.len() <= MAX_WORD_CHARS {
        return Ok(Cow::Borrowed(source));
    }
    let (mut column, mut short) = (0, String::with_capacity(source.len()));
    for character in source.chars() {
        let breaks = character == ' ' && column > LONG_LINE_CHARS;
        short.push(if breaks { '\n' } else { character });
        column = if breaks || character == '\n' {
            0
        } else {
            column + 1
        };
        if column > MAX_WORD_CHARS {
            let message = format!(
                "There are more than {MAX_WORD_CHARS} characters without a space. Link to images in place of \
                 embedding them."
            );
            return Err(TemplateError::at(
                field,
                source,
                short.len() - MAX_WORD_CHARS,
                message,
            ));
        }
    }
    Ok(Cow::Owned(short))
}
