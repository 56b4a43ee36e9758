//! A person's copy of their data as tables for people and their spreadsheets, and as a file to keep.

use std::borrow::Cow;
use std::io::{Cursor, Write};

use assent_entity::copy::PersonalCopy;
use assent_worker::words::Words;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::views::Table;

/// What begins a formula in a spreadsheet, wide forms included (OWASP, CSV injection).
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A ZIP archive: one JSON document with everything, and a CSV file a table. It holds personal data, so it has no
/// `Debug`.
pub(super) struct Archive(pub(super) Vec<u8>);

/// Why an archive cannot be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum ArchiveError {
    #[error("the copy cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the copy cannot be written as CSV: {0}")]
    Csv(#[from] csv::Error),
    #[error("the copy cannot be packed: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("the copy cannot be packed: {0}")]
    Io(#[from] std::io::Error),
}

impl Archive {
    /// Packs a copy.
    pub(super) fn of(copy: &PersonalCopy) -> Result<Self, ArchiveError> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let mut add = |name: &str, content: &[u8]| -> Result<(), ArchiveError> {
            zip.start_file(name, SimpleFileOptions::default())?;
            Ok(zip.write_all(content)?)
        };
        add("your-data.json", &serde_json::to_vec_pretty(copy)?)?;
        for table in tables(copy, Words::english()) {
            add(&format!("{}.csv", table.name), &csv(&table)?)?;
        }
        Ok(Self(zip.finish()?.into_inner()))
    }
}

/// A table as CSV (RFC 4180) in which no cell is a formula.
fn csv(table: &Table) -> Result<Vec<u8>, ArchiveError> {
    let mut lines = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    lines.write_record(&table.columns)?;
    for row in &table.rows {
        lines.write_record(row.iter().map(|cell| safe(cell).into_owned()))?;
    }
    lines
        .into_inner()
        .map_err(|error| ArchiveError::Io(error.into_error()))
}

