//! Keys that sign mail for a domain, and how they are told of in DNS (RFC 6376, 8301, 8463).

use std::time::Duration;

use data_encoding::{BASE32_NOPAD, BASE64};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::id::DkimKeyId;
use crate::tag_list;

/// For how long an old key's record stays published: what it signed may be on its way, or waiting to be read.
pub const KEPT_AFTER_ROTATION: Duration = Duration::from_hours(7 * 24);

/// With what a key signs. The order is that of the signatures: RSA, which everybody can check, first (RFC 8463, 3).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum DkimAlgorithm {
    /// `rsa-sha256` with 2048 bits: as many as RFC 8301, 3.2 asks for, and no more than fit into an answer over UDP.
    #[strum(serialize = "RSA_2048")]
    #[serde(rename = "RSA_2048")]
    Rsa2048,
    /// `ed25519-sha256`. Many receivers cannot check it yet, so it does not stand alone.
    Ed25519,
}

impl DkimAlgorithm {
    /// The key's type in its record, `k=`.
    pub fn key_type(self) -> &'static str {
        match self {
            Self::Rsa2048 => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }

    /// Whether receivers that matter pass over mail without such a signature.
    pub fn is_required(self) -> bool {
        self == Self::Rsa2048
    }
}

/// Where a key is in its life.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum DkimKeyState {
    /// Waits until its record is seen in DNS. It signs nothing.
    Pending,
    /// Signs.
    Active,
    /// Signs no more. Its record stays for [`KEPT_AFTER_ROTATION`].
    Retiring,
}

/// The name under which a key is published: `{selector}._domainkey.{domain}` (RFC 6376, 3.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Selector(String);

impl Selector {
    /// The selector of a key. It derives from the key's id, so that no two keys share one, whatever tenant they are of.
    pub fn of(key: DkimKeyId, algorithm: DkimAlgorithm) -> Self {
        let letter = match algorithm {
            DkimAlgorithm::Rsa2048 => 'r',
            DkimAlgorithm::Ed25519 => 'e',
        };
        // The last ten octets of a UUIDv7 are those that are drawn, but for a few bits.
        let id = key.uuid().into_bytes();
        let drawn = id.get(6..).unwrap_or_default();
        let name = BASE32_NOPAD.encode(drawn).to_ascii_lowercase();
        Self(format!("assent-{letter}-{name}"))
    }

    /// A selector that was stored.
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The selector.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the record of the key is published.
    pub fn record_name(&self, domain: &str) -> String {
        format!("{}._domainkey.{domain}", self.0)
    }
}

/// What the record of a key says (RFC 6376, 3.6.1). An RSA key is given as its `SubjectPublicKeyInfo`, an Ed25519 key as
/// its 32 octets (RFC 8463, 4).
pub fn record(algorithm: DkimAlgorithm, public_key: &[u8]) -> String {
    format!(
        "v=DKIM1; k={}; p={}",
        algorithm.key_type(),
        BASE64.encode(public_key)
    )
}

/// Why a published record does not let anybody check the signatures of a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyMismatch {
    /// Not a list of tags.
    #[error("the record is not of the form tag=value; tag=value")]
    Unreadable,
    /// Another version.
    #[error("the record begins with v={0} and not with v=DKIM1")]
    Version(String),
    /// A key of another type.
    #[error("the record is of a key of type {found}, and this one is {wanted}")]
    Type {
        /// What it says.
        found: String,
        /// What it has to say.
        wanted: &'static str,
    },
    /// A key that was taken back (RFC 6376, 3.6.1).
    #[error("the record has an empty p=, which says that the key is revoked")]
    Revoked,
    /// Another key, or one that lost something when it was copied.
    #[error("the record holds another key: copy the value again, all of it")]
    Other,
    /// A key that is not for mail, or not for SHA-256.
    #[error("the record's {0}= does not let the key sign mail with SHA-256: leave it out")]
    Restricted(&'static str),
    /// A key that is only tried out: receivers treat what it signs as unsigned.
    #[error("the record says t=y, that the key is only tried out: take that out")]
    Testing,
}

