//! One row of an import, as a person.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use super::{ImportField, PermissionEvidence, RowProblem, Sheet};
use crate::address::EmailAddress;
use crate::clock::Timestamp;
use crate::language::Language;

/// The longest name or company, in characters.
const MAX_NAME_CHARS: usize = 200;

/// 1990-01-01T00:00:00Z: nobody agreed to mail of this sort before, and a year of two digits is not meant as one.
const FIRST_MAIL: Timestamp = Timestamp::from_micros(631_152_000_000_000);

/// The longest words about a permission, in characters.
const MAX_WORDS_CHARS: usize = 2000;

/// Somebody whom a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Where they are reached.
    pub email: EmailAddress,
    /// Their name; empty if the row has none.
    pub name: String,
    /// Their company; empty if the row has none.
    pub company: String,
    /// Their language, if the row says one that is known.
    pub language: Option<Language>,
    /// How the permission was come by, if the row or the whole import says so.
    pub evidence: Option<PermissionEvidence>,
}

/// What is wrong with a row, and in which of its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What.
    pub problem: RowProblem,
    /// Where, if it is in one.
    pub field: Option<ImportField>,
}

/// Reads a row. What it says of a permission stands before what `file` says for all; a permission of which anything is
/// missing is none.
pub fn read(
    sheet: &Sheet,
    cells: &[String],
    file: Option<&PermissionEvidence>,
    now: Timestamp,
) -> Result<Brought, Flaw> {
    let cell = |field: ImportField| {
        let place = sheet.columns.iter().position(|column| *column == Some(field));
        let cell = place.and_then(|place| cells.get(place));
        cell.map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    };
    let flaw = |field, problem| Flaw {
        problem,
        field: Some(field),
    };
    let text = |field, most| match cell(field) {
        Some(text) if !is_line(text, most) => Err(flaw(field, RowProblem::TextInvalid)),
        text => Ok(text.map(str::to_owned)),
    };
    let email = cell(ImportField::Email).ok_or(flaw(ImportField::Email, RowProblem::EmailMissing))?;
    let email = EmailAddress::parse(email).map_err(|_| flaw(ImportField::Email, RowProblem::EmailInvalid))?;
    let collected_at = cell(ImportField::CollectedAt)
        .map(|text| time(text).ok_or(flaw(ImportField::CollectedAt, RowProblem::TimeInvalid)))
        .transpose()?;
    if collected_at.is_some_and(|at| at > now) {
        return Err(flaw(ImportField::CollectedAt, RowProblem::TimeInFuture));
    }
    let source = text(ImportField::Source, MAX_WORDS_CHARS)?.or(file.map(|file| file.source.clone()));
    let statement =
        text(ImportField::Statement, MAX_WORDS_CHARS)?.or(file.map(|file| file.statement.clone()));
    let collected_at = collected_at.or(file.map(|file| file.collected_at));
    let evidence = source.zip(collected_at).zip(statement);
    Ok(Brought {
        email,
        name: text(ImportField::Name, MAX_NAME_CHARS)?.unwrap_or_default(),
        company: text(ImportField::Company, MAX_NAME_CHARS)?.unwrap_or_default(),
        language: cell(ImportField::Language).and_then(|tag| Language::parse(tag).ok()),
        evidence: evidence.map(|((source, collected_at), statement)| PermissionEvidence {
            source,
            collected_at,
            statement,
        }),
    })
}

fn is_line(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}

/// A time as RFC 3339 writes it, a date with a time by ISO 8601, or a date: those without a zone are in UTC, and a date is
/// its beginning.
fn time(text: &str) -> Option<Timestamp> {
    let utc = |at: NaiveDateTime| at.and_utc().timestamp_micros();
    let micros = DateTime::parse_from_rfc3339(text)
        .map(|at| at.timestamp_micros())
        .ok()
        .or_else(|| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S")
                .ok()
                .map(utc)
        })
        .or_else(|| {
            NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S")
                .ok()
                .map(utc)
        })
        .or_else(|| {
            let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
            Some(utc(date.and_time(NaiveTime::MIN)))
        });
    micros.map(Timestamp::from_micros).filter(|at| *at >= FIRST_MAIL)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);

    fn evidence() -> PermissionEvidence {
        PermissionEvidence {
            source: "shop".to_owned(),
            collected_at: Timestamp::from_micros(1),
            statement: "Yes.".to_owned(),
        }
    }

    fn of(header: &str, row: &[&str], file: Option<&PermissionEvidence>) -> Result<Brought, Flaw> {
        let (sheet, _) = Sheet::of(header).unwrap();
        let cells: Vec<_> = row.iter().map(|cell| (*cell).to_owned()).collect();
        read(&sheet, &cells, file, NOW)
    }

    #[test]
    fn a_row_says_who_somebody_is_and_how_the_permission_was_come_by() {
        let header = "email,name,company,language,source,collected at,statement";
        let row = [
            " Ann@Example.org ",
            "Ann",
            "Acme",
            "de-AT",
            "fair",
            "2023-01-02",
            "I agree.",
        ];
        let ann = of(header, &row, None).unwrap();
        assert_eq!(
            (ann.email.expose().as_str(), ann.name.as_str()),
            ("Ann@example.org", "Ann")
        );
        let said = ann.evidence.unwrap();
        assert_eq!(
            (said.source.as_str(), said.statement.as_str()),
            ("fair", "I agree.")
        );
        assert_eq!(said.collected_at.micros(), 1_672_617_600_000_000);
        let short = of(header, &["a@b.example"], Some(&evidence())).unwrap();
        assert_eq!(
            short.evidence,
            Some(evidence()),
            "what a row leaves open the file says"
        );
    }

    #[test]
    fn evidence_of_which_anything_is_missing_is_none() {
        let header = "email,source,collectedAt,statement";
        for row in [
            ["a@b.example", "", "2023-01-02", "Yes."],
            ["a@b.example", "fair", "", "Yes."],
            ["a@b.example", "fair", "2023-01-02", ""],
        ] {
            assert_eq!(of(header, &row, None).unwrap().evidence, None, "{row:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_column() {
        use ImportField::{CollectedAt, Email, Name};
        let long = "x".repeat(MAX_NAME_CHARS + 1);
        for (row, problem, field) in [
            (["", "", ""], RowProblem::EmailMissing, Email),
            (["nobody", "", ""], RowProblem::EmailInvalid, Email),
            (["a@b.example", long.as_str(), ""], RowProblem::TextInvalid, Name),
            (["a@b.example", "A\u{0}", ""], RowProblem::TextInvalid, Name),
            (
                ["a@b.example", "", "yesterday"],
                RowProblem::TimeInvalid,
                CollectedAt,
            ),
            (
                ["a@b.example", "", "2999-01-01"],
                RowProblem::TimeInFuture,
                CollectedAt,
            ),
        ] {
            let flaw = Flaw {
                problem,
                field: Some(field),
            };
            assert_eq!(of("email,name,collected_at", &row, None), Err(flaw), "{row:?}");
        }
    }

    #[test]
    fn times_are_read_as_the_standards_write_them() {
        for text in [
            "2023-01-02T03:04:05Z",
            "2023-01-02T05:04:05+02:00",
            "2023-01-02 03:04:05",
            "2023-01-02T03:04:05",
        ] {
            assert_eq!(time(text).unwrap().micros(), 1_672_628_645_000_000, "{text}");
        }
        for text in ["02.01.2023", "23-01-02", "0023-01-02", "2023-13-02", "soon"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
