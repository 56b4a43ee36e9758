//! A small reader of HTML: tags, comments and text in order, by the tokenizer rules of the HTML standard
//! (13.2.5) as far as finding links, what is loaded, and renaming elements needs them. It builds no tree.

/// A piece of HTML in document order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Piece<'a> {
    /// Text with its character references.
    Text(&'a str),
    /// The content of `script`, `style` and the like, which is no text.
    Raw(&'a str),
    /// The inside of a comment.
    Comment(&'a str),
    /// A start or end tag.
    Tag(Tag<'a>),
}

/// A start or end tag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Tag<'a> {
    /// The name as written.
    pub(crate) name: &'a str,
    /// Whether this is an end tag.
    pub(crate) closing: bool,
    /// Where the tag begins, in bytes of the source.
    pub(crate) start: usize,
    /// Where what follows it begins.
    pub(crate) end: usize,
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    pub(crate) fn is_any(&self, names: &[&str]) -> bool {
        names.iter().any(|name| self.is(name))
    }

    /// The value of an attribute as written; empty for one without a value. The first of a name counts.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'a str> {
        let mut all = self.attributes();
        let found = all.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }

    /// Whether a value that stands in this tag once stands there in quotes.
    pub(crate) fn quotes(&self, value: &str) -> bool {
        ['"', '\''].iter().any(|quote| {
            let mut parts = self.attributes.split(value);
            let (before, after) = (parts.next(), parts.next());
            before.is_some_and(|before| before.ends_with(*quote))
                && after.is_some_and(|after| after.starts_with(*quote))
        })
    }

    /// Every attribute in order, names and values as written.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        let mut rest = self.attributes;
        std::iter::from_fn(move || {
            let (name, value, after) = next_attribute(rest)?;
            rest = after;
            Some((name, value))
        })
    }
}

/// Elements whose content is not markup and shows nothing or only in a control.
const RAW: [&str; 9] = [
    "script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "template",
];

/// Reads HTML piece by piece.
pub(crate) fn pieces(html: &str) -> impl Iterator<Item = Piece<'_>> {
    Pieces {
        html,
        at: 0,
        raw: None,
    }
}

struct Pieces<'a> {
    html: &'a str,
    at: usize,
    raw: Option<&'a str>,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        if let Some(name) = self.raw.take() {
            let start = self.at;
            self.skip_raw(name);
            if self.at > start {
                return self.html.get(start..self.at).map(Piece::Raw);
            }
        }
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        if rest.starts_with('<')
            && let Some(piece) = self.markup()
        {
            return Some(piece);
        }
        let end = rest
            .get(1..)
            .and_then(|after| after.find('<'))
            .map_or(rest.len(), |at| at + 1);
        self.at += if rest.starts_with('<') {
            end
        } else {
            rest.find('<').unwrap_or(rest.len())
        };
        self.html
            .get(self.html.len() - rest.len()..self.at)
            .map(Piece::Text)
    }
}

impl<'a> Pieces<'a> {
    fn rest(&self) -> &'a str {
        self.html.get(self.at..).unwrap_or_default()
    }

    /// The comment or tag that begins here; none if this `<` is text.
    fn markup(&mut self) -> Option<Piece<'a>> {
        let rest = self.rest();
        if let Some(comment) = rest.strip_prefix("<!--") {
            let closed = if comment.starts_with('>') || comment.starts_with("->") {
                comment.find('>').map(|at| (0, at + 1))
            } else {
                let ends = |at: usize| comment.get(at + 2..).unwrap_or_default();
                comment.match_indices("--").find_map(|(at, _)| match ends(at) {
                    after if after.starts_with('>') => Some((at, at + 3)),
                    after if after.starts_with("!>") => Some((at, at + 4)),
                    _ => None,
                })
            };
            let (end, after) = closed.unwrap_or((comment.len(), comment.len()));
            self.at += 4 + after;
            return comment.get(..end).map(Piece::Comment);
        }
        let inner = rest.get(1..)?;
        let (closing, named) = match inner.strip_prefix('/') {
            Some(named) => (true, named),
            None => (false, inner),
        };
        if !named.starts_with(|first: char| first.is_ascii_alphabetic()) {
            if !closing && !inner.starts_with(['!', '?']) {
                return None;
            }
            let end = inner.find('>').unwrap_or(inner.len());
            self.at += (end + 2).min(rest.len());
            return inner.get(..end).map(Piece::Comment);
        }
        let name_end = named.find(|c: char| c.is_ascii_whitespace() || c == '/' || c == '>');
        let (name, attributes) = named.split_at(name_end.unwrap_or(named.len()));
        let mut left = attributes;
        while let Some((_, _, after)) = next_attribute(left) {
            left = after;
        }
        let end = left.find('>').unwrap_or(left.len());
        let start = self.at;
        self.at += rest.len() - left.len() + (end + 1).min(left.len());
        let attributes = attributes
            .get(..attributes.len() - left.len())
            .unwrap_or_default();
        let tag = Tag {
            name,
            closing,
            start,
            end: self.at,
            attributes,
        };
        if !closing && tag.is_any(&RAW) {
            self.raw = Some(name);
        }
        Some(Piece::Tag(tag))
    }

    fn skip_raw(&mut self, name: &str) {
        let mut offset = 0;
        let rest = self.rest();
        while let Some(at) = rest.get(offset..).and_then(|text| text.find("</")) {
            let named = rest.get(offset + at + 2..).unwrap_or_default();
            if named
                .get(..name.len())
                .is_some_and(|found| found.eq_ignore_ascii_case(name))
            {
                self.at += offset + at;
                return;
            }
            offset += at + 2;
        }
        self.at = self.html.len();
    }
}

