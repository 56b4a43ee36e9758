//! A look at the text before it is parsed: the parser calls itself for every bracket, and a stack overflow would
//! end the process.

use std::collections::HashSet;

use super::too_complex;
use crate::graphql::error::{ApiError, ErrorCode};

/// The most tokens of a document.
const MAX_TOKENS: usize = 10_000;
/// How deep brackets may lie within each other.
const MAX_NESTING: usize = 60;

/// What brackets are around.
#[derive(PartialEq, Eq)]
enum Within<'a> {
    Selections,
    /// Arguments, variables, or a list.
    Values,
    /// An input object, with the names that it has so far.
    Object(HashSet<&'a str>),
}

/// Counts tokens and nesting, by the lexical grammar of the specification (GraphQL, 2.1). What has no end is
/// refused here: the parser would look for another way to read it. So is an input object with a name twice (5.6.3), of which
/// the parser would keep the last.
pub(super) fn check(query: &str) -> Result<(), ApiError> {
    let mut rest = query;
    let mut tokens = 0_usize;
    let (mut within, mut word_before): (Vec<Within<'_>>, _) = (Vec::new(), "");
    while let Some(first) = rest.chars().next() {
        let length = match first {
            ' ' | '\t' | '\n' | '\r' | ',' | '\u{feff}' => {
                rest = rest.trim_start_matches([' ', '\t', '\n', '\r', ',', '\u{feff}']);
                continue;
            }
            '#' => {
                rest = rest.trim_start_matches(|c| !matches!(c, '\n' | '\r'));
                continue;
            }
            '"' => string(rest).ok_or_else(|| {
                ApiError::new(
                    ErrorCode::BadUserInput,
                    "the document ends, or a line does, within a string",
                )
            })?,
            '{' | '[' | '(' => {
                // Selections are never within arguments, and objects are nowhere else.
                let is_object = first == '{' && within.last().is_some_and(|of| *of != Within::Selections);
                within.push(match first {
                    '{' if is_object => Within::Object(HashSet::new()),
                    '{' => Within::Selections,
                    _ => Within::Values,
                });
                1
            }
            '}' | ']' | ')' => {
                within.pop();
                1
            }
            ':' => {
                if let Some(Within::Object(names)) = within.last_mut()
                    && !names.insert(word_before)
                {
                    let message = format!("an input object names `{word_before}` twice");
                    return Err(ApiError::new(ErrorCode::BadUserInput, message));
                }
                1
            }
            _ => {
                let is_word = |c: char| c.is_alphanumeric() || c == '_';
                let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
                word.max(first.len_utf8())
            }
        };
        tokens += 1;
        if tokens > MAX_TOKENS || within.len() > MAX_NESTING {
            let message = format!(
                "a document has at most {MAX_TOKENS} tokens and brackets {MAX_NESTING} deep: pass values as variables"
            );
            return Err(too_complex(message));
        }
        (word_before, rest) = rest.split_at_checked(length).unwrap_or_default();
    }
    Ok(())
}

/// The length in octets of the string or block string that `text` begins with.
fn string(text: &str) -> Option<usize> {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        let mut from = 0;
        loop {
            let end = from + block.get(from..)?.find("\"\"\"")?;
            if !block.get(..end)?.ends_with('\\') {
                return Some(end + 6);
            }
            from = end + 3;
        }
    }
    let mut escaped = false;
    for (offset, c) in text.char_indices().skip(1) {
        match c {
            '\n' | '\r' => return None,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(offset + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_as_the_specification_says() {
        for (text, length) in [
            (r#""" x"#, 2),
            (r#""a" x"#, 3),
            (r#""a\"b" x"#, 6),
            (r#""a\\" x"#, 5),
            (r#""""a"b""" x"#, 9),
            (r#""""a\"""b""" x"#, 12),
            (r#"""""""x"#, 6),
        ] {
            assert_eq!(string(text), Some(length), "{text}");
        }
        for text in ["\"a", "\"a\nb\"", "\"\"\"a", "\"\"\"\"", r#""a\""#] {
            assert_eq!(string(text), None, "{text}");
        }
    }

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let brackets = "[".repeat(200);
        for text in [
            format!("{{ a(b: \"{brackets}\") }}"),
            format!("{{ a(b: \"\"\"\n{brackets}\"\"\") }}"),
            format!("# {brackets}\n{{ a }}"),
        ] {
            assert!(check(&text).is_ok());
        }
        assert!(check(&format!("{{ a(b: {brackets}")).is_err());
        assert!(check(&format!("# \r{brackets}")).is_err());
    }

    #[test]
    fn an_input_object_names_nothing_twice() {
        for twice in [
            "{ a(b: {c: 1, c: 2}) }",
            "query ($v: T = {c: 1, d: {c: 1} c: 2}) { a }",
            "{ a(b: [{c: 1} {c: 1, c : 1}]) }",
        ] {
            assert!(check(twice).is_err(), "{twice}");
        }
        for once in [
            "{ a(b: {c: {c: 1}}) c: a c: a }",
            "{ a(b: [{c: 1} {c: 1}], c: {c: d}) { c: a c: a } }",
        ] {
            assert!(check(once).is_ok(), "{once}");
        }
    }

    #[test]
    fn nothing_hides_behind_a_string_without_an_end() {
        let brackets = "[".repeat(30_000);
        for start in ["\"", "\"\"\"", "\"\"\"\"", "# \r \"\n", "[\"\"\"\" "] {
            assert!(check(&format!("{{ a(b: {start}{brackets}")).is_err(), "{start}");
        }
    }
}
