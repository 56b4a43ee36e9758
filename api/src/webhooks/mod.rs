//! The webhooks of mail providers: what became of a message that went out through them. Each is there where its secret is
//! set, believes nobody but the provider, and does the same as a mail that came back.

mod mailgun;
mod outside;
mod postmark;
mod seen;
mod ses;
mod sns;

use actix_web::http::StatusCode;
use actix_web::web::{self, PayloadConfig, ServiceConfig};
use actix_web::{HttpResponse, Resource};
use assent_worker::bounce::{Inbox, Provider};
use secrecy::SecretString;
use serde_json::json;

pub use outside::Outside;
pub use seen::Seen;

use crate::app::App;
use crate::bounces::{refused, told};

/// The largest event that is taken, in octets.
const MAX_OCTETS: usize = 1024 * 1024;

/// Which providers are listened to, and what they show.
#[derive(Clone, Debug, Default)]
pub struct Webhooks {
    /// The topics (ARNs) of the notification service through which Amazon SES tells.
    pub ses_topics: Vec<String>,
    /// The password that stands in the address that Postmark is given.
    pub postmark_token: Option<SecretString>,
    /// The key with which Mailgun signs.
    pub mailgun_key: Option<SecretString>,
    /// How Amazon's certificates and confirmations are reached.
    pub outside: Outside,
    /// What has been taken in.
    pub seen: Seen,
}

/// Puts the routes in place.
pub fn configure(config: &mut ServiceConfig) {
    config
        .service(resource("/webhooks/ses").route(web::post().to(ses::receive)))
        .service(resource("/webhooks/postmark").route(web::post().to(postmark::receive)))
        .service(resource("/webhooks/mailgun").route(web::post().to(mailgun::receive)));
}

fn resource(path: &str) -> Resource {
    let only_post = || async { refused(StatusCode::METHOD_NOT_ALLOWED, "send an event with POST") };
    web::resource(path)
        .app_data(PayloadConfig::new(MAX_OCTETS))
        .default_service(web::to(only_post))
}

/// The answer where a provider is not listened to.
fn not_set(advice: &str) -> HttpResponse {
    refused(StatusCode::NOT_FOUND, advice)
}

/// Takes an event in, and answers. What says nothing of a message is answered all the same, so that it does not come again.
async fn take(app: &App, provider: Provider, event: &str) -> HttpResponse {
    let inbox = Inbox::new(&app.store, app.bounces.domain.clone(), app.bounces.limit);
    match inbox.take_event(provider, event).await {
        Ok(Some(arrived)) => HttpResponse::Ok().json(told(arrived)),
        Ok(None) => HttpResponse::Ok().json(json!({ "result": "nothing", "follows": "nothing" })),
        Err(error) => {
            tracing::error!(%error, "an event of a mail provider was not taken in");
            refused(
                StatusCode::SERVICE_UNAVAILABLE,
                "it could not be kept: send it again later",
            )
        }
    }
}
