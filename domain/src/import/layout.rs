//! How a table is laid out: as it was found, and what a tenant says of it beforehand.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use super::{ImportField, TextEncoding};
use crate::custom_field::FieldKey;

/// What stands between cells.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// U+0009
    Tab,
    /// `|`
    Bar,
}

impl Delimiter {
    /// The octet that it is.
    pub fn octet(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Bar => b'|',
        }
    }
}

/// What the cells of a column are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Something that every subscriber has, or evidence of their permission.
    Field(ImportField),
    /// Values of a field of the tenant's own.
    Custom(FieldKey),
}

impl Holds {
    /// Its code: that of a field is in capitals, that of a custom field is its key, which is not.
    pub fn code(&self) -> &str {
        match self {
            Self::Field(field) => field.into(),
            Self::Custom(key) => key.as_str(),
        }
    }

    /// Reads what [`Holds::code`] gave.
    pub fn of_code(code: &str) -> Option<Self> {
        let field = code.parse().map(Self::Field).ok();
        field.or_else(|| FieldKey::parse(code).map(Self::Custom).ok())
    }
}

impl fmt::Display for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A column of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// What the first row calls it; empty where there are no names.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is about; nothing where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Holds>,
}

/// Which column is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The one with this name.
    Name(String),
    /// The one at this place: 1 is the first.
    Number(u32),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name:?}"),
            Self::Number(number) => write!(f, "number {number}"),
        }
    }
}

/// What a tenant says of a column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assigned {
    /// Which.
    pub column: Place,
    /// What it is about; nothing where it is to be left out.
    pub holds: Option<Holds>,
}

/// What a tenant says of a table beforehand. What it leaves open is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// The encoding of its text.
    pub encoding: Option<TextEncoding>,
    /// What stands between cells.
    pub delimiter: Option<Delimiter>,
    /// Whether its first row names the columns.
    pub has_header: Option<bool>,
    /// What columns are about.
    pub columns: Vec<Assigned>,
}
