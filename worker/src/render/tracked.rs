//! The links of a mail that may be measured: found when it is compiled, rewritten for one person when it is rendered.
//! Text and links that a person's own values brought along stay as they are; so does every link of ours.

use std::collections::BTreeMap;

use url::Url;

use super::Rendered;
use super::engine::escape_html;
use super::markup::{Piece, pieces};
use super::protect::Tags;

/// Longer addresses are not measured, in octets.
const MAX_URL_BYTES: usize = 2000;

/// The addresses of the web that a body links to, each once, in its order. Those that hold a template tag are as many
/// as there are people, so they are not among them.
pub(super) fn links_of(html: &str, tags: &Tags<'_>) -> Vec<String> {
    let mut links = Vec::new();
    for piece in pieces(html) {
        let Piece::Tag(tag) = piece else { continue };
        let Some(href) = tag.attribute("href").filter(|_| tag.is_any(&["a", "area"])) else {
            continue;
        };
        let url = decoded(href);
        if !tags.hold(&url) && is_of_the_web(&url) && !links.contains(&url) {
            links.push(url);
        }
    }
    links
}

fn is_of_the_web(url: &str) -> bool {
    let is_plain = url.len() <= MAX_URL_BYTES && !url.contains(|c: char| c.is_control() || c.is_whitespace());
    is_plain && Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// The value of an attribute: authors and converters write `&` as it is or escaped.
fn decoded(value: &str) -> String {
    value.trim().replace("&amp;", "&")
}

impl Rendered {
    /// The same mail with other addresses behind some links.
    #[must_use]
    pub fn with_links(self, instead: &BTreeMap<String, String>) -> Self {
        Self {
            html: in_html(&self.html, instead),
            text: in_text(&self.text, instead),
            subject: self.subject,
        }
    }
}

fn in_html(html: &str, instead: &BTreeMap<String, String>) -> String {
    let mut rewritten = String::with_capacity(html.len() * 2);
    let mut done = 0;
    for piece in pieces(html) {
        let Piece::Tag(tag) = piece else { continue };
        let Some(href) = tag.attribute("href").filter(|_| tag.is_any(&["a", "area"])) else {
            continue;
        };
        let Some(other) = instead.get(&decoded(href)) else {
            continue;
        };
        // The value is a part of `html`, so this is where it stands.
        let at = href.as_ptr().addr() - html.as_ptr().addr();
        rewritten.push_str(html.get(done..at).unwrap_or_default());
        rewritten.push_str(&escape_html(other));
        done = at + href.len();
    }
    rewritten.push_str(html.get(done..).unwrap_or_default());
    rewritten
}

/// In a text every address that stands whole is a link; the longest that fits is meant.
fn in_text(text: &str, instead: &BTreeMap<String, String>) -> String {
    let mut rewritten = String::with_capacity(text.len() * 2);
    let mut rest = text;
    while let Some(at) = rest.find("http") {
        let (before, from) = rest.split_at(at);
        rewritten.push_str(before);
        let end = from
            .find(|c: char| c.is_whitespace() || matches!(c, '<' | '>'))
            .unwrap_or(from.len());
        let (address, after) = from.split_at(end);
        match instead.get(address) {
            Some(other) => rewritten.push_str(other),
            None => rewritten.push_str(address),
        }
        rest = after;
    }
    rewritten.push_str(rest);
    rewritten
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::error::TemplateField;
    use crate::render::protect::segments;

    fn instead() -> BTreeMap<String, String> {
        let of = |url: &str, other: &str| (url.to_owned(), other.to_owned());
        BTreeMap::from([
            of("https://a.example/?x=1&y=2", "https://m.example/l/1"),
            of("https://a.example/", "https://m.example/l/2"),
        ])
    }

    #[test]
    fn links_are_found_once_and_in_order() {
        let source = "<a href=\"https://a.example/?x=1&amp;y=2\">a</a> <a href='https://b.example'>b</a> \
                      <a href=\"https://a.example/?x=1&y=2\">c</a> <a href=\"{{ policy_url }}\">d</a> \
                      <a href=\"https://c.example/{{ subscriber.name }}\">e</a> <a href=\"mailto:x@y.example\">f</a> \
                      <a href=\"/x\">g</a> <a href=\"ftp://d.example/\">h</a> <!-- <a href=\"https://e.example\"> -->";
        let mut tags = Tags::new(source);
        let html = tags.protect_all(&segments(TemplateField::Body, source).unwrap());
        assert_eq!(
            links_of(&html, &tags),
            ["https://a.example/?x=1&y=2", "https://b.example"]
        );
    }

    #[test]
    fn other_addresses_stand_behind_the_links_and_nothing_else_changes() {
        let html = "<p title=\"https://a.example/\">https://a.example/ <A HREF='https://a.example/?x=1&amp;y=2'>x</A> \
                    <a class=b href=https://a.example/>y</a> <a href=\"https://a.example/z\">z</a></p>";
        assert_eq!(
            in_html(html, &instead()),
            "<p title=\"https://a.example/\">https://a.example/ <A HREF='https://m.example/l/1'>x</A> \
             <a class=b href=https://m.example/l/2>y</a> <a href=\"https://a.example/z\">z</a></p>"
        );
        assert_eq!(
            in_text(
                "x <https://a.example/?x=1&y=2>, https://a.example/\nhttps://a.example/z http:",
                &instead()
            ),
            "x <https://m.example/l/1>, https://m.example/l/2\nhttps://a.example/z http:"
        );
    }
}
