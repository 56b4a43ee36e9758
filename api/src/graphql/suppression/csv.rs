//! Suppression lists as CSV (RFC 4180): how they are written and read.

use std::collections::BTreeMap;

use assent_domain::address::EmailAddress;
use assent_domain::suppression::{SuppressionReason, SuppressionScope};
use assent_entity::mailing_list::MailingList;
use assent_entity::purpose::Purpose;
use assent_entity::suppression::list::Entry;
use async_graphql::SimpleObject;

use super::super::error::{ApiError, Result};

/// The columns. Only `email` has to be there, and order does not matter.
pub(super) const COLUMNS: [&str; 6] = ["email", "reason", "list", "purpose", "since", "hash"];

/// The most rows of one import.
pub(super) const MAX_ROWS: usize = 1000;

/// A line that was left out.
#[derive(SimpleObject, Clone, Debug, PartialEq, Eq)]
pub(crate) struct SuppressionProblem {
    /// The line, counted from 1; the names of the columns stand in the first.
    line: u64,
    /// What is wrong with it, and what to do.
    problem: String,
}

impl SuppressionProblem {
    /// Where it is.
    pub(super) fn line_number(&self) -> u64 {
        self.line
    }
}

/// By what lists and purposes are named.
pub(super) struct Names {
    pub(super) lists: Vec<MailingList>,
    pub(super) purposes: Vec<Purpose>,
}

/// What a text holds: entries with their lines, and what is wrong.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) entries: Vec<(u64, Entry)>,
    pub(super) problems: Vec<SuppressionProblem>,
}

impl Read {
    pub(super) fn add_problem(&mut self, line: u64, problem: impl std::fmt::Display) {
        self.problems.push(SuppressionProblem {
            line,
            problem: format!("{problem}"),
        });
    }
}

/// Reads a list. A line that is wrong is left out and named; the others count.
pub(super) fn read(text: &str, names: &Names) -> Result<Read> {
    // The reader counts a line that ends with CR LF when it gets to the next.
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let header = reader
        .headers()
        .map_err(|error| ApiError::bad_input("csv", error))?;
    let columns: BTreeMap<_, _> = header
        .iter()
        .enumerate()
        .map(|(place, name)| (name.to_ascii_lowercase(), place))
        .collect();
    if !columns.contains_key("email") {
        let advice = format!(
            "the first line names the columns, one of them email: {}",
            COLUMNS.join(",")
        );
        return Err(ApiError::bad_input("csv", advice));
    }
    let mut read = Read::default();
    for (number, record) in reader.records().enumerate() {
        if number >= MAX_ROWS {
            let advice = format!("at most {MAX_ROWS} rows at a time: send the rest with another import");
            return Err(ApiError::bad_input("csv", advice));
        }
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                read.add_problem(error.position().map_or(0, csv::Position::line), error);
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |name: &str| {
            columns
                .get(name)
                .and_then(|place| record.get(*place))
                .unwrap_or_default()
        };
        match entry(cell, names) {
            Ok(entry) => read.entries.push((line, entry)),
            Err(problem) => read.add_problem(line, problem),
        }
    }
    Ok(read)
}

fn entry<'a>(cell: impl Fn(&str) -> &'a str, names: &Names) -> std::result::Result<Entry, String> {
    let email = EmailAddress::parse(cell("email")).map_err(|error| format!("email: {error}"))?;
    let reason = match cell("reason") {
        "" => SuppressionReason::Listed,
        code => code
            .to_ascii_uppercase()
            .parse()
            .map_err(|_| "reason: one of LISTED, HARD_BOUNCED, COMPLAINED, OPTED_OUT_OF_ALL".to_owned())?,
    };
    Ok(Entry {
        email,
        reason,
        scope: scope(cell("list"), cell("purpose"), names)?,
    })
}

fn scope(list: &str, purpose: &str, names: &Names) -> std::result::Result<SuppressionScope, String> {
    match (list, purpose) {
        ("", "") => Ok(SuppressionScope::All),
        (list, "") => {
            let found = names
                .lists
                .iter()
                .find(|known| known.id.to_string() == list || known.name == list);
            let unknown = || format!("list: there is no list {list}: give its id or its name");
            found
                .map(|found| SuppressionScope::List(found.id))
                .ok_or_else(unknown)
        }
        ("", purpose) => {
            let found = names.purposes.iter().find(|known| known.code == purpose);
            let unknown = || format!("purpose: there is no purpose {purpose}");
            found
                .map(|found| SuppressionScope::Purpose(found.id))
                .ok_or_else(unknown)
        }
        _ => Err("list, purpose: give one of them, or two lines".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_names() -> Names {
        Names {
            lists: Vec::new(),
            purposes: Vec::new(),
        }
    }

    #[test]
    fn wrong_lines_are_named_and_the_others_count() {
        let text = "\u{feff}Email,reason,list\r\nann@example.org,,\nno address,,\nbob@example.org,complained,\n\
                    eve@example.org,because,\neve@example.org,,News\n";
        let read = read(text, &no_names()).unwrap();
        let kept: Vec<_> = read
            .entries
            .iter()
            .map(|(line, entry)| (*line, entry.reason))
            .collect();
        assert_eq!(
            kept,
            [(2, SuppressionReason::Listed), (4, SuppressionReason::Complained)]
        );
        let lines: Vec<_> = read.problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [3, 5, 6]);
    }

    #[test]
    fn without_a_column_of_addresses_nothing_is_read() {
        assert!(read("address\nann@example.org\n", &no_names()).is_err());
        assert!(read("", &no_names()).is_err());
        let long = format!("email\n{}", "ann@example.org\n".repeat(MAX_ROWS + 1));
        assert!(read(&long, &no_names()).is_err());
    }
}
