//! Line ends, made one kind.

/// With LF line ends, and without NUL octets. A mail whose lines end with CR alone, as some old systems keep it, reads
/// like any other.
pub(super) fn to_lf(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut octets = raw.iter().copied().peekable();
    while let Some(octet) = octets.next() {
        match octet {
            b'\r' => {
                octets.next_if_eq(&b'\n');
                out.push(b'\n');
            }
            0 => {}
            other => out.push(other),
        }
    }
    out
}
