//! Finding out how a table is laid out, from its beginning: what stands between cells, whether the first row names the
//! columns, and what these are about. What the tenant says of it is not guessed.

use std::collections::BTreeMap;

use strum::IntoEnumIterator;

use super::{Assigned, Column, Delimiter, Holds, ImportField, Layout, MAX_CELLS, Place, Read, Sheet, names};
use crate::address::EmailAddress;
use crate::custom_field::FieldKey;

/// How many rows are looked at.
const ROWS: usize = 20;

/// The longest name of a column that is kept, in characters.
const MAX_NAME_CHARS: usize = 60;

/// How many names of columns an error shows.
const SHOWN: usize = 12;

/// What is wrong with the beginning of a table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFlaw {
    /// There is nothing at all.
    #[error("the table is empty: it needs a first row that names its columns, and a row for each person")]
    Empty,
    /// The first row is more than a row may be.
    #[error(
        "the first row has more than 64 KiB or {MAX_CELLS} cells, or a quote that is opened and not closed"
    )]
    TooLarge,
    /// No column holds addresses.
    #[error(
        "no column is known as one of addresses, of {0}: name it `email` in the first row, or say which it is, and put a \
         comma, a semicolon, a tab or a bar between cells"
    )]
    NoAddresses(String),
    /// Two columns are about the same.
    #[error("two columns are about {0}: say which is meant, leave one out, or name it otherwise")]
    Twice(Holds),
    /// A column that is spoken of is not there.
    #[error("there is no column {0}: the table has {1}")]
    Missing(Place, String),
}

/// A way to read the beginning.
struct Guess {
    sheet: Sheet,
    read: Read,
    /// How many of the rows looked at have as many cells as the first, where that has more than one.
    even: usize,
}

impl Sheet {
    /// Learns from the beginning of a table how it is laid out, and how many octets and lines the first row takes. `custom`
    /// are the fields of the tenant's own. A table whose first row has an address in it has no names of columns.
    pub fn find(
        beginning: &str,
        is_all: bool,
        said: &Layout,
        custom: &[FieldKey],
    ) -> Result<(Self, Read), HeaderFlaw> {
        if beginning.trim().is_empty() {
            return Err(HeaderFlaw::Empty);
        }
        let delimiters: Vec<_> = match said.delimiter {
            Some(delimiter) => vec![delimiter],
            None => Delimiter::iter().collect(),
        };
        let guesses = delimiters
            .into_iter()
            .map(|delimiter| guess(delimiter, beginning, is_all, said, custom));
        let mut best: Option<Guess> = None;
        let mut flaw: Option<(u8, HeaderFlaw)> = None;
        for guess in guesses {
            match guess {
                Ok(guess) => {
                    let worth = |of: &Guess| (of.even, of.sheet.columns.len());
                    if best.as_ref().is_none_or(|best| worth(&guess) > worth(best)) {
                        best = Some(guess);
                    }
                }
                Err(found) => {
                    if flaw.as_ref().is_none_or(|(weight, _)| found.0 > *weight) {
                        flaw = Some(found);
                    }
                }
            }
        }
        match (best, flaw) {
            (Some(best), _) => Ok((best.sheet, best.read)),
            (None, Some((_, flaw))) => Err(flaw),
            (None, None) => Err(HeaderFlaw::Empty),
        }
    }
}

/// Reads the beginning with this between cells. A flaw comes with how much it says: of several readings, the one that got
/// furthest tells what is wrong.
fn guess(
    delimiter: Delimiter,
    beginning: &str,
    is_all: bool,
    said: &Layout,
    custom: &[FieldKey],
) -> Result<Guess, (u8, HeaderFlaw)> {
    let rows = Sheet::new(delimiter, Vec::new()).read(beginning, 1, is_all, ROWS);
    let first = Sheet::new(delimiter, Vec::new()).read(beginning, 1, is_all, 1);
    let Some(Ok(cells)) = first.rows.first().map(|row| &row.cells) else {
        return Err((2, HeaderFlaw::TooLarge));
    };
    let address = cells
        .iter()
        .position(|cell| EmailAddress::parse(cell.trim()).is_ok());
    let has_header = said.has_header.unwrap_or(address.is_none());
    let names: Vec<&str> = if has_header {
        cells.iter().map(|cell| cell.trim()).collect()
    } else {
        vec![""; cells.len()]
    };
    let shown = || shown(cells.len(), &names);
    let mut holds: Vec<Option<Holds>> = vec![None; cells.len()];
    let mut is_said = vec![false; cells.len()];
    for Assigned { column, holds: about } in &said.columns {
        let place = place(column, &names).ok_or_else(|| (2, HeaderFlaw::Missing(column.clone(), shown())))?;
        if let (Some(holds), Some(is_said)) = (holds.get_mut(place), is_said.get_mut(place)) {
            holds.clone_from(about);
            *is_said = true;
        }
    }
    let flawed = |flaw| (3, flaw);
    twice(&holds).map_or(Ok(()), |about| Err(flawed(HeaderFlaw::Twice(about))))?;
    let open: Vec<_> = (0..cells.len())
        .filter(|at| is_said.get(*at) == Some(&false))
        .collect();
    add_known(&mut holds, &names, &open, custom).map_err(flawed)?;
    let email = Some(Holds::Field(ImportField::Email));
    if !has_header
        && !holds.contains(&email)
        && let Some(address) = address
        && let Some(free) = holds.get_mut(address)
        && free.is_none()
    {
        free.clone_from(&email);
    }
    if !holds.contains(&email) {
        return Err((u8::from(cells.len() > 1), HeaderFlaw::NoAddresses(shown())));
    }
    let columns = names.iter().zip(holds).map(|(name, holds)| Column {
        name: name.chars().take(MAX_NAME_CHARS).collect(),
        holds,
    });
    let even = rows.rows.iter().filter(|row| {
        row.cells
            .as_ref()
            .is_ok_and(|row| row.len() == cells.len() && row.len() > 1)
    });
    Ok(Guess {
        even: even.count(),
        sheet: Sheet::new(delimiter, columns.collect()),
        read: if has_header {
            Read {
                rows: Vec::new(),
                ..first
            }
        } else {
            Read {
                line: 1,
                ..Read::default()
            }
        },
    })
}

