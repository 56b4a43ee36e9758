//! `/healthz` and `/readyz`: what a supervisor asks.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};

use super::respond::{self, Keep};
use crate::app::App;

const TEXT: &str = "text/plain; charset=utf-8";

/// The process answers.
pub(super) async fn alive() -> HttpResponse {
    respond::file(StatusCode::OK, Keep::Never, TEXT, "ok\n")
}

/// The process can do its work: the database answers.
pub(super) async fn ready(app: web::Data<App>) -> HttpResponse {
    match app.store.ping().await {
        Ok(()) => respond::file(StatusCode::OK, Keep::Never, TEXT, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            respond::file(
                StatusCode::SERVICE_UNAVAILABLE,
                Keep::Never,
                TEXT,
                "not ready: the database does not answer\n",
            )
        }
    }
}
