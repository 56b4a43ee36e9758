//! The parts of a mail (RFC 2045, 2046), as flat as a report needs them.
//!
//! The fields are read by `mail-parser`, the tree is walked here: its own walk builds messages within encoded messages by
//! recursion, and one of a thousand levels would end the process. Here depth, parts and octets have limits.

use assent_domain::clock::Timestamp;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::charsets::map::charset_decoder;
use mail_parser::decoders::html::html_to_text;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{DateTime, HeaderName, HeaderValue, MessageParser};

/// How deep parts within parts are looked at.
const MAX_DEPTH: usize = 8;

/// How many parts are looked at.
const MAX_PARTS: usize = 64;

/// How much of the header of a part is read, in octets.
const MAX_HEADER: usize = 128 * 1024;

/// How much of a page of HTML is read, in octets.
const MAX_HTML: usize = 128 * 1024;

/// A mail, read.
#[derive(Default)]
pub(super) struct Mail {
    /// Its own header.
    pub(super) header: Header,
    /// The parts that hold something, in their order.
    pub(super) parts: Vec<Part>,
}

/// The fields of one header, decoded (RFC 2047) and unfolded.
#[derive(Default)]
pub(super) struct Header {
    fields: Vec<(String, String)>,
    /// `text/plain` and the like, in lower case.
    kind: String,
    boundary: Option<String>,
    charset: Option<String>,
    report_type: Option<String>,
}

/// A part that is not made of parts.
pub(super) struct Part {
    /// Its media type, in lower case.
    pub(super) kind: String,
    /// What it holds: text decoded, other messages as they are.
    pub(super) content: Content,
}

/// What a part holds.
pub(super) enum Content {
    /// Text, or what reads like it.
    Text(String),
    /// Another message.
    Message(Vec<u8>),
}

impl Mail {
    /// Reads a mail with LF line ends.
    pub(super) fn read(raw: &[u8]) -> Self {
        let (header, body) = split(raw);
        let mut parts = Vec::new();
        gather(&header, body, MAX_DEPTH, &mut parts);
        Self { header, parts }
    }

    /// The texts for people, HTML only where there is nothing else.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let has_plain = self.parts.iter().any(|part| part.kind == "text/plain");
        let wanted = if has_plain { "text/plain" } else { "text/html" };
        self.texts_of(wanted)
    }

    /// The texts of one media type.
    pub(super) fn texts_of(&self, kind: &str) -> impl Iterator<Item = &str> {
        self.parts
            .iter()
            .filter(move |part| part.kind == kind)
            .filter_map(|part| match &part.content {
                Content::Text(text) => Some(text.as_str()),
                Content::Message(_) => None,
            })
    }

    /// The messages within.
    pub(super) fn returned_messages(&self) -> impl Iterator<Item = &[u8]> {
        self.parts.iter().filter_map(|part| match &part.content {
            Content::Message(raw) => Some(raw.as_slice()),
            Content::Text(_) => None,
        })
    }
}

impl Header {
    /// The first field of this name, or an empty text.
    pub(super) fn get(&self, name: &str) -> &str {
        self.all(name).next().unwrap_or_default()
    }

    /// The time in the `Date` field, if it holds one.
    pub(super) fn date(&self) -> Option<Timestamp> {
        let date = DateTime::parse_rfc822(self.get("date"))?;
        let micros = date.to_timestamp().checked_mul(1_000_000)?;
        date.is_valid().then(|| Timestamp::from_micros(micros))
    }

    /// Whether there is a field of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The fields of this name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// What a `multipart/report` reports (RFC 6522), in lower case.
    pub(super) fn report_type(&self) -> Option<&str> {
        self.report_type.as_deref()
    }

