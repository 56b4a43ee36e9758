//! A person's copy of their data as a file to keep: everything for programs, and each table for spreadsheets.

use std::io::{Cursor, Write};

use assent_entity::copy::PersonalCopy;
use assent_worker::words::Words;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::copy_tables::tables;
use super::views::Table;
use crate::csv_cell::safe;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv_cell::FORMULA;

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
        let table = Table {
            name: "x",
            title: "X".to_owned(),
            columns: vec!["A".to_owned()],
            rows: rows.collect(),
        };
        let csv = String::from_utf8(csv(&table).unwrap()).unwrap();
        let lines: Vec<_> = csv.split("\r\n").collect();
        let formulas = lines
            .iter()
            .filter(|line| line.trim_start_matches('"').starts_with(FORMULA));
        assert_eq!(formulas.count(), 0, "{csv}");
        assert!(csv.contains("\"Ann, \"\"the\"\" first\nline\""), "{csv}");
        assert!(csv.contains("\r\na=1\r\n"), "{csv}");
    }
}
