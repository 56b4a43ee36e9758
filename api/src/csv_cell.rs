//! Cells of CSV files that somebody may open in a spreadsheet.

use std::borrow::Cow;

/// What begins a formula in a spreadsheet, wide forms included (OWASP, CSV injection).
pub(crate) const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell that a spreadsheet shows as it is, whatever it begins with.
pub(crate) fn safe(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}
