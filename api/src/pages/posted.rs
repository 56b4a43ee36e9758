//! What a form sent: its fields as text, however often each came.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpMessage, HttpRequest, web};
use tokio::time::timeout;
use url::form_urlencoded;

use super::error::PageError;
use crate::server::MAX_FORM_OCTETS;

/// The fields of a form in the order in which they came. It holds what people typed, so it has no `Debug`.
pub(super) struct Posted {
    fields: Vec<(String, String)>,
}

/// A field that has one value came more than once.
pub(super) struct Twice;

impl Posted {
    /// Reads a form of at most [`MAX_FORM_OCTETS`].
    pub(super) async fn read(request: &HttpRequest, payload: web::Payload) -> Result<Self, PageError> {
        if !matches!(request.content_type(), "" | "application/x-www-form-urlencoded") {
            return Err(PageError::unreadable(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        match payload.to_bytes_limited(MAX_FORM_OCTETS).await {
            Ok(Ok(body)) => Self::parse(&body).ok_or_else(|| PageError::unreadable(StatusCode::BAD_REQUEST)),
            Ok(Err(_)) => Err(PageError::unreadable(StatusCode::BAD_REQUEST)),
            Err(_) => Err(PageError::too_large()),
        }
    }

    /// The parser puts U+FFFD where something is not UTF-8; nobody types that character.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let is_text = |text: &str| !text.contains(char::REPLACEMENT_CHARACTER);
        fields
            .iter()
            .all(|(name, value)| is_text(name) && is_text(value))
            .then_some(Self { fields })
    }

    /// Fields that came in another shape than a form's.
    pub(super) fn of(fields: Vec<(String, String)>) -> Self {
        Self { fields }
    }

    /// Every value of a field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(of, _)| of == name)
            .map(|(_, value)| value.as_str())
    }

    /// The fields whose names begin so, each by the rest of its name.
    pub(super) fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let fields = self.fields.iter();
        fields.filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// The value of a field that has one; empty where it did not come.
    pub(super) fn one(&self, name: &str) -> Result<&str, Twice> {
        let mut values = self
            .fields
            .iter()
            .filter(|(of, _)| of == name)
            .map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (first, None) => Ok(first.unwrap_or_default()),
            (_, Some(_)) => Err(Twice),
        }
    }

    /// The first value of a field, to show it again.
    pub(super) fn typed(&self, name: &str) -> &str {
        self.fields
            .iter()
            .find(|(of, _)| of == name)
            .map_or("", |(_, value)| value.as_str())
    }

    /// Whether a box was ticked, if only once.
    pub(super) fn is_ticked(&self, name: &str) -> bool {
        self.all(name).any(|value| !matches!(value, "" | "0"))
    }
}

/// How long to wait for the rest of a body that nobody reads.
const DRAIN_WITHIN: Duration = Duration::from_secs(5);

/// Takes a body in and forgets it: an act that a link alone describes needs none, whatever comes with it. What
/// does not come in time, or is too long, is left where it is.
pub(super) async fn drain(payload: web::Payload) {
    let _ = timeout(DRAIN_WITHIN, payload.to_bytes_limited(MAX_FORM_OCTETS)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_came_twice_is_no_single_answer() {
        let posted = Posted::parse(b"email=a%40b.example&email=c&purpose=x&purpose=y").expect("text");
        assert!(posted.one("email").is_err());
        assert_eq!(posted.typed("email"), "a@b.example");
        assert_eq!(posted.all("purpose").collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(posted.one("name").ok(), Some(""));
    }

    #[test]
    fn what_is_not_utf_8_is_no_form() {
        assert!(Posted::parse(b"email=%ff%fe").is_none());
        assert!(Posted::parse(b"email=\xff").is_none());
        assert!(Posted::parse("name=%C3%A9\u{e9}".as_bytes()).is_some());
    }

    #[test]
    fn no_mail_counts_if_it_was_ticked_once() {
        let ticked = |body: &[u8]| Posted::parse(body).expect("text").is_ticked("no_mail");
        assert!(ticked(b"no_mail=1") && ticked(b"no_mail=&no_mail=on"));
        assert!(!ticked(b"") && !ticked(b"no_mail=") && !ticked(b"no_mail=0"));
    }
}
