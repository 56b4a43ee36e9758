//! The words of a policy's text, without the marks of Markdown: what is compared with another version's.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// The words of a text, a line for each paragraph, heading and item of a list.
///
/// Emphasis goes. What changes the meaning stays: where a link leads, in brackets behind it; what is struck out,
/// between tildes; HTML, as it was written.
pub(super) fn words_of(markdown: &str) -> String {
    let mut words = String::with_capacity(markdown.len());
    let mut links = Vec::new();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                words.push_str(&text);
            }
            Event::SoftBreak | Event::End(TagEnd::TableCell) => words.push(' '),
            Event::HardBreak => words.push('\n'),
            Event::Start(Tag::Strikethrough) | Event::End(TagEnd::Strikethrough) => words.push_str("~~"),
            Event::Start(Tag::Link { dest_url, .. }) => links.push(dest_url),
            Event::End(TagEnd::Link) => {
                if let Some(address) = links.pop().filter(|address| !words.ends_with(address.as_ref())) {
                    words.push_str(" (");
                    words.push_str(&address);
                    words.push(')');
                }
            }
            Event::Start(Tag::Item) => {
                if !words.is_empty() && !words.ends_with('\n') {
                    words.push('\n');
                }
                words.push_str("• ");
            }
            Event::End(TagEnd::Item | TagEnd::TableHead | TagEnd::TableRow) => end_with(&mut words, "\n"),
            Event::End(
                TagEnd::Paragraph
                | TagEnd::Heading(_)
                | TagEnd::List(_)
                | TagEnd::Table
                | TagEnd::CodeBlock
                | TagEnd::HtmlBlock,
            ) => end_with(&mut words, "\n\n"),
            _ => {}
        }
    }
    words.truncate(words.trim_end().len());
    words
}

fn end_with(words: &mut String, ending: &str) {
    words.truncate(words.trim_end().len());
    words.push_str(ending);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p09_the_words_stay_and_the_marks_go() {
        let text = "# Privacy\n\nWe *ask* **first**,\nsee [here](https://a.example/).\n\n- one\n  - half\n- two\n\n\
                    1. once\n\n2. twice\n\n`code` and <https://b.example/>";
        let words = "Privacy\n\nWe ask first, see here (https://a.example/).\n\n• one\n• half\n• two\n\n\
                     • once\n• twice\n\ncode and https://b.example/";
        assert_eq!(words_of(text), words);
    }

    #[test]
    fn p09_what_changes_the_meaning_stays() {
        let texts = [
            "We sell nothing.",
            "We ~~sell nothing~~.",
            "We [sell](https://a.example/) nothing.",
            "We [sell](https://b.example/) nothing.",
            "We <b hidden>sell</b> nothing.",
            "| We | sell |\n|---|---|\n| no | thing |",
        ];
        let mut words = texts.map(words_of).to_vec();
        words.dedup();
        assert_eq!(words.len(), texts.len(), "{words:?}");
        assert_eq!(words.last().map(String::as_str), Some("We sell\nno thing"));
    }
}
