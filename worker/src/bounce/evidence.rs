//! What a server said, made ready to be judged.

use std::sync::LazyLock;

use regex::Regex;

use super::address;
use super::codes::Codes;
use super::rules::pattern;

/// How much of what was said is looked at, in characters.
const MAX_CHARS: usize = 16 * 1024;

/// How much of it is kept, in characters.
const KEPT_CHARS: usize = 500;

/// How far the conversation with the server had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Up to the sender's address: nobody had spoken of a recipient yet.
    Sender,
    /// At the recipient's address.
    Recipient,
    /// At the message itself, when all addresses had been taken.
    Message,
}

/// What a server said.
pub(super) struct Evidence {
    /// On one line, addresses hidden, the codes at the beginning of continued lines taken out.
    pub(super) text: String,
    pub(super) codes: Codes,
    pub(super) stage: Option<Stage>,
}

static STAGE: LazyLock<Regex> = LazyLock::new(|| {
    let command = r"(?P<sender>mail(?:[ _]from)?|[eh]e?h?lo|auth|starttls|initial connection|connect(?:ion)?)|(?P<rcpt>rcpt(?:[ _]to)?)|(?P<data>(?:end of |final )?\.?data|text|end of message)";
    let said = [format!(
        r"(?:in reply to|after|did not like our|in response to)(?: the| end of| sending)* ?(?:{command})(?-u:\b)"
    )];
    pattern(&format!("(?i){}", said.join("|")))
});

/// What sendmail and its like show of the conversation: `>>> RCPT To:<...>`, then `<<< 550 ...`.
static COMMAND: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?im)^\s*>>>\s*(?:(?P<sender>mail|helo|ehlo|auth)|(?P<rcpt>rcpt)|(?P<data>data|\.))")
});

static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)(?:\[| in )(?:(?P<sender>mail[_ ]from)|(?P<rcpt>rcpt[_ ]to)|(?P<data>data))\]?\s*$")
});

/// What the second and further lines of a reply begin with, when they have been joined.
static CONTINUED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r" [245]\d\d[- ]#?[245]\.\d{1,3}\.\d{1,3}[- ]| [245]\d\d-(?: |[[:alpha:]])?"));

/// What sendmail concludes from the refusal of a recipient, in whatever words that was.
static CONCLUDED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?im)^550 5\.1\.1 \S+\.\.\. user unknown\s*$"));

impl Evidence {
    /// From the words as they stand in a report.
    pub(super) fn of(words: &str) -> Self {
        let words: String = words.chars().take(MAX_CHARS).collect();
        let mut text = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let (codes, stage) = (Codes::of(&text), stage(&words, &text));
        text = address::hide(&text).into_owned();
        text = unbroken(&text);
        Self { text, codes, stage }
    }

    /// Nothing was said.
    pub(super) fn none() -> Self {
        Self::of("")
    }

    /// What is kept of it.
    pub(super) fn said(&self) -> String {
        let printable = self.text.chars().filter(|letter| !letter.is_control());
        printable.take(KEPT_CHARS).collect()
    }

    /// Whether it says nothing at all.
    pub(super) fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// Without the codes between the lines of one reply: phrases go across them.
fn unbroken(text: &str) -> String {
    CONTINUED
        .replace_all(text, |found: &regex::Captures<'_>| {
            let last = found.get(0).and_then(|all| all.as_str().chars().last());
            match last {
                Some(letter) if letter.is_alphabetic() => format!(" {letter}"),
                _ => " ".to_owned(),
            }
        })
        .into_owned()
}

fn stage(words: &str, text: &str) -> Option<Stage> {
    if CONCLUDED.is_match(words) {
        return Some(Stage::Recipient);
    }
    let found = STAGE
        .captures(text)
        .or_else(|| SHORT.captures(text))
        .or_else(|| COMMAND.captures(words))?;
    if found.name("sender").is_some() {
        Some(Stage::Sender)
    } else if found.name("rcpt").is_some() {
        Some(Stage::Recipient)
    } else {
        found.name("data").map(|_| Stage::Message)
    }
}
