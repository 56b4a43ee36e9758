//! Reading a table of people as CSV (RFC 4180), piece by piece.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use strum::EnumCount;

use super::{Column, Delimiter, Holds, ImportField, RowProblem};
use crate::custom_field::FieldKey;

/// The most octets that the cells of one row may have.
const MAX_ROW_OCTETS: usize = 64 * 1024;

/// The most cells of one row.
pub const MAX_CELLS: usize = 5000;

/// How a table is laid out, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// What stands between cells.
    pub delimiter: Delimiter,
    /// Its columns.
    pub columns: Vec<Column>,
    fields: [Option<usize>; ImportField::COUNT],
}

/// One row as it stands there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cells {
    /// The line it begins in.
    pub line: u64,
    /// What it says, or why it cannot be read. Cells of columns that are left out are empty.
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
    /// The line of the quote that is opened behind them and not closed before the table ends.
    pub open_quote: Option<u64>,
}

impl Sheet {
    /// A table that is laid out so.
    pub fn new(delimiter: Delimiter, columns: Vec<Column>) -> Self {
        let mut fields = [None; ImportField::COUNT];
        for (at, column) in columns.iter().enumerate() {
            if let Some(Holds::Field(field)) = column.holds
                && let Some(place) = fields.get_mut(field as usize)
            {
                *place = Some(at);
            }
        }
        Self {
            delimiter,
            columns,
            fields,
        }
    }

    /// In which column something stands, counted from 0.
    pub fn place_of(&self, field: ImportField) -> Option<usize> {
        self.fields.get(field as usize).copied().flatten()
    }

    /// The columns of the tenant's own fields, counted from 0.
    pub fn custom(&self) -> impl Iterator<Item = (usize, &FieldKey)> {
        let columns = self.columns.iter().enumerate();
        columns.filter_map(|(at, column)| match &column.holds {
            Some(Holds::Custom(key)) => Some((at, key)),
            _ => None,
        })
    }

    /// Whether rows say themselves anything of how a permission was come by.
    pub fn speaks_of_permission(&self) -> bool {
        use ImportField::{CollectedAt, Source, Statement};
        [Source, CollectedAt, Statement]
            .into_iter()
            .any(|field| self.place_of(field).is_some())
    }

    /// Reads at most `limit` rows of a piece of the table that begins in this line. `is_end` says that nothing follows it;
    /// otherwise a row that does not end in it is left for the next piece.
    pub fn read(&self, piece: &str, line: u64, is_end: bool, limit: usize) -> Read {
        let mut reader = ReaderBuilder::new().delimiter(self.delimiter.octet()).build();
        reader.set_line(line);
        let mut read = Read {
            line,
            ..Read::default()
        };
        let mut row = Row::default();
        let piece = piece.as_bytes();
        while read.rows.len() < limit {
            let begins_at = read.octets;
            let line = begins_in(piece, begins_at, read.line);
            match row.read(&mut reader, piece, begins_at, is_end) {
                Ended::At(at) => {
                    read.octets = at;
                    read.line = reader.line();
                }
                Ended::Later => break,
                Ended::InAQuote => {
                    read.open_quote = Some(line);
                    break;
                }
            }
            // Lines without anything in them are passed over with the row that follows.
            if row.has_cells() {
                let cells = row.cells(&self.columns);
                read.rows.push(Cells { line, cells });
            }
        }
        read
    }
}

/// The line in which a row begins that is read from here: empty lines may come before it.
fn begins_in(piece: &[u8], from: usize, line: u64) -> u64 {
    let rest = piece.get(from..).unwrap_or_default().iter();
    let blank = rest.take_while(|octet| matches!(octet, b'\r' | b'\n'));
    let empty_lines = blank.filter(|octet| **octet == b'\n').count();
    line + u64::try_from(empty_lines).unwrap_or(0)
}

/// Where a row ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    /// Before this octet.
    At(usize),
    /// Not in this piece; or there is none.
    Later,
    /// Nowhere: the table ends within quotes.
    InAQuote,
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
            ends: vec![0; MAX_CELLS + 1],
            count: 0,
            is_too_large: false,
        }
    }
}

