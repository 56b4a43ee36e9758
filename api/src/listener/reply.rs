//! What the listener answers.

use std::borrow::Cow;
use std::fmt::Write as _;

/// An answer: a reply code (RFC 5321, 4.2) and lines of text. The first begins with an enhanced status (RFC 3463), where
/// there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) code: u16,
    text: Cow<'static, str>,
    /// What is offered, a line each.
    offers: Vec<String>,
}

impl Reply {
    /// An answer of one line.
    pub(super) fn new(code: u16, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            text: text.into(),
            offers: Vec::new(),
        }
    }

    /// The answer with further lines.
    pub(super) fn offering(self, offers: Vec<String>) -> Self {
        Self { offers, ..self }
    }

    /// Whether the other side did something that it may not do over and over.
    pub(super) fn is_failure(&self) -> bool {
        self.code >= 500
    }

    /// The answer as it goes over the line.
    pub(super) fn write_to(&self, out: &mut String) {
        let lines = std::iter::once(self.text.as_ref()).chain(self.offers.iter().map(String::as_str));
        let last = self.offers.len();
        for (number, line) in lines.enumerate() {
            let mark = if number == last { ' ' } else { '-' };
            // Writing to a text does not fail.
            let _ = write!(out, "{}{mark}{line}\r\n", self.code);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lines_but_the_last_are_marked_as_going_on() {
        let mut out = String::new();
        Reply::new(250, "2.0.0 done").write_to(&mut out);
        let offers = vec!["SIZE 5".to_owned(), "PIPELINING".to_owned()];
        Reply::new(250, "mx.example").offering(offers).write_to(&mut out);
        assert_eq!(
            out,
            "250 2.0.0 done\r\n250-mx.example\r\n250-SIZE 5\r\n250 PIPELINING\r\n"
        );
    }
}
