//! From HTML to the text part: links with their targets, lists, no tables, no line breaks by width.
//!
//! The source is brought to a few plain elements first. Tables, lists and formatting elements would move or
//! repeat the template tags between their rows and items; without them every tag stays where it was.

use std::fmt::Write as _;

use html2text::config;

use super::markup::{Piece, Tag, pieces};
use super::protect::Tags;
use super::way_out::Hidden;

/// No paragraph is wider: values are put in later, so any width chosen now would be wrong.
const WIDTH: usize = 1_000_000;
/// Elements nested deeper are refused: parsers of trees recurse.
const MAX_DEPTH: usize = 100;

/// Why there is no text part.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TextError {
    #[error("Elements are nested more than {MAX_DEPTH} deep: end elements where they end.")]
    TooDeep,
    #[error("The HTML could not be turned into text ({0}).")]
    Converter(String),
}

const BLOCKS: [&str; 18] = [
    "div",
    "section",
    "article",
    "header",
    "footer",
    "main",
    "nav",
    "aside",
    "center",
    "address",
    "figure",
    "figcaption",
    "form",
    "fieldset",
    "dl",
    "dt",
    "dd",
    "details",
];
const PARAGRAPHS: [&str; 8] = ["p", "h1", "h2", "h3", "h4", "h5", "h6", "summary"];

/// Turns protected HTML into protected text.
pub(crate) fn text_of(html: &str, tags: &Tags<'_>) -> Result<String, TextError> {
    let mut plain = Plain {
        out: String::with_capacity(html.len()),
        ..Plain::default()
    };
    let mut hidden = None;
    for piece in pieces(html) {
        let was_hidden = hidden.is_some();
        if let Piece::Tag(tag) = &piece {
            hidden = Hidden::after_by_look(hidden, tag);
            if hidden.is_some() || (was_hidden && tag.closing) {
                continue;
            }
        }
        match piece {
            // What nobody sees is left out; what it is between still has to match.
            Piece::Text(text) if was_hidden => plain.out.push_str(&tags.statements_in(text)),
            Piece::Text(text) => plain.text(text),
            Piece::Comment(comment) if tags.is_statement(comment) => plain.line(comment),
            Piece::Comment(_) | Piece::Raw(_) => {}
            Piece::Tag(tag) => plain.tag(&tag),
        }
        if plain.depth > MAX_DEPTH {
            return Err(TextError::TooDeep);
        }
    }
    let text = config::plain_no_decorate()
        .allow_width_overflow()
        .string_from_read(plain.out.as_bytes(), WIDTH)
        .map_err(|error| TextError::Converter(error.to_string()))?;
    Ok(tidy(&text.replace('\u{a0}', " ")))
}

/// Removes trailing spaces and all but one of several blank lines, as conditions leave them.
pub(crate) fn tidy(text: &str) -> String {
    let mut tidied = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines().map(str::trim_end) {
        blank = if line.is_empty() { blank + 1 } else { 0 };
        if blank > 1 || (tidied.is_empty() && line.is_empty()) {
            continue;
        }
        tidied.push_str(line);
        tidied.push('\n');
    }
    tidied.truncate(tidied.trim_end().len());
    tidied.push('\n');
    tidied
}

#[derive(Default)]
struct Plain {
    out: String,
    depth: usize,
    /// The lists we are in: the number of the last item, none for bullets.
    lists: Vec<Option<usize>>,
    /// The links we are in: target, and where their text begins.
    links: Vec<(String, usize)>,
    /// Right after a bullet, where a paragraph must not begin a new line.
    after_bullet: bool,
    in_head: bool,
}

impl Plain {
    fn text(&mut self, text: &str) {
        if self.in_head {
            return;
        }
        if !text.trim().is_empty() {
            self.after_bullet = false;
        }
        self.out.push_str(text);
    }

    /// A template tag on a line of its own.
    fn line(&mut self, placeholder: &str) {
        self.out.push_str("<div>");
        self.out.push_str(placeholder);
        self.out.push_str("</div>");
    }

    fn tag(&mut self, tag: &Tag<'_>) {
        if tag.is_any(&["head", "body"]) {
            self.in_head = tag.is("head") && !tag.closing;
            return;
        }
        if self.in_head {
            return;
        }
        if tag.is_any(&BLOCKS) {
            self.open_or_close(tag, "div");
        } else if tag.is("blockquote") {
            self.open_or_close(tag, "blockquote");
        } else if tag.is("pre") {
            self.open_or_close(tag, "pre");
        } else if tag.is_any(&PARAGRAPHS) {
            if !std::mem::take(&mut self.after_bullet) {
                self.out.push_str(if tag.closing { "</p>" } else { "<p>" });
            }
        } else if tag.is_any(&["ul", "ol", "menu"]) {
            self.list(tag);
        } else if tag.is("li") {
            self.item(tag);
        } else if tag.is("a") {
            self.link(tag);
        } else if tag.is_any(&["br", "tr"]) && !tag.closing || tag.is("table") {
            self.out.push_str("<br>");
        } else if tag.is_any(&["td", "th"]) && tag.closing {
            self.out.push(' ');
        } else if tag.is("hr") {
            self.out.push_str("<p>----------</p>");
        } else if tag.is("img")
            && let Some(alt) = tag.attribute("alt")
        {
            self.out.push_str(&alt.replace('<', "&lt;"));
        }
    }

