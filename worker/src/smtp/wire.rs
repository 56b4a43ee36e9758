//! A message as it goes over the wire.

use std::fmt;

use memchr::{memchr2_iter, memmem};

/// A message with the dots that keep its lines apart from the one that ends it, and that one (RFC 5321, 4.5.2). It goes
/// out in one piece: lettre copies a message octet by octet and sends its end by itself.
pub(super) struct OnTheWire<'a>(pub(super) &'a str);

impl fmt::Display for OnTheWire<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.starts_with('.') {
            f.write_str(".")?;
        }
        let mut rest = self.0;
        while let Some(at) = memmem::find(rest.as_bytes(), b"\n.") {
            let (lines, dotted) = rest.split_at(at + 1);
            f.write_str(lines)?;
            f.write_str("..")?;
            rest = &dotted[1..];
        }
        f.write_str(rest)?;
        f.write_str(if self.0.ends_with("\r\n") {
            ".\r\n"
        } else {
            "\r\n.\r\n"
        })
    }
}

/// Whether lines end as they should. Lone CR or LF let servers disagree on where a message ends (RFC 5321, 2.3.8; SMTP
/// smuggling).
pub(super) fn has_crlf_lines(message: &[u8]) -> bool {
    let ends = memmem::find_iter(message, b"\r\n").count();
    memchr2_iter(b'\r', b'\n', message).count() == 2 * ends
}

#[cfg(test)]
mod tests {
    use super::{OnTheWire, has_crlf_lines};

    #[test]
    fn only_crlf_ends_a_line() {
        assert!(has_crlf_lines(b"") && has_crlf_lines(b"a") && has_crlf_lines(b"a\r\n\r\nb\r\n"));
        for message in [&b"a\nb"[..], b"a\rb", b"a\r", b"\r\r\n", b"\r\n\n", b"\n"] {
            assert!(!has_crlf_lines(message), "{message:?}");
        }
    }

    #[test]
    fn a_line_that_begins_with_a_dot_gets_another_and_the_last_stands_alone() {
        for (message, wire) in [
            ("", "\r\n.\r\n"),
            ("a\r\n", "a\r\n.\r\n"),
            ("a", "a\r\n.\r\n"),
            (".", "..\r\n.\r\n"),
            ("..\r\n.a\r\n.\r\n", "...\r\n..a\r\n..\r\n.\r\n"),
            ("a.\r\n\r\n.", "a.\r\n\r\n..\r\n.\r\n"),
        ] {
            assert_eq!(OnTheWire(message).to_string(), wire, "{message:?}");
        }
    }
}
