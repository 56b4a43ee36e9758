//! `POST /webhooks/ses`: Amazon SES tells through its notification service (SNS), which signs what it posts.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use assent_domain::clock::Timestamp;
use assent_worker::bounce::Provider;
use chrono::DateTime;
use serde_json::json;

use super::sns::Message;
use super::{not_set, take};
use crate::app::App;
use crate::bounces::refused;

/// How old a message may be: the service tries for an hour at most to hand one over.
const MAX_AGE: Duration = Duration::from_hours(2);

/// How far its clock may be ahead of ours.
const MAX_AHEAD: Duration = Duration::from_mins(5);

pub(super) async fn receive(app: web::Data<App>, body: String) -> HttpResponse {
    if app.webhooks.ses_topics.is_empty() {
        return not_set("Amazon SES is not listened to here: set ASSENT_SES_TOPICS");
    }
    let Ok(message) = serde_json::from_str::<Message>(&body) else {
        return refused(StatusCode::BAD_REQUEST, "this is no message of Amazon SNS");
    };
    if let Err(answer) = check(&app, &message).await {
        return answer;
    }
    match message.kind.as_str() {
        "SubscriptionConfirmation" => confirm(&app, &message).await,
        "Notification" => notified(&app, &message).await,
        // Somebody ended the subscription. Whoever may do that may also begin it again.
        _ => {
            tracing::warn!(
                topic = message.topic_arn,
                "Amazon SNS ended the subscription of a topic"
            );
            HttpResponse::Ok().json(json!({ "result": "nothing", "follows": "nothing" }))
        }
    }
}

/// Whether the message is of a topic of ours, of now, and the service's own.
async fn check(app: &App, message: &Message) -> Result<(), HttpResponse> {
    let forbidden = |why: &str| refused(StatusCode::FORBIDDEN, why);
    if !app.webhooks.ses_topics.contains(&message.topic_arn) {
        return Err(forbidden("the topic is not among those of ASSENT_SES_TOPICS"));
    }
    if !is_in_time(&message.timestamp, app.store.now()) {
        return Err(forbidden("the message is too old, or of tomorrow"));
    }
    let Some(url) = message.certificate_url() else {
        return Err(forbidden("SigningCertURL does not lead to Amazon SNS"));
    };
    match app.webhooks.outside.certificate(&url, app.store.now()).await {
        Ok(certificate) if message.is_signed_with(&certificate) => Ok(()),
        Ok(_) => Err(forbidden("the signature is not that of the message")),
        Err(error) => {
            tracing::warn!(error, "a certificate of Amazon SNS could not be read");
            Err(refused(
                StatusCode::SERVICE_UNAVAILABLE,
                "the certificate could not be read: send it again later",
            ))
        }
    }
}

fn is_in_time(text: &str, now: Timestamp) -> bool {
    let Ok(at) = DateTime::parse_from_rfc3339(text) else {
        return false;
    };
    let at = Timestamp::from_micros(at.timestamp_micros());
    at >= now.before(MAX_AGE) && at <= now.after(MAX_AHEAD)
}

async fn confirm(app: &App, message: &Message) -> HttpResponse {
    let Some(url) = message.confirmation_url() else {
        return refused(StatusCode::FORBIDDEN, "SubscribeURL does not lead to Amazon SNS");
    };
    match app.webhooks.outside.get(&url).await {
        Ok(_) => {
            tracing::info!(
                topic = message.topic_arn,
                "the subscription of a topic is confirmed"
            );
            HttpResponse::Ok().json(json!({ "result": "confirmed", "follows": "nothing" }))
        }
        Err(error) => {
            tracing::warn!(error, "the subscription of a topic could not be confirmed");
            refused(
                StatusCode::SERVICE_UNAVAILABLE,
                "the subscription could not be confirmed: send it again later",
            )
        }
    }
}

async fn notified(app: &App, message: &Message) -> HttpResponse {
    let seen = &app.webhooks.seen;
    if seen.knows("ses", &message.message_id) {
        return HttpResponse::Ok().json(json!({ "result": "known", "follows": "nothing" }));
    }
    let answer = take(app, Provider::Ses, &message.message).await;
    if answer.status().is_success() {
        seen.keep("ses", &message.message_id, app.store.now(), MAX_AGE);
    }
    answer
}