/// Compares what is published under a selector with a key.
pub fn compare(published: &str, algorithm: DkimAlgorithm, public_key: &[u8]) -> Result<(), KeyMismatch> {
    let tags = tag_list::read(published).ok_or(KeyMismatch::Unreadable)?;
    let tag = |name: &str| {
        tags.iter()
            .find(|(tag, _)| tag == name)
            .map(|(_, value)| value.as_str())
    };
    if let Some(version) = tag("v").filter(|version| *version != "DKIM1") {
        return Err(KeyMismatch::Version(version.chars().take(20).collect()));
    }
    let found = tag("k").unwrap_or("rsa");
    if found != algorithm.key_type() {
        return Err(KeyMismatch::Type {
            found: found.chars().take(20).collect(),
            wanted: algorithm.key_type(),
        });
    }
    let has = |list: &str, wanted: &[&str]| list.split(':').any(|item| wanted.contains(&item.trim()));
    if tag("h").is_some_and(|hashes| !has(hashes, &["sha256"])) {
        return Err(KeyMismatch::Restricted("h"));
    }
    if tag("s").is_some_and(|services| !has(services, &["email", "*"])) {
        return Err(KeyMismatch::Restricted("s"));
    }
    if tag("t").is_some_and(|flags| has(flags, &["y"])) {
        return Err(KeyMismatch::Testing);
    }
    let key: String = tag("p").unwrap_or_default().split_whitespace().collect();
    match key.as_str() {
        "" => Err(KeyMismatch::Revoked),
        key if key == BASE64.encode(public_key) => Ok(()),
        _ => Err(KeyMismatch::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::id::new_id;
    use DkimAlgorithm::{Ed25519, Rsa2048};

    #[test]
    fn a_record_is_that_of_its_key_however_it_is_written() {
        let said = record(Ed25519, &[7; 32]);
        assert_eq!(
            said,
            "v=DKIM1; k=ed25519; p=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
        );
        for published in [
            said.clone(),
            said.replace("; ", ";"),
            format!("{said};"),
            said.replace("BwcHBw", "BwcH Bw"),
            format!("{said}; t=s; s=email; h=sha1:sha256; n=a note"),
            said.replace("v=DKIM1; ", ""),
        ] {
            assert_eq!(compare(&published, Ed25519, &[7; 32]), Ok(()), "{published}");
        }
    }

    #[test]
    fn what_keeps_receivers_from_checking_is_told() {
        let said = record(Rsa2048, &[7; 294]);
        assert_eq!(compare(&said.replace("k=rsa; ", ""), Rsa2048, &[7; 294]), Ok(()));
        let of = |published: &str| compare(published, Rsa2048, &[7; 294]).unwrap_err();
        assert_eq!(of(&said[..200]), KeyMismatch::Other);
        assert_eq!(of("v=DKIM1; p="), KeyMismatch::Revoked);
        assert_eq!(of("v=DKIM2; p=x"), KeyMismatch::Version("DKIM2".to_owned()));
        assert_eq!(of("hello"), KeyMismatch::Unreadable);
        assert_eq!(of(&format!("{said}; t=y:s")), KeyMismatch::Testing);
        assert_eq!(of(&format!("{said}; h=sha1")), KeyMismatch::Restricted("h"));
        assert_eq!(of(&format!("{said}; s=tlsrpt")), KeyMismatch::Restricted("s"));
        let ed25519 = record(Ed25519, &[7; 32]);
        assert!(matches!(of(&ed25519), KeyMismatch::Type { .. }));
    }

    #[test]
    fn a_selector_is_a_label_of_its_own_key() {
        let selector =
            |algorithm| Selector::of(new_id(Timestamp::from_micros(1_700_000_000_000_000)), algorithm);
        let (one, other) = (selector(Rsa2048), selector(Rsa2048));
        assert_ne!(one, other);
        assert!(one.as_str().len() <= 63 && one.as_str().starts_with("assent-r-"));
        assert!(
            one.as_str()
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        );
        assert!(
            selector(Ed25519)
                .record_name("acme.example")
                .ends_with("._domainkey.acme.example")
        );
        assert!(Rsa2048 < Ed25519, "RSA signs first");
    }
}
