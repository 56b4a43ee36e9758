//! Events of Postmark: bounces, complaints, and people who had themselves taken off.

use assent_domain::bounce::BounceClass;
use serde::Deserialize;
use serde_json::Value;

use super::{Concluded, Failure, judged, told};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    record_type: String,
    #[serde(rename = "Type", default)]
    kind: String,
    #[serde(alias = "Recipient")]
    email: Option<String>,
    #[serde(default)]
    details: String,
    #[serde(default)]
    origin: String,
    #[serde(default)]
    suppress_sending: bool,
    suppression_reason: Option<String>,
}

pub(super) fn read(event: &Value) -> Option<Vec<Failure>> {
    let event = Event::deserialize(event).ok()?;
    let recipient = event.email.as_deref();
    let failure = match event.record_type.as_str() {
        "Bounce" => bounced(recipient, &event),
        "SpamComplaint" => told(recipient, COMPLAINED),
        "Delivery" => told(recipient, (BounceClass::Delivered, "arrived")),
        "SubscriptionChange" => told(recipient, changed(&event)?),
        _ => return None,
    };
    Some(vec![failure])
}

const COMPLAINED: Concluded = (BounceClass::Complaint, "feedback_abuse");

fn bounced(recipient: Option<&str>, event: &Event) -> Failure {
    let concluded = concluded(&event.kind);
    // Only where a server refused are the details its words.
    if matches!(
        concluded.0,
        BounceClass::Hard | BounceClass::Soft | BounceClass::Block
    ) {
        judged(
            recipient,
            &event.details,
            concluded.0 == BounceClass::Soft,
            concluded,
        )
    } else {
        told(recipient, concluded)
    }
}

/// Postmark's own classes.
fn concluded(kind: &str) -> Concluded {
    match kind {
        "HardBounce" | "BadEmailAddress" => (BounceClass::Hard, "no_such_mailbox"),
        "Transient" | "SoftBounce" | "DnsError" | "Unknown" => (BounceClass::Soft, "recipient_system"),
        "Blocked" | "SpamNotification" | "DMARCPolicy" | "ISPBlocked" => (BounceClass::Block, "policy"),
        "VirusNotification" => (BounceClass::Block, "virus"),
        "SpamComplaint" => COMPLAINED,
        "Unsubscribe" => (BounceClass::Optout, "feedback_opt_out"),
        "AutoResponder" | "ChallengeVerification" | "AddressChange" => {
            (BounceClass::AutoReply, "automatic_reply")
        }
        _ => (BounceClass::NotBounce, "feedback_other"),
    }
}

/// What it says that Postmark sends nothing more to somebody: only what the person wished.
fn changed(event: &Event) -> Option<Concluded> {
    let by_person = event.suppress_sending && event.origin == "Recipient";
    match event.suppression_reason.as_deref().filter(|_| by_person)? {
        "SpamComplaint" => Some(COMPLAINED),
        "ManualSuppression" => Some((BounceClass::Optout, "feedback_opt_out")),
        _ => None,
    }
}
