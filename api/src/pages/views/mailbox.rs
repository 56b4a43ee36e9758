//! `/dev/mailbox`: mail that was kept in place of being sent, for people who try Assent or work on it.

use askama::Template;

use super::tongue::Tongue;
use super::when::When;

/// The list of kept messages, the newest first.
#[derive(Template)]
#[template(path = "pages/mailbox.html", whitespace = "minimize")]
pub struct MailboxPage {
    /// The language.
    pub tongue: Tongue,
    /// The messages, the newest first.
    pub messages: Vec<MailboxRow>,
    /// How many messages there are beyond those listed.
    pub not_listed: usize,
}

/// One kept message in the list.
#[derive(Clone)]
pub struct MailboxRow {
    /// Its part of the address `/dev/mailbox/{id}`.
    pub id: String,
    /// When it was kept.
    pub at: When,
    /// Sender, as in the header.
    pub from: String,
    /// Recipient of the envelope.
    pub to: String,
    /// Subject, decoded.
    pub subject: String,
}

/// One kept message.
#[derive(Template)]
#[template(path = "pages/mailbox_message.html", whitespace = "minimize")]
pub struct MailboxMessagePage {
    /// The language.
    pub tongue: Tongue,
    /// Its part of the address `/dev/mailbox/{id}`.
    pub id: String,
    /// When it was kept.
    pub at: When,
    /// Subject, decoded.
    pub subject: String,
    /// Every header in order, decoded and unfolded.
    pub headers: Vec<(String, String)>,
    /// The text part.
    pub text: Option<String>,
    /// Whether there is an HTML part, served at `/dev/mailbox/{id}/html`.
    pub has_html: bool,
}

impl MailboxMessagePage {
    /// The text part, cut so that its links can be followed as a reader would.
    pub fn text_pieces(&self) -> Vec<TextPiece<'_>> {
        self.text.as_deref().map(cut_at_links).unwrap_or_default()
    }
}

/// A piece of a text part.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum TextPiece<'a> {
    /// Text to show.
    Plain(&'a str),
    /// A link to follow; `http` or `https` only.
    Link(&'a str),
}

fn cut_at_links(text: &str) -> Vec<TextPiece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = next_link(rest) {
        let (before, from_link) = rest.split_at(start);
        let end = from_link
            .find(|c: char| c.is_whitespace() || "<>\"".contains(c))
            .unwrap_or(from_link.len());
        let (candidate, _) = from_link.split_at(end);
        let link = candidate.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']);
        let (link, after) = from_link.split_at(link.len());
        if !before.is_empty() {
            pieces.push(TextPiece::Plain(before));
        }
        pieces.push(TextPiece::Link(link));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(TextPiece::Plain(rest));
    }
    pieces
}

fn next_link(text: &str) -> Option<usize> {
    [text.find("http://"), text.find("https://")]
        .into_iter()
        .flatten()
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_text_part_are_cut_out_without_the_punctuation_around_them() {
        let pieces = cut_at_links("Confirm (https://a.example/c/1): <http://b.example/?x=1&y=2>. Bye");
        let expected = [
            TextPiece::Plain("Confirm ("),
            TextPiece::Link("https://a.example/c/1"),
            TextPiece::Plain("): <"),
            TextPiece::Link("http://b.example/?x=1&y=2"),
            TextPiece::Plain(">. Bye"),
        ];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn text_without_links_and_broken_links_are_kept_whole() {
        assert_eq!(cut_at_links(""), []);
        assert_eq!(cut_at_links("é\nü"), [TextPiece::Plain("é\nü")]);
        let joined: String = cut_at_links("https:// https://, https://é")
            .iter()
            .map(|piece| match piece {
                TextPiece::Plain(text) | TextPiece::Link(text) => *text,
            })
            .collect();
        assert_eq!(joined, "https:// https://, https://é");
    }
}
