//! Custom fields: what a tenant keeps of people beside their address, name and company, each of a type of its own.

use crate::line;
use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

/// The longest text of a value, in characters.
pub const MAX_TEXT_CHARS: usize = 200;

/// The name of a field in rules, imports and templates: a lower-case letter, then up to 39 of `a-z`, `0-9` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FieldKey(String);

/// What cannot be the key of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldKeyError {
    /// It has other characters, or too many.
    #[error("a key begins with a lower-case letter and has up to 40 characters from a-z, 0-9 and _")]
    Malformed,
    /// It is what something else is called.
    #[error("this key stands for something that every subscriber has: choose another one")]
    Taken,
}

/// What columns of imports and values of templates are called already.
const TAKEN: &[&str] = &[
    "email",
    "name",
    "company",
    "language",
    "source",
    "statement",
    "collected_at",
    "id",
    "status",
];

impl FieldKey {
    /// Reads a key.
    pub fn parse(text: &str) -> Result<Self, FieldKeyError> {
        let fits = (1..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !fits {
            return Err(FieldKeyError::Malformed);
        }
        if TAKEN.contains(&text) {
            return Err(FieldKeyError::Taken);
        }
        Ok(Self(text.to_owned()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for FieldKey {
    type Error = FieldKeyError;

    fn try_from(text: String) -> Result<Self, FieldKeyError> {
        Self::parse(&text)
    }
}

impl From<FieldKey> for String {
    fn from(key: FieldKey) -> Self {
        key.0
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What sort of value a field has. It never changes: what is there would not fit any more.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// A number.
    Number,
    /// A day of the calendar.
    Date,
    /// Yes or no.
    Flag,
    /// One of the choices that the field has.
    Choice,
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// Of a text, or a choice.
    Text(String),
    /// Of a number: always a finite one.
    Number(f64),
    /// Of a date.
    Date(NaiveDate),
    /// Of a flag.
    Flag(bool),
}

/// Why a text is no value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldValueError {
    /// Of a text.
    #[error("a text is one line of 1 to {MAX_TEXT_CHARS} characters")]
    Text,
    /// Of a number.
    #[error("a number of at most 15 digits is needed here, such as 12 or -3.5; what is longer is a text")]
    Number,
    /// Of a date.
    #[error("a date is needed here, such as 2026-11-30")]
    Date,
    /// Of a flag.
    #[error("true or false is needed here")]
    Flag,
    /// Of a choice.
    #[error("this is none of the choices that the field has")]
    Choice,
}

impl FieldValue {
    /// Reads a value of this sort; `choices` are those of the field, if it has any.
    pub fn parse(kind: FieldKind, choices: &[String], text: &str) -> Result<Self, FieldValueError> {
        let text = text.trim();
        match kind {
            FieldKind::Text => line(text).ok_or(FieldValueError::Text),
            FieldKind::Number => {
                let is_short = text.chars().filter(char::is_ascii_digit).count() <= MAX_DIGITS;
                let number = text.parse().ok().filter(|number| is_short && is_exact(*number));
                // There is one zero: a negative one would read otherwise than it compares.
                number
                    .map(|number| Self::Number(number + 0.0))
                    .ok_or(FieldValueError::Number)
            }
            FieldKind::Date => date(text).map(Self::Date).ok_or(FieldValueError::Date),
            FieldKind::Flag => match text {
                "true" => Ok(Self::Flag(true)),
                "false" => Ok(Self::Flag(false)),
                _ => Err(FieldValueError::Flag),
            },
            FieldKind::Choice => {
                let chosen = choices.iter().find(|choice| *choice == text);
                chosen
                    .map(|choice| Self::Text(choice.clone()))
                    .ok_or(FieldValueError::Choice)
            }
        }
    }
}

/// How many digits of a number are kept as they were written (IEEE 754, binary64).
const MAX_DIGITS: usize = 15;

/// Whether a number is one that is read as it was written.
pub(crate) fn is_exact(number: f64) -> bool {
    number.is_finite() && number.to_string().chars().filter(char::is_ascii_digit).count() <= MAX_DIGITS
}

impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Date(date) => write!(f, "{date}"),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

fn line(text: &str) -> Option<FieldValue> {
    let fits = (1..=MAX_TEXT_CHARS).contains(&text.chars().count()) && line::is_line(text);
    fits.then(|| FieldValue::Text(text.to_owned()))
}

/// A day as ISO 8601 writes it, of a year with four digits.
fn date(text: &str) -> Option<NaiveDate> {
    let date: NaiveDate = text.parse().ok()?;
    (text.len() == 10 && (1..=9999).contains(&date.year())).then_some(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_as_it_is_read() {
        let choices = ["red".to_owned(), "dark blue".to_owned()];
        for (kind, text) in [
            (FieldKind::Text, "Zoë & Co. \"42\""),
            (FieldKind::Number, "-3.5"),
            (FieldKind::Number, "1000000"),
            (FieldKind::Date, "2024-02-29"),
            (FieldKind::Flag, "false"),
            (FieldKind::Choice, "dark blue"),
        ] {
            let value = FieldValue::parse(kind, &choices, &format!(" {text} ")).unwrap();
            assert_eq!(value.to_string(), text);
        }
        assert_eq!(
            FieldValue::parse(FieldKind::Number, &[], "-0")
                .unwrap()
                .to_string(),
            "0"
        );
    }

    #[test]
    fn what_is_of_another_sort_is_no_value() {
        for (kind, text) in [
            (FieldKind::Text, ""),
            (FieldKind::Text, "two\nlines"),
            (FieldKind::Number, "NaN"),
            (FieldKind::Number, "inf"),
            (FieldKind::Number, "1e400"),
            (FieldKind::Number, "1e20"),
            (FieldKind::Number, "12345678901234567"),
            (FieldKind::Number, "0.1234567890123456"),
            (FieldKind::Number, "1,5"),
            (FieldKind::Date, "2023-02-29"),
            (FieldKind::Date, "30.11.2026"),
            (FieldKind::Date, "2026-1-1"),
            (FieldKind::Flag, "yes"),
            (FieldKind::Choice, "blue"),
        ] {
            assert!(
                FieldValue::parse(kind, &["red".to_owned()], text).is_err(),
                "{text:?}"
            );
        }
        let long = "x".repeat(MAX_TEXT_CHARS + 1);
        assert!(FieldValue::parse(FieldKind::Text, &[], &long).is_err());
    }

    #[test]
    fn a_key_is_short_plain_and_not_taken() {
        assert!(FieldKey::parse("shoe_size2").is_ok());
        assert_eq!(FieldKey::parse("email"), Err(FieldKeyError::Taken));
        for bad in ["", "2nd", "Shoe", "shoe-size", "größe", &"k".repeat(41)] {
            assert_eq!(FieldKey::parse(bad), Err(FieldKeyError::Malformed), "{bad}");
        }
    }
}