fn place(column: &Place, names: &[&str]) -> Option<usize> {
    match column {
        Place::Number(number) => {
            let at = usize::try_from(*number).ok()?.checked_sub(1)?;
            (at < names.len()).then_some(at)
        }
        Place::Name(name) => {
            let exact = names.iter().position(|known| *known == name.trim());
            exact.or_else(|| {
                let plain = names::plain(name);
                names
                    .iter()
                    .position(|known| !plain.is_empty() && names::plain(known) == plain)
            })
        }
    }
}

/// Says what the columns are about that nobody said anything of, as far as their names are known.
fn add_known(
    holds: &mut [Option<Holds>],
    names: &[&str],
    open: &[usize],
    custom: &[FieldKey],
) -> Result<(), HeaderFlaw> {
    let taken: Vec<Holds> = holds.iter().flatten().cloned().collect();
    let mut best: BTreeMap<ImportField, (u8, usize)> = BTreeMap::new();
    let mut own: Vec<(usize, FieldKey)> = Vec::new();
    for at in open.iter().copied() {
        let name = names.get(at).copied().unwrap_or_default();
        if name.contains([',', ';', '\t', '|']) {
            // Several names, with something else between cells.
            continue;
        }
        let plain = names::plain(name);
        let key = custom
            .iter()
            .find(|key| !plain.is_empty() && names::plain(key.as_str()) == plain);
        if let Some(key) = key {
            own.push((at, key.clone()));
            continue;
        }
        let Some((field, sureness)) = names::about(name) else {
            continue;
        };
        match best.get(&field) {
            Some((known, _)) if *known < sureness => {}
            Some((known, _)) if *known == sureness && !taken.contains(&Holds::Field(field)) => {
                return Err(HeaderFlaw::Twice(Holds::Field(field)));
            }
            _ => {
                best.insert(field, (sureness, at));
            }
        }
    }
    let fields = best.into_iter().map(|(field, (_, at))| (at, Holds::Field(field)));
    for (at, about) in fields.chain(own.into_iter().map(|(at, key)| (at, Holds::Custom(key)))) {
        if let Some(place) = holds.get_mut(at)
            && !taken.contains(&about)
        {
            *place = Some(about);
        }
    }
    twice(holds).map_or(Ok(()), |about| Err(HeaderFlaw::Twice(about)))
}

fn twice(holds: &[Option<Holds>]) -> Option<Holds> {
    let known: Vec<_> = holds.iter().flatten().collect();
    let twice = known
        .iter()
        .enumerate()
        .find(|(at, about)| known.iter().take(*at).any(|other| other == *about));
    twice.map(|(_, about)| (*about).clone())
}