impl Row {
    /// Reads one row from here on, and says where the next begins.
    fn read(&mut self, reader: &mut Reader, piece: &[u8], from: usize, is_end: bool) -> Ended {
        (self.length, self.count, self.is_too_large) = (0, 0, false);
        let mut at = from;
        let mut has_ended = false;
        loop {
            let rest = piece.get(at..).unwrap_or_default();
            let input = match (rest.is_empty(), is_end) {
                (false, _) => rest,
                (true, false) => return Ended::Later,
                // A row ends with its line; one that does not has a quote open.
                (true, true) if has_ended && self.has_cells() => return Ended::InAQuote,
                (true, true) if has_ended => return Ended::Later,
                (true, true) => b"\n",
            };
            has_ended = rest.is_empty();
            let text = self.text.get_mut(self.length..).unwrap_or_default();
            let ends = self.ends.get_mut(self.count..).unwrap_or_default();
            let (result, taken, written, ended) = reader.read_record(input, text, ends);
            at += if has_ended { 0 } else { taken };
            self.length += written;
            self.count += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    (self.length, self.count, self.is_too_large) = (0, 0, true);
                    has_ended = false;
                }
                ReadRecordResult::Record => return Ended::At(at),
                ReadRecordResult::End => return Ended::Later,
            }
        }
    }

    fn has_cells(&self) -> bool {
        self.is_too_large || self.count > 1 || self.length > 0
    }

    /// The cells; those of columns that are known and left out without what they say.
    fn cells(&self, columns: &[Column]) -> Result<Vec<String>, RowProblem> {
        if self.is_too_large || self.count > MAX_CELLS {
            return Err(RowProblem::RowTooLarge);
        }
        let mut cells = Vec::with_capacity(self.count);
        let mut begins_at = 0;
        for (at, ends_at) in self.ends.iter().take(self.count).enumerate() {
            let is_left_out = columns.get(at).is_some_and(|column| column.holds.is_none());
            let cell = self.text.get(begins_at..*ends_at).unwrap_or_default();
            cells.push(if is_left_out {
                String::new()
            } else {
                String::from_utf8_lossy(cell).into_owned()
            });
            begins_at = *ends_at;
        }
        Ok(cells)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Layout;
    use super::*;

    fn found(text: &str) -> (Sheet, Read) {
        Sheet::find(text, true, &Layout::default(), &[]).unwrap()
    }

    type Row = (u64, Result<Vec<String>, RowProblem>);

    fn row(line: u64, cells: &[&str]) -> Row {
        (line, Ok(cells.iter().map(|cell| (*cell).to_owned()).collect()))
    }

    fn rows(text: &str) -> Vec<Row> {
        let (sheet, header) = found(text);
        let read = sheet.read(&text[header.octets..], header.line, true, usize::MAX);
        read.rows.into_iter().map(|row| (row.line, row.cells)).collect()
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
        let (sheet, header) = found(text);
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
        let wide = format!("email\n{}\nd@e.f\n", ",".repeat(MAX_CELLS));
        assert_eq!(
            rows(&wide),
            [(2, Err(RowProblem::RowTooLarge)), row(3, &["d@e.f"])]
        );
        let (sheet, _) = found("email\n");
        let open = sheet.read("\"never closed\n", 2, false, 9);
        assert_eq!((open.rows.len(), open.octets, open.line), (0, 0, 2));
        assert_eq!(open.open_quote, None, "it may be closed further down");
        let open = sheet.read("a@b.c\n\n\"never closed\nd@e.f\n", 2, true, 9);
        assert_eq!((open.rows.len(), open.octets, open.open_quote), (1, 6, Some(4)));
        let closed = sheet.read("\"closed\"\n\n\n", 2, true, 9);
        assert_eq!((closed.rows.len(), closed.open_quote), (1, None));
        let huge = format!("\"{}", "x".repeat(MAX_ROW_OCTETS * 2));
        assert_eq!(sheet.read(&huge, 2, true, 9).open_quote, Some(2));
    }
}
