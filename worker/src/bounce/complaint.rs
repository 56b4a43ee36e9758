//! Complaints and other feedback of mailbox providers (RFC 5965, 6591), and reports on how our signatures fare.

use assent_domain::bounce::BounceClass;

use super::address;
use super::entity::{Header, Mail};
use super::fields::{Group, groups, untyped};
use super::report::Failure;

/// The most recipients that are read of one report.
const MAX_RECIPIENTS: usize = 100;

/// What the mail reports, if it is feedback.
pub(super) fn read(mail: &Mail) -> Option<Vec<Failure>> {
    let mut found: Vec<_> = feedback(mail)
        .iter()
        .flat_map(|group| failures(mail, group))
        .collect();
    if found.is_empty() {
        if is_by_outlook(mail) {
            return Some(vec![Failure {
                recipient: returned_to(mail),
                ..Failure::of(BounceClass::Complaint, "feedback_abuse")
            }]);
        }
        if is_unsubscribe(mail) {
            return Some(vec![Failure {
                recipient: address::first(mail.header.get("from")).map(str::to_owned),
                ..Failure::of(BounceClass::Optout, "unsubscribe_mail")
            }]);
        }
        return is_aggregate(mail).then(|| vec![Failure::of(BounceClass::AuthReport, "aggregate_report")]);
    }
    found.truncate(MAX_RECIPIENTS);
    Some(found)
}

/// The reports in a mail. Some providers label the part as plain text.
fn feedback(mail: &Mail) -> Vec<Group> {
    let is_one = |group: &Group| group.get("feedback-type").is_some();
    let labelled = mail.texts_of("message/feedback-report").flat_map(groups);
    let found: Vec<_> = labelled.filter(is_one).collect();
    if !found.is_empty() || mail.header.report_type() != Some("feedback-report") {
        return found;
    }
    mail.texts_of("text/plain")
        .flat_map(groups)
        .filter(is_one)
        .collect()
}

fn failures(mail: &Mail, group: &Group) -> Vec<Failure> {
    let kind = group
        .get("feedback-type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let (class, reason) = class(kind.trim());
    let failure = |recipient: Option<String>| Failure {
        recipient,
        ..Failure::of(class, reason)
    };
    let fields = ["original-rcpt-to", "removal-recipient"];
    let named = fields.iter().flat_map(|name| group.all(name));
    let named: Vec<_> = named.filter_map(|value| address::first(untyped(value))).collect();
    if named.is_empty() {
        return vec![failure(returned_to(mail))];
    }
    named
        .into_iter()
        .map(|name| failure(Some(name.to_owned())))
        .collect()
}

/// `auth-failure` speaks of signatures, `not-spam` takes a complaint back; neither says that somebody wants no more
/// mail. A type that is not known does not either.
fn class(kind: &str) -> (BounceClass, &'static str) {
    match kind {
        "abuse" => (BounceClass::Complaint, "feedback_abuse"),
        "fraud" => (BounceClass::Complaint, "feedback_fraud"),
        "opt-out" | "opt-out-list" => (BounceClass::Optout, "feedback_opt_out"),
        "auth-failure" | "dmarc" => (BounceClass::AuthReport, "feedback_auth_failure"),
        "not-spam" => (BounceClass::AuthReport, "feedback_not_spam"),
        "virus" => (BounceClass::Block, "virus"),
        _ => (BounceClass::NotBounce, "feedback_other"),
    }
}

/// Whom the returned message was to.
fn returned_to(mail: &Mail) -> Option<String> {
    let inner = mail.returned_messages().next()?;
    let end = inner
        .windows(2)
        .position(|pair| pair == b"\n\n")
        .unwrap_or(inner.len());
    let header = Header::read(inner.get(..end).unwrap_or(inner));
    let fields = ["x-hmxmroriginalrecipient", "to"];
    let mut named = fields.iter().filter_map(|name| address::first(header.get(name)));
    named.next().map(str::to_owned)
}

/// Outlook.com's programme for senders reports in a form of its own: the message, with the recipient in a field.
fn is_by_outlook(mail: &Mail) -> bool {
    let subject = mail.header.get("subject").to_ascii_lowercase();
    subject.starts_with("complaint about message from")
        || mail.returned_messages().any(|inner| {
            let start = inner.get(..16 * 1024).unwrap_or(inner);
            let start = String::from_utf8_lossy(start).to_ascii_lowercase();
            start.contains("\nx-hmxmroriginalrecipient:")
        })
}

/// What mail programs send to the address in `List-Unsubscribe` when somebody presses their button (RFC 2369, 3.2). An
/// answer to our mail is not one, whatever it says.
fn is_unsubscribe(mail: &Mail) -> bool {
    let subject = mail.header.get("subject").trim().to_ascii_lowercase();
    mail.header.has("x-apple-unsubscribe") || subject == "unsubscribe"
}

/// Reports by domain and day (RFC 7489, 7.2; RFC 8460).
fn is_aggregate(mail: &Mail) -> bool {
    let subject = mail.header.get("subject").to_ascii_lowercase();
    subject.starts_with("report domain:") || mail.header.report_type() == Some("tlsrpt")
}
