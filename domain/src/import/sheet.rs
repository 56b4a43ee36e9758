//! Reading a table of people as CSV (RFC 4180), piece by piece.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::{ImportField, RowProblem};
use crate::address::EmailAddress;

/// The most octets that the cells of one row may have.
const MAX_ROW_OCTETS: usize = 64 * 1024;

/// The most cells of one row.
const MAX_CELLS: usize = 1000;

/// What may stand between cells.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How a table is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What stands between cells.
    pub delimiter: u8,
    /// What each column is about, if that is known.
    pub columns: Vec<Option<ImportField>>,
}

/// What is wrong with the first row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderFlaw {
    /// There is nothing at all.
    #[error("the table is empty: it needs a first row that names its columns, and a row for each person")]
    Empty,
    /// No column holds addresses.
    #[error(
        "no column is named as one of addresses: name it `email` in the first row, and put a comma, a semicolon, a tab or a \
         bar between cells"
    )]
    NoAddresses,
    /// Two columns are about the same.
    #[error("two columns are about {0}: leave one out, or name it otherwise")]
    Twice(ImportField),
}

/// One row as it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    /// The line it begins in.
    pub line: u64,
    /// What it says, or why it cannot be read.
    pub cells: Result<Vec<String>, RowProblem>,
}

/// What a piece of a table holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The rows that end in it.
    pub rows: Vec<Cells>,
    /// How many octets they take: the next piece begins behind them.
    pub octets: usize,
    /// The line in which the next piece begins.
    pub line: u64,
}

impl Sheet {
    /// Learns from the beginning of a table how it is laid out, and how many octets and lines the first row takes. A table
    /// whose first row has an address in it has no names of columns: of that, the address alone is read.
    pub fn of(beginning: &str) -> Result<(Self, Read), HeaderFlaw> {
        if beginning.trim().is_empty() {
            return Err(HeaderFlaw::Empty);
        }
        let mut widest: Option<(usize, Self, Read)> = None;
        for delimiter in DELIMITERS {
            let (cells, mut read) = first_row(delimiter, beginning);
            let mut columns: Vec<_> = cells.iter().map(|cell| ImportField::of_column(cell)).collect();
            if !columns.contains(&Some(ImportField::Email)) {
                let is_address = |cell: &String| EmailAddress::parse(cell.trim()).is_ok();
                let Some(place) = cells.iter().position(is_address) else {
                    continue;
                };
                columns = (0..cells.len())
                    .map(|at| (at == place).then_some(ImportField::Email))
                    .collect();
                read = Read {
                    line: 1,
                    ..Read::default()
                };
            }
            if widest.as_ref().is_none_or(|(cells, ..)| columns.len() > *cells) {
                widest = Some((columns.len(), Self { delimiter, columns }, read));
            }
        }
        let (_, sheet, read) = widest.ok_or(HeaderFlaw::NoAddresses)?;
        match sheet.named_twice() {
            None => Ok((sheet, read)),
            Some(field) => Err(HeaderFlaw::Twice(field)),
        }
    }

    fn named_twice(&self) -> Option<ImportField> {
        let known: Vec<_> = self.columns.iter().flatten().copied().collect();
        known.iter().enumerate().find_map(|(at, field)| {
            known
                .iter()
                .take(at)
                .any(|other| other == field)
                .then_some(*field)
        })
    }

    /// Reads at most `limit` rows of a piece of the table that begins in this line. `is_end` says that nothing follows it;
    /// otherwise a row that does not end in it is left for the next piece.
    pub fn read(&self, piece: &str, line: u64, is_end: bool, limit: usize) -> Read {
        let mut reader = reader(self.delimiter);
        reader.set_line(line);
        let mut read = Read {
            line,
            ..Read::default()
        };
        let mut row = Row::default();
        let piece = piece.as_bytes();
        while read.rows.len() < limit {
            let begins_at = read.octets;
            let Some(ends_at) = row.read(&mut reader, piece, begins_at, is_end) else {
                break;
            };
            read.octets = ends_at;
            // Lines without anything in them are passed over with the row that follows.
            if row.has_cells() {
                read.rows.push(Cells {
                    line: begins_in(piece, begins_at, read.line),
                    cells: row.cells(),
                });
            }
            read.line = reader.line();
            if ends_at == begins_at {
                break;
            }
        }
        read
    }
}

fn reader(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).build()
}

fn first_row(delimiter: u8, beginning: &str) -> (Vec<String>, Read) {
    let sheet = Sheet {
        delimiter,
        columns: Vec::new(),
    };
    let read = sheet.read(beginning, 1, true, 1);
    let cells = read.rows.first().and_then(|row| row.cells.clone().ok());
    let place = Read {
        rows: Vec::new(),
        ..read
    };
    (cells.unwrap_or_default(), place)
}

/// The line in which a row begins that is read from here: empty lines may come before it.
fn begins_in(piece: &[u8], from: usize, line: u64) -> u64 {
    let rest = piece.get(from..).unwrap_or_default().iter();
    let blank = rest.take_while(|octet| matches!(octet, b'\r' | b'\n'));
    let empty_lines = blank.filter(|octet| **octet == b'\n').count();
    line + u64::try_from(empty_lines).unwrap_or(0)
}

/// The row that is being read.
struct Row {
    text: Vec<u8>,
    length: usize,
    ends: Vec<usize>,
    count: usize,
    is_too_large: bool,
}

impl Default for Row {
    fn default() -> Self {
        Self {
            text: vec![0; MAX_ROW_OCTETS],
            length: 0,
            ends: vec![0; MAX_CELLS],
            count: 0,
            is_too_large: false,
        }
    }
}

