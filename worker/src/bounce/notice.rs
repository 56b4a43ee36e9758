//! Reports in words alone: qmail, Exim, Exchange, Notes and the many others that follow no standard.

use std::sync::LazyLock;

use regex::Regex;

use super::address;
use super::entity::Mail;
use super::evidence::Evidence;
use super::judge::{self, Context};
use super::report::Failure;
use super::rules::{UNDETERMINED, pattern};

/// How much of the text is read, in octets.
const MAX_TEXT: usize = 64 * 1024;

/// The most recipients that are told apart.
const MAX_RECIPIENTS: usize = 100;

/// The most lines of a block about one recipient.
const MAX_LINES: usize = 40;

/// Where the returned message begins.
static RETURNED: LazyLock<Regex> = LazyLock::new(|| {
    let lines = [
        r"[ \t]*[-=*_ ]*(?:(?:below|this|here|enclosed|included|attached|the following)(?-u:\b)[^\n]{0,30})?(?-u:\b)(?:copy of (?:the|your)|original|unsent|returned|undelivered) (?:message|mail|e-?mail)(?: +(?:follows|body|header|text|is|was sent|as follows|-+)|,|:?[ \t]*$|[ \t]*-|(?-u:\b)[^\n]{0,20}follow)",
        r"[ \t]*[-=*_ ]*(?:the )?(?:message )?headers?(?: of the original message)?(?: is)? follow",
        r"[ \t]*[-=* ]*below this line is",
        r"[ \t]*[-=* ]+message header",
        r"[ \t]*[-=* ]*included is a copy of the message",
        r"[>| \t]*(?:received|return-path|dkim-signature|arc-seal|x-received|delivered-to): ",
        r"[>| \t]*received:from ",
        r"[>| \t]*from \S+@\S+ +(?:mon|tue|wed|thu|fri|sat|sun)[, ]",
        r"[ \t]*[-=* ]*original mail as follows",
        r"[ \t]*[-=* ]{4,}(?:original|ursprüngliche|message d.origine|mensaje original|messaggio originale|исходн|元のメッセージ)",
    ];
    pattern(&format!("(?im)^(?:{})", lines.join("|")))
});

/// Lines in which a mail system shows what the other said, in place of its own conclusions.
static SHOWN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^\s*<<<\s*([45]\d\d.*)$"));

/// What sendmail concludes by itself from any refusal of a recipient.
static CONCLUDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?im)^(?:550 5\.1\.1 \S+\.\.\. user unknown|5\d\d 5\.0\.0 service unavailable)\s*$")
});

/// The words of a report, without the returned message.
pub(super) fn text(mail: &Mail) -> String {
    let mut all = String::new();
    for text in mail.texts() {
        all.push_str(own_words(up_to(text, MAX_TEXT)));
        all.push_str("\n\n");
        if all.len() > MAX_TEXT {
            break;
        }
    }
    up_to(&all, MAX_TEXT).to_owned()
}

/// The beginning of a text, of at most so many octets.
fn up_to(text: &str, octets: usize) -> &str {
    text.get(..text.floor_char_boundary(octets)).unwrap_or_default()
}

/// A text up to the returned message. What has nothing before it is no report of ours to cut.
fn own_words(text: &str) -> &str {
    RETURNED
        .find_iter(text)
        .map(|found| text.get(..found.start()).unwrap_or(text))
        .find(|before| before.split_whitespace().count() > 2)
        .unwrap_or(text)
}

/// The fields of reports, where they stand in a text.
static FIELDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?im)^(?:reporting-mta|received-from-mta|remote-mta|arrival-date|last-attempt-date|final-recipient|original-recipient|action|status|will-retry-until|x-[\w-]+):.*$",
    )
});

/// What a text without fields says.
pub(super) fn read(mail: &Mail) -> Vec<Failure> {
    let text = text(mail);
    let mut failures = Vec::new();
    let conversations = conversations(&text).map(|(name, block)| (name, whole(&block)));
    let blocks = blocks(&text).map(|(name, block)| (name, vec![Evidence::of(&block)]));
    for (recipient, told) in conversations.chain(blocks) {
        let failure = judge::failure(Some(recipient), &told, Context::default());
        if failure.reason != UNDETERMINED {
            judge::add(&mut failures, failure);
        }
    }
    if !failures.is_empty() {
        return failures;
    }
    let told = whole(&text);
    let context = Context {
        status: None,
        is_delayed: is_delay(mail, &text),
        stage: None,
    };
    let named = named(mail, &text);
    if named.is_empty() {
        return vec![judge::failure(None, &told, context)];
    }
    let of = |recipient: &String| judge::failure(Some(recipient), &told, context);
    named.iter().map(of).collect()
}

