//! The proof that a rendered mail has a way out: a visible link to the unsubscribe page and a visible postal
//! address in the HTML part, and both in the text part (15 USC 7704(a)(3) and (5)).

use super::engine::escape_html;
use super::error::MissingWayOut;
use super::markup::{Piece, Tag, pieces};

const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
];
/// Elements that end where the next of their kind begins.
const ENDED_BY_NEXT: [&str; 8] = ["p", "li", "td", "th", "tr", "dt", "dd", "option"];
const NEVER_SHOWN: [&str; 6] = ["head", "script", "style", "template", "title", "datalist"];

pub(crate) fn prove(
    html: &str,
    text: &str,
    unsubscribe_url: &str,
    postal_address: &str,
) -> Result<(), MissingWayOut> {
    let (link, address) = seen_in_html(html, unsubscribe_url, postal_address);
    if !link {
        return Err(MissingWayOut::LinkInHtml);
    }
    if !address {
        return Err(MissingWayOut::PostalAddressInHtml);
    }
    if !holds_url(text, unsubscribe_url) {
        return Err(MissingWayOut::LinkInText);
    }
    if !single_spaced(text).contains(&single_spaced(postal_address)) {
        return Err(MissingWayOut::PostalAddressInText);
    }
    Ok(())
}

/// Whether a link to the page and the postal address can be seen at all where they stand.
pub(crate) fn can_be_seen(unsubscribe_url: &str, postal_address: &str) -> bool {
    let is_web = unsubscribe_url.starts_with("https://") || unsubscribe_url.starts_with("http://");
    is_web && !postal_address.trim().is_empty()
}

/// Whether the text holds the address as it is, and not the beginning of a longer one.
fn holds_url(text: &str, url: &str) -> bool {
    let goes_on = |next: char| next.is_alphanumeric() || "-_/?&=%#".contains(next);
    !url.is_empty() && text.split(url).skip(1).any(|after| !after.starts_with(goes_on))
}

/// Whether a reader of the HTML sees the link and the address. Empty ones are seen by nobody.
fn seen_in_html(html: &str, unsubscribe_url: &str, postal_address: &str) -> (bool, bool) {
    let (url, address) = (escape_html(unsubscribe_url), escape_html(postal_address));
    let (mut link_seen, mut address_seen) = (false, false);
    let mut in_link = false;
    let (mut hidden, mut letters): (Option<Hidden<'_>>, Letters<'_>) = (None, Letters::default());
    for piece in pieces(html) {
        match piece {
            Piece::Tag(tag) => {
                hidden = Hidden::after(hidden, &tag);
                letters.pass(&tag);
                if tag.is("a") {
                    let href = tag.attribute("href").unwrap_or_default().trim();
                    in_link = !tag.closing && (href == url || href == unsubscribe_url);
                } else if tag.is("img") && in_link && hidden.is_none() {
                    link_seen = true;
                }
            }
            Piece::Text(text) if hidden.is_none() && letters.are_seen() => {
                link_seen |= in_link && is_visible(text);
                address_seen |= text.contains(&address);
            }
            Piece::Text(_) | Piece::Raw(_) | Piece::Comment(_) => {}
        }
        if link_seen && address_seen {
            break;
        }
    }
    let is_web = unsubscribe_url.starts_with("https://") || unsubscribe_url.starts_with("http://");
    (
        link_seen && is_web,
        address_seen && !postal_address.trim().is_empty(),
    )
}

fn is_visible(text: &str) -> bool {
    let text = text
        .replace("&nbsp;", " ")
        .replace("&zwnj;", " ")
        .replace("&#8203;", " ");
    text.chars()
        .any(|c| !c.is_whitespace() && !matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}'))
}

/// The element that hides what we are in, and how many of its kind are open.
#[derive(Clone, Copy)]
pub(super) struct Hidden<'a> {
    name: &'a str,
    open: usize,
}

