//! `/t/{tenant}/keys.json`: the public keys with which anybody checks the tenant's consent receipts (RFC 7517).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use assent_entity::{TenantTx, receipt};

use super::error::PageError;
use super::respond::{self, Keep};
use super::tenant;
use crate::app::App;

/// The keys.
pub(super) async fn show(app: web::Data<App>, tenant: web::Path<String>) -> Result<HttpResponse, PageError> {
    let ctx = tenant::find(&app.store, &tenant).await?;
    let tx = TenantTx::read(&app.store, ctx).await?;
    let keys = serde_json::to_vec_pretty(&receipt::key_set(&tx)?).map_err(PageError::internal)?;
    let kind = "application/jwk-set+json";
    Ok(respond::file(StatusCode::OK, Keep::Ask, kind, keys))
}
