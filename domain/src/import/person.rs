//! One row of an import, as a person.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

use super::{Holds, ImportField, PermissionEvidence, RowProblem, Sheet, WithoutEvidence};
use crate::address::EmailAddress;
use crate::clock::Timestamp;
use crate::custom_field::{FieldKey, FieldKind, FieldValue};
use crate::language::Language;
use crate::line;

/// The longest name or company, in characters.
const MAX_NAME_CHARS: usize = 200;

/// 1990-01-01T00:00:00Z: nobody agreed to mail of this sort before, and a year of two digits is not meant as one.
const FIRST_MAIL: Timestamp = Timestamp::from_micros(631_152_000_000_000);

/// The longest words about a permission, in characters.
const MAX_WORDS_CHARS: usize = 2000;

/// Somebody whom a row is about.
#[derive(Clone, Debug, PartialEq)]
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
    /// What is to be kept of them in fields of the tenant's own.
    pub values: Vec<(FieldKey, FieldValue)>,
}

/// What is wrong with a row, and in which of its columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// What.
    pub problem: RowProblem,
    /// Where, if it is in one.
    pub field: Option<Holds>,
}

/// A field of the tenant's own, as far as its values are read by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// What tables call it.
    pub key: FieldKey,
    /// What sort of value it has.
    pub kind: FieldKind,
    /// The choices, where it is one of choices.
    pub choices: Vec<String>,
}

/// On what terms the rows of an import are read.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// How the permission of those was come by whose rows do not say otherwise.
    pub evidence: Option<PermissionEvidence>,
    /// What becomes of a row without.
    pub without_evidence: WithoutEvidence,
    /// The fields of the tenant's own.
    pub fields: Vec<Field>,
}

/// Reads a row. What it says of a permission stands before what the file says for all; a permission of which anything is
/// missing is none.
pub fn read(sheet: &Sheet, cells: &[String], on: &Terms, now: Timestamp) -> Result<Brought, Flaw> {
    let said = |place: usize| {
        cells
            .get(place)
            .map(|cell| cell.trim())
            .filter(|cell| !cell.is_empty())
    };
    let cell = |field: ImportField| sheet.place_of(field).and_then(said);
    let flaw = |field, problem| Flaw {
        problem,
        field: Some(Holds::Field(field)),
    };
    let text = |field, most| match cell(field) {
        Some(text) if !is_line(text, most) => Err(flaw(field, RowProblem::TextInvalid)),
        text => Ok(text.map(str::to_owned)),
    };
    if let Some(at) = cells
        .iter()
        .position(|cell| cell.contains(char::REPLACEMENT_CHARACTER))
    {
        return Err(Flaw {
            problem: RowProblem::CharactersUnreadable,
            field: sheet.columns.get(at).and_then(|column| column.holds.clone()),
        });
    }
    let email = cell(ImportField::Email).ok_or(flaw(ImportField::Email, RowProblem::EmailMissing))?;
    let email = EmailAddress::parse(email).map_err(|_| flaw(ImportField::Email, RowProblem::EmailInvalid))?;
    let collected_at = cell(ImportField::CollectedAt)
        .map(|text| time(text).ok_or(flaw(ImportField::CollectedAt, RowProblem::TimeInvalid)))
        .transpose()?;
    if collected_at.is_some_and(|at| at > now) {
        return Err(flaw(ImportField::CollectedAt, RowProblem::TimeInFuture));
    }
    let file = on.evidence.as_ref();
    let source = text(ImportField::Source, MAX_WORDS_CHARS)?.or(file.map(|file| file.source.clone()));
    let statement =
        text(ImportField::Statement, MAX_WORDS_CHARS)?.or(file.map(|file| file.statement.clone()));
    let collected_at = collected_at.or(file.map(|file| file.collected_at));
    let evidence = source.zip(collected_at).zip(statement);
    if evidence.is_none() && on.without_evidence == WithoutEvidence::Refuse {
        return Err(Flaw {
            problem: RowProblem::EvidenceMissing,
            field: None,
        });
    }
    let whole = text(ImportField::Name, MAX_NAME_CHARS)?;
    let parts = [ImportField::GivenName, ImportField::FamilyName].map(|part| text(part, MAX_NAME_CHARS / 2));
    let [given, family] = parts;
    let in_parts = [given?, family?].into_iter().flatten().collect::<Vec<_>>();
    Ok(Brought {
        email,
        name: whole.unwrap_or_else(|| in_parts.join(" ")),
        company: text(ImportField::Company, MAX_NAME_CHARS)?.unwrap_or_default(),
        language: cell(ImportField::Language).and_then(|tag| Language::parse(tag).ok()),
        evidence: evidence.map(|((source, collected_at), statement)| PermissionEvidence {
            source,
            collected_at,
            statement,
        }),
        values: values(sheet, said, &on.fields)?,
    })
}

