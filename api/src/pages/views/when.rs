//! Points in time as people read them, always in UTC and always with the machine's form beside it.

use std::fmt;

use askama::filters::HtmlSafe;
use assent_domain::clock::Timestamp;
use chrono::{DateTime, SecondsFormat, Utc};

/// A point in time; the template says how exactly it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When(pub DateTime<Utc>);

impl From<DateTime<Utc>> for When {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at)
    }
}

impl From<Timestamp> for When {
    fn from(at: Timestamp) -> Self {
        Self(at.to_utc())
    }
}

impl When {
    /// `3 March 2026`, in a `<time>` element.
    pub fn day(&self) -> TimeElement {
        TimeElement {
            at: self.0,
            format: "%-d %B %Y",
        }
    }

    /// `3 March 2026, 10:05 UTC`, in a `<time>` element.
    pub fn minute(&self) -> TimeElement {
        TimeElement {
            at: self.0,
            format: "%-d %B %Y, %H:%M UTC",
        }
    }

    /// `3 March 2026, 10:05:09 UTC`, in a `<time>` element.
    pub fn second(&self) -> TimeElement {
        TimeElement {
            at: self.0,
            format: "%-d %B %Y, %H:%M:%S UTC",
        }
    }
}

/// A `<time>` element. It needs no escaping: both its texts are made of letters, digits, commas and colons.
#[derive(Debug, Clone, Copy)]
pub struct TimeElement {
    at: DateTime<Utc>,
    format: &'static str,
}

impl fmt::Display for TimeElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let machine = self.at.to_rfc3339_opts(SecondsFormat::Secs, true);
        write!(
            f,
            "<time datetime=\"{machine}\">{}</time>",
            self.at.format(self.format)
        )
    }
}

impl HtmlSafe for TimeElement {}
