//! Domains that a tenant's mail comes from: for whom they sign, what is to be published for them in DNS, and whether that
//! is enough to write to many people.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

use crate::clock::Timestamp;
use crate::dkim::{DkimAlgorithm, DkimKeyState};
use crate::site::HostName;

mod examine;
mod records;

pub use examine::{Answer, dmarc, dmarc_names, key, return_path, spf};
pub use records::{
    DnsRecord, Found, KeyToPublish, RecordKind, RecordType, Surroundings, character_strings, records,
};

/// The label of the return paths of a sending domain, where they lead to us by a `CNAME`.
const RETURN_PATH_LABEL: &str = "bounces";

/// The longest name, in octets: with the longest label in front it still is a name of DNS (RFC 1035, 2.3.4).
const MAX_OCTETS: usize = 200;

/// How often a domain is looked at that lacks something, while somebody is likely to be working on it.
const SOON: Duration = Duration::from_mins(10);
/// For how long somebody is likely to.
const SETTING_UP: Duration = Duration::from_hours(3 * 24);
/// How often any other is.
const LATER: Duration = Duration::from_hours(6);

/// The name of a sending domain, in lower case and ASCII.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SendingDomainName(HostName);

/// What is no name of a domain that mail can come from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a domain that mail can come from: write what stands behind the @ of the sender's address, as in news.example.com"
)]
pub struct SendingDomainNameError(String);

