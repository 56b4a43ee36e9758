//! E-mail addresses: parsed once (RFC 5321, 5322, 6531), compared in one form, and hard to print by accident.

use std::fmt;

use email_address::Options;
use unicode_normalization::UnicodeNormalization;

/// The longest address SMTP can carry, in octets (RFC 5321, 4.5.3.1.3: a path of 256 with its brackets).
pub const MAX_OCTETS: usize = 254;

/// A valid address. It has no `Display` and a redacted `Debug`: [`EmailAddress::expose`] is the one way out.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    local: String,
    domain: String,
}

/// Why a text is not an address, in words for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Nothing was given.
    #[error("an e-mail address is needed, like name@example.org")]
    Empty,
    /// Longer than SMTP can carry.
    #[error("the e-mail address is longer than {MAX_OCTETS} octets")]
    TooLong,
    /// A line break, a NUL or another control character.
    #[error("the e-mail address holds a line break or another control character")]
    ControlCharacter,
    /// Not of the form local@domain.
    #[error("this is not an e-mail address: it should look like name@example.org")]
    Malformed,
    /// A domain that no DNS name can be.
    #[error("the part of the e-mail address behind the @ is not a domain name")]
    BadDomain,
}

impl EmailAddress {
    /// Reads an address as a person types it: surrounding spaces are dropped, nothing else is mended.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim_matches([' ', '\t']);
        if text.is_empty() {
            return Err(AddressError::Empty);
        }
        if text.len() > MAX_OCTETS {
            return Err(AddressError::TooLong);
        }
        if text.chars().any(|c| c.is_control() || is_invisible(c)) {
            return Err(AddressError::ControlCharacter);
        }
        let (local, domain) = text.rsplit_once('@').ok_or(AddressError::Malformed)?;
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| AddressError::BadDomain)?;
        // Put together first: what it is made of may be something else, or longer.
        let local: String = local.nfc().collect();
        check_syntax(&local, &domain)?;
        let address = Self { local, domain };
        if address.expose().len() > MAX_OCTETS {
            return Err(AddressError::TooLong);
        }
        Ok(address)
    }

    /// The address in clear, as SMTP wants it: the domain as lower-case A-label, the local part as typed.
    ///
    /// Every use of personal data in clear can be found by the name of this method.
    pub fn expose(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }

    /// The form in which two spellings of one mailbox are equal: NFC and lower case throughout.
    ///
    /// RFC 5321 lets a host tell `Ann@` from `ann@`; no mailbox provider does, and a person who opted out
    /// under one spelling has opted out.
    pub fn comparison_key(&self) -> String {
        format!(
            "{}@{}",
            self.local.to_lowercase().nfc().collect::<String>(),
            self.domain
        )
    }

    /// The domain as lower-case A-label (RFC 5890).
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// Whether only servers with SMTPUTF8 (RFC 6531) can take it.
    pub fn needs_smtputf8(&self) -> bool {
        !self.local.is_ascii()
    }

    /// A text without what stands before this address's `@`, wherever it is a word of its own and has three letters at
    /// least: shorter ones are words of any text.
    pub fn hidden_in(&self, text: &str) -> String {
        let (local, all) = (self.local.to_ascii_lowercase(), text.to_ascii_lowercase());
        if local.chars().count() < 3 {
            return text.to_owned();
        }
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let (mut hidden, mut kept) = (String::with_capacity(text.len()), 0);
        for (start, found) in all.match_indices(&local) {
            let end = start + found.len();
            let before = text.get(..start).and_then(|text| text.chars().next_back());
            let after = text.get(end..).and_then(|text| text.chars().next());
            if !is_word(before) && !is_word(after) {
                hidden.push_str(text.get(kept..start).unwrap_or_default());
                hidden.push_str("<name>");
                kept = end;
            }
        }
        hidden.push_str(text.get(kept..).unwrap_or_default());
        hidden
    }

    /// Enough to recognise one's own address by, too little to learn another's: `a•••@example.org`.
    pub fn masked(&self) -> String {
        let first: String = self.local.chars().take(1).collect();
        format!("{first}•••@{}", self.domain)
    }
}

