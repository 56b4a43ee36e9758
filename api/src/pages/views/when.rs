//! Points in time as people read them in their language, always in UTC and always with the machine's form beside it.

use std::fmt;

use askama::filters::HtmlSafe;
use assent_domain::clock::Timestamp;
use assent_worker::words::{Shown, Words};
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
    pub fn day(&self, words: Words) -> TimeElement {
        TimeElement::new(self.0, words.day(self.0))
    }

    /// `3 March 2026, 10:05 UTC`, in a `<time>` element.
    pub fn minute(&self, words: Words) -> TimeElement {
        TimeElement::new(self.0, words.minute(self.0))
    }

    /// `3 March 2026, 10:05:09 UTC`, in a `<time>` element.
    pub fn second(&self, words: Words) -> TimeElement {
        TimeElement::new(self.0, words.second(self.0))
    }
}

/// A `<time>` element. It needs no escaping: what a date is made of has no meaning in HTML.
#[derive(Debug, Clone)]
pub struct TimeElement(String);

impl TimeElement {
    fn new(at: DateTime<Utc>, text: String) -> Self {
        let machine = at.to_rfc3339_opts(SecondsFormat::Secs, true);
        Self(format!("<time datetime=\"{machine}\">{text}</time>"))
    }
}

impl fmt::Display for TimeElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for TimeElement {}

impl Shown for TimeElement {
    fn html(&self) -> String {
        self.0.clone()
    }
}
