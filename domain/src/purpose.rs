//! Purposes: why a message is sent, and whether that needs consent.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

/// What sort of reason a purpose is. The kind decides whether consent is needed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PurposeKind {
    /// Needed for what the person asked for; no consent, but the policy has to name it.
    Essential,
    /// Information on products and the like: only after opting in.
    Marketing,
    /// Measuring what people do with mail: only after opting in.
    Analytics,
    /// Passing data on to an outside party: only after opting in.
    Disclosure,
}

impl PurposeKind {
    /// Whether a person has to have said yes.
    pub fn needs_consent(self) -> bool {
        self != Self::Essential
    }
}

/// Why a message to one person cannot be sent for a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotTransactional {
    /// It needs a yes: what it is for is a campaign's to send, to those who gave one.
    #[error("this purpose needs consent: send a campaign for it, to those who agreed")]
    NeedsConsent,
    /// The software itself writes what is sent for it.
    #[error("mail for this purpose is only what Assent itself writes: name an essential purpose of your own")]
    Standing,
}

/// Whether a program of the tenant may ask for a message to one person for a purpose: for an essential one that is the
/// tenant's own, and never for marketing.
pub fn may_be_transactional(kind: PurposeKind, code: &str) -> Result<(), NotTransactional> {
    match (kind, is_standing(code)) {
        (_, true) => Err(NotTransactional::Standing),
        (PurposeKind::Essential, false) => Ok(()),
        (PurposeKind::Marketing | PurposeKind::Analytics | PurposeKind::Disclosure, false) => {
            Err(NotTransactional::NeedsConsent)
        }
    }
}

/// A purpose's short name within its tenant: 1 to 40 of `a-z`, `0-9`, `_` and `-`, a letter first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PurposeCode(String);

/// A text that is no purpose code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a purpose code has 1 to 40 characters from a-z, 0-9, _ and -, and begins with a letter")]
pub struct PurposeCodeError;

impl PurposeCode {
    /// Reads a code.
    pub fn parse(text: &str) -> Result<Self, PurposeCodeError> {
        let fits = (1..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(PurposeCodeError)
        }
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for PurposeCode {
    type Error = PurposeCodeError;

    fn try_from(text: String) -> Result<Self, PurposeCodeError> {
        Self::parse(&text)
    }
}

impl From<PurposeCode> for String {
    fn from(code: PurposeCode) -> Self {
        code.0
    }
}

/// A purpose that every policy version names, because the service itself cannot do without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandingPurpose {
    /// Its code in every tenant.
    pub code: &'static str,
    /// Its name, as the policy page shows it.
    pub name: &'static str,
    /// What it covers, in plain words.
    pub description: &'static str,
}

/// Asking somebody to confirm an opt-in, a new address, or a yes that is about to run out.
pub const CONFIRMATION: StandingPurpose = StandingPurpose {
    code: "confirmation",
    name: "Confirming what you want",
    description: "A message that asks you to confirm that it was you who signed up, that a new address is yours, \
                  or that a yes which is about to run out still stands.",
};

/// Telling people of a new policy.
pub const POLICY_NOTICE: StandingPurpose = StandingPurpose {
    code: "policy_notice",
    name: "News of this policy",
    description: "A message when this policy changes, sent before the change takes effect.",
};

/// Answering what a person asked.
pub const REQUEST_ANSWER: StandingPurpose = StandingPurpose {
    code: "request_answer",
    name: "Answers to your requests",
    description: "The answer when you ask us something about your data.",
};

/// All of them: a version that leaves one out gets it in these words.
pub const STANDING_PURPOSES: [StandingPurpose; 3] = [CONFIRMATION, POLICY_NOTICE, REQUEST_ANSWER];

/// Whether a code is that of a standing purpose. Mail for it is sent without anybody's yes because the software writes it,
/// to whom it concerns: no list is used for it and no campaign is sent for it.
pub fn is_standing(code: &str) -> bool {
    STANDING_PURPOSES.iter().any(|standing| standing.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_essential_purposes_of_the_tenant_are_transactional() {
        for kind in [
            PurposeKind::Marketing,
            PurposeKind::Analytics,
            PurposeKind::Disclosure,
        ] {
            assert_eq!(
                may_be_transactional(kind, "receipts"),
                Err(NotTransactional::NeedsConsent)
            );
        }
        assert_eq!(may_be_transactional(PurposeKind::Essential, "receipts"), Ok(()));
        for standing in STANDING_PURPOSES {
            let refused = may_be_transactional(PurposeKind::Essential, standing.code);
            assert_eq!(refused, Err(NotTransactional::Standing));
        }
    }

    #[test]
    fn codes_are_short_plain_words() {
        for good in ["newsletter", "a", "product_news-2"] {
            assert!(PurposeCode::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "News", "2day", "a b", "ü", "-a", &"a".repeat(41)] {
            assert!(PurposeCode::parse(bad).is_err(), "{bad}");
        }
        assert!(
            STANDING_PURPOSES
                .iter()
                .all(|p| PurposeCode::parse(p.code).is_ok())
        );
    }
}
