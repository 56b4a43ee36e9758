//! What people write, checked before it is kept: names of one line, texts of several. Neither holds a character
//! that a mail, a page or a database has no place for.

use assent_domain::line::{is_blank, is_line, is_stray};

use crate::error::StoreError;

/// The longest name, in characters.
pub(crate) const MAX_NAME_CHARS: usize = 200;

/// Takes a name as people read it: trimmed, one line, not empty, not endless.
pub(crate) fn name(field: &'static str, text: &str) -> Result<String, StoreError> {
    let text = text.trim();
    if is_blank(text) {
        return Err(StoreError::invalid(field, "a name is needed here"));
    }
    if text.chars().count() > MAX_NAME_CHARS || !is_line(text) {
        let rule = format!("a name is one line of at most {MAX_NAME_CHARS} characters");
        return Err(StoreError::invalid(field, rule));
    }
    Ok(text.to_owned())
}

/// The longest key of a tenant's own, in characters.
const MAX_KEY_CHARS: usize = 200;

/// Checks a tenant's own name for something that is to be done once.
pub(crate) fn key(field: &'static str, key: &str) -> Result<(), StoreError> {
    let chars = key.chars().count();
    if key.trim() != key || !(1..=MAX_KEY_CHARS).contains(&chars) || !is_line(key) {
        let rule = format!(
            "a key has 1 to {MAX_KEY_CHARS} characters, in one line, without spaces around: an order's number, say"
        );
        return Err(StoreError::invalid(field, rule));
    }
    Ok(())
}

/// Takes a text of several lines and at most `max_chars` characters, trimmed. It may be empty.
pub(crate) fn lines(field: &'static str, text: &str, max_chars: usize) -> Result<String, StoreError> {
    let text = text.trim();
    if text.chars().count() > max_chars {
        let rule = format!("this text has at most {max_chars} characters");
        return Err(StoreError::invalid(field, rule));
    }
    check_characters(field, text)?;
    Ok(text.to_owned())
}

/// Refuses control characters other than line ends and tabs: NUL, which PostgreSQL cannot store, among them.
pub(crate) fn check_characters(field: &'static str, text: &str) -> Result<(), StoreError> {
    let stray = |c: &char| is_stray(*c) && !matches!(c, '\n' | '\r' | '\t');
    match text.chars().find(stray) {
        None => Ok(()),
        Some(found) => {
            let rule = format!(
                "the character U+{:04X} has no place in a text: leave it out",
                u32::from(found)
            );
            Err(StoreError::invalid(field, rule))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_holds_nothing_that_cannot_be_stored_or_shown() {
        assert_eq!(lines("summary", " a\r\n\tb ", 10).unwrap(), "a\r\n\tb");
        for bad in ["a\0b", "a\u{1b}[31m", "a\u{85}b"] {
            let error = lines("summary", bad, 10).unwrap_err();
            assert!(
                matches!(error, StoreError::Invalid { field: "summary", .. }),
                "{bad:?}"
            );
        }
        assert!(lines("summary", "eleven char", 10).is_err());
        assert!(name("name", "a\nb").is_err());
    }
}
