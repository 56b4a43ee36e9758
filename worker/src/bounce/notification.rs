//! Notifications of Amazon SES, which come as JSON, in a mail or by a webhook.

use assent_domain::bounce::BounceClass;
use serde::Deserialize;

use super::codes::Status;
use super::entity::Mail;
use super::evidence::Evidence;
use super::judge::{self, Context};
use super::report::Failure;
use super::rules::UNDETERMINED;

/// The most recipients that are read.
const MAX_RECIPIENTS: usize = 100;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Notification {
    #[serde(rename = "notificationType", alias = "eventType")]
    kind: String,
    #[serde(default)]
    bounce: Option<Bounce>,
    complaint: Option<Complaint>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Bounce {
    #[serde(rename = "bounceType")]
    kind: String,
    #[serde(rename = "bounceSubType")]
    detail: String,
    bounced_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Complaint {
    complaint_feedback_type: Option<String>,
    complained_recipients: Vec<Recipient>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Recipient {
    email_address: String,
    status: Option<String>,
    diagnostic_code: Option<String>,
}

/// The envelope in which the notification service sends what it is given.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Enveloped {
    message: String,
}

/// What the mail notifies of, if it does.
pub(super) fn read(mail: &Mail) -> Option<Vec<Failure>> {
    of_text(mail.texts_of("text/plain").next()?)
}

/// What a text notifies of, if it does.
pub(super) fn of_text(text: &str) -> Option<Vec<Failure>> {
    let notification = parse(text)?;
    let failures = match notification.kind.as_str() {
        "Bounce" => bounced(&notification.bounce?),
        "Complaint" => complained(&notification.complaint?),
        "Delivery" => vec![Failure::of(BounceClass::Delivered, "arrived")],
        _ => return None,
    };
    Some(failures)
}

/// The first JSON value in a text whose lines somebody may have folded.
fn parse(text: &str) -> Option<Notification> {
    let text = text.trim_start();
    if !text.starts_with('{') {
        return None;
    }
    bare_or_enveloped(text).or_else(|| bare_or_enveloped(&text.replace("\n ", "").replace('\n', "")))
}

fn bare_or_enveloped(text: &str) -> Option<Notification> {
    first::<Notification>(text).or_else(|| first(&first::<Enveloped>(text)?.message))
}

fn first<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<T>();
    values.next()?.ok()
}

fn bounced(bounce: &Bounce) -> Vec<Failure> {
    let recipients = bounce.bounced_recipients.iter().take(MAX_RECIPIENTS);
    recipients.map(|recipient| failure(bounce, recipient)).collect()
}

fn failure(bounce: &Bounce, recipient: &Recipient) -> Failure {
    let told = recipient.diagnostic_code.as_deref().map(Evidence::of);
    let context = Context {
        status: recipient.status.as_deref().and_then(Status::first),
        is_delayed: bounce.kind == "Transient",
        stage: None,
    };
    let told: Vec<_> = told.into_iter().collect();
    let failure = judge::failure(Some(&recipient.email_address), &told, context);
    if failure.reason != UNDETERMINED {
        return failure;
    }
    let (class, reason) = match bounce.detail.as_str() {
        "NoEmail" | "Suppressed" | "OnAccountSuppressionList" => (BounceClass::Hard, "no_such_mailbox"),
        "MailboxFull" => (BounceClass::Soft, "mailbox_full"),
        "MessageTooLarge" => (BounceClass::Block, "message_too_large"),
        "ContentRejected" | "AttachmentRejected" => (BounceClass::Block, "content_refused"),
        _ => return failure,
    };
    Failure {
        class,
        reason: reason.to_owned(),
        ..failure
    }
}

fn complained(complaint: &Complaint) -> Vec<Failure> {
    let (class, reason) = match complaint.complaint_feedback_type.as_deref() {
        Some("not-spam") => (BounceClass::AuthReport, "feedback_not_spam"),
        Some("auth-failure") => (BounceClass::AuthReport, "feedback_auth_failure"),
        Some("virus") => (BounceClass::Block, "virus"),
        // Not every provider says which kind it is; that a person complained is what this notification means.
        _ => (BounceClass::Complaint, "feedback_abuse"),
    };
    let recipients = complaint.complained_recipients.iter().take(MAX_RECIPIENTS);
    let of = |recipient: &Recipient| Failure {
        recipient: Some(recipient.email_address.clone()),
        ..Failure::of(class, reason)
    };
    recipients.map(of).collect()
}