impl<'a> Hidden<'a> {
    fn after(hidden: Option<Self>, tag: &Tag<'a>) -> Option<Self> {
        Self::after_where(hidden, tag, |tag| tag.is_any(&NEVER_SHOWN) || is_hidden(tag))
    }

    /// The same, of elements that would be shown if they did not say that they are not.
    pub(super) fn after_by_look(hidden: Option<Self>, tag: &Tag<'a>) -> Option<Self> {
        Self::after_where(hidden, tag, is_hidden)
    }

    fn after_where(hidden: Option<Self>, tag: &Tag<'a>, hides: impl Fn(&Tag<'a>) -> bool) -> Option<Self> {
        let Some(hiding) = hidden else {
            let begins = !tag.closing && !tag.is_any(&VOID) && hides(tag);
            return begins.then_some(Self {
                name: tag.name,
                open: 1,
            });
        };
        if !tag.is(hiding.name) {
            return hidden;
        }
        if tag.closing {
            return (hiding.open > 1).then_some(Self {
                open: hiding.open - 1,
                ..hiding
            });
        }
        if tag.is_any(&ENDED_BY_NEXT) {
            return Self::after_where(None, tag, hides);
        }
        Some(Self {
            open: hiding.open + 1,
            ..hiding
        })
    }
}

/// Whether an element says of itself that it is not to be seen, with all that is in it.
fn is_hidden(tag: &Tag<'_>) -> bool {
    tag.attribute("hidden").is_some()
        || rules_of(tag).any(|rule| {
            matches!(
                rule.as_str(),
                "display:none" | "visibility:hidden" | "visibility:collapse"
            ) || rule
                .strip_prefix("opacity:")
                .or_else(|| rule.strip_prefix("max-height:"))
                .is_some_and(is_zero)
        })
}

/// The rules of an element's style, in lower case and without spaces.
fn rules_of(tag: &Tag<'_>) -> impl Iterator<Item = String> {
    let style = tag.attribute("style").unwrap_or_default();
    style.split(';').map(|rule| {
        let plain = rule.chars().filter(|c| !c.is_whitespace());
        let plain: String = plain.map(|c| c.to_ascii_lowercase()).collect();
        plain.trim_end_matches("!important").to_owned()
    })
}

/// How large letters are where we are. Mail made of MJML puts letters of no size around everything, to close the gaps
/// between columns; an element within says anew how large its own are.
#[derive(Default)]
struct Letters<'a>(Vec<Within<'a>>);

/// An element that says how large letters are, and how many of its name are open.
struct Within<'a> {
    name: &'a str,
    open: usize,
    has_none: bool,
}

impl<'a> Letters<'a> {
    fn are_seen(&self) -> bool {
        self.0.last().is_none_or(|within| !within.has_none)
    }

    fn pass(&mut self, tag: &Tag<'a>) {
        if tag.is_any(&VOID) {
            return;
        }
        if let Some(within) = self.0.last_mut().filter(|within| tag.is(within.name)) {
            if tag.closing {
                within.open -= 1;
            } else if !tag.is_any(&ENDED_BY_NEXT) {
                within.open += 1;
            } else {
                within.open = 0;
            }
            if within.open == 0 {
                self.0.pop();
            }
        }
        let size = rules_of(tag)
            .filter_map(|rule| rule.strip_prefix("font-size:").map(is_zero))
            .last();
        if let Some(has_none) = size.filter(|_| !tag.closing) {
            self.0.push(Within {
                name: tag.name,
                open: 1,
                has_none,
            });
        }
    }
}