/// What is to be kept in fields of the tenant's own; an empty cell says nothing.
fn values<'a>(
    sheet: &Sheet,
    said: impl Fn(usize) -> Option<&'a str>,
    fields: &[Field],
) -> Result<Vec<(FieldKey, FieldValue)>, Flaw> {
    let mut values = Vec::new();
    for (at, key) in sheet.custom() {
        // A field that was deleted meanwhile is not there to keep anything in.
        let field = fields.iter().find(|field| field.key == *key);
        let (Some(text), Some(field)) = (said(at), field) else {
            continue;
        };
        let value = FieldValue::parse(field.kind, &field.choices, text).map_err(|_| Flaw {
            problem: RowProblem::ValueInvalid,
            field: Some(Holds::Custom(key.clone())),
        })?;
        values.push((key.clone(), value));
    }
    Ok(values)
}

fn is_line(text: &str, most: usize) -> bool {
    text.chars().count() <= most && line::is_line(text)
}

/// How dates with times are written by ISO 8601 and by other providers; without a zone they are in UTC.
const DATES_WITH_TIMES: &[&str] = &[
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y/%m/%d %H:%M:%S",
];

/// A time as RFC 3339 writes it, a date with a time by ISO 8601, or a date: those without a zone are in UTC, and a date is
/// its beginning. Days and months in another order are not guessed at.
fn time(text: &str) -> Option<Timestamp> {
    let utc = |at: NaiveDateTime| at.and_utc().timestamp_micros();
    let with_zone = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%:z"));
    let micros = with_zone.map(|at| at.timestamp_micros()).ok();
    let micros = micros.or_else(|| {
        let mut forms = DATES_WITH_TIMES.iter();
        forms
            .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
            .map(utc)
    });
    let micros = micros.or_else(|| {
        let mut forms = ["%Y-%m-%d", "%Y/%m/%d"].iter();
        let date = forms.find_map(|form| NaiveDate::parse_from_str(text, form).ok())?;
        Some(utc(date.and_time(NaiveTime::MIN)))
    });
    micros.map(Timestamp::from_micros).filter(|at| *at >= FIRST_MAIL)
}

#[cfg(test)]
mod tests {
    use super::super::Layout;
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
        let on = Terms {
            evidence: file.cloned(),
            ..Terms::default()
        };
        on_terms(header, row, &on)
    }

    fn on_terms(header: &str, row: &[&str], on: &Terms) -> Result<Brought, Flaw> {
        let keys: Vec<_> = on.fields.iter().map(|field| field.key.clone()).collect();
        let (sheet, _) = Sheet::find(header, true, &Layout::default(), &keys).unwrap();
        let cells: Vec<_> = row.iter().map(|cell| (*cell).to_owned()).collect();
        read(&sheet, &cells, on, NOW)
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
                ["a@b.example", "\u{fffd}", ""],
                RowProblem::CharactersUnreadable,
                Name,
            ),
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
                field: Some(Holds::Field(field)),
            };
            assert_eq!(of("email,name,collected_at", &row, None), Err(flaw), "{row:?}");
        }
    }

    #[test]
    fn a_name_in_two_columns_is_one() {
        let header = "email,first name,last name";
        let name = |row: &[&str]| of(header, row, None).unwrap().name;
        assert_eq!(name(&["a@b.example", "Ann", "Lee"]), "Ann Lee");
        assert_eq!(name(&["a@b.example", "", "Lee"]), "Lee");
    }

    #[test]
    fn own_fields_are_read_by_their_sort() {
        let field = |key, kind| Field {
            key: FieldKey::parse(key).unwrap(),
            kind,
            choices: vec![],
        };
        let on = Terms {
            fields: vec![
                field("shoe_size", FieldKind::Number),
                field("born", FieldKind::Date),
            ],
            ..Terms::default()
        };
        let ann = on_terms("email,Shoe size,born", &["a@b.example", "38.5", ""], &on).unwrap();
        assert_eq!(
            ann.values,
            [(FieldKey::parse("shoe_size").unwrap(), FieldValue::Number(38.5))]
        );
        let flaw = on_terms("email,Shoe size,born", &["a@b.example", "38", "soon"], &on).unwrap_err();
        assert_eq!(
            (flaw.problem, flaw.field.unwrap().code()),
            (RowProblem::ValueInvalid, "born")
        );
    }

    #[test]
    fn rows_without_evidence_are_left_out_where_that_is_said() {
        let on = Terms {
            without_evidence: WithoutEvidence::Refuse,
            ..Terms::default()
        };
        let header = "email,source,collectedAt,statement";
        let flaw = on_terms(header, &["a@b.example", "fair", "", "Yes."], &on).unwrap_err();
        assert_eq!(flaw.problem, RowProblem::EvidenceMissing);
        assert!(on_terms(header, &["a@b.example", "fair", "2023-01-02", "Yes."], &on).is_ok());
    }

    #[test]
    fn times_are_read_as_the_standards_write_them() {
        for text in [
            "2023-01-02T03:04:05Z",
            "2023-01-02T05:04:05+02:00",
            "2023-01-02 03:04:05",
            "2023-01-02T03:04:05",
            "2023-01-02 03:04:05+00:00",
            "2023/01/02 03:04:05",
        ] {
            assert_eq!(time(text).unwrap().micros(), 1_672_628_645_000_000, "{text}");
        }
        for text in ["02.01.2023", "23-01-02", "0023-01-02", "2023-13-02", "soon"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
