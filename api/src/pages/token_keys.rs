//! `/.well-known/jwks.json`: the public keys with which anybody checks members' access tokens (RFC 7517, 5).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use assent_entity::access_token;

use super::error::PageError;
use super::respond::{self, Keep};
use crate::app::App;

/// The keys.
pub(super) async fn show(app: web::Data<App>) -> Result<HttpResponse, PageError> {
    let keys = access_token::key_set(&app.store)?;
    let keys = serde_json::to_vec_pretty(&keys).map_err(PageError::internal)?;
    let kind = "application/jwk-set+json";
    Ok(respond::file(StatusCode::OK, Keep::Minutes, kind, keys))
}
