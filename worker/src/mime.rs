//! From a rendered mail to the bytes on the wire: RFC 5322 header fields and MIME parts.
//!
//! Everything is 7-bit (RFC 2045, 6.2) but an internationalised local part (RFC 6532), so no relay has to
//! re-encode a signed mail. The same draft always gives the same bytes. Signing comes after this.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{
    self, ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue, Headers,
};
use lettre::message::{Body, Mailbox, Mailboxes, MultiPart, SinglePart};
use memchr::{memchr, memchr_iter};

use crate::smtp::wire_address;

/// A line holds at most this many octets, without its end (RFC 5322, 2.1.1).
const MAX_LINE_BYTES: usize = 998;
/// A recipient's name longer than this is left out: it is no more than a courtesy.
const MAX_TO_NAME_BYTES: usize = 200;

/// A mail about to be put into bytes. No `Debug`: it holds personal data.
pub struct Draft<'a> {
    /// The sender's name.
    pub from_name: &'a str,
    /// The sender's address.
    pub from_address: &'a str,
    /// The recipient's name. People choose it themselves: control characters become spaces, and one that is
    /// too long is left out.
    pub to_name: Option<&'a str>,
    /// The recipient's address.
    pub to_address: &'a str,
    /// One line.
    pub subject: &'a str,
    /// The HTML part, if there is one.
    pub html: Option<&'a str>,
    /// The plain part.
    pub text: &'a str,
    /// `left@right`, with or without angle brackets; unique for each mail and the same on every attempt.
    pub message_id: &'a str,
    /// When the mail was made.
    pub date: DateTime<Utc>,
    /// The list fields of marketing mail.
    pub list: Option<ListHeaders<'a>>,
    /// Whether nobody wrote this mail by hand (RFC 3834, 5): confirmations, notices, answers to requests.
    pub auto_submitted: bool,
    /// Where answers go, if not to the sender's address.
    pub reply_to: Option<&'a str>,
    /// Where providers tell of complaints (RFC 9477).
    pub complaints_to: Option<&'a str>,
    /// The return path, for Postmark to tell with its events (a field of its own, which it takes out).
    pub postmark_return_path: Option<&'a str>,
    /// What providers count complaints by, in printable ASCII with colons between: at most four parts, the last of which
    /// is the same for all our mail.
    pub feedback_id: Option<&'a str>,
    /// The language it is in, as a tag (RFC 3282).
    pub language: &'a str,
}

/// The list fields of marketing mail (RFC 2369, 2919, 8058).
#[derive(Clone, Copy)]
pub struct ListHeaders<'a> {
    /// Where a POST of `List-Unsubscribe=One-Click` opts this person out of this list; HTTPS in production.
    pub unsubscribe_url: &'a str,
    /// The name of the list, for people.
    pub list_id_phrase: &'a str,
    /// `label.namespace` in a domain of ours, without angle brackets; the same for the list's whole life.
    pub list_id: &'a str,
}

