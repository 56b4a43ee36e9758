//! How the table of an import is laid out: what a tenant says of it, and what was found.

use assent_domain::custom_field::FieldKey;
use assent_domain::import as domain;
use assent_domain::import::{Assigned, Holds, Layout, Place, TextEncoding};
use async_graphql::{Enum, InputObject, SimpleObject};

use super::super::error::{ApiError, Result};
use super::ImportField;

/// The most columns that are spoken of.
const MAX_ASSIGNED: usize = 200;

/// What stands between cells.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::Delimiter")]
pub(crate) enum ImportDelimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// U+0009
    Tab,
    /// `|`
    Bar,
}

/// What a column is about. Say which by `name` or by `number`, and what by `field` or by `customField`; with neither of these
/// it is left out.
#[derive(InputObject)]
pub(crate) struct ImportColumnInput {
    /// Its name in the first row; case, blanks and signs do not matter.
    name: Option<String>,
    /// Its place: 1 is the first.
    number: Option<u32>,
    /// What it is about.
    field: Option<ImportField>,
    /// The key of the custom field whose values it has.
    custom_field: Option<String>,
}

/// What is known of a table beforehand. What is left open is found out, and the import shows what was found.
#[derive(InputObject, Default)]
pub(crate) struct ImportTableInput {
    /// Its encoding, as the WHATWG Encoding Standard names it, such as `windows-1252` or `utf-16le`. Found out by the mark at
    /// its beginning, as UTF-8, as UTF-16, or by a guess.
    encoding: Option<String>,
    /// What stands between cells.
    delimiter: Option<ImportDelimiter>,
    /// Whether the first row names the columns. It does, where it is not said, unless an address stands in it.
    has_header: Option<bool>,
    /// What columns are about, at most 200. Of others, it is guessed by their names in the first row: `email`, `name`,
    /// `company`, `language`, `source`, `collectedAt` and `statement`, those that Mailchimp, Brevo, Klaviyo and others give
    /// them, and the keys of custom fields. What is not known is left out.
    columns: Option<Vec<ImportColumnInput>>,
}

/// A column of a table.
#[derive(SimpleObject)]
pub(crate) struct ImportColumn {
    /// Its place: 1 is the first.
    number: u32,
    /// Its name in the first row, of which 60 characters are kept; null where the columns have no names.
    name: Option<String>,
    /// What it is about; null where it is left out, or has values of a custom field.
    field: Option<ImportField>,
    /// The key of the custom field whose values it has.
    custom_field: Option<String>,
}

/// What a column is about, in the two fields that say it.
pub(super) fn told(holds: Option<&Holds>) -> (Option<ImportField>, Option<String>) {
    match holds {
        None => (None, None),
        Some(Holds::Field(field)) => (Some((*field).into()), None),
        Some(Holds::Custom(key)) => (None, Some(key.to_string())),
    }
}

/// The columns that were found.
pub(super) fn columns(of: &[domain::Column]) -> Vec<ImportColumn> {
    let numbered = (1..).zip(of);
    numbered
        .map(|(number, column)| {
            let (field, custom_field) = told(column.holds.as_ref());
            ImportColumn {
                number,
                name: Some(column.name.clone()).filter(|name| !name.is_empty()),
                field,
                custom_field,
            }
        })
        .collect()
}

impl ImportTableInput {
    pub(super) fn layout(self) -> Result<Layout> {
        let encoding = self.encoding.map(|label| {
            TextEncoding::labelled(&label).ok_or_else(|| {
                let label: String = label.chars().take(40).collect();
                let message = format!(
                    "no encoding is called {label:?}: give one as in utf-8, utf-16le or windows-1252"
                );
                ApiError::bad_input("table.encoding", message)
            })
        });
        let columns = self.columns.unwrap_or_default();
        if columns.len() > MAX_ASSIGNED {
            let message = format!("at most {MAX_ASSIGNED} columns are spoken of");
            return Err(ApiError::bad_input("table.columns", message));
        }
        Ok(Layout {
            encoding: encoding.transpose()?,
            delimiter: self.delimiter.map(Into::into),
            has_header: self.has_header,
            columns: columns.into_iter().map(assigned).collect::<Result<_>>()?,
        })
    }
}

fn assigned(input: ImportColumnInput) -> Result<Assigned> {
    let wrong = |message: &str| ApiError::bad_input("table.columns", message);
    let column = match (input.name, input.number) {
        (Some(name), None) if !name.trim().is_empty() => Place::Name(name.chars().take(200).collect()),
        (None, Some(number)) if number > 0 => Place::Number(number),
        _ => {
            return Err(wrong(
                "say which column by its name, or by its number from 1 on, and not by both",
            ));
        }
    };
    let holds = match (input.field, input.custom_field) {
        (None, None) => None,
        (Some(field), None) => Some(Holds::Field(field.into())),
        (None, Some(key)) => {
            let key = FieldKey::parse(&key).map_err(|error| ApiError::bad_input("table.columns", error))?;
            Some(Holds::Custom(key))
        }
        _ => return Err(wrong("a column is about a field or a custom field, not both")),
    };
    Ok(Assigned { column, holds })
}