fn shown(cells: usize, names: &[&str]) -> String {
    let some: Vec<_> = names
        .iter()
        .filter(|name| !name.is_empty())
        .take(SHOWN)
        .map(|name| name.chars().take(MAX_NAME_CHARS).collect::<String>())
        .map(|name| format!("{name:?}"))
        .collect();
    match (some.is_empty(), cells > some.len()) {
        (true, _) => format!("{cells} columns without names"),
        (false, true) => format!("{} and others, {cells} in all", some.join(", ")),
        (false, false) => some.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Cells;
    use super::*;

    fn found(text: &str) -> Result<(Sheet, Read), HeaderFlaw> {
        Sheet::find(
            text,
            true,
            &Layout::default(),
            &[FieldKey::parse("shoe_size").unwrap()],
        )
    }

    fn codes(sheet: &Sheet) -> Vec<&str> {
        let columns = sheet.columns.iter();
        columns
            .map(|column| column.holds.as_ref().map_or("", Holds::code))
            .collect()
    }

    fn rows(text: &str) -> Vec<Cells> {
        let (sheet, first) = found(text).unwrap();
        sheet.read(&text[first.octets..], first.line, true, 9).rows
    }

    #[test]
    fn a_table_is_read_whatever_stands_between_its_cells() {
        for delimiter in Delimiter::iter() {
            let d = char::from(delimiter.octet());
            let text = format!("E-Mail{d}Full name{d}Shoe size{d}x\na@b.c{d}\"A{d}B\"{d}38{d}1\n");
            let (sheet, _) = found(&text).unwrap();
            assert_eq!(sheet.delimiter, delimiter);
            assert_eq!(codes(&sheet), ["EMAIL", "NAME", "shoe_size", ""]);
            let cells = rows(&text).remove(0);
            assert_eq!(cells.line, 2);
            assert_eq!(cells.cells.unwrap(), ["a@b.c", &format!("A{d}B"), "38", ""]);
        }
        // More commas within cells than bars between them.
        let (sheet, _) = found("email|name\na@b.c|A, B, C\nd@e.f|D, E, F\n").unwrap();
        assert_eq!(sheet.delimiter, Delimiter::Bar);
    }

    #[test]
    fn tables_of_other_providers_are_known() {
        for (header, known) in [
            (
                "Email Address,First Name,Last Name,Address,Phone Number,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,\
                 CONFIRM_IP,LATITUDE,TAGS",
                vec![
                    "EMAIL",
                    "GIVEN_NAME",
                    "FAMILY_NAME",
                    "",
                    "",
                    "",
                    "",
                    "",
                    "COLLECTED_AT",
                    "",
                    "",
                    "",
                ],
            ),
            (
                "EMAIL;LASTNAME;FIRSTNAME;SMS;OPT_IN;ADDED_TIME",
                vec!["EMAIL", "FAMILY_NAME", "GIVEN_NAME", "", "", ""],
            ),
            (
                "Email,Klaviyo ID,First Name,Last Name,Organization,Email Marketing Consent Timestamp",
                vec![
                    "EMAIL",
                    "",
                    "GIVEN_NAME",
                    "FAMILY_NAME",
                    "COMPANY",
                    "COLLECTED_AT",
                ],
            ),
            (
                "Record ID,First Name,Last Name,Email,Company name,Preferred language",
                vec!["", "GIVEN_NAME", "FAMILY_NAME", "EMAIL", "COMPANY", "LANGUAGE"],
            ),
        ] {
            let (sheet, _) = found(&format!("{header}\n")).unwrap();
            assert_eq!(codes(&sheet), known, "{header}");
        }
    }

    #[test]
    fn what_is_said_is_not_guessed() {
        let assigned = |column, holds| Assigned { column, holds };
        let of = |field| Some(Holds::Field(field));
        let said = Layout {
            columns: vec![
                assigned(Place::Name("work mail".to_owned()), of(ImportField::Email)),
                assigned(Place::Number(3), None),
            ],
            ..Layout::default()
        };
        let (sheet, _) = Sheet::find("Email,Work Mail,Company,Name\n", true, &said, &[]).unwrap();
        assert_eq!(codes(&sheet), ["", "EMAIL", "", "NAME"]);
        let missing = Sheet::find("email\n", true, &said, &[]).unwrap_err();
        assert_eq!(
            missing.to_string(),
            r#"there is no column "work mail": the table has "email""#
        );
        let bare = Layout {
            has_header: Some(false),
            columns: vec![assigned(Place::Number(2), of(ImportField::Email))],
            ..Layout::default()
        };
        let (sheet, first) = Sheet::find("Ann,nobody\n", true, &bare, &[]).unwrap();
        assert_eq!((codes(&sheet), first.octets), (vec!["", "EMAIL"], 0));
    }

    #[test]
    fn addresses_alone_need_no_names_of_columns() {
        let lines: Vec<_> = rows("a@b.c\r\nd@e.f").into_iter().map(|row| row.line).collect();
        assert_eq!(lines, [1, 2]);
        assert_eq!(found(" \n "), Err(HeaderFlaw::Empty));
        let unknown = found("name,company\nA,B").unwrap_err().to_string();
        assert!(unknown.contains(r#"of "name", "company""#), "{unknown}");
        let twice = HeaderFlaw::Twice(Holds::Field(ImportField::Name));
        assert_eq!(found("email,Name,full name\n"), Err(twice));
        let wide = format!("email{}\n", ",".repeat(MAX_CELLS));
        assert_eq!(found(&wide), Err(HeaderFlaw::TooLarge));
        let widest = format!("email{}\na@b.c\n", ",".repeat(MAX_CELLS - 1));
        assert_eq!(rows(&widest).len(), 1);
    }
}
