//! What leads from a report to the message that it is about.

use std::fmt;
use std::sync::LazyLock;

use assent_domain::return_path;
use regex::Regex;
use serde_json::Value;

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
    /// What looks like a return path of ours within what came back: its `Return-Path`, its `CFBL-Address` (RFC 9477), the
    /// `Original-Mail-From` of a complaint (RFC 5965).
    pub return_paths: Vec<String>,
    /// The `Message-ID`s in what came back, without brackets.
    pub message_ids: Vec<String>,
}

static MESSAGE_ID: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?im)^[> \t]*(?:x-)?(?:original-)?message-id:\s*<?([^<>\s]{3,300}@[^<>\s]{1,255})>?")
});

static RETURN_PATH: LazyLock<Regex> = LazyLock::new(|| {
    let label = regex::escape(return_path::LABEL);
    pattern(&format!(r"(?i)(?-u:\b){label}[a-z2-7]{{42}}@[a-z0-9.-]{{1,253}}"))
});

/// A `Message-ID` of ours, wherever it stands.
static OWN_ID: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?i)(?-u:\b)delivery_[0-9a-z]{26}\.[a-z2-7]{16}@[a-z0-9.-]{1,253}"));

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

    /// What an event of a provider holds of it, in whatever field.
    pub(super) fn of_event(event: &Value) -> Self {
        let mut found = Self::default();
        found.walk(event);
        found
    }

    fn walk(&mut self, value: &Value) {
        match value {
            Value::String(text) => {
                let text = cut(text);
                for id in OWN_ID.find_iter(text).take(MOST) {
                    keep(&mut self.message_ids, id.as_str());
                }
                self.search(text);
            }
            Value::Array(values) => values.iter().for_each(|value| self.walk(value)),
            Value::Object(fields) => fields.values().for_each(|value| self.walk(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn search(&mut self, text: &str) {
        for path in RETURN_PATH.find_iter(text).take(MOST) {
            keep(&mut self.return_paths, path.as_str().trim_end_matches('.'));
        }
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
