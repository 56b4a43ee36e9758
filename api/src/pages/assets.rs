//! The files that pages link to. Their addresses change with their content, so a browser keeps them for ever.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;
use assent_entity::TenantTx;
use assent_worker::words::Words;

use super::error::PageError;
use super::respond::{self, Keep};
use super::tenant;
use super::views::{TenantStyle, Tongue, assets};
use crate::app::App;

const CSS: &str = "text/css; charset=utf-8";

/// The stylesheet of all pages.
pub(super) async fn pages_css(request: HttpRequest) -> HttpResponse {
    let keep = keep_if_named(&request, &assets::pages_css_path());
    respond::file(StatusCode::OK, keep, CSS, assets::PAGES_CSS)
}

/// The icon of all pages.
pub(super) async fn icon(request: HttpRequest) -> HttpResponse {
    let keep = keep_if_named(&request, &assets::icon_path());
    respond::file(StatusCode::OK, keep, "image/svg+xml", assets::ICON_SVG)
}

/// A tenant's colour.
pub(super) async fn tenant_style(
    app: web::Data<App>,
    request: HttpRequest,
    tenant: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let ctx = tenant::find(&app.store, &tenant).await?;
    let tx = TenantTx::read(&app.store, ctx).await?;
    let chrome = tenant::chrome(&tx, Tongue::of(Words::english())).await?;
    let keep = keep_if_named(&request, &chrome.style_path());
    let style = TenantStyle {
        accent: chrome.accent,
    }
    .render()?;
    Ok(respond::file(StatusCode::OK, keep, CSS, style))
}

/// Only the address that names this very content may be kept.
fn keep_if_named(request: &HttpRequest, address: &str) -> Keep {
    if request
        .uri()
        .path_and_query()
        .is_some_and(|of| of.as_str() == address)
    {
        Keep::ForEver
    } else {
        Keep::Ask
    }
}