/// RFC 6531, 3.3 allows every character beyond ASCII wherever an ASCII letter may stand; the parser knows
/// fewer of them, so it is shown a letter in their place.
fn check_syntax(local: &str, domain: &str) -> Result<(), AddressError> {
    let local: String = local
        .chars()
        .map(|c| if c.is_ascii() { c } else { 'x' })
        .collect();
    let options = Options::default()
        .with_required_tld()
        .without_display_text()
        .without_domain_literal();
    email_address::EmailAddress::parse_with_options(&format!("{local}@{domain}"), options)
        .map(|_| ())
        .map_err(|_| AddressError::Malformed)
}

/// Characters that change how an address looks without being seen: spaces beyond ASCII, zero-width spaces and
/// the marks that turn the direction of writing (Unicode TR 36).
fn is_invisible(c: char) -> bool {
    !c.is_ascii() && c.is_whitespace()
        || matches!(c, '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p15_the_name_of_a_mailbox_is_hidden_where_it_is_a_word() {
        let hidden = |address: &str, text: &str| EmailAddress::parse(address).unwrap().hidden_in(text);
        assert_eq!(
            hidden(
                "Ann.Gardener@example.org",
                "550 user ann.gardener unknown; (ANN.GARDENER)"
            ),
            "550 user <name> unknown; (<name>)"
        );
        assert_eq!(hidden("ann@example.org", "annoyed by ann"), "annoyed by <name>");
        assert_eq!(hidden("bo@example.org", "no bo here"), "no bo here");
        assert_eq!(
            hidden("käse@example.org", "käsekuchen, käse ü"),
            "käsekuchen, <name> ü"
        );
    }

    #[test]
    fn ordinary_and_international_addresses_are_read() {
        for text in [
            "ann@example.org",
            " ann+tag@example.org ",
            "o'hara@example.co.uk",
            "\"a b\"@example.org",
        ] {
            assert!(EmailAddress::parse(text).is_ok(), "{text}");
        }
        let address = EmailAddress::parse("Jürgen@Bücher.example").unwrap();
        assert_eq!(address.expose(), "Jürgen@xn--bcher-kva.example");
        assert!(address.needs_smtputf8());
        assert!(EmailAddress::parse("संपर्क@example.org").is_ok());
    }

    #[test]
    fn what_is_not_an_address_is_refused_with_a_reason() {
        let cases = [
            ("", AddressError::Empty),
            ("ann", AddressError::Malformed),
            ("ann@", AddressError::BadDomain),
            ("ann@localhost", AddressError::Malformed),
            ("ann@exa mple.org", AddressError::BadDomain),
            ("ann@[127.0.0.1]", AddressError::BadDomain),
            ("Ann <ann@example.org>", AddressError::BadDomain),
            ("a b@example.org", AddressError::Malformed),
            ("a@b@example.org", AddressError::Malformed),
            ("a\u{202e}b@example.org", AddressError::ControlCharacter),
            (
                "ann@example.org\r\nBcc: all@example.org",
                AddressError::ControlCharacter,
            ),
            ("ann\0@example.org", AddressError::ControlCharacter),
        ];
        for (text, error) in cases {
            assert_eq!(EmailAddress::parse(text).unwrap_err(), error, "{text:?}");
        }
        let long = format!("{}@example.org", "a".repeat(300));
        assert_eq!(EmailAddress::parse(&long).unwrap_err(), AddressError::TooLong);
    }

    #[test]
    fn spellings_of_one_mailbox_compare_equal() {
        let composed = EmailAddress::parse("Zoe\u{301}@EXAMPLE.org").unwrap();
        let other = EmailAddress::parse("zo\u{e9}@example.ORG").unwrap();
        assert_eq!(composed.comparison_key(), other.comparison_key());
    }

    #[test]
    fn p15_debug_output_never_shows_the_address() {
        let address = EmailAddress::parse("ann@example.org").unwrap();
        assert!(!format!("{address:?}").contains("ann"));
        assert_eq!(address.masked(), "a•••@example.org");
    }
}
