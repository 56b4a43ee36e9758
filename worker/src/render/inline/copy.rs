//! A copy of a mail's elements, each with its number, from which a tree can be built without harm.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::render::markup::{Piece, Tag, pieces};
use crate::render::protect::Tags;

/// The attribute that holds an element's number.
pub(super) const MARK: &str = "data-number";

/// How deep elements may be nested: builders of trees look through all that are open.
const MAX_DEPTH: usize = 256;
/// How many elements a tree may have, with those that its builder repeats because they were not closed.
const MAX_ELEMENTS: usize = 200_000;

/// Elements that are never shown, or hold no others.
const LEFT_OUT: [&str; 10] = [
    "head", "title", "meta", "link", "base", "style", "script", "template", "noscript", "noframes",
];
const VOID: [&str; 12] = [
    "area", "br", "col", "embed", "hr", "img", "input", "param", "source", "track", "wbr", "frame",
];
/// Elements that end where the next begins, or what they are in ends.
const ENDED_BY_NEXT: [&str; 11] = [
    "p", "li", "td", "th", "tr", "dt", "dd", "option", "thead", "tbody", "tfoot",
];
/// Elements that builders repeat in all that follows until they are closed.
const REPEATED: [&str; 14] = [
    "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

pub(super) struct Copy {
    pub(super) html: String,
    pub(super) elements: usize,
    pub(super) depth: usize,
}

/// Whether an element is in the copy.
pub(super) fn is_copied(tag: &Tag<'_>) -> bool {
    !tag.closing && !tag.is_any(&LEFT_OUT)
}

impl Copy {
    /// The copy; none where a tree of it would be too deep or too large.
    pub(super) fn of(html: &str, tags: &Tags<'_>) -> Option<Self> {
        let mut copy = Self {
            html: String::with_capacity(html.len()),
            elements: 0,
            depth: 1,
        };
        let mut open = Open::default();
        for piece in pieces(html) {
            let Piece::Tag(tag) = piece else { continue };
            if tag.closing {
                open.close(&tag);
                let _ = write!(copy.html, "</{}>", tag.name);
            } else if is_copied(&tag) {
                open.open(&tag);
                copy.push(&tag, tags);
                copy.depth = copy.depth.max(open.deep);
                if open.deep > MAX_DEPTH || open.elements > MAX_ELEMENTS {
                    return None;
                }
            }
        }
        Some(copy)
    }

    fn push(&mut self, tag: &Tag<'_>, tags: &Tags<'_>) {
        let _ = write!(self.html, "<{} {MARK}=\"{}\"", tag.name, self.elements);
        for (name, value) in tag.attributes() {
            // A style that holds template tags is put back later, a name that does is none.
            let is_left_out = tags.hold(name)
                || name.eq_ignore_ascii_case(MARK)
                || (name.eq_ignore_ascii_case("style") && tags.hold(value));
            if !is_left_out {
                let _ = write!(self.html, " {name}=\"{}\"", value.replace('"', "&quot;"));
            }
        }
        self.html.push('>');
        self.elements += 1;
    }
}

/// What is open, at the most.
#[derive(Default)]
struct Open {
    by_name: HashMap<String, usize>,
    deep: usize,
    repeated: usize,
    elements: usize,
}

impl Open {
    fn open(&mut self, tag: &Tag<'_>) {
        self.elements += 1 + self.repeated;
        if tag.is_any(&VOID) || tag.is_any(&ENDED_BY_NEXT) {
            return;
        }
        *self.by_name.entry(tag.name.to_ascii_lowercase()).or_default() += 1;
        self.deep += 1;
        self.repeated += usize::from(tag.is_any(&REPEATED));
    }

    fn close(&mut self, tag: &Tag<'_>) {
        let open = self.by_name.get_mut(&tag.name.to_ascii_lowercase());
        if let Some(open) = open.filter(|open| **open > 0) {
            *open -= 1;
            self.deep -= 1;
            self.repeated -= usize::from(tag.is_any(&REPEATED));
        }
    }
}