/// What a text says of one recipient.
pub(super) fn about(text: &str, recipient: &str) -> Option<String> {
    let mut blocks = blocks(text);
    let found = blocks.find(|(name, _)| address::same(name, recipient));
    found.map(|(_, block)| block)
}

/// A whole text: what it shows of the other server before all of it.
pub(super) fn whole(text: &str) -> Vec<Evidence> {
    let shown: Vec<_> = SHOWN.captures_iter(text).filter_map(|line| line.get(1)).collect();
    let mut told: Vec<_> = shown
        .iter()
        .take(MAX_LINES)
        .map(|line| {
            // The command that it answers stands before it.
            let before = text.get(..line.start()).unwrap_or_default();
            let command = before
                .lines()
                .rev()
                .take(4)
                .find(|line| line.trim_start().starts_with(">>>"));
            Evidence::of(&format!("{}\n{}", command.unwrap_or_default(), line.as_str()))
        })
        .collect();
    told.push(Evidence::of(
        &CONCLUDED.replace_all(&FIELDS.replace_all(text, ""), ""),
    ));
    told
}

/// The parts of a text that begin with a recipient, up to the next.
fn blocks(text: &str) -> impl Iterator<Item = (&str, String)> {
    let mut blocks: Vec<(&str, String)> = Vec::new();
    let mut lines = 0;
    for line in text.lines() {
        let begins = address::at_beginning(line);
        let known = blocks.last().map(|(name, _)| *name);
        let goes_on = begins.is_none_or(|name| known.is_some_and(|known| address::same(name, known)));
        if goes_on {
            if let Some((_, block)) = blocks.last_mut() {
                append(block, line, &mut lines);
            }
        } else if let Some(name) = begins.filter(|_| blocks.len() < MAX_RECIPIENTS) {
            lines = 1;
            blocks.push((name, line.to_owned()));
        }
    }
    blocks.into_iter()
}

/// What old versions of sendmail show of conversations with several servers: each ends with what became of a recipient.
static OUTCOME: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^[45]\d\d (?:[45]\.\d\.\d )?<?([^\s<>]+@[^\s<>]+)>?\.\.\. .*$"));

/// The parts of a text that end with what became of a recipient.
fn conversations(text: &str) -> impl Iterator<Item = (&str, String)> {
    let mut from = 0;
    OUTCOME
        .captures_iter(text)
        .take(MAX_RECIPIENTS)
        .filter_map(move |found| {
            let (line, name) = (found.get(0)?, found.get(1)?);
            let block = text.get(from..line.end())?;
            from = line.end();
            Some((name.as_str(), block.to_owned()))
        })
}

fn append(block: &mut String, line: &str, lines: &mut usize) {
    if *lines >= MAX_LINES {
        return;
    }
    *lines += 1;
    block.push('\n');
    block.push_str(line);
}

/// The recipients that the mail names, wherever it does.
fn named(mail: &Mail, text: &str) -> Vec<String> {
    let failed: Vec<_> = mail
        .header
        .all("x-failed-recipients")
        .flat_map(address::all)
        .collect();
    if !failed.is_empty() {
        return once(failed);
    }
    let beginning: Vec<_> = text.lines().filter_map(address::at_beginning).collect();
    let mut named = if beginning.is_empty() {
        address::all(text).collect()
    } else {
        beginning
    };
    let own: Vec<_> = ["from", "to", "reply-to", "sender"]
        .iter()
        .flat_map(|name| address::all(mail.header.get(name)))
        .collect();
    named.retain(|name| !own.iter().any(|own| address::same(own, name)));
    named.retain(|name| !name.to_ascii_lowercase().starts_with("postmaster@"));
    once(named)
}

fn once(names: Vec<&str>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for name in names {
        if kept.len() < MAX_RECIPIENTS && !kept.iter().any(|known| address::same(known, name)) {
            kept.push(name.to_owned());
        }
    }
    kept
}

static DELAY: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)warning message only|this is (?:only )?a (?:warning|notification about a delay)|will (?:keep|continue) trying|will continue to (?:try|be)|(?:has been|is) delayed|been postponed|still being retried|will be retried|will retry|delivery attempts will continue|temporary failure report|delivery incomplete",
    )
});

fn is_delay(mail: &Mail, text: &str) -> bool {
    DELAY.is_match(text) || DELAY.is_match(mail.header.get("subject"))
}
