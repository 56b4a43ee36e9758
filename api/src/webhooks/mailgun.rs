//! `POST /webhooks/mailgun`. Mailgun signs a time and a token that it never uses twice: HMAC-SHA256 of both, one behind the
//! other, in hexadecimal digits, with the account's webhook signing key.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use assent_domain::clock::Timestamp;
use assent_worker::bounce::Provider;
use aws_lc_rs::hmac;
use data_encoding::HEXLOWER_PERMISSIVE;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{not_set, take};
use crate::app::App;
use crate::bounces::refused;

/// How old a signature may be. Mailgun tries for eight hours to hand an event over, and does not say that it signs anew.
const MAX_AGE: Duration = Duration::from_hours(9);

/// How far its clock may be ahead of ours.
const MAX_AHEAD: Duration = Duration::from_mins(5);

#[derive(Deserialize)]
struct Event {
    signature: Signature,
}

#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "the names are Mailgun's")]
struct Signature {
    #[serde(deserialize_with = "text_or_number")]
    timestamp: String,
    token: String,
    signature: String,
}

/// Mailgun writes the time as a text; its documentation, as a number.
fn text_or_number<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(u64),
    }
    Ok(match Either::deserialize(from)? {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    })
}

pub(super) async fn receive(app: web::Data<App>, body: String) -> HttpResponse {
    let Some(key) = &app.webhooks.mailgun_key else {
        return not_set("Mailgun is not listened to here: set ASSENT_MAILGUN_KEY");
    };
    let Ok(Event { signature }) = serde_json::from_str(&body) else {
        return not_acceptable("this is no event with a signature");
    };
    let now = app.store.now();
    if !is_signed(key, &signature) {
        return not_acceptable("the signature is not made with the key of ASSENT_MAILGUN_KEY");
    }
    if !is_in_time(&signature, now) {
        return not_acceptable("the signature is too old, or of tomorrow");
    }
    if app.webhooks.seen.knows("mailgun", &signature.token) {
        return not_acceptable("this event has been told before");
    }
    let answer = take(&app, Provider::Mailgun, &body).await;
    if answer.status().is_success() {
        app.webhooks.seen.keep("mailgun", &signature.token, now, MAX_AGE);
    }
    answer
}

/// The answer after which Mailgun does not try again.
fn not_acceptable(message: &str) -> HttpResponse {
    refused(StatusCode::NOT_ACCEPTABLE, message)
}

fn is_signed(key: &SecretString, signature: &Signature) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret().as_bytes());
    let signed = format!("{}{}", signature.timestamp, signature.token);
    let shown = HEXLOWER_PERMISSIVE.decode(signature.signature.as_bytes());
    shown.is_ok_and(|shown| hmac::verify(&key, signed.as_bytes(), &shown).is_ok())
}

fn is_in_time(signature: &Signature, now: Timestamp) -> bool {
    let Ok(seconds) = signature.timestamp.parse::<i64>() else {
        return false;
    };
    let at = Timestamp::from_micros(seconds.saturating_mul(1_000_000));
    at >= now.before(MAX_AGE) && at <= now.after(MAX_AHEAD)
}
