//! What a mail loads from elsewhere when it is read: each such thing tells its host that, and where, somebody reads.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

use crate::site::HostName;

/// What is loaded, or sent.
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
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ContentKind {
    /// A picture.
    Image,
    /// A picture of one pixel or none, which is there to be counted.
    Pixel,
    /// A program.
    Script,
    /// A page within the page.
    Frame,
    /// A form: what is typed goes there.
    Form,
    /// A style sheet, a font, or a picture of a style.
    Style,
    /// Sound, film, an object, or whatever else is loaded.
    Other,
}

/// Somebody outside whom content brings in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContentParty {
    /// The host that is asked.
    pub host: HostName,
    /// For what.
    pub kind: ContentKind,
    /// Where, in the source: a line, from 1.
    pub line: u32,
}

/// Whether a host is the tenant's own: the one that serves its pages, or one within the domain it sends from.
pub fn is_own(host: &HostName, base: Option<&HostName>, sender_domain: &str) -> bool {
    base == Some(host) || host.is_within(&sender_domain.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p13_own_are_the_pages_and_the_domain_of_the_sender() {
        let host = |name| HostName::parse(name).unwrap();
        let base = host("mail.service.example");
        for (name, own) in [
            ("mail.service.example", true),
            ("acme.example", true),
            ("img.acme.example", true),
            ("service.example", false),
            ("evil-acme.example", false),
            ("acme.example.evil.example", false),
        ] {
            assert_eq!(is_own(&host(name), Some(&base), "Acme.example"), own, "{name}");
        }
    }
}