impl Row {
    /// Reads one row from here on, and says where the next begins; `None` where it does not end, or there is none.
    fn read(&mut self, reader: &mut Reader, piece: &[u8], from: usize, is_end: bool) -> Option<usize> {
        (self.length, self.count, self.is_too_large) = (0, 0, false);
        let mut at = from;
        loop {
            let rest = piece.get(at..).unwrap_or_default();
            if rest.is_empty() && !is_end {
                return None;
            }
            let text = self.text.get_mut(self.length..).unwrap_or_default();
            let ends = self.ends.get_mut(self.count..).unwrap_or_default();
            let (result, taken, written, ended) = reader.read_record(rest, text, ends);
            at += taken;
            self.length += written;
            self.count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    (self.length, self.count, self.is_too_large) = (0, 0, true);
                }
                ReadRecordResult::Record => return Some(at),
                ReadRecordResult::End => return None,
            }
        }
    }

    fn has_cells(&self) -> bool {
        self.is_too_large || self.count > 1 || self.length > 0
    }

    fn cells(&self) -> Result<Vec<String>, RowProblem> {
        if self.is_too_large {
            return Err(RowProblem::RowTooLarge);
        }
        let mut cells = Vec::with_capacity(self.count);
        let mut begins_at = 0;
        for ends_at in self.ends.iter().take(self.count) {
            let cell = self.text.get(begins_at..*ends_at).unwrap_or_default();
            cells.push(String::from_utf8_lossy(cell).into_owned());
            begins_at = *ends_at;
        }
        Ok(cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row = (u64, Result<Vec<String>, RowProblem>);

    fn row(line: u64, cells: &[&str]) -> Row {
        (line, Ok(cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    fn rows(text: &str) -> Vec<Row> {
        let (sheet, header) = Sheet::of(text).unwrap();
        let read = sheet.read(&text[header.octets..], header.line, true, usize::MAX);
        read.rows.into_iter().map(|row| (row.line, row.cells)).collect()
    }

    #[test]
    fn a_table_is_read_whatever_stands_between_its_cells() {
        for delimiter in [",", ";", "\t", "|"] {
            let text = format!(
                "E-Mail{delimiter}Full name{delimiter}x\na@b.c{delimiter}\"A{delimiter}B\"{delimiter}1\n"
            );
            let (sheet, _) = Sheet::of(&text).unwrap();
            assert_eq!(
                sheet.columns,
                [Some(ImportField::Email), Some(ImportField::Name), None]
            );
            assert_eq!(rows(&text), [row(2, &["a@b.c", &format!("A{delimiter}B"), "1"])]);
        }
    }

    #[test]
    fn addresses_alone_need_no_names_of_columns() {
        assert_eq!(rows("a@b.c\r\nd@e.f"), [row(1, &["a@b.c"]), row(2, &["d@e.f"])]);
        assert_eq!(Sheet::of(" \n "), Err(HeaderFlaw::Empty));
        assert_eq!(Sheet::of("name,company\nA,B"), Err(HeaderFlaw::NoAddresses));
        assert_eq!(
            Sheet::of("email,Name,full name\n"),
            Err(HeaderFlaw::Twice(ImportField::Name))
        );
    }

    #[test]
    fn lines_are_those_that_an_editor_shows() {
        let text = "email,name\r\n\r\na@b.c,\"two\r\nlines\"\r\n\n\nd@e.f,D\r\n";
        assert_eq!(
            rows(text),
            [row(3, &["a@b.c", "two\r\nlines"]), row(7, &["d@e.f", "D"])]
        );
    }

    #[test]
    fn read_in_pieces_of_any_size_it_is_the_same() {
        let text = "email,name\r\na@b.c,\"q\"\"uo,te\"\r\n\r\nd@e.f,Ünïcode\ng@h.i,\"open\nline\"\r\nj@k.l";
        let whole = rows(text);
        assert_eq!(whole.len(), 4);
        let (sheet, header) = Sheet::of(text).unwrap();
        for size in 1..text.len() {
            let (mut at, mut line, mut seen) = (header.octets, header.line, Vec::new());
            let mut length = size;
            while at < text.len() {
                let mut to = (at + length).min(text.len());
                while !text.is_char_boundary(to) {
                    to += 1;
                }
                let read = sheet.read(&text[at..to], line, to == text.len(), 2);
                length = if read.octets == 0 { length + size } else { size };
                seen.extend(read.rows.into_iter().map(|row| (row.line, row.cells)));
                (at, line) = (at + read.octets, read.line);
                if to == text.len() && read.octets == 0 {
                    break;
                }
            }
            assert_eq!(seen, whole, "{size}");
        }
    }

    #[test]
    fn a_row_without_end_takes_no_more_than_its_share() {
        let huge = format!("email\na@b.c\n\"{}\"\nd@e.f\n", "x".repeat(MAX_ROW_OCTETS + 1));
        assert_eq!(
            rows(&huge),
            [
                row(2, &["a@b.c"]),
                (3, Err(RowProblem::RowTooLarge)),
                row(4, &["d@e.f"])
            ]
        );
        let wide = format!("email\n{}\nd@e.f\n", ",".repeat(5000));
        assert_eq!(
            rows(&wide),
            [(2, Err(RowProblem::RowTooLarge)), row(3, &["d@e.f"])]
        );
        let (sheet, _) = Sheet::of("email\n").unwrap();
        let open = sheet.read("\"never closed\n", 2, false, 9);
        assert_eq!((open.rows.len(), open.octets, open.line), (0, 0, 2));
    }
}
