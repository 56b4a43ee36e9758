//! What came back: a mail is read, and what it says about whom is put into classes.
//!
//! [`classify`] takes the bytes of any mail and never fails: what is no report is [`BounceClass::NotBounce`]. It
//! reads delivery reports (RFC 3464) and the many that follow no standard, complaints (RFC 5965), and automatic
//! replies (RFC 3834). The words of the servers decide before their status codes do, because codes lie: "5.1.1" stands
//! in front of "mailbox full" as well. What servers say is data: `rules/*.toml`.

mod address;
mod arrive;
mod auto_reply;
mod codes;
mod complaint;
mod delivery_status;
mod entity;
mod event;
mod evidence;
mod fields;
mod gate;
mod judge;
mod lines;
mod notice;
mod notification;
pub(crate) mod refusal;
mod report;
mod returned;
mod rules;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod tests;

pub use arrive::{Arrived, Inbox};
pub use event::Provider;
pub use report::{Failure, Report};
pub use returned::Returned;

use assent_domain::bounce::BounceClass;

use entity::Mail;
use evidence::Evidence;

/// The most of a mail that is read, in octets. What a report has to say stands at its beginning; behind it comes the
/// returned message, with attachments perhaps.
pub const READ_OCTETS: usize = 1024 * 1024;

/// How often a report may stand in a report, as gateways forward them.
const MAX_NESTED: usize = 2;

/// Reads a mail that came back. Line ends may be CRLF, LF or CR, and anything may be wrong with the rest.
pub fn classify(raw: &[u8]) -> Report {
    let raw = lines::to_lf(raw.get(..READ_OCTETS).unwrap_or(raw));
    read(&Mail::read(&raw), MAX_NESTED)
}

fn read(mail: &Mail, nested: usize) -> Report {
    let returned = Returned::of(mail);
    let failures = complaint::read(mail)
        .or_else(|| notification::read(mail))
        .unwrap_or_else(|| from_server_or_person(mail, nested));
    Report::new(failures, returned, mail.header.date())
}

/// A report of a server, or the reply of a program, or nothing of the kind.
fn from_server_or_person(mail: &Mail, nested: usize) -> Vec<Failure> {
    let reported = delivery_status::read(mail);
    if reported.is_empty() && auto_reply::says_so(mail) {
        return vec![Failure::of(BounceClass::AutoReply, "automatic_reply")];
    }
    if !reported.is_empty() {
        return judge::reported(mail, &reported);
    }
    if gate::is_report(mail) {
        let found = notice::read(mail);
        if found.iter().any(|failure| failure.reason != rules::UNDETERMINED) {
            return found;
        }
        return from_within(mail, nested).unwrap_or(found);
    }
    if auto_reply::looks_like_one(mail) {
        return vec![Failure::of(BounceClass::AutoReply, "automatic_reply")];
    }
    vec![Failure::of(BounceClass::NotBounce, "no_report")]
}

/// What a report says that a gateway has wrapped into another.
fn from_within(mail: &Mail, nested: usize) -> Option<Vec<Failure>> {
    if nested == 0 {
        return None;
    }
    mail.returned_messages()
        .map(|inner| read(&Mail::read(inner), nested - 1).failures)
        .find(|failures| {
            failures
                .iter()
                .any(|failure| failure.class > BounceClass::AutoReply)
        })
}

impl Failure {
    /// What says the same of everybody.
    fn of(class: BounceClass, reason: &str) -> Self {
        Self {
            recipient: None,
            class,
            status: None,
            reason: reason.to_owned(),
            text: Evidence::none().said(),
        }
    }
}
