//! From MJML to HTML, with template tags in it. Nothing is read or loaded on the way: there are no includes, and no
//! fonts but those that the author names.

mod outline;

use std::collections::HashMap;
use std::ops::Range;

use mrml::prelude::parser::{Error, Span, Warning as Parsed, WarningKind};
use mrml::prelude::render::RenderOptions;

use super::entities;
use super::error::{TemplateError, TemplateField};
use super::protect::{Segment, Tags};
use super::warning::Warning;
use outline::{Flaw, outline};

/// What becomes of MJML; everything is protected.
pub(super) struct Converted {
    pub(super) html: String,
    /// The text of `mj-preview`.
    pub(super) preheader: Option<String>,
    pub(super) warnings: Vec<Warning>,
}

/// Converts protected MJML, which was made of `body`, the author's `source`.
pub(super) fn html_of(
    protected: &str,
    source: &str,
    body: &[Segment<'_>],
    tags: &Tags<'_>,
    language: &str,
) -> Result<Converted, TemplateError> {
    let place = |offset| tags.source_offset(body, offset);
    let refuse = |Flaw { at, message }| TemplateError::at(TemplateField::Body, source, place(at), message);
    let statements = outline(protected, tags).map_err(refuse)?;
    let commented = commented(protected, &statements);
    let place = |span: Span| place(uncommented(span.start, &statements));
    let refuse = |error: Error| {
        let (offset, message) = in_words(&error);
        TemplateError::at(TemplateField::Body, source, offset.map_or(0, place), message)
    };
    let parsed = mrml::parse(&commented).map_err(refuse)?;
    let options = RenderOptions {
        // The usual ones would bring in an outside party that the author never named (P13).
        fonts: HashMap::new(),
        ..RenderOptions::default()
    };
    let html = parsed.element.render(&options).map_err(|error| {
        let message = format!("This MJML cannot be made into HTML: {error}.");
        TemplateError::at(TemplateField::Body, source, 0, message)
    })?;
    let html = html.replacen(" lang=\"und\"", &format!(" lang=\"{language}\""), 1);
    let lost = statements.iter().find(|range| {
        let statement = protected.get((*range).clone()).unwrap_or_default();
        html.matches(&format!("<!--{statement}-->")).count() != 1
    });
    if let Some(lost) = lost {
        let message =
            "A statement cannot stand here: put it around whole sections, columns or what is in them.";
        let offset = tags.source_offset(body, lost.start);
        return Err(TemplateError::at(TemplateField::Body, source, offset, message));
    }
    let preview = parsed.element.get_preview();
    Ok(Converted {
        html: bare(html, protected, &statements),
        preheader: preview.map(|text| entities::decode(&text).into_owned()),
        warnings: warnings(&parsed.warnings, source, place),
    })
}

/// Between elements a statement goes in a comment, which stays where it is.
fn commented(protected: &str, statements: &[Range<usize>]) -> String {
    let mut text = String::with_capacity(protected.len() + statements.len() * 7);
    let mut done = 0;
    for range in statements {
        text.push_str(protected.get(done..range.start).unwrap_or_default());
        text.push_str("<!--");
        text.push_str(protected.get(range.clone()).unwrap_or_default());
        text.push_str("-->");
        done = range.end;
    }
    text.push_str(protected.get(done..).unwrap_or_default());
    text
}

/// The place in the protected text of what stands at `offset` of the commented.
fn uncommented(offset: usize, statements: &[Range<usize>]) -> usize {
    let mut added = 0;
    for range in statements {
        if offset < range.start + added + 4 {
            break;
        }
        added += if offset < range.end + added + 4 { 4 } else { 7 };
    }
    offset.saturating_sub(added)
}

/// The statements without their comments, as an author of HTML writes them.
fn bare(mut html: String, protected: &str, statements: &[Range<usize>]) -> String {
    for range in statements {
        let statement = protected.get(range.clone()).unwrap_or_default();
        html = html.replacen(&format!("<!--{statement}-->"), statement, 1);
    }
    html
}

fn in_words(error: &Error) -> (Option<Span>, String) {
    match error {
        Error::UnexpectedElement { position, .. } => {
            let message = "This element cannot stand here: documentation.mjml.io says what goes into what.";
            (Some(*position), message.to_owned())
        }
        Error::UnexpectedToken { position, .. } | Error::InvalidFormat { position, .. } => {
            (Some(*position), "This cannot stand here.".to_owned())
        }
        Error::MissingAttribute { name, position, .. } => (
            Some(*position),
            format!("The attribute `{name}` is missing here."),
        ),
        Error::InvalidAttribute { position, .. } => {
            (Some(*position), "This attribute is not valid.".to_owned())
        }
        Error::NoRootNode => (None, outline::NO_ROOT.to_owned()),
        other => (None, format!("This is not MJML: {other}.")),
    }
}

fn warnings(parsed: &[Parsed], source: &str, place: impl Fn(Span) -> usize) -> Vec<Warning> {
    let unknown = parsed
        .iter()
        // Every style sheet is written to its elements, whatever its attribute says.
        .filter(|warning| warning.kind == WarningKind::UnexpectedAttribute);
    unknown
        .map(|warning| Warning::unknown_attribute(source, place(warning.span)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_again_behind_comments() {
        let (protected, statements) = ("ab SS cd TT e", [3..5, 9..11]);
        let text = commented(protected, &statements);
        assert_eq!(text, "ab <!--SS--> cd <!--TT--> e");
        for mark in ["a", "b", "SS", "c", "d", "TT", "e"] {
            let (at, of) = (text.find(mark).unwrap(), protected.find(mark).unwrap());
            assert_eq!(uncommented(at, &statements), of, "{mark}");
        }
    }
}
