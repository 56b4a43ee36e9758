//! What a mail that came back says, in the end.

use std::fmt;

use assent_domain::bounce::BounceClass;
use assent_domain::clock::Timestamp;

use super::returned::Returned;

/// What a mail says about one recipient.
#[derive(Clone, PartialEq, Eq)]
pub struct Failure {
    /// Who; `None` where the mail does not say.
    pub recipient: Option<String>,
    /// What it amounts to.
    pub class: BounceClass,
    /// The enhanced status (RFC 3463), by the words of the server if they hold one.
    pub status: Option<String>,
    /// Which kind of thing went wrong: the name of a reason in `rules/*.toml`.
    pub reason: String,
    /// What the server said, with addresses taken out, at most 500 characters.
    pub text: String,
}

/// Everything a mail says.
#[derive(Clone, PartialEq, Eq)]
pub struct Report {
    /// The gravest of the classes.
    pub class: BounceClass,
    /// One entry a recipient; at least one.
    pub failures: Vec<Failure>,
    /// How to find the message that this is about.
    pub returned: Returned,
    /// When it was told, by its own `Date` (RFC 5322, 3.6.1), if it says so.
    pub told_at: Option<Timestamp>,
}

impl Report {
    /// The failures of one mail; of several about one recipient, the first that says something counts.
    pub(super) fn new(failures: Vec<Failure>, returned: Returned, told_at: Option<Timestamp>) -> Self {
        let class = failures
            .iter()
            .map(|failure| failure.class)
            .max()
            .unwrap_or(BounceClass::NotBounce);
        Self {
            class,
            failures,
            returned,
            told_at,
        }
    }

    /// The recipients it names, each once.
    pub fn recipients(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for name in self
            .failures
            .iter()
            .filter_map(|failure| failure.recipient.as_deref())
        {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The entry that the class comes from.
    pub fn gravest(&self) -> Option<&Failure> {
        self.failures.iter().find(|failure| failure.class == self.class)
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure")
            .field("class", &self.class)
            .field("status", &self.status)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Report")
            .field("class", &self.class)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}
