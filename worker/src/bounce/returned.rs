//! What leads from a report to the message that it is about.

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;

use super::address;
use super::entity::{Content, Mail};
use super::rules::pattern;

/// The most of each kind that is kept.
const MOST: usize = 20;

/// How much of a returned message is searched, in octets.
const MAX_SEARCHED: usize = 128 * 1024;

/// What leads from a report to the message that it is about.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Returned {
    /// The addresses that the report was sent to: the return path of the message, if it was sent with one of its own.
    pub addressed_to: Vec<String>,
    /// The `Message-ID`s in what came back, without brackets.
    pub message_ids: Vec<String>,
}

static MESSAGE_ID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?im)^[> \t]*(?:x-)?(?:original-)?message-id:\s*<?([^<>\s]{3,300}@[^<>\s]{1,255})>?")
});

impl Returned {
    /// What a mail holds of it.
    pub(super) fn of(mail: &Mail) -> Self {
        let mut found = Self::default();
        for name in [
            "delivered-to",
            "x-original-to",
            "envelope-to",
            "x-envelope-to",
            "to",
        ] {
            for address in mail.header.all(name).flat_map(address::all) {
                keep(&mut found.addressed_to, address);
            }
        }
        for part in &mail.parts {
            match &part.content {
                Content::Text(text) => found.search(cut(text)),
                Content::Message(raw) => {
                    let start = raw.get(..MAX_SEARCHED).unwrap_or(raw);
                    found.search(&String::from_utf8_lossy(start));
                }
            }
        }
        found
    }

    fn search(&mut self, text: &str) {
        for id in MESSAGE_ID
            .captures_iter(text)
            .filter_map(|found| found.get(1))
            .take(MOST)
        {
            keep(&mut self.message_ids, id.as_str());
        }
    }
}

fn cut(text: &str) -> &str {
    let end = (0..=MAX_SEARCHED.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

fn keep(kept: &mut Vec<String>, value: &str) {
    if kept.len() < MOST && !kept.iter().any(|known| known == value) {
        kept.push(value.to_owned());
    }
}

impl fmt::Debug for Returned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Returned").finish_non_exhaustive()
    }
}