impl SendingDomainName {
    /// Reads a name as people write it; Unicode becomes ASCII.
    pub fn parse(text: &str) -> Result<Self, SendingDomainNameError> {
        let refused = || SendingDomainNameError(text.chars().take(60).collect());
        let host = HostName::parse(text).map_err(|_| refused())?;
        let name = host.as_str();
        let labels_fit = name.split('.').all(|label| {
            let is_label =
                (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-');
            is_label
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
        let last = name.rsplit('.').next().unwrap_or_default();
        let is_number = last.bytes().all(|byte| byte.is_ascii_digit());
        if !labels_fit || !name.contains('.') || is_number || name.len() > MAX_OCTETS {
            return Err(refused());
        }
        Ok(Self(host))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether a signature of this domain speaks for an address in `from`, as DMARC sees it (RFC 7489, 3.1.1). Relaxed
    /// alignment goes by organisational domains; this asks for a domain that is the sender's or above it, which is always
    /// aligned, and needs no list of public suffixes.
    pub fn signs_for(&self, from: &str, alignment: Alignment) -> bool {
        let from = from.to_ascii_lowercase();
        match alignment {
            Alignment::Strict => from == self.as_str(),
            Alignment::Relaxed => HostName::parse(&from).is_ok_and(|from| from.is_within(self.as_str())),
        }
    }

    /// The domain of return paths where `bounce_domain` takes in what comes back, and whether the `CNAME` that makes
    /// the sending domain's own return paths lead there has been seen.
    pub fn return_path_domain(&self, bounce_domain: &HostName, is_delegated: bool) -> HostName {
        match self.delegated_return_path(bounce_domain) {
            Some(own) if is_delegated => own,
            _ => bounce_domain.clone(),
        }
    }

    /// The name below the sending domain that is to lead to `bounce_domain`; `None` where that lies within the sending
    /// domain anyway.
    pub fn delegated_return_path(&self, bounce_domain: &HostName) -> Option<HostName> {
        if bounce_domain.is_within(self.as_str()) {
            return None;
        }
        HostName::parse(&format!("{RETURN_PATH_LABEL}.{}", self.as_str())).ok()
    }
}

impl std::fmt::Display for SendingDomainName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How exactly a signature's domain has to be the sender's: `adkim` of the DMARC record (RFC 7489, 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Alignment {
    /// The same, or one above it.
    Relaxed,
    /// The same.
    Strict,
}

/// What was found of a record when it was last looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RecordState {
    /// It has not been looked for.
    Unchecked,
    /// It is there, and says what it has to say.
    Published,
    /// There is none.
    Missing,
    /// There is one, and it does not do.
    Wrong,
    /// No name server answered.
    Unreachable,
}

/// What was found of a record, with the reason in plain words; empty where there is nothing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was found.
    pub state: RecordState,
    /// Why it does not do, and what would.
    pub reason: String,
}

impl Finding {
    /// Of a record that has not been looked for.
    pub fn unchecked() -> Self {
        Self::new(RecordState::Unchecked, "it has not been looked for yet")
    }

    /// Of a record that is as it should be.
    pub fn published() -> Self {
        Self::new(RecordState::Published, "")
    }

    pub(crate) fn new(state: RecordState, reason: impl std::fmt::Display) -> Self {
        let reason = reason.to_string();
        Self { state, reason }
    }

    /// Whether the record was there when it was last seen.
    pub fn is_published(&self) -> bool {
        self.state == RecordState::Published
    }

    /// What counts after another look: a name server that does not answer takes nothing away.
    #[must_use]
    pub fn then(self, newer: Self) -> Self {
        let tells_nothing = newer.state == RecordState::Unreachable;
        if tells_nothing && self.state != RecordState::Unchecked {
            self
        } else {
            newer
        }
    }
}

/// A key, as far as it decides whether a domain is verified.
#[derive(Clone, Debug)]
pub struct KeyStanding {
    /// With what it signs.
    pub algorithm: DkimAlgorithm,
    /// Where it is in its life.
    pub state: DkimKeyState,
    /// What was found of its record.
    pub finding: Finding,
}

/// How a domain stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its keys.
    pub keys: Vec<KeyStanding>,
    /// What was found of SPF, for the domain of its return paths.
    pub spf: Finding,
    /// What was found of DMARC.
    pub dmarc: Finding,
}

impl Standing {
    /// What keeps the domain from being verified; nothing where it is. Mailbox providers ask those who write to many
    /// people for all three: SPF, DKIM and DMARC.
    pub fn problems(&self) -> Vec<String> {
        let of = |what: &str, finding: &Finding| {
            (!finding.is_published()).then(|| format!("{what}: {}", finding.reason))
        };
        [self.key_problem(), of("SPF", &self.spf), of("DMARC", &self.dmarc)]
            .into_iter()
            .flatten()
            .collect()
    }

    fn key_problem(&self) -> Option<String> {
        let mut required = self.keys.iter().filter(|key| key.algorithm.is_required());
        let signing = required.clone().find(|key| key.state == DkimKeyState::Active);
        let waiting = || required.find(|key| key.state == DkimKeyState::Pending);
        match signing.or_else(waiting) {
            None => Some(
                "DKIM: the domain has no RSA key, which all receivers can check: rotate its keys".to_owned(),
            ),
            Some(key) if key.state == DkimKeyState::Active && key.finding.is_published() => None,
            Some(key) => Some(format!("DKIM: {}", key.finding.reason)),
        }
    }

    /// Whether a campaign may come from the domain.
    pub fn is_verified(&self) -> bool {
        self.problems().is_empty()
    }

    /// When it is to be looked at again.
    pub fn next_check_at(&self, created_at: Timestamp, now: Timestamp) -> Timestamp {
        let waits = self.keys.iter().any(|key| key.state == DkimKeyState::Pending);
        let lacks = waits || !self.is_verified();
        let is_new = now.since(created_at) < SETTING_UP;
        let rest = if lacks && (is_new || waits) { SOON } else { LATER };
        now.after(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Alignment::{Relaxed, Strict};

    fn domain(text: &str) -> SendingDomainName {
        SendingDomainName::parse(text).unwrap()
    }

    #[test]
    fn a_sending_domain_is_a_name_that_mail_can_come_from() {
        assert_eq!(domain(" News.Example.COM. ").as_str(), "news.example.com");
        assert_eq!(domain("b\u{fc}cher.example").as_str(), "xn--bcher-kva.example");
        let long = format!("{}.example", "a.".repeat(120));
        for bad in [
            "",
            "localhost",
            "example",
            "192.0.2.1",
            "a_b.example",
            "-a.example",
            "ann@a.example",
            "*.a.example",
            &long,
        ] {
            assert!(SendingDomainName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_domain_signs_for_itself_and_what_lies_within() {
        let acme = domain("acme.example");
        assert!(acme.signs_for("acme.example", Strict) && acme.signs_for("ACME.example", Relaxed));
        assert!(acme.signs_for("news.acme.example", Relaxed));
        assert!(!acme.signs_for("news.acme.example", Strict));
        for other in ["notacme.example", "example", "acme.example.org", ""] {
            assert!(!acme.signs_for(other, Relaxed), "{other}");
        }
        assert!(!domain("news.acme.example").signs_for("acme.example", Relaxed));
    }

    #[test]
    fn return_paths_lie_in_the_domain_once_they_lead_here() {
        let acme = domain("acme.example");
        let ours = HostName::parse("bounces.platform.example").unwrap();
        assert_eq!(acme.return_path_domain(&ours, false), ours);
        assert_eq!(
            acme.return_path_domain(&ours, true).as_str(),
            "bounces.acme.example"
        );
        let own = HostName::parse("back.acme.example").unwrap();
        assert_eq!(acme.return_path_domain(&own, true), own, "it lies within");
        assert_eq!(acme.delegated_return_path(&own), None);
    }

    fn standing() -> Standing {
        let key = |algorithm, state, finding| KeyStanding {
            algorithm,
            state,
            finding,
        };
        Standing {
            keys: vec![
                key(DkimAlgorithm::Rsa2048, DkimKeyState::Active, Finding::published()),
                key(
                    DkimAlgorithm::Ed25519,
                    DkimKeyState::Pending,
                    Finding::unchecked(),
                ),
            ],
            spf: Finding::published(),
            dmarc: Finding::published(),
        }
    }

    #[test]
    fn a_domain_is_verified_by_all_three() {
        assert!(standing().is_verified(), "nobody has to have an Ed25519 key");
        let missing = || Finding::new(RecordState::Missing, "there is none");
        let mut without = standing();
        without.spf = missing();
        without.dmarc = missing();
        without.keys[0].finding = missing();
        assert_eq!(
            without.problems(),
            [
                "DKIM: there is none",
                "SPF: there is none",
                "DMARC: there is none"
            ]
        );
        for state in [DkimKeyState::Pending, DkimKeyState::Retiring] {
            let mut unsigned = standing();
            unsigned.keys[0].state = state;
            assert!(!unsigned.is_verified(), "{state}");
        }
        let mut only_new = standing();
        only_new.keys.remove(0);
        assert!(!only_new.is_verified());
    }

    #[test]
    fn a_silent_name_server_takes_nothing_away() {
        let silent = || Finding::new(RecordState::Unreachable, "no answer");
        assert_eq!(Finding::published().then(silent()), Finding::published());
        assert_eq!(Finding::unchecked().then(silent()), silent());
        let missing = Finding::new(RecordState::Missing, "there is none");
        assert_eq!(Finding::published().then(missing.clone()), missing);
    }

    #[test]
    fn what_is_being_set_up_is_looked_at_more_often() {
        let created = Timestamp::from_micros(1_700_000_000_000_000);
        let late = created.after(SETTING_UP);
        let mut done = standing();
        done.keys.pop();
        assert_eq!(done.next_check_at(created, created), created.after(LATER));
        assert_eq!(
            standing().next_check_at(created, late),
            late.after(SOON),
            "a key waits"
        );
        done.spf = Finding::unchecked();
        assert_eq!(done.next_check_at(created, created), created.after(SOON));
        assert_eq!(
            done.next_check_at(created, late),
            late.after(LATER),
            "nobody seems to care"
        );
    }
}
