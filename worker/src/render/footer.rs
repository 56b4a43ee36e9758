//! What is added around a body: the document and the footer.

use std::fmt::Write as _;

use super::check::Uses;
use super::markup::{Piece, pieces};
use super::protect::Tags;
use crate::words::Words;

/// A link of the footer: where the author put it, what it says, and the tag that gives its address.
type Link = (Option<usize>, String, &'static str);

/// The parts of the marketing footer that the author left out, as protected HTML and protected text; empty when the
/// author has them all.
pub(crate) fn missing_parts(uses: Uses, language: &str, tags: &mut Tags<'_>) -> (String, String) {
    let words = Words::best([language]);
    let (mut html, mut text) = (String::new(), String::new());
    if uses.postal_address.is_none() {
        let address = tags.protect("{{ tenant.postal_address }}");
        let _ = writeln!(
            html,
            "<p style=\"margin:0 0 8px;white-space:pre-line\">{address}</p>"
        );
        let _ = writeln!(text, "{address}");
    }
    let ours = [
        (
            uses.unsubscribe_url,
            words.mail_unsubscribe(),
            "{{ unsubscribe_url }}",
        ),
        (
            uses.preferences_url,
            words.mail_preferences(),
            "{{ preferences_url }}",
        ),
        (uses.data_url, words.mail_data(), "{{ data_url }}"),
    ];
    add_links(&ours, tags, &mut html, &mut text);
    boxed(html, text)
}

/// The footer of mail by templates of our own, which say who writes: the way to what is held about its reader.
pub(crate) fn system_parts(uses: Uses, language: &str, tags: &mut Tags<'_>) -> (String, String) {
    let (mut html, mut text) = (String::new(), String::new());
    let ours = [(
        uses.data_url,
        Words::best([language]).mail_data(),
        "{{ data_url }}",
    )];
    add_links(&ours, tags, &mut html, &mut text);
    boxed(html, text)
}

fn add_links(links: &[Link], tags: &mut Tags<'_>, html: &mut String, text: &mut String) {
    for (_, name, tag) in links.iter().filter(|(used, ..)| used.is_none()) {
        let url = tags.protect(tag);
        let _ = writeln!(
            html,
            "<p style=\"margin:0 0 8px\"><a href=\"{url}\" style=\"color:#444\">{name}</a></p>"
        );
        let _ = writeln!(text, "{name}: {url}");
    }
}

fn boxed(html: String, text: String) -> (String, String) {
    if html.is_empty() {
        return (html, text);
    }
    let style = "margin:24px 0 0;padding:16px 0 0;border-top:1px solid #ccc;color:#444;font-size:14px;line-height:1.4";
    (
        format!("<div style=\"{style}\">\n{html}</div>\n"),
        format!("\n---\n{text}"),
    )
}

/// What is put into the body, both protected.
pub(crate) struct Around<'a> {
    /// At its beginning.
    pub(crate) preheader: &'a str,
    /// At its end.
    pub(crate) footer: &'a str,
}

/// What mail programs show beside the subject, and nobody sees in the mail.
pub(crate) fn preheader(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let style =
        "display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;font-size:1px;line-height:1px";
    format!("<div style=\"{style}\">{text}</div>\n")
}

/// Puts the preheader and the footer into the body; makes a document of a fragment.
pub(crate) fn document(body: &str, around: &Around<'_>, language: &str) -> String {
    let Around { preheader, footer } = around;
    let (mut is_document, mut begin, mut end) = (false, 0, body.len());
    for piece in pieces(body) {
        let Piece::Tag(tag) = piece else { continue };
        is_document |= tag.is_any(&["html", "body"]);
        if tag.closing && (tag.is("body") || (tag.is("html") && end == body.len())) {
            end = tag.start;
        } else if !tag.closing && begin == 0 && tag.is("body") {
            begin = tag.end;
        }
    }
    if !is_document {
        return format!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n</head>\n<body>\n\
             {preheader}{body}\n{footer}</body>\n</html>\n",
            language_tag(language)
        );
    }
    let (head, rest) = body.split_at(begin);
    let (within, ended) = rest.split_at(end.saturating_sub(begin));
    format!("{head}{preheader}{within}{footer}{ended}")
}

/// A BCP 47 tag is letters, digits and hyphens; anything else is not put into the document.
pub(crate) fn language_tag(language: &str) -> &str {
    let is_tag = (1..=35).contains(&language.len())
        && language
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if is_tag { language } else { "en" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(body: &str, footer: &str, language: &str) -> String {
        super::document(
            body,
            &Around {
                preheader: "",
                footer,
            },
            language,
        )
    }

    #[test]
    fn a_fragment_becomes_a_document_in_its_language() {
        let html = document("<p>x</p>", "<p>f</p>", "de-AT");
        assert!(html.starts_with("<!doctype html>\n<html lang=\"de-AT\">"));
        assert!(html.contains("<meta charset=\"utf-8\">"));
        assert!(html.contains("<p>x</p>\n<p>f</p></body>"));
        assert!(document("x", "", "\"><script>").contains("lang=\"en\""));
    }

    #[test]
    fn the_footer_goes_to_the_end_of_the_authors_own_body() {
        let html = "<html><body><!-- </body> -->x</body></html>";
        assert_eq!(
            document(html, "F", "en"),
            "<html><body><!-- </body> -->xF</body></html>"
        );
        assert_eq!(document("<html>x</html>", "F", "en"), "<html>xF</html>");
        assert_eq!(document("<body>x", "F", "en"), "<body>xF");
    }

    #[test]
    fn the_preheader_is_the_first_in_the_body() {
        let around = Around {
            preheader: "P",
            footer: "F",
        };
        for (body, whole) in [
            (
                "<html><body class='a>b'>x</body></html>",
                "<html><body class='a>b'>PxF</body></html>",
            ),
            ("<!-- <body> --><body>x</body>", "<!-- <body> --><body>PxF</body>"),
        ] {
            assert_eq!(super::document(body, &around, "en"), whole);
        }
        assert!(super::document("x", &around, "en").contains("<body>\nPx\nF</body>"));
        assert_eq!(preheader(""), "");
    }
}
