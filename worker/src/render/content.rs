//! What a mail loads, or sends, when it is read: every address in its HTML that is not a link (P13).
//!
//! It errs towards finding too much: what stands in conditional comments, in the content of `style` and `script`, and
//! in every string of a style sheet counts.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use assent_domain::content::{ContentKind, ContentParty};
use assent_domain::site::HostName;
use url::Url;

use super::entities::decode;
use super::error::{TemplateError, TemplateField};
use super::markup::{Piece, Tag, pieces};
use super::protect::Tags;

/// How deep conditional comments and raw text are read within each other.
const MAX_DEPTH: usize = 4;

/// What stands for the page that a mail does not have.
static NOWHERE: LazyLock<Option<Url>> = LazyLock::new(|| Url::parse("https://nowhere.invalid/").ok());

/// An address that something is loaded from.
struct Load {
    kind: ContentKind,
    address: String,
}

/// The host of an absolute address; none for one that leads nowhere without a page around it.
pub fn host_of(address: &str) -> Option<HostName> {
    // Browsers take an address apart in this very way, with `\\`, tabs and a missing slash.
    let nowhere = NOWHERE.as_ref()?;
    let url = nowhere.join(address.trim()).ok()?;
    let host = url.host()?;
    (Some(&host) != nowhere.host().as_ref())
        .then(|| HostName::of(&host))
        .flatten()
}

/// The hosts that an HTML document loads from.
pub(super) fn hosts(html: &str) -> BTreeSet<HostName> {
    let mut loads = Vec::new();
    read(html, 0, &mut loads);
    loads.iter().filter_map(|load| host_of(&load.address)).collect()
}

/// What a template loads, in whatever branch; `html` holds placeholders for its tags, `source` is the author's text.
pub(super) fn content_of(
    html: &str,
    source: &str,
    tags: &Tags<'_>,
) -> Result<Vec<ContentParty>, TemplateError> {
    let mut loads = Vec::new();
    read(html, 0, &mut loads);
    let mut found: Vec<ContentParty> = Vec::new();
    for Load { kind, address } in loads {
        if tags.begins(address.trim()) {
            return Err(written_out(source, &address, tags));
        }
        let Some(host) = host_of(&address) else { continue };
        if tags.holds(host.as_str()) {
            return Err(written_out(source, &address, tags));
        }
        let line = line_of(source, host.as_str());
        if !found.iter().any(|known| known.host == host && known.kind == kind) {
            found.push(ContentParty { host, kind, line });
        }
    }
    Ok(found)
}

/// The host decides whom the mail brings in: nobody's data may choose it.
fn written_out(source: &str, address: &str, tags: &Tags<'_>) -> TemplateError {
    let offset = tags.first_in(address).and_then(|tag| source.find(tag));
    let message = "The host of what a mail loads has to be written out: a template tag may stand behind it, not in \
                   it.";
    TemplateError::at(TemplateField::Body, source, offset.unwrap_or_default(), message)
}

/// The first line of the source that names a host, from 1.
fn line_of(source: &str, host: &str) -> u32 {
    let named = |line: &str| line.to_ascii_lowercase().contains(host);
    let line = source.lines().position(named).unwrap_or_default();
    u32::try_from(line + 1).unwrap_or(u32::MAX)
}

fn read(html: &str, depth: usize, loads: &mut Vec<Load>) {
    if depth >= MAX_DEPTH {
        return;
    }
    for piece in pieces(html) {
        match piece {
            Piece::Tag(tag) if !tag.closing => read_tag(&tag, loads),
            Piece::Raw(raw) => {
                read_style(raw, loads);
                read(raw, depth + 1, loads);
            }
            // Some mail programs read what stands in it.
            Piece::Comment(comment) if comment.trim_start().starts_with('[') => {
                read(comment, depth + 1, loads);
            }
            Piece::Tag(_) | Piece::Text(_) | Piece::Comment(_) => {}
        }
    }
}

fn read_tag(tag: &Tag<'_>, loads: &mut Vec<Load>) {
    let is_link = tag.is_any(&["a", "area"]);
    for (name, value) in tag.attributes() {
        let name = name.to_ascii_lowercase();
        let name = name.rsplit(':').next().unwrap_or_default();
        match name {
            "href" if is_link => {}
            "style" => read_style(&decode(value), loads),
            "srcset" | "imagesrcset" | "ping" | "archive" => {
                let value = decode(value);
                let words = value.split([',', ' ', '\t', '\n', '\r', '\u{c}']);
                loads.extend(words.filter(|word| !word.is_empty()).map(|word| Load {
                    kind: kind_of(tag, name),
                    address: word.to_owned(),
                }));
            }
            "content" if tag.is("meta") => {
                let value = decode(value);
                let refreshes = value.to_ascii_lowercase().find("url");
                let address = refreshes.and_then(|at| value.get(at + 3..)).unwrap_or_default();
                let quotes = |c: char| c.is_whitespace() || matches!(c, '=' | '"' | '\'');
                loads.push(Load {
                    kind: ContentKind::Other,
                    address: address.trim_matches(quotes).to_owned(),
                });
            }
            "src" | "href" | "background" | "poster" | "data" | "action" | "formaction" | "lowsrc"
            | "dynsrc" | "codebase" | "classid" | "manifest" | "profile" | "usemap" | "icon" => {
                loads.push(Load {
                    kind: kind_of(tag, name),
                    address: decode(value).into_owned(),
                });
            }
            _ => {}
        }
    }
}

