//! A person's copy of their data as tables for people and their spreadsheets, and as a file to keep.

use std::borrow::Cow;
use std::io::{Cursor, Write};

use assent_entity::copy::PersonalCopy;
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
        for table in tables(copy) {
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

/// A copy as tables.
pub(super) fn tables(copy: &PersonalCopy) -> Vec<Table> {
    vec![
        person(copy),
        subscriptions(copy),
        consents(copy),
        deliveries(copy),
        attempts(copy),
        suppressions(copy),
        requests(copy),
        audit_log(copy),
        permissions(copy),
        disclosures(copy),
    ]
}

fn table(
    name: &'static str,
    title: &'static str,
    columns: &[&'static str],
    rows: impl Iterator<Item = Vec<String>>,
) -> Table {
    Table {
        name,
        title,
        columns: columns.to_vec(),
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

fn person(copy: &PersonalCopy) -> Table {
    let of = &copy.person;
    let rows = [
        ("Id", of.id.clone()),
        ("E-mail address", of.email.clone()),
        ("Name", of.name.clone()),
        ("Company", of.company.clone()),
        ("First policy version", of.collected_under.to_string()),
        ("Since", of.created_at.clone()),
        ("Confirmed", maybe(of.confirmed_at.as_ref())),
        ("Use restricted since", maybe(of.restricted_at.as_ref())),
        ("Held by", copy.held_by.name.clone()),
        ("Privacy contact", copy.held_by.privacy_contact.clone()),
    ];
    let rows = rows.into_iter().map(|(what, value)| vec![what.to_owned(), value]);
    table("person", "Who you are to us", &["What", "Value"], rows)
}

fn subscriptions(copy: &PersonalCopy) -> Table {
    let rows = copy.subscriptions.iter();
    let rows = rows.map(|of| vec![of.list.clone(), of.state.clone(), of.since.clone()]);
    table("subscriptions", "Lists", &["List", "State", "Since"], rows)
}

fn consents(copy: &PersonalCopy) -> Table {
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
        "When",
        "Purpose",
        "State",
        "Through",
        "Policy version",
        "Words shown",
        "Kept as proof",
        "Record",
    ];
    table("consents", "What you said", &columns, rows)
}

fn deliveries(copy: &PersonalCopy) -> Table {
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
        "When",
        "Sort",
        "Subject",
        "Status",
        "Not sent because",
        "Delivery",
    ];
    table("deliveries", "What was sent to you", &columns, rows)
}

fn attempts(copy: &PersonalCopy) -> Table {
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
        "Delivery",
        "Number",
        "Began",
        "Ended",
        "Outcome",
        "Code",
        "Server’s reply",
    ];
    table("attempts", "How it was sent", &columns, rows)
}

fn suppressions(copy: &PersonalCopy) -> Table {
    let rows = copy.suppressions.iter();
    let rows = rows.map(|of| vec![of.reason.clone(), of.since.clone()]);
    table(
        "suppressions",
        "Why we do not write to you",
        &["Reason", "Since"],
        rows,
    )
}

fn requests(copy: &PersonalCopy) -> Table {
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
        "When", "Sort", "State", "Through", "Identity", "Message", "Answer", "Due", "Answered", "Request",
    ];
    table("requests", "What you asked about your data", &columns, rows)
}

fn audit_log(copy: &PersonalCopy) -> Table {
    let rows = copy.audit_log.iter().map(|of| {
        vec![
            of.recorded_at.clone(),
            of.act.clone(),
            of.by.clone(),
            json(&of.before),
            json(&of.after),
        ]
    });
    let columns = ["When", "What", "By", "Before", "After"];
    table(
        "audit-log",
        "What was done, and who read your data",
        &columns,
        rows,
    )
}

fn permissions(copy: &PersonalCopy) -> Table {
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
        "When",
        "Outside party",
        "What",
        "State",
        "How",
        "Policy version",
        "Words",
    ];
    table("permissions", "What others may get", &columns, rows)
}

fn disclosures(copy: &PersonalCopy) -> Table {
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
        "Who was given your data",
        &["When", "To whom", "What", "Basis"],
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
        let csv = String::from_utf8(csv(&table("x", "X", &["A"], rows)).unwrap()).unwrap();
        let lines: Vec<_> = csv.split("\r\n").collect();
        let formulas = lines
            .iter()
            .filter(|line| line.trim_start_matches('"').starts_with(FORMULA));
        assert_eq!(formulas.count(), 0, "{csv}");
        assert!(csv.contains("\"Ann, \"\"the\"\" first\nline\""), "{csv}");
        assert!(csv.contains("\r\na=1\r\n"), "{csv}");
    }
}