    /// Reads the lines of a header.
    pub(super) fn read(lines: &[u8]) -> Self {
        let lines = lines.get(..MAX_HEADER).unwrap_or(lines);
        let mut ended = lines.to_vec();
        ended.extend_from_slice(b"\n\n");
        let parser = MessageParser::new()
            .default_header_text()
            .header_content_type(HeaderName::ContentType);
        let mut header = Self {
            kind: "text/plain".to_owned(),
            ..Self::default()
        };
        let Some(parsed) = parser.parse_headers(&ended) else {
            return header;
        };
        for field in parsed.headers() {
            match &field.value {
                HeaderValue::Text(text) => {
                    header
                        .fields
                        .push((field.name.as_str().to_owned(), text.clone().into_owned()));
                }
                HeaderValue::ContentType(kind) => {
                    let subtype = kind.subtype().unwrap_or("plain");
                    header.kind = format!("{}/{subtype}", kind.ctype()).to_ascii_lowercase();
                    header.boundary = kind.attribute("boundary").map(str::to_owned);
                    header.charset = kind.attribute("charset").map(str::to_owned);
                    header.report_type = kind.attribute("report-type").map(str::to_ascii_lowercase);
                }
                _ => {}
            }
        }
        header
    }
}

/// The header and the body of an entity.
fn split(raw: &[u8]) -> (Header, &[u8]) {
    if let Some(body) = raw.strip_prefix(b"\n") {
        return (Header::read(b""), body);
    }
    let end = raw.windows(2).position(|pair| pair == b"\n\n");
    let (lines, body) = match end {
        Some(end) => (raw.get(..end), raw.get(end + 2..)),
        None => (Some(raw), None),
    };
    (Header::read(lines.unwrap_or_default()), body.unwrap_or_default())
}

fn gather(header: &Header, body: &[u8], depth: usize, parts: &mut Vec<Part>) {
    if parts.len() >= MAX_PARTS {
        return;
    }
    let is_multipart = header.kind.starts_with("multipart/") && depth > 0;
    if is_multipart && let Some(boundary) = &header.boundary {
        let pieces = pieces(body, boundary.as_bytes());
        if !pieces.is_empty() {
            for piece in pieces {
                let (header, body) = split(piece);
                gather(&header, body, depth - 1, parts);
            }
            return;
        }
    }
    let kind = if header.kind.starts_with("multipart/") {
        // Parts that cannot be told apart are read as one text.
        "text/plain".to_owned()
    } else {
        header.kind.clone()
    };
    if let Some(content) = content(header, &kind, body) {
        parts.push(Part { kind, content });
    }
}

/// What stands between the lines that part a multipart body (RFC 2046, 5.1.1). What follows the last of them belongs to
/// no part, and what precedes the first to none either.
fn pieces<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let (mut begun, mut at) = (None, 0);
    for line in body.split_inclusive(|octet| *octet == b'\n') {
        let end = at + line.len();
        if let Some(rest) = line
            .strip_prefix(b"--")
            .and_then(|rest| rest.strip_prefix(boundary))
        {
            let rest = rest.trim_ascii();
            if rest.is_empty() || rest == b"--" {
                if let Some(from) = begun {
                    pieces.push(body.get(from..at).unwrap_or_default());
                }
                begun = rest.is_empty().then_some(end);
                if pieces.len() >= MAX_PARTS {
                    return pieces;
                }
            }
        }
        at = end;
    }
    if let Some(from) = begun {
        pieces.push(body.get(from..).unwrap_or_default());
    }
    pieces
}

fn content(header: &Header, kind: &str, body: &[u8]) -> Option<Content> {
    let decoded = decoded(header.get("content-transfer-encoding"), body);
    match kind {
        "message/rfc822" | "message/global" | "text/rfc822-headers" | "message/global-headers" => {
            Some(Content::Message(super::lines::to_lf(&decoded)))
        }
        "text/html" => {
            let html = decoded.get(..MAX_HTML).unwrap_or(&decoded);
            Some(Content::Text(html_to_text(&text(header, html))))
        }
        _ if kind.starts_with("text/") || kind.starts_with("message/") => {
            let decoded = super::lines::to_lf(&decoded);
            Some(Content::Text(text(header, &decoded)))
        }
        _ => None,
    }
}

fn decoded(encoding: &str, body: &[u8]) -> Vec<u8> {
    let decoded = match encoding.trim().to_ascii_lowercase().as_str() {
        "base64" => base64_decode(body),
        "quoted-printable" => quoted_printable_decode(body),
        _ => None,
    };
    decoded.unwrap_or_else(|| body.to_vec())
}

fn text(header: &Header, octets: &[u8]) -> String {
    let charset = header.charset.as_deref().filter(|name| !name.is_empty());
    match charset.and_then(|name| charset_decoder(name.as_bytes())) {
        Some(decode) => decode(octets),
        None => String::from_utf8_lossy(octets).into_owned(),
    }
}