    fn open_or_close(&mut self, tag: &Tag<'_>, name: &str) {
        self.after_bullet = false;
        self.depth = if tag.closing {
            self.depth.saturating_sub(1)
        } else {
            self.depth + 1
        };
        let slash = if tag.closing { "/" } else { "" };
        let _ = write!(self.out, "<{slash}{name}>");
    }

    fn list(&mut self, tag: &Tag<'_>) {
        self.open_or_close(tag, "div");
        if tag.closing {
            self.lists.pop();
        } else {
            self.lists.push(tag.is("ol").then_some(0));
        }
    }

    fn item(&mut self, tag: &Tag<'_>) {
        if tag.closing {
            self.after_bullet = false;
            return;
        }
        self.out.push_str("<br>");
        for _ in 1..self.lists.len() {
            self.out.push_str("&nbsp;&nbsp;");
        }
        match self.lists.last_mut() {
            Some(Some(number)) => {
                *number += 1;
                let _ = write!(self.out, "{number}. ");
            }
            _ => self.out.push_str("* "),
        }
        self.after_bullet = true;
    }

    fn link(&mut self, tag: &Tag<'_>) {
        if !tag.closing {
            let target = tag.attribute("href").unwrap_or_default().trim();
            self.links.push((target.to_owned(), self.out.len()));
            return;
        }
        let Some((target, start)) = self.links.pop() else {
            return;
        };
        let shown = self.out.get(start..).unwrap_or_default().trim();
        let spoken = target.strip_prefix("mailto:").unwrap_or(&target);
        if spoken.is_empty() || spoken.starts_with('#') || shown == spoken {
            return;
        }
        let target = spoken.replace('<', "&lt;").replace('>', "&gt;");
        let _ = write!(self.out, " &lt;{target}&gt;");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        text_of(html, &Tags::new(html)).expect("converts")
    }

    #[test]
    fn a_link_is_followed_by_its_target() {
        assert_eq!(
            text("<p>See <a href='https://a.example/?x=1&amp;y=2'>our <b>shop</b></a>.</p>"),
            "See our shop <https://a.example/?x=1&y=2>.\n"
        );
    }

    #[test]
    fn a_link_that_shows_its_target_shows_it_once() {
        assert_eq!(
            text("<a href='https://a.example'>https://a.example</a>"),
            "https://a.example\n"
        );
    }

    #[test]
    fn lists_and_paragraphs_in_them_keep_their_bullets() {
        assert_eq!(
            text("<p>A</p><ul><li><p>one</p></li><li>two<ol><li>x</li></ol></li></ul><p>B</p>"),
            "A\n\n* one\n* two\n\n  1. x\n\nB\n"
        );
    }

    #[test]
    fn a_table_becomes_lines() {
        assert_eq!(
            text("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"),
            "a b\nc\n"
        );
    }

    #[test]
    fn head_style_and_script_leave_no_text() {
        assert_eq!(
            text(
                "<html><head><title>t</title><style>p{}</style></head><body><script>1</script>x</body></html>"
            ),
            "x\n"
        );
    }

    #[test]
    fn what_is_hidden_is_left_out_and_statements_in_it_are_not() {
        assert_eq!(
            text("<div style=\"display:none;max-height:0\">pre<b>x</b></div><p>a</p><p hidden>b<p>c</p>"),
            "a\n\nc\n"
        );
        assert_eq!(text("<head><title>t</title><body>a"), "a\n");
        let source = "<i hidden>x{% if y %}x</i>a{% endif %}";
        let mut tags = Tags::new(source);
        let parts =
            crate::render::protect::segments(crate::render::TemplateField::Body, source).expect("a template");
        let html = tags.protect_all(&parts);
        assert_eq!(
            tags.restore(&text_of(&html, &tags).expect("converts")),
            "{% if y %}a{% endif %}\n"
        );
    }

    #[test]
    fn deep_nesting_is_refused() {
        let html = "<div>".repeat(100_000);
        assert!(matches!(
            text_of(&html, &Tags::new(&html)),
            Err(TextError::TooDeep)
        ));
    }

    #[test]
    fn a_megabyte_of_unclosed_formatting_is_converted_at_once() {
        let html = (0..20_000).fold(String::new(), |html, n| {
            html + &format!("<font color={n}><p><b>x<a href=y>")
        });
        assert!(text_of(&html, &Tags::new(&html)).is_ok());
    }
}
