//! `/renew/{token}`: whether a yes still stands that is about to run out. One button a purpose; reading changes nothing,
//! and silence lets it run out.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_entity::expiry::{self, Renewable};
use assent_entity::link::{self, Act, Opened};
use assent_entity::{Store, TenantTx, policy};

use super::error::PageError;
use super::posted::Posted;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::terms::{policy_ref, purpose_text};
use super::views::{RenewPage, Renewal};
use crate::app::App;

async fn open(store: &Store, token: &str) -> Result<Opened, PageError> {
    let link = link::open(store, token).await?;
    match link.act {
        Act::Renew => Ok(link),
        _ => Err(PageError::link_altered()),
    }
}

/// The yeses that run out.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let link = open(&app.store, &token).await?;
    let tx = TenantTx::read(&app.store, link.ctx).await?;
    let version = policy::require_in_force(&tx, "token").await?;
    let now = expiry::view(&tx, link.subscriber).await?;
    let token = link.onward(&app.store, Act::Preferences);
    let page = RenewPage {
        chrome: tenant::chrome_for(&tx, &reader, link.subscriber).await?,
        masked_address: now.subscriber.email.masked(),
        policy: policy_ref(&version),
        shown: version.id.to_string(),
        yeses: now.yeses.iter().map(renewal).collect(),
        outcome: respond::outcome_of(&request),
        preferences_path: format!("/preferences/{token}"),
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// One of them, said once more.
pub(super) async fn send(
    app: web::Data<App>,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let link = open(&app.store, &token).await?;
    let posted = Posted::read(&request, payload).await?;
    let purpose = posted.one("purpose").unwrap_or_default();
    let shown = posted.one("shown").unwrap_or_default();
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    let outcome = expiry::renew(&mut tx, link.subscriber, purpose, shown).await?;
    tx.commit().await?;
    Ok(respond::taken(&request, outcome))
}

fn renewal(of: &Renewable) -> Renewal {
    Renewal {
        code: of.purpose.code.clone(),
        text: purpose_text(&of.purpose),
        expires_at: of.expires_at.into(),
        is_over: of.is_over,
        is_due: of.is_due,
    }
}
