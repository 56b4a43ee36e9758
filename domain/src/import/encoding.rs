//! The encoding of a table: found out on the way, and made UTF-8 with a line feed at every end of a line.
//!
//! A table may be larger than what is kept in memory, so the guess is made at the first octet that is not ASCII, from what
//! follows there: all before it reads the same in every encoding that is guessed at.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

/// How much is looked at for a guess, in octets.
const LOOKED_AT: usize = 256 * 1024;

/// How many octets tell UTF-16 and the marks of encodings.
const MARK_OCTETS: usize = 4;

/// An encoding of text, of those that the WHATWG Encoding Standard has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// The encoding with this label, such as `windows-1252` or `latin1`.
    pub fn labelled(label: &str) -> Option<Self> {
        // An encoding that turns every text into one sign is a trap, and none that somebody would write.
        let encoding = Encoding::for_label_no_replacement(label.trim().as_bytes())?;
        Some(Self(encoding))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// UTF-8.
    pub fn utf_8() -> Self {
        Self(UTF_8)
    }
}

impl From<TextEncoding> for String {
    fn from(encoding: TextEncoding) -> Self {
        encoding.name().to_owned()
    }
}

impl TryFrom<String> for TextEncoding {
    type Error = String;

    fn try_from(label: String) -> Result<Self, String> {
        Self::labelled(&label).ok_or_else(|| format!("no encoding {label:?}"))
    }
}

/// What a table turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// Its encoding.
    pub encoding: TextEncoding,
    /// Whether that is a guess: neither said by the tenant, nor by a mark, nor plain from the octets.
    pub is_guess: bool,
}

/// Makes UTF-8 of a table that comes piece by piece. What cannot be read becomes U+FFFD.
pub struct Decoder {
    state: State,
    decoded: Decoded,
    ends_in_return: bool,
}

enum State {
    /// The first octets, which may be a mark.
    Begin(Vec<u8>),
    /// Nothing but ASCII so far.
    Ascii,
    /// From the first octet that is not ASCII on.
    Undecided(Vec<u8>),
    Decided(encoding_rs::Decoder),
}

impl Decoder {
    /// In the encoding that the tenant says it is in, or in one that is found out.
    pub fn new(said: Option<TextEncoding>) -> Self {
        Self {
            state: match said {
                Some(said) => State::Decided(said.0.new_decoder_with_bom_removal()),
                None => State::Begin(Vec::new()),
            },
            decoded: Decoded {
                encoding: said.unwrap_or(TextEncoding::utf_8()),
                is_guess: false,
            },
            ends_in_return: false,
        }
    }

    /// Takes octets, and adds the text that is certain by now.
    pub fn push(&mut self, octets: &[u8], text: &mut String) {
        self.take(octets, false, text);
    }

    /// Takes the end.
    pub fn finish(mut self, text: &mut String) -> Decoded {
        self.take(&[], true, text);
        if self.ends_in_return {
            text.push('\n');
        }
        self.decoded
    }

    fn take(&mut self, octets: &[u8], is_end: bool, text: &mut String) {
        let mut octets = octets;
        let held;
        if let State::Begin(begun) = &mut self.state {
            begun.extend_from_slice(octets);
            if begun.len() < MARK_OCTETS && !is_end {
                return;
            }
            held = std::mem::take(begun);
            octets = &held;
            self.state = match marked(octets) {
                Some(encoding) => self.decide(encoding, false),
                None => State::Ascii,
            };
        }
        if let State::Ascii = self.state {
            let plain = Encoding::ascii_valid_up_to(octets);
            let (ascii, rest) = octets.split_at(plain);
            self.add(&String::from_utf8_lossy(ascii), text);
            if rest.is_empty() {
                return;
            }
            octets = rest;
            self.state = State::Undecided(Vec::new());
        }
        let looked_at;
        if let State::Undecided(seen) = &mut self.state {
            seen.extend_from_slice(octets);
            if seen.len() < LOOKED_AT && !is_end {
                return;
            }
            looked_at = std::mem::take(seen);
            octets = &looked_at;
            let (encoding, is_guess) = guess(octets, is_end);
            self.state = self.decide(encoding, is_guess);
        }
        self.decode(octets, is_end, text);
    }

    fn decide(&mut self, encoding: &'static Encoding, is_guess: bool) -> State {
        self.decoded = Decoded {
            encoding: TextEncoding(encoding),
            is_guess,
        };
        State::Decided(encoding.new_decoder_with_bom_removal())
    }

    fn decode(&mut self, octets: &[u8], is_end: bool, text: &mut String) {
        let State::Decided(decoder) = &mut self.state else {
            return;
        };
        let most = decoder.max_utf8_buffer_length(octets.len());
        let mut read = String::with_capacity(most.unwrap_or(octets.len()));
        let mut rest = octets;
        loop {
            let (result, taken, _) = decoder.decode_to_string(rest, &mut read, is_end);
            rest = rest.get(taken..).unwrap_or_default();
            match result {
                CoderResult::InputEmpty => break,
                CoderResult::OutputFull => read.reserve(rest.len().max(16) * 3),
            }
        }
        self.add(&read, text);
    }