/// Why a draft cannot be put into bytes. Nothing of the recipient is in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MimeError {
    /// A value holds a line break or another control character; as a header field it could start others.
    #[error("{0} holds a control character")]
    ControlCharacter(&'static str),
    /// Not an address by RFC 5321 and 6531.
    #[error("{0} is not an e-mail address")]
    Address(&'static str),
    /// Not `left@right` in printable ASCII.
    #[error("the message id is not of the form left@right in printable ASCII")]
    MessageId,
    /// Not an HTTP address in printable ASCII that fits into a line.
    #[error("the unsubscribe address is not an http(s) address in printable ASCII, or too long")]
    UnsubscribeUrl,
    /// Not `label.namespace` of letters, digits, dots and hyphens, of at most 255 octets (RFC 2919).
    #[error("the list id is not of the form label.namespace, or too long")]
    ListId,
    /// Before 1970 or after 9999.
    #[error("the date is outside of the years 1970 to 9999")]
    Date,
    /// A header field has a word that fits into no line.
    #[error("a line is longer than {MAX_LINE_BYTES} octets: shorten the longest word of the subject or name")]
    LineTooLong,
}

/// Puts a mail into bytes, with CRLF line ends.
pub fn build(draft: &Draft<'_>) -> Result<Vec<u8>, MimeError> {
    let message_id = message_id(draft.message_id)?;
    let mut headers = Headers::new();
    headers.set(date(draft.date)?);
    headers.set(header::From::from(Mailboxes::from(Mailbox::new(
        name(draft.from_name, "the sender's name")?,
        address(draft.from_address, "the sender's address")?,
    ))));
    if let Some(reply_to) = draft.reply_to {
        let reply_to = Mailbox::new(None, address(reply_to, "the reply address")?);
        headers.set(header::ReplyTo::from(Mailboxes::from(reply_to)));
    }
    headers.set(header::To::from(Mailboxes::from(Mailbox::new(
        draft.to_name.and_then(recipient_name),
        address(draft.to_address, "the recipient's address")?,
    ))));
    headers.set(header::Subject::from(
        one_line(draft.subject, "the subject")?.to_owned(),
    ));
    raw(&mut headers, "Message-ID", message_id.clone());
    headers.set(header::MIME_VERSION_1_0);
    raw(
        &mut headers,
        "Content-Language",
        one_line(draft.language, "the language")?.to_owned(),
    );
    if let Some(list) = draft.list {
        push_list(&mut headers, list)?;
    }
    if let Some(complaints_to) = draft.complaints_to {
        let to = address(complaints_to, "the address for complaints")?;
        raw(&mut headers, "CFBL-Address", format!("{to}; report=arf"));
    }
    if let Some(path) = draft.postmark_return_path {
        let path = address(path, "the return path")?;
        raw(&mut headers, "X-PM-Metadata-return-path", path.to_string());
    }
    if let Some(feedback_id) = draft.feedback_id {
        raw(
            &mut headers,
            "Feedback-ID",
            one_line(feedback_id, "the feedback id")?.to_owned(),
        );
    }
    if draft.auto_submitted {
        raw(&mut headers, "Auto-Submitted", "auto-generated".to_owned());
    }

    let text = part(ContentType::TEXT_PLAIN, draft.text);
    let body = match draft.html {
        Some(html) => MultiPart::alternative()
            .boundary(boundary(&message_id))
            .singlepart(text)
            .singlepart(part(ContentType::TEXT_HTML, html))
            .formatted(),
        None => text.formatted(),
    };
    let mut message = headers.to_string().into_bytes();
    message.extend_from_slice(&body);
    // With its CR, which a line of text does not count.
    if longest_line(&message) > MAX_LINE_BYTES + 1 {
        return Err(MimeError::LineTooLong);
    }
    Ok(message)
}

fn push_list(headers: &mut Headers, list: ListHeaders<'_>) -> Result<(), MimeError> {
    let url = list.unsubscribe_url;
    let is_url = (url.starts_with("https://") || url.starts_with("http://"))
        && url.len() <= 900
        && url
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"'));
    if !is_url {
        return Err(MimeError::UnsubscribeUrl);
    }
    let id = list.list_id;
    let is_id = id.len() <= 255
        && id.contains('.')
        && id.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        });
    if !is_id {
        return Err(MimeError::ListId);
    }
    let phrase = one_line(list.list_id_phrase, "the name of the list")?;
    // Outside of a quoted string, which cannot hold encoded words, these would end the phrase (RFC 5322, 3.2.3).
    let phrase = phrase.replace(
        ['(', ')', '<', '>', '[', ']', ':', ';', '@', '\\', ',', '.', '"'],
        " ",
    );
    let value = format!(
        "{} <{id}>",
        phrase.split_whitespace().collect::<Vec<_>>().join(" ")
    );
    headers.insert_raw(HeaderValue::new(
        HeaderName::new_from_ascii_str("List-Id"),
        value.trim_start().to_owned(),
    ));
    raw(headers, "List-Unsubscribe", format!("<{url}>"));
    raw(
        headers,
        "List-Unsubscribe-Post",
        "List-Unsubscribe=One-Click".to_owned(),
    );
    Ok(())
}

