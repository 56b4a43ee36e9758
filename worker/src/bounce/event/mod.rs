//! Events of mail providers, told by their webhooks. Who tells them has been made sure of before. What they say is judged
//! like any report: the server's words first, the provider's own classes where the words are not known.

mod mailgun;
mod postmark;

use assent_domain::bounce::BounceClass;
use serde_json::Value;

use super::evidence::Evidence;
use super::judge::{self, Context};
use super::notification;
use super::report::{Failure, Report};
use super::returned::Returned;
use super::rules::UNDETERMINED;

/// Who tells events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Amazon SES.
    Ses,
    /// Postmark.
    Postmark,
    /// Mailgun.
    Mailgun,
}

impl Provider {
    /// What an event says; `None` where it is about no message, or of a kind that says nothing of its fate.
    pub(super) fn read(self, event: &str) -> Option<Report> {
        let value: Value = serde_json::from_str(event).ok()?;
        let failures = match self {
            Self::Ses => notification::of_text(event)?,
            Self::Postmark => postmark::read(&value)?,
            Self::Mailgun => mailgun::read(&value)?,
        };
        Some(Report::new(failures, Returned::of_event(&value), None))
    }
}

/// What a provider concluded.
type Concluded = (BounceClass, &'static str);

/// What words amount to, or else what the provider concluded from them. What it says may pass, passes.
fn judged(recipient: Option<&str>, words: &str, may_pass: bool, concluded: Concluded) -> Failure {
    let words = Evidence::of(words);
    let context = Context {
        is_delayed: may_pass,
        ..Context::default()
    };
    let failure = judge::failure(recipient, &[words], context);
    if failure.reason != UNDETERMINED {
        return failure;
    }
    Failure {
        class: concluded.0,
        reason: concluded.1.to_owned(),
        ..failure
    }
}

/// What the provider says itself, without a server's words.
fn told(recipient: Option<&str>, (class, reason): Concluded) -> Failure {
    Failure {
        recipient: recipient.map(str::to_owned),
        ..Failure::of(class, reason)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn class(provider: Provider, event: &Value) -> Option<(BounceClass, String)> {
        let report = provider.read(&event.to_string())?;
        let gravest = report.gravest()?;
        Some((gravest.class, gravest.reason.clone()))
    }

    fn as_told(class: BounceClass, reason: &str) -> (BounceClass, String) {
        (class, reason.to_owned())
    }

    #[test]
    fn postmark_is_believed_where_the_server_says_nothing_known() {
        use BounceClass::{AutoReply, Block, Complaint, Hard, NotBounce, Optout, Soft};
        let bounce = |kind: &str, details: &str| json!({ "RecordType": "Bounce", "Type": kind, "Email": "ann@example.org", "Details": details });
        let cases = [
            (bounce("HardBounce", ""), as_told(Hard, "no_such_mailbox")),
            (
                bounce("HardBounce", "smtp;550 5.7.1 your network is on our blacklist"),
                as_told(Block, "reputation"),
            ),
            (
                bounce("SoftBounce", "smtp;452 4.2.2 mailbox full"),
                as_told(Soft, "mailbox_full"),
            ),
            (bounce("Blocked", "no"), as_told(Block, "policy")),
            (
                bounce("AutoResponder", "I am away"),
                as_told(AutoReply, "automatic_reply"),
            ),
            (bounce("SpamComplaint", ""), as_told(Complaint, "feedback_abuse")),
            (bounce("Unsubscribe", ""), as_told(Optout, "feedback_opt_out")),
            (bounce("OfTomorrow", ""), as_told(NotBounce, "feedback_other")),
            (
                json!({ "RecordType": "SpamComplaint", "Email": "a@b.example" }),
                as_told(Complaint, "feedback_abuse"),
            ),
        ];
        for (event, expected) in cases {
            assert_eq!(class(Provider::Postmark, &event), Some(expected), "{event}");
        }
        for event in [json!({ "RecordType": "Open" }), json!([1, 2])] {
            assert_eq!(class(Provider::Postmark, &event), None, "{event}");
        }
        let change = |origin: &str, reason: &str, suppress: bool| {
            json!({ "RecordType": "SubscriptionChange", "Recipient": "a@b.example", "Origin": origin,
                    "SuppressionReason": reason, "SuppressSending": suppress })
        };
        let of = |origin, reason, suppress| class(Provider::Postmark, &change(origin, reason, suppress));
        assert_eq!(
            of("Recipient", "ManualSuppression", true),
            Some(as_told(Optout, "feedback_opt_out"))
        );
        assert_eq!(
            of("Recipient", "SpamComplaint", true),
            Some(as_told(Complaint, "feedback_abuse"))
        );
        assert_eq!(of("Customer", "ManualSuppression", true), None);
        assert_eq!(of("Recipient", "ManualSuppression", false), None);
    }

    #[test]
    fn mailgun_goes_on_trying_after_what_is_temporary() {
        use BounceClass::{Complaint, Delivered, Hard, Optout, Soft};
        let failed = |severity: &str, reason: &str, message: &str| {
            json!({ "event-data": { "event": "failed", "severity": severity, "reason": reason,
                    "recipient": "ann@example.org", "delivery-status": { "code": 550, "message": message } } })
        };
        let cases = [
            (
                failed("permanent", "bounce", "5.1.1 no such user"),
                as_told(Hard, "no_such_mailbox"),
            ),
            (
                failed("permanent", "suppress-bounce", ""),
                as_told(Hard, "no_such_mailbox"),
            ),
            (
                failed("permanent", "suppress-complaint", ""),
                as_told(Complaint, "feedback_abuse"),
            ),
            (
                failed("permanent", "suppress-unsubscribe", ""),
                as_told(Optout, "feedback_opt_out"),
            ),
            (
                failed("permanent", "generic", "5.1.1 no such user"),
                as_told(Hard, "no_such_mailbox"),
            ),
            (
                failed("permanent", "generic", "something"),
                as_told(Soft, "recipient_system"),
            ),
            (
                failed("permanent", "old", "mailbox full"),
                as_told(Soft, "mailbox_full"),
            ),
        ];
        for (event, expected) in cases {
            assert_eq!(class(Provider::Mailgun, &event), Some(expected), "{event}");
        }
        let may_pass = failed("temporary", "generic", "5.1.1 no such user");
        assert_eq!(class(Provider::Mailgun, &may_pass), None);
        let other = |event: &str| json!({ "event-data": { "event": event, "recipient": "ann@example.org" } });
        assert_eq!(
            class(Provider::Mailgun, &other("complained")),
            Some(as_told(Complaint, "feedback_abuse"))
        );
        assert_eq!(
            class(Provider::Mailgun, &other("unsubscribed")),
            Some(as_told(Optout, "feedback_opt_out"))
        );
        assert_eq!(
            class(Provider::Mailgun, &other("delivered")),
            Some(as_told(Delivered, "arrived"))
        );
        assert_eq!(class(Provider::Mailgun, &other("opened")), None);
    }

    #[test]
    fn what_is_ours_is_found_in_whatever_field() {
        let path = format!("bounce+{}@bounces.example", "a2".repeat(21));
        let id = format!("delivery_{}.{}@acme.example", "0".repeat(26), "a".repeat(16));
        let event = json!({ "RecordType": "Bounce", "Type": "HardBounce",
            "Metadata": { "return-path": path }, "deep": [{ "headers": [{ "value": format!("<{id}>") }] }] });
        let returned = Provider::Postmark.read(&event.to_string()).unwrap().returned;
        assert_eq!(
            (returned.return_paths, returned.message_ids),
            (vec![path], vec![id])
        );
        let nested = "[".repeat(100_000);
        assert!(Provider::Mailgun.read(&nested).is_none());
    }
}
