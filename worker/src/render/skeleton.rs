//! Whether a template gives every reader the same elements: then what is proven of it once holds for each mail.

use super::markup::{Piece, Tag, pieces};
use super::protect::Tags;

/// Attributes whose quoted value decides over nothing but itself.
const QUIET: [&str; 3] = ["href", "title", "alt"];

/// Whether the tags of a template without branches stand only where an escaped value cannot begin or end an element,
/// hide one, or load anything: in text, in quoted titles, and in the quoted targets of links.
pub(crate) fn is_rigid(html: &str, tags: &Tags<'_>) -> bool {
    pieces(html).all(|piece| match piece {
        Piece::Text(_) => true,
        Piece::Raw(inside) | Piece::Comment(inside) => !tags.holds(inside),
        Piece::Tag(tag) => !tags.holds(tag.name) && tag_is_rigid(&tag, tags),
    })
}

fn tag_is_rigid(tag: &Tag<'_>, tags: &Tags<'_>) -> bool {
    tag.attributes().all(|(name, value)| {
        let is_quiet = QUIET.iter().any(|quiet| name.eq_ignore_ascii_case(quiet))
            && (tag.is("a") || !name.eq_ignore_ascii_case("href"));
        !tags.holds(name) && (!tags.holds(value) || (is_quiet && tag.quotes(value)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::error::TemplateField;
    use super::super::protect::segments;
    use super::*;

    fn rigid(source: &str) -> bool {
        let mut tags = Tags::new(source);
        let html = tags.protect_all(&segments(TemplateField::Body, source).unwrap());
        is_rigid(&html, &tags)
    }

    #[test]
    fn values_in_text_titles_and_targets_leave_the_elements_alone() {
        for html in [
            "<p>Dear {{ n }},</p>",
            "<a href=\"{{ u }}\" title='for {{ n }}'>x {{ n }}</a>",
            "<img src=a.png alt=\"{{ n }}\">",
        ] {
            assert!(rigid(html), "{html}");
        }
    }

    #[test]
    fn values_anywhere_else_may_change_what_is_shown_or_loaded() {
        for html in [
            "<p style=\"{{ n }}\">x</p>",
            "<p class=\"{{ n }}\">x</p>",
            "<a href={{ u }}>x</a>",
            "<a href=\"x\" {{ n }}>x</a>",
            "<{{ n }}>x",
            "<img src=\"{{ u }}\">",
            "<base href=\"{{ u }}\">",
            "<style>{{ n }}</style>",
            "<!-- {{ n }} -->",
            "<a title=\"x\" href={{ u }} alt=\"{{ n }}\">x</a>",
        ] {
            assert!(!rigid(html), "{html}");
        }
    }
}