/// A cell that a spreadsheet shows as it is, whatever it begins with.
fn safe(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// A copy as tables, with heads in a language.
pub(super) fn tables(copy: &PersonalCopy, words: Words) -> Vec<Table> {
    vec![
        person(copy, words),
        subscriptions(copy, words),
        consents(copy, words),
        deliveries(copy, words),
        attempts(copy, words),
        suppressions(copy, words),
        requests(copy, words),
        audit_log(copy, words),
        permissions(copy, words),
        disclosures(copy, words),
    ]
}

fn table(
    name: &'static str,
    title: String,
    columns: impl IntoIterator<Item = String>,
    rows: impl Iterator<Item = Vec<String>>,
) -> Table {
    Table {
        name,
        title,
        columns: columns.into_iter().collect(),
        rows: rows.collect(),
    }
}

fn maybe(text: Option<&String>) -> String {
    text.cloned().unwrap_or_default()
}

/// Evidence in one line; nothing where there is none.
fn json(value: &Value) -> String {
    if value.is_null() {
        String::new()
    } else {
        value.to_string()
    }
}

fn person(copy: &PersonalCopy, words: Words) -> Table {
    let of = &copy.person;
    let rows = [
        (words.col_id(), of.id.clone()),
        (words.form_address(), of.email.clone()),
        (words.form_name(), of.name.clone()),
        (words.form_company(), of.company.clone()),
        (words.col_first_policy(), of.collected_under.to_string()),
        (words.col_since(), of.created_at.clone()),
        (words.col_language(), maybe(of.language.as_ref())),
        (words.col_confirmed(), maybe(of.confirmed_at.as_ref())),
        (words.col_restricted(), maybe(of.restricted_at.as_ref())),
        (words.col_held_by(), copy.held_by.name.clone()),
        (words.col_privacy_contact(), copy.held_by.privacy_contact.clone()),
    ];
    let rows = rows.into_iter().map(|(what, value)| vec![what, value]);
    table(
        "person",
        words.copy_person(),
        [words.col_what(), words.col_value()],
        rows,
    )
}

fn subscriptions(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.subscriptions.iter();
    let rows = rows.map(|of| vec![of.list.clone(), of.state.clone(), of.since.clone()]);
    table(
        "subscriptions",
        words.copy_subscriptions(),
        [words.col_list(), words.col_state(), words.col_since()],
        rows,
    )
}

fn consents(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.consents.iter().map(|of| {
        vec![
            of.recorded_at.clone(),
            of.purpose.clone(),
            of.state.clone(),
            of.source.clone(),
            of.policy_version.to_string(),
            maybe(of.words.as_ref()),
            of.evidence.as_ref().map(json).unwrap_or_default(),
            of.id.clone(),
        ]
    });
    let columns = [
        words.col_when(),
        words.col_purpose(),
        words.col_state(),
        words.col_through(),
        words.col_policy_version(),
        words.col_words_shown(),
        words.col_proof(),
        words.col_record(),
    ];
    table("consents", words.copy_consents(), columns, rows)
}

fn deliveries(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.deliveries.iter().map(|of| {
        vec![
            of.changed_at.clone(),
            of.kind.clone(),
            maybe(of.subject.as_ref()),
            of.status.clone(),
            maybe(of.refusal.as_ref()),
            of.id.clone(),
        ]
    });
    let columns = [
        words.col_when(),
        words.col_sort(),
        words.col_subject(),
        words.col_status(),
        words.col_not_sent(),
        words.col_delivery(),
    ];
    table("deliveries", words.copy_deliveries(), columns, rows)
}

fn attempts(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.deliveries.iter().flat_map(|of| {
        of.attempts.iter().map(|attempt| {
            vec![
                of.id.clone(),
                attempt.number.to_string(),
                attempt.started_at.clone(),
                attempt.ended_at.clone(),
                attempt.outcome.clone(),
                attempt
                    .reply_code
                    .map(|code| code.to_string())
                    .unwrap_or_default(),
                attempt.reply.clone(),
            ]
        })
    });
    let columns = [
        words.col_delivery(),
        words.col_number(),
        words.col_began(),
        words.col_ended(),
        words.col_outcome(),
        words.col_code(),
        words.col_reply(),
    ];
    table("attempts", words.copy_attempts(), columns, rows)
}

fn suppressions(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.suppressions.iter();
    let rows = rows.map(|of| vec![of.reason.clone(), of.since.clone()]);
    table(
        "suppressions",
        words.copy_suppressions(),
        [words.col_reason(), words.col_since()],
        rows,
    )
}

fn requests(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.requests.iter().map(|of| {
        vec![
            of.received_at.clone(),
            of.kind.clone(),
            of.state.clone(),
            of.channel.clone(),
            of.identity.clone(),
            maybe(of.message.as_ref()),
            maybe(of.answer.as_ref()),
            of.due_at.clone(),
            maybe(of.closed_at.as_ref()),
            of.id.clone(),
        ]
    });
    let columns = [
        words.col_when(),
        words.col_sort(),
        words.col_state(),
        words.col_through(),
        words.col_identity(),
        words.col_message(),
        words.col_answer(),
        words.col_due(),
        words.col_answered(),
        words.col_request(),
    ];
    table("requests", words.copy_requests(), columns, rows)
}

fn audit_log(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.audit_log.iter().map(|of| {
        vec![
            of.recorded_at.clone(),
            of.act.clone(),
            of.by.clone(),
            json(&of.before),
            json(&of.after),
        ]
    });
    let columns = [
        words.col_when(),
        words.col_what(),
        words.col_by(),
        words.col_before(),
        words.col_after(),
    ];
    table("audit-log", words.copy_audit(), columns, rows)
}

fn permissions(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.permissions.iter().map(|of| {
        vec![
            of.recorded_at.clone(),
            of.outside_party.clone(),
            of.fields.join(" "),
            of.state.clone(),
            of.source.clone(),
            of.policy_version.to_string(),
            maybe(of.words.as_ref()),
        ]
    });
    let columns = [
        words.col_when(),
        words.col_party(),
        words.col_what(),
        words.col_state(),
        words.col_how(),
        words.col_policy_version(),
        words.col_words(),
    ];
    table("permissions", words.copy_permissions(), columns, rows)
}

fn disclosures(copy: &PersonalCopy, words: Words) -> Table {
    let rows = copy.disclosures.iter().map(|of| {
        vec![
            of.recorded_at.clone(),
            of.outside_party.clone(),
            of.fields.join(" "),
            of.basis.to_owned(),
        ]
    });
    table(
        "disclosures",
        words.copy_disclosures(),
        [
            words.col_when(),
            words.col_to_whom(),
            words.col_what(),
            words.col_basis(),
        ],
        rows,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p17_no_cell_of_a_csv_is_a_formula() {
        let cells = [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "＝1",
            "Ann, \"the\" first\nline",
            "a=1",
        ];
        let rows = cells.iter().map(|cell| vec![(*cell).to_owned()]);
        let csv =
            String::from_utf8(csv(&table("x", "X".to_owned(), ["A".to_owned()], rows)).unwrap()).unwrap();
        let lines: Vec<_> = csv.split("\r\n").collect();
        let formulas = lines
            .iter()
            .filter(|line| line.trim_start_matches('"').starts_with(FORMULA));
        assert_eq!(formulas.count(), 0, "{csv}");
        assert!(csv.contains("\"Ann, \"\"the\"\" first\nline\""), "{csv}");
        assert!(csv.contains("\r\na=1\r\n"), "{csv}");
    }
}