fn is_zero(value: &str) -> bool {
    let number = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    number.parse::<f64>() == Ok(0.0)
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://a.example/u?x=1&y=2";

    fn link_seen(html: &str) -> bool {
        seen_in_html(html, URL, "Street 1").0
    }

    #[test]
    fn a_link_with_words_or_an_image_is_seen() {
        assert!(link_seen("<a href=\"https://a.example/u?x=1&amp;y=2\">Leave</a>"));
        assert!(link_seen(
            "<A HREF='https://a.example/u?x=1&y=2'><b>Leave</b></A>"
        ));
        assert!(link_seen(
            "<a href=\"https://a.example/u?x=1&y=2\"><img src=x></a>"
        ));
        assert!(link_seen(
            "<p style=\"display:none\">pre<p><a href=\"https://a.example/u?x=1&y=2\">Leave</a>"
        ));
        assert!(link_seen(
            "<div hidden><div></div></div><a href=\"https://a.example/u?x=1&y=2\">Leave</a>"
        ));
    }

    #[test]
    fn letters_of_no_size_around_others_hide_nothing() {
        let link = "<a href=\"https://a.example/u?x=1&amp;y=2\">Leave</a>";
        for (before, after) in [
            (
                "<td style='font-size:0px'><div style='font-size:13px'>",
                "</div></td>",
            ),
            ("<td style='font-size:0'><b></b></td><td>", "</td>"),
            ("<div style='font-size:0'><div></div></div>", ""),
            ("<p style='font-size:0'>x<p>", ""),
        ] {
            assert!(link_seen(&format!("{before}{link}{after}")), "{before}");
        }
    }

    #[test]
    fn a_link_that_nobody_sees_is_no_way_out() {
        let link = "<a href=\"https://a.example/u?x=1&amp;y=2\">Leave</a>";
        assert!(link_seen(link));
        for (before, after) in [
            ("<!--", "-->"),
            ("<!--[if mso]>", "<![endif]-->"),
            ("<div style=\"color:red; DISPLAY : none\"><div></div>", "</div>"),
            ("<span hidden>", "</span>"),
            ("<p style='font-size:0px'>", "</p>"),
            (
                "<div style='font-size:12px'><div style='font-size:0'><b>",
                "</b></div></div>",
            ),
            ("<td style='font-size:0'><p style='font-size:9px'>x</p>", "</td>"),
            ("<p style='opacity:0'>", "</p>"),
            ("<style>", "</style>"),
            ("<template>", "</template>"),
            ("<head>", "</head>"),
        ] {
            assert!(!link_seen(&format!("{before}{link}{after}")), "{before}");
        }
        assert!(!link_seen(
            "<a href=\"https://a.example/u?x=1&amp;y=2\"> &nbsp;</a>"
        ));
        assert!(!link_seen("https://a.example/u?x=1&amp;y=2"));
        assert!(!link_seen(
            "<a href=\"https://a.example/u?x=1&amp;y=23\">Leave</a>"
        ));
        assert!(!link_seen(
            "<a href=\"https://a.example/u?x=1&amp;y=2\"></a><a href=\"x\">Leave</a>"
        ));
    }

    #[test]
    fn an_empty_address_or_target_proves_nothing() {
        assert_eq!(seen_in_html("<a href=\"\">x</a>", "", ""), (false, false));
        assert_eq!(
            prove("<a href=\"\">x</a>", "", "", ""),
            Err(MissingWayOut::LinkInHtml)
        );
    }

    #[test]
    fn both_parts_need_both() {
        let html = format!("<a href=\"{URL}\">x</a> Street 1");
        assert_eq!(prove(&html, &format!("{URL} Street\n1"), URL, "Street 1"), Ok(()));
        assert_eq!(
            prove(&html, &format!("{URL}3 Street 1"), URL, "Street 1"),
            Err(MissingWayOut::LinkInText)
        );
        assert_eq!(
            prove(&html, "Street 1", URL, "Street 1"),
            Err(MissingWayOut::LinkInText)
        );
        assert_eq!(
            prove(&html, URL, URL, "Street 1"),
            Err(MissingWayOut::PostalAddressInText)
        );
        let html = format!("<a href=\"{URL}\">x</a> <p hidden>Street 1</p>");
        assert_eq!(
            prove(&html, URL, URL, "Street 1"),
            Err(MissingWayOut::PostalAddressInHtml)
        );
    }
}