fn kind_of(tag: &Tag<'_>, attribute: &str) -> ContentKind {
    let element = tag.name.to_ascii_lowercase();
    match (element.as_str(), attribute) {
        (_, "action" | "formaction") => ContentKind::Form,
        ("img", _) if is_pixel(tag) => ContentKind::Pixel,
        ("img" | "image" | "source" | "input" | "v:fill" | "v:image" | "v:imagedata", _)
        | (_, "background") => ContentKind::Image,
        ("script", _) => ContentKind::Script,
        ("iframe" | "frame" | "embed" | "object", _) => ContentKind::Frame,
        ("link", _) => ContentKind::Style,
        _ => ContentKind::Other,
    }
}

/// Whether a picture is too small to be seen.
fn is_pixel(tag: &Tag<'_>) -> bool {
    let is_tiny = |name| {
        let size = tag.attribute(name).unwrap_or_default();
        matches!(size.trim().trim_end_matches("px"), "0" | "1")
    };
    is_tiny("width") || is_tiny("height")
}

/// Every string and every `url(...)` of a style sheet.
fn read_style(css: &str, loads: &mut Vec<Load>) {
    let css = unescaped(css);
    let mut push = |address: &str| {
        loads.push(Load {
            kind: ContentKind::Style,
            address: address.trim().to_owned(),
        });
    };
    for quote in ['"', '\''] {
        for string in css.split(quote).skip(1) {
            push(string);
        }
    }
    let lower = css.to_ascii_lowercase();
    for (at, _) in lower.match_indices("url(") {
        let inside = css.get(at + 4..).unwrap_or_default();
        let end = inside.find(')').unwrap_or(inside.len());
        let quotes = |c: char| c.is_whitespace() || matches!(c, '"' | '\'');
        push(inside.get(..end).unwrap_or_default().trim_matches(quotes));
    }
}

/// A style sheet without its escapes (CSS Syntax, 4.3.7).
fn unescaped(css: &str) -> String {
    if !css.contains('\\') {
        return css.to_owned();
    }
    let mut out = String::with_capacity(css.len());
    let mut rest = css.chars().peekable();
    while let Some(c) = rest.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let mut code = String::new();
        while let Some(digit) = rest.next_if(|c| code.len() < 6 && c.is_ascii_hexdigit()) {
            code.push(digit);
        }
        if code.is_empty() {
            out.extend(rest.next());
            continue;
        }
        rest.next_if(char::is_ascii_whitespace);
        let code = u32::from_str_radix(&code, 16).ok().and_then(char::from_u32);
        out.extend(code);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(html: &str) -> Vec<String> {
        hosts(html).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn p13_whatever_loads_is_found_however_it_is_written() {
        for html in [
            "<img src=https://x.example/a.png>",
            "<IMG SRC = 'HTTPS://X.EXAMPLE/a.png'>",
            "<img src='//x.example/a'>",
            "<img src='https:\\\\x.example/a'>",
            "<img src='https:x.example'>"
                .replace("https:x", "http:///x")
                .as_str(),
            "<img src='&#104;ttps&colon;&sol;&sol;x&period;example/'>",
            "<img src='https://x.exa\nmple/'>",
            "<img srcset='a.png 1x, https://x.example/b.png 2x'>",
            "<table background=https://x.example/>",
            "<video poster=https://x.example/></video>",
            "<div style='background:url(&quot;https://x.example/&quot;)'>",
            "<div style='background:u\\72l(https://x.example/)'>",
            "<style>@import 'https://x.example/a.css';</style>",
            "<style>p { background: url( https://x.example/a ) }</style>",
            "<svg><style><img src=https://x.example></style></svg>",
            "<svg><image xlink:href='https://x.example/a'/></svg>",
            "<script src=https://x.example/></script>",
            "<iframe src=https://x.example></iframe>",
            "<form action=https://x.example/>",
            "<button formaction=https://x.example/>",
            "<link rel=stylesheet href=https://x.example/a.css>",
            "<base href=https://x.example/>",
            "<meta http-equiv=refresh content='0; URL=\"https://x.example/\"'>",
            "<object data=https://x.example/></object>",
            "<a ping=https://x.example/ href=https://y.example/>",
            "<!--[if mso]><v:fill src='https://x.example/a'/><![endif]-->",
            "<img title='>' src=https://x.example/>",
            "<td alt=x background=https:&#x2f;&#x2f;x.example>",
        ] {
            assert_eq!(found(html), ["x.example"], "{html}");
        }
    }

    #[test]
    fn p16_links_and_what_has_no_host_are_no_content() {
        for html in [
            "<a href=https://x.example/>x</a>",
            "<area href=https://x.example/>",
            "<img src=cid:logo><img src=data:image/png;base64,AAAA><img src=logo.png><img src=>",
            "<p>https://x.example/a.png url(https://x.example)</p>",
            "<!-- <img src=https://x.example/> -->",
            "<meta name=description content='of https://x.example'>",
            "<div style='font-family: \"Open Sans\", serif'>",
        ] {
            assert_eq!(found(html), [""; 0], "{html}");
        }
    }
}
