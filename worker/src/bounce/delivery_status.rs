//! Delivery reports (RFC 3464, 6533), and their fields where they stand in a text because something broke the parts.

use super::address;
use super::codes::Status;
use super::entity::Mail;
use super::fields::{Group, groups, untyped};
use super::notice;

/// The most recipients that are read of one report.
const MAX_RECIPIENTS: usize = 200;

/// What a report says of one recipient.
pub(super) struct Reported {
    /// Who: the final recipient, or the original one where the final is no mail address (RFC 3464, 2.3.2).
    pub(super) recipient: Option<String>,
    /// It was delivered, or handed to somebody who does not report.
    pub(super) has_arrived: bool,
    /// The server goes on trying.
    pub(super) is_delayed: bool,
    /// The field `Status`.
    pub(super) status: Option<Status>,
    /// What was said: first by the server that refused, then by the one that reports.
    pub(super) said: Vec<String>,
}

/// What the mail reports in fields; nothing if it has none.
pub(super) fn read(mail: &Mail) -> Vec<Reported> {
    let mut found = Vec::new();
    for kind in [
        "message/delivery-status",
        "message/global-delivery-status",
        "text/delivery-status",
    ] {
        found.extend(mail.texts_of(kind).flat_map(groups).filter_map(reported));
    }
    if found.is_empty() {
        let text = notice::text(mail);
        found.extend(groups(&text).into_iter().filter_map(reported));
    }
    found.truncate(MAX_RECIPIENTS);
    found
}

fn reported(group: Group) -> Option<Reported> {
    let recipient = recipient(&group);
    let action = group.get("action").unwrap_or_default();
    let status = group.get("status").unwrap_or_default();
    let has_fields = !action.is_empty() || !status.is_empty() || group.get("diagnostic-code").is_some();
    if !has_fields || recipient.is_none() && action.is_empty() {
        return None;
    }
    let verb = action
        .split([' ', '(', ';'])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let mut said: Vec<_> = group
        .all("diagnostic-code")
        .map(|code| untyped(code).to_owned())
        .collect();
    let more = [
        "x-supplementary-info",
        "x400-supplementary-info",
        "x-display-name-reason",
    ];
    said.extend(more.iter().filter_map(|name| group.get(name)).map(str::to_owned));
    said.extend([comment(status), comment(action)].into_iter().flatten());
    Some(Reported {
        recipient,
        has_arrived: matches!(verb.as_str(), "delivered" | "relayed" | "expanded"),
        is_delayed: verb == "delayed",
        status: Status::first(status),
        said,
    })
}

fn recipient(group: &Group) -> Option<String> {
    let fields = ["final-recipient", "original-recipient", "x-actual-recipient"];
    let values = || fields.iter().filter_map(|name| group.get(name));
    let of_mail = values().filter(|value| !is_foreign(value));
    let mut named = of_mail.filter_map(|value| address::first(untyped(value)));
    named
        .next()
        .or_else(|| values().find_map(address::first))
        .map(str::to_owned)
}

/// Addresses of other systems (`x400;`) hold what looks like ours.
fn is_foreign(value: &str) -> bool {
    value.split_once(';').is_some_and(|(kind, _)| {
        let kind = kind.trim().to_ascii_lowercase();
        !matches!(kind.as_str(), "rfc822" | "utf-8" | "smtp" | "")
    })
}

/// What stands in brackets behind a field's value.
fn comment(value: &str) -> Option<String> {
    let (_, rest) = value.split_once('(')?;
    Some(rest.trim_end_matches(')').to_owned())
}
