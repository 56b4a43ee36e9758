//! Cells of CSV files that somebody may open in a spreadsheet.

use std::borrow::Cow;

/// What begins a formula in a spreadsheet, wide forms included (OWASP, CSV injection).
pub(crate) const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What some spreadsheets end a cell with, besides what CSV does.
const SEPARATORS: &[char] = &[';', '\t'];

/// A cell that a spreadsheet shows as it is, whatever it begins with, and whatever it takes for the beginning of the next.
pub(crate) fn safe(cell: &str) -> Cow<'_, str> {
    let mut safe = String::new();
    let mut taken = 0;
    let begins = cell
        .match_indices(SEPARATORS)
        .map(|(at, separator)| at + separator.len());
    for begin in std::iter::once(0).chain(begins) {
        let (before, rest) = (cell.get(taken..begin), cell.get(begin..));
        if let (Some(before), true) = (before, rest.is_some_and(|rest| rest.starts_with(FORMULA))) {
            safe.push_str(before);
            safe.push('\'');
            taken = begin;
        }
    }
    if safe.is_empty() {
        return Cow::Borrowed(cell);
    }
    safe.push_str(cell.get(taken..).unwrap_or_default());
    Cow::Owned(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_becomes_a_formula() {
        for (cell, expected) in [
            ("Ann", "Ann"),
            ("", ""),
            ("=1+1", "'=1+1"),
            ("x;=cmd|' /C calc'!A0", "x;'=cmd|' /C calc'!A0"),
            ("a;b;c", "a;b;c"),
            ("-1;@x", "'-1;'@x"),
            ("ü\t＝1", "ü\t'＝1"),
            (";", ";"),
        ] {
            assert_eq!(safe(cell), expected, "{cell:?}");
        }
    }
}