/// The next attribute before the end of a tag: name, value, and what follows.
fn next_attribute(text: &str) -> Option<(&str, &str, &str)> {
    let text = text.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
    if text.is_empty() || text.starts_with('>') {
        return None;
    }
    let name_end = text
        .char_indices()
        .find(|&(at, c)| at > 0 && (c.is_ascii_whitespace() || matches!(c, '=' | '/' | '>')))
        .map_or(text.len(), |(at, _)| at);
    let (name, rest) = text.split_at(name_end);
    let Some(value) = rest.trim_ascii_start().strip_prefix('=') else {
        return Some((name, "", rest));
    };
    let value = value.trim_ascii_start();
    for quote in ['"', '\''] {
        if let Some(quoted) = value.strip_prefix(quote) {
            let (inner, after) = quoted.split_once(quote).unwrap_or((quoted, ""));
            return Some((name, inner, after));
        }
    }
    let end = value
        .find(|c: char| c.is_ascii_whitespace() || c == '>')
        .unwrap_or(value.len());
    let (inner, after) = value.split_at(end);
    Some((name, inner, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(html: &str) -> Vec<String> {
        let tags = pieces(html).filter_map(|piece| match piece {
            Piece::Tag(tag) if !tag.closing && tag.is("a") => tag.attribute("href"),
            _ => None,
        });
        tags.map(str::to_owned).collect()
    }

    #[test]
    fn a_link_is_found_however_it_is_quoted() {
        assert_eq!(links("<a href=\"x\">"), ["x"]);
        assert_eq!(links("<A class=b HREF = 'x' >"), ["x"]);
        assert_eq!(links("<a href=x>"), ["x"]);
        assert_eq!(links("<a title=it's href=\"x\">"), ["x"]);
        assert_eq!(links("<a title=\">\" href=\"x\">"), ["x"]);
        assert_eq!(links("<a/href=\"x\"/>"), ["x"]);
    }

    #[test]
    fn a_link_in_a_comment_or_a_style_is_no_link() {
        assert!(links("<!-- <a href=\"x\"> -->").is_empty());
        assert!(links("<style> <a href=\"x\"> </style>").is_empty());
        assert!(links("<!-- never closed <a href=\"x\">").is_empty());
        assert!(links("<textarea><a href=\"x\"></textarea >").is_empty());
        assert!(links("< a href=\"x\">").is_empty());
    }

    #[test]
    fn a_conditional_comment_shows_what_is_between_its_halves() {
        assert_eq!(
            links("<!--[if mso]><a href=\"o\"><![endif]--><!--[if !mso]><!--><a href=\"x\"><!--<![endif]-->"),
            ["x"]
        );
    }

    #[test]
    fn reading_ends_whatever_the_source() {
        for html in [
            "<",
            "</",
            "<!",
            "<!-",
            "<a",
            "<a ",
            "<a =",
            "<a b=",
            "<a b=\"",
            "<é>",
            "a<",
            "<<<",
            "<a\u{e9}b>",
        ] {
            assert!(pieces(html).count() <= html.len() + 1, "{html}");
        }
    }
}