/// Adds a field whose value is checked ASCII and must be neither folded nor encoded.
fn raw(headers: &mut Headers, name: &'static str, value: String) {
    let name = HeaderName::new_from_ascii_str(name);
    headers.insert_raw(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value));
}

fn one_line<'v>(value: &'v str, what: &'static str) -> Result<&'v str, MimeError> {
    if value.chars().any(char::is_control) {
        return Err(MimeError::ControlCharacter(what));
    }
    Ok(value.trim())
}

fn name(value: &str, what: &'static str) -> Result<Option<String>, MimeError> {
    let value = one_line(value, what)?;
    Ok((!value.is_empty()).then(|| value.to_owned()))
}

fn recipient_name(value: &str) -> Option<String> {
    let spaced: String = value
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let value = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    (1..=MAX_TO_NAME_BYTES).contains(&value.len()).then_some(value)
}

fn address(value: &str, what: &'static str) -> Result<Address, MimeError> {
    wire_address(value).ok_or(MimeError::Address(what))
}

fn message_id(value: &str) -> Result<String, MimeError> {
    let inner = value
        .strip_prefix('<')
        .and_then(|inner| inner.strip_suffix('>'))
        .unwrap_or(value);
    let is_id = inner.len() <= 250
        && inner
            .split_once('@')
            .is_some_and(|(left, right)| !left.is_empty() && !right.is_empty())
        && inner.matches('@').count() == 1
        && inner
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"<>()[]\\,;:\"".contains(&byte));
    if is_id {
        Ok(format!("<{inner}>"))
    } else {
        Err(MimeError::MessageId)
    }
}

fn date(value: DateTime<Utc>) -> Result<impl Header, MimeError> {
    const END_OF_YEAR_9999: i64 = 253_402_300_799;
    if !(0..=END_OF_YEAR_9999).contains(&value.timestamp()) {
        return Err(MimeError::Date);
    }
    Ok(header::Date::new(value.into()))
}

/// The octets of the longest line, without the LF that ends it.
fn longest_line(message: &[u8]) -> usize {
    let ends = memchr_iter(b'\n', message).chain([message.len()]);
    ends.scan(0, |begin, end| Some(end - std::mem::replace(begin, end + 1)))
        .max()
        .unwrap_or(0)
}

/// No encoded line can begin like this, and nobody knows the message id while writing a plain one.
fn boundary(message_id: &str) -> String {
    let mut hasher = DefaultHasher::new();
    message_id.hash(&mut hasher);
    format!("=_{:016x}", hasher.finish())
}

/// A part of 7-bit octets. What is ASCII in lines that SMTP can carry goes as it is: encoding it would only make it
/// longer and slower.
fn part(content_type: ContentType, text: &str) -> SinglePart {
    let text = unix_lines(text);
    let fits = text.is_ascii() && longest_line(text.as_bytes()) <= MAX_LINE_BYTES;
    let body = if fits {
        Body::dangerous_pre_encoded(crlf_lines(&text), ContentTransferEncoding::SevenBit)
    } else {
        Body::new(text.into_owned())
    };
    SinglePart::builder().header(content_type).body(body)
}

/// A lone CR would be a line end to some servers and none to others (RFC 5321, 2.3.8).
fn unix_lines(text: &str) -> Cow<'_, str> {
    let without_last = |text: &str| text.strip_suffix('\n').unwrap_or(text).len();
    if memchr(b'\r', text.as_bytes()).is_none() {
        return Cow::Borrowed(text.get(..without_last(text)).unwrap_or(text));
    }
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    text.truncate(without_last(&text));
    Cow::Owned(text)
}

/// The text with the line ends of mail, in place of its own.
fn crlf_lines(text: &str) -> Vec<u8> {
    let ends = memchr_iter(b'\n', text.as_bytes());
    let mut octets = Vec::with_capacity(text.len() + text.len() / 16);
    let mut done = 0;
    for end in ends {
        octets.extend_from_slice(text.as_bytes().get(done..end).unwrap_or_default());
        octets.extend_from_slice(b"\r\n");
        done = end + 1;
    }
    octets.extend_from_slice(text.as_bytes().get(done..).unwrap_or_default());
    octets
}

#[cfg(test)]
mod tests;
