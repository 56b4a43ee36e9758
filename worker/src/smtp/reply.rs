//! What a server answered.

use std::fmt;

use data_encoding::BASE64;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::response::Response;
use secrecy::{ExposeSecret, SecretString};

/// The longest text kept, in characters.
const MAX_TEXT: usize = 500;

/// What a server answered, bounded and without control characters. `Debug` leaves out the text: servers
/// like to repeat addresses in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The reply code (RFC 5321, 4.2).
    pub code: u16,
    /// The enhanced status code `class.subject.detail` the text begins with (RFC 3463, 2034), if its class
    /// agrees with the reply code.
    pub enhanced: Option<String>,
    /// The text in one line, the enhanced code included.
    pub text: String,
}

impl Reply {
    /// A reply from its code and text.
    pub fn new(code: u16, text: &str) -> Self {
        let text = bounded(text);
        Self {
            code,
            enhanced: enhanced(code, &text),
            text,
        }
    }

    /// The same without a password, as it is and as it was sent.
    pub(super) fn hiding(self, user: &str, password: &SecretString) -> Self {
        Self {
            text: without(&self.text, user, password),
            ..self
        }
    }

    /// Whether the server is about to close the connection (RFC 5321, 3.8).
    pub fn is_closing(&self) -> bool {
        self.code == 421
    }

    pub(crate) fn from_response(response: &Response) -> Self {
        let text = response.message().collect::<Vec<_>>().join(" ");
        Self::new(response.code().into(), &text)
    }

    /// The negative reply in an error; none if the error is not a reply.
    pub(crate) fn from_error(error: &Error) -> Option<Self> {
        use std::error::Error as _;
        let code = error.status()?;
        let text = error.source().map(ToString::to_string).unwrap_or_default();
        Some(Self::new(code.into(), &text))
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("code", &self.code)
            .field("enhanced", &self.enhanced)
            .finish_non_exhaustive()
    }
}

/// A text without a password, as it is and as AUTH PLAIN and AUTH LOGIN send it (RFC 4616, 2).
pub(super) fn without(text: &str, user: &str, password: &SecretString) -> String {
    let password = password.expose_secret();
    let plain = BASE64.encode(format!("\0{user}\0{password}").as_bytes());
    [password.to_owned(), plain, BASE64.encode(password.as_bytes())]
        .iter()
        .fold(text.to_owned(), |text, secret| text.replace(secret, "[password]"))
}

/// The text in one line of at most [`MAX_TEXT`] characters.
pub(crate) fn bounded(text: &str) -> String {
    let spaced: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_TEXT)
        .collect();
    spaced.trim().to_owned()
}

fn enhanced(code: u16, text: &str) -> Option<String> {
    let word = text
        .split_whitespace()
        .next()?
        .trim_matches(|c: char| !c.is_ascii_digit());
    let mut parts = word.split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
    let is_number =
        |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let agrees = class.parse() == Ok(code / 100);
    (agrees && parts.next().is_none() && is_number(subject) && is_number(detail)).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_enhanced_code_is_read_where_it_agrees() {
        let enhanced = |code, text| Reply::new(code, text).enhanced;
        assert_eq!(enhanced(550, "5.1.1 No such user").as_deref(), Some("5.1.1"));
        assert_eq!(enhanced(452, "#4.2.2 full").as_deref(), Some("4.2.2"));
        assert_eq!(enhanced(550, "[5.7.515] denied").as_deref(), Some("5.7.515"));
        for text in [
            "",
            "No such user",
            "4.1.1 other class",
            "5.1",
            "5.1.1.1 x",
            "5.1.1234 x",
            "550 5.1.1",
        ] {
            assert_eq!(enhanced(550, text), None, "{text}");
        }
    }

    #[test]
    fn a_server_that_repeats_the_password_is_not_repeated() {
        let echo = "535 AGFkYQBnZWhlaW0= and Z2VoZWlt and geheim are wrong";
        let hidden = Reply::new(535, echo).hiding("ada", &"geheim".into()).text;
        assert_eq!(hidden, "535 [password] and [password] and [password] are wrong");
    }

    #[test]
    fn the_text_is_bounded_and_in_one_line() {
        let reply = Reply::new(550, &format!("a\r\nb\u{0}{}", "é".repeat(600)));
        assert_eq!(reply.text.chars().count(), 500);
        assert!(reply.text.starts_with("a  b é"));
        assert!(!format!("{reply:?}").contains('é'));
    }
}
