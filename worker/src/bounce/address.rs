//! Addresses within the words of a server.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::rules::pattern;

/// Longer than this no address is (RFC 5321, 4.5.3.1.3).
const MAX_OCTETS: usize = 254;

const ADDRESS: &str = r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w](?:[\w.-]*[\w])?";

static ANYWHERE: LazyLock<Regex> = LazyLock::new(|| pattern(ADDRESS));

/// An address at the beginning of a line, behind what mail systems put before it.
static AT_BEGINNING: LazyLock<Regex> = LazyLock::new(|| {
    let before = r#"^[ \t]*(?:(?:(?:final |original )?recipient|addressed to|error-for|failed (?:to|recipient))\s*:)?[\s<"'(\[*>-]*"#;
    pattern(&format!("(?i){before}({ADDRESS})"))
});

static IN_BRACKETS: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("<?(?:mailto:)?{ADDRESS}>?")));

/// The address with which a line begins.
pub(super) fn at_beginning(line: &str) -> Option<&str> {
    let found = AT_BEGINNING.captures(line)?.get(1)?.as_str();
    Some(tidy(found)).filter(|address| address.len() <= MAX_OCTETS)
}

/// The first address in a text, as in `rfc822; <ann@example.org>`.
pub(super) fn first(text: &str) -> Option<&str> {
    all(text).next()
}

/// Every address in a text.
pub(super) fn all(text: &str) -> impl Iterator<Item = &str> {
    ANYWHERE
        .find_iter(text)
        .map(|found| tidy(found.as_str()))
        .filter(|address| address.len() <= MAX_OCTETS)
}

/// The text without the addresses in it.
pub(super) fn hide(text: &str) -> Cow<'_, str> {
    IN_BRACKETS.replace_all(text, "<address>")
}

/// Punctuation that an address may begin with by the letter, and never does.
fn tidy(found: &str) -> &str {
    found.trim_start_matches(['\'', '`', '.', '*', '=', '|', '{', '/'])
}

/// Whether two texts name the same mailbox, as reports write them.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}
