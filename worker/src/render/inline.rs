//! The rules of style sheets, written to the elements they are for: many mail programs read no style sheet.
//!
//! Another crate finds out which rules are for which element, in a copy of the elements with their numbers. What it says
//! is written into the author's HTML, of which nothing else changes: template tags stay where they are, even where they
//! stand within elements. Nothing is loaded.

mod copy;

use std::borrow::Cow;
use std::fmt::Write as _;

use css_inline::CSSInliner;

use super::markup::{Piece, Tag, pieces};
use super::protect::Tags;
use copy::{Copy, MARK};

/// Style sheets are at most this large, in octets; Gmail reads no more than a quarter of it.
const MAX_CSS_BYTES: usize = 64 * 1024;
/// The most that finding out may cost: octets of style sheets, times elements, times how deep they are nested.
const MAX_WORK: usize = 4_000_000_000;

/// Why styles cannot be written to their elements.
#[derive(Debug, thiserror::Error)]
pub(super) enum InlineError {
    #[error("The style sheets have {0} bytes: at most {MAX_CSS_BYTES} are allowed.")]
    TooLong(usize),
    #[error("The style sheets are too large for so many elements: shorten one or the other.")]
    TooMuch,
    #[error(
        "Elements are nested too deep, or not closed, for a style sheet to find them: end elements where they end."
    )]
    TooDeep,
    #[error("The style sheets cannot be read ({0}).")]
    Unreadable(String),
}

/// Protected HTML with the rules of its style sheets in the elements. The style sheets stay for what elements cannot say:
/// how it looks on a small screen, or under a pointer. What differs from person to person stays there, too.
pub(super) fn inlined<'h>(html: &'h str, tags: &Tags<'_>) -> Result<Cow<'h, str>, InlineError> {
    let css = sheets(html);
    if css.trim().is_empty() {
        return Ok(Cow::Borrowed(html));
    }
    if css.len() > MAX_CSS_BYTES {
        return Err(InlineError::TooLong(css.len()));
    }
    let copy = Copy::of(html, tags).ok_or(InlineError::TooDeep)?;
    let work = css
        .len()
        .checked_mul(copy.elements)
        .and_then(|work| work.checked_mul(copy.depth));
    if work.is_none_or(|work| work > MAX_WORK) {
        return Err(InlineError::TooMuch);
    }
    let inlined = CSSInliner::options()
        .load_remote_stylesheets(false)
        .resolve_css_variables(true)
        .extra_css(Some(Cow::Owned(css)))
        .build()
        .inline(&copy.html)
        .map_err(|error| InlineError::Unreadable(error.to_string()))?;
    let found = rules_of(&inlined, copy.elements).into_iter();
    // A value that differs from person to person stays where it was.
    let styles: Vec<_> = found
        .map(|rules| rules.filter(|rules| !tags.hold(rules)))
        .collect();
    Ok(Cow::Owned(written(html, &styles, tags)))
}

/// The style sheets that count wherever the mail is read.
fn sheets(html: &str) -> String {
    let (mut css, mut counts) = (String::new(), false);
    for piece in pieces(html) {
        match piece {
            Piece::Tag(tag) => counts = !tag.closing && tag.is("style") && is_for_all(&tag),
            Piece::Raw(sheet) if counts => {
                css.push_str(sheet);
                css.push('\n');
            }
            _ => {}
        }
    }
    css
}

fn is_for_all(style: &Tag<'_>) -> bool {
    let media = style.attribute("media").unwrap_or_default().trim();
    ["", "all", "screen"]
        .iter()
        .any(|all| media.eq_ignore_ascii_case(all))
}

/// What the styled copy says of each element.
fn rules_of(copy: &str, elements: usize) -> Vec<Option<&str>> {
    let mut rules = vec![None; elements];
    for piece in pieces(copy) {
        let Piece::Tag(tag) = piece else { continue };
        let number = tag
            .attribute(MARK)
            .and_then(|number| number.parse::<usize>().ok());
        // Parsers repeat an element that was not closed where it should have been: the first is the author's.
        if let Some(place) = number.and_then(|number| rules.get_mut(number))
            && place.is_none()
        {
            *place = tag.attribute("style").filter(|style| !style.is_empty());
        }
    }
    rules
}

/// The author's HTML with these styles, in the order of its elements.
fn written(html: &str, styles: &[Option<&str>], tags: &Tags<'_>) -> String {
    let mut out = String::with_capacity(html.len() * 2);
    let (mut done, mut styles) = (0, styles.iter());
    for piece in pieces(html) {
        let Piece::Tag(tag) = piece else { continue };
        if !copy::is_copied(&tag) {
            continue;
        }
        let Some(Some(style)) = styles.next() else {
            continue;
        };
        let own = tag.attribute("style").unwrap_or_default();
        // What cannot be read for its tags comes after the rest, so that it wins as it did.
        let style = if tags.hold(own) {
            format!("{};{}", style.trim_end_matches(';'), own.replace('"', "&quot;"))
        } else {
            (*style).to_owned()
        };
        let (from, to) = match own {
            "" => (tag.start + 1 + tag.name.len(), None),
            own => place_of(html, own),
        };
        out.push_str(html.get(done..from).unwrap_or_default());
        let _ = match to {
            None => write!(out, " style=\"{style}\""),
            Some(_) => write!(out, "\"{style}\""),
        };
        done = to.unwrap_or(from);
    }
    out.push_str(html.get(done..).unwrap_or_default());
    out
}

/// Where a value stands, with its quotes.
fn place_of(html: &str, value: &str) -> (usize, Option<usize>) {
    let at = value.as_ptr().addr() - html.as_ptr().addr();
    let end = at + value.len();
    let is_quoted = html.get(..at).is_some_and(|before| before.ends_with(['"', '\'']))
        && html
            .get(end..)
            .is_some_and(|after| after.starts_with(['"', '\'']));
    if is_quoted {
        (at - 1, Some(end + 1))
    } else {
        (at, Some(end))
    }
}

#[cfg(test)]
mod tests;