    /// Adds text with a line feed wherever a line ends: some programs write a carriage return alone.
    fn add(&mut self, read: &str, text: &mut String) {
        let mut rest = read;
        if self.ends_in_return && !rest.is_empty() {
            text.push(if rest.starts_with('\n') { '\r' } else { '\n' });
            self.ends_in_return = false;
        }
        while let Some(at) = memchr::memchr(b'\r', rest.as_bytes()) {
            let (before, from) = rest.split_at(at);
            text.push_str(before);
            let behind = from.get(1..).unwrap_or_default();
            if behind.is_empty() {
                self.ends_in_return = true;
                return;
            }
            text.push(if behind.starts_with('\n') { '\r' } else { '\n' });
            rest = behind;
        }
        text.push_str(rest);
    }
}

/// The encoding that a mark at the beginning tells (WHATWG Encoding Standard, BOM sniff), or that has every other octet 0 as
/// UTF-16 of Latin letters does.
fn marked(octets: &[u8]) -> Option<&'static Encoding> {
    let by_mark = Encoding::for_bom(octets).map(|(encoding, _)| encoding);
    by_mark.or(match octets {
        [0, a, 0, b, ..] if *a != 0 && *b != 0 => Some(UTF_16BE),
        [a, 0, b, 0, ..] if *a != 0 && *b != 0 => Some(UTF_16LE),
        _ => None,
    })
}

fn guess(octets: &[u8], is_end: bool) -> (&'static Encoding, bool) {
    let is_utf_8 = match std::str::from_utf8(octets) {
        Ok(_) => true,
        // What is looked at may end within a character.
        Err(error) => error.error_len().is_none() && !is_end,
    };
    if is_utf_8 {
        return (UTF_8, false);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(octets, is_end);
    (detector.guess(None, Utf8Detection::Deny), true)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "E-Mail;Name\r\nann@example.org;Zoë Müller\r\nbob@example.org;François Lefèvre\r\n";

    fn decoded(octets: &[u8], size: usize, said: Option<&str>) -> (String, &'static str, bool) {
        let mut text = String::new();
        let mut decoder = Decoder::new(said.map(|label| TextEncoding::labelled(label).unwrap()));
        for piece in octets.chunks(size) {
            decoder.push(piece, &mut text);
        }
        let found = decoder.finish(&mut text);
        (text, found.encoding.name(), found.is_guess)
    }

    fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn encodings_are_found_out_whatever_the_pieces() {
        let little = utf_16(TEXT, u16::to_le_bytes);
        let big = utf_16(TEXT, u16::to_be_bytes);
        let latin: Vec<u8> = TEXT
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        let marked = |mark: &[u8], octets: &[u8]| [mark, octets].concat();
        for (octets, name, is_guess) in [
            (TEXT.as_bytes().to_vec(), "UTF-8", false),
            (marked(b"\xef\xbb\xbf", TEXT.as_bytes()), "UTF-8", false),
            (marked(b"\xff\xfe", &little), "UTF-16LE", false),
            (marked(b"\xfe\xff", &big), "UTF-16BE", false),
            (little, "UTF-16LE", false),
            (big, "UTF-16BE", false),
            (latin.clone(), "windows-1252", true),
        ] {
            for size in [1, 2, 3, 7, 1000] {
                let (text, found, guessed) = decoded(&octets, size, None);
                assert_eq!((text.as_str(), found, guessed), (TEXT, name, is_guess), "{size}");
            }
        }
        let (text, ..) = decoded(&latin, 5, Some("latin2"));
        assert!(text.contains("Müller"), "{text}");
    }

    #[test]
    fn ascii_before_does_not_keep_from_a_guess() {
        let mut octets = b"email,name\n".repeat(100_000);
        octets.extend_from_slice(
            "a@b.c,Zo\u{eb}"
                .chars()
                .map(|c| u8::try_from(u32::from(c)).unwrap())
                .collect::<Vec<_>>()
                .as_slice(),
        );
        let (text, name, _) = decoded(&octets, 4096, None);
        assert!(text.ends_with("a@b.c,Zoë"), "{name}");
    }

    #[test]
    fn lines_end_with_a_line_feed() {
        for size in [1, 2, 100] {
            let (text, ..) = decoded(b"a\rb\r\nc\nd\r\re\r", size, None);
            assert_eq!(text, "a\nb\r\nc\nd\n\ne\n");
        }
    }

    #[test]
    fn what_cannot_be_read_is_marked() {
        let mut octets = "ü".repeat(LOOKED_AT).into_bytes();
        octets.extend_from_slice(b"\xff,\n");
        let (text, name, _) = decoded(&octets, 5000, None);
        assert_eq!(name, "UTF-8");
        assert!(text.ends_with("\u{fffd},\n"));
        assert_eq!(decoded(b"", 1, None), (String::new(), "UTF-8", false));
        assert_eq!(decoded(b"a", 1, None).0, "a");
        assert_eq!(TextEncoding::labelled("hz-gb-2312"), None);
    }
}
