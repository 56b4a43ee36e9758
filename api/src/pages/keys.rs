//! `/t/{tenant}/keys.json`: the public keys with which anybody checks the tenant's consent receipts (RFC 7517). They
//! stay when the tenant is deleted.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use assent_entity::{receipt, tenant as tenants};

use super::error::PageError;
use super::respond::{self, Keep};
use super::tenant;
use crate::app::App;

/// The keys.
pub(super) async fn show(app: web::Data<App>, tenant: web::Path<String>) -> Result<HttpResponse, PageError> {
    let id = match tenants::gone_by_slug(&app.store, &tenant).await? {
        Some(id) => id,
        None => tenant::find(&app.store, &tenant).await?.tenant(),
    };
    let keys = receipt::key_set(&app.store, id)?;
    let keys = serde_json::to_vec_pretty(&keys).map_err(PageError::internal)?;
    let kind = "application/jwk-set+json";
    Ok(respond::file(StatusCode::OK, Keep::Ask, kind, keys))
}
