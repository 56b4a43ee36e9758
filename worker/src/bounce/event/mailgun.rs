//! Events of Mailgun.

use assent_domain::bounce::BounceClass;
use serde::Deserialize;
use serde_json::Value;

use super::{Concluded, Failure, judged, told};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Event {
    #[serde(rename = "event")]
    kind: String,
    #[serde(default)]
    severity: String,
    #[serde(default)]
    reason: String,
    recipient: Option<String>,
    #[serde(default)]
    delivery_status: Status,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Status {
    code: Option<Value>,
    message: Option<String>,
    description: Option<String>,
}

impl Status {
    /// The server's words, its code before them.
    fn words(&self) -> String {
        let code = self.code.as_ref().and_then(Value::as_u64);
        let code = code
            .filter(|code| (400..600).contains(code))
            .map(|code| code.to_string());
        let told = [code.as_ref(), self.message.as_ref(), self.description.as_ref()];
        let told: Vec<_> = told.into_iter().flatten().map(String::as_str).collect();
        told.join(" ")
    }
}

pub(super) fn read(event: &Value) -> Option<Vec<Failure>> {
    let event = Event::deserialize(event.get("event-data")?).ok()?;
    let recipient = event.recipient.as_deref();
    let failure = match event.kind.as_str() {
        // Mailgun goes on trying, and tells when it gives up.
        "failed" if event.severity != "permanent" => return None,
        "failed" => failed(recipient, &event),
        "rejected" => told(recipient, (BounceClass::Block, "content_refused")),
        "complained" => told(recipient, COMPLAINED),
        "unsubscribed" => told(recipient, LEFT),
        "delivered" => told(recipient, (BounceClass::Delivered, "arrived")),
        _ => return None,
    };
    Some(vec![failure])
}

const COMPLAINED: Concluded = (BounceClass::Complaint, "feedback_abuse");
const LEFT: Concluded = (BounceClass::Optout, "feedback_opt_out");

fn failed(recipient: Option<&str>, event: &Event) -> Failure {
    let words = event.delivery_status.words();
    match event.reason.as_str() {
        // What Mailgun did not even try, because of what was before.
        "suppress-complaint" => told(recipient, COMPLAINED),
        "suppress-unsubscribe" => told(recipient, LEFT),
        "suppress-bounce" => told(recipient, (BounceClass::Hard, "no_such_mailbox")),
        "bounce" => judged(recipient, &words, false, (BounceClass::Hard, "no_such_mailbox")),
        "espblock" | "blacklisted" => judged(recipient, &words, false, (BounceClass::Block, "policy")),
        "old" => judged(recipient, &words, true, (BounceClass::Soft, "expired")),
        _ => judged(recipient, &words, false, (BounceClass::Soft, "recipient_system")),
    }
}
