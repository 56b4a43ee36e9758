//! `/receipt/{token}`: the receipt of one consent record, to read and to print, and the same signed, to keep.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use assent_entity::link::{self, Act};
use assent_entity::{StoreError, TenantTx, consent, receipt, subscriber};

use super::error::PageError;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::views::{Chrome, ReceiptPage};
use crate::app::App;

async fn read(app: &App, reader: &Reader, token: &str) -> Result<(Chrome, receipt::Receipt), PageError> {
    let link = link::open(&app.store, token).await?;
    let Act::Receipt { record } = link.act else {
        return Err(PageError::link_altered());
    };
    let tx = TenantTx::read(&app.store, link.ctx).await?;
    let of = consent::by_id(&tx, record).await?.subscriber;
    if !subscriber::is_known_as(&tx, link.subscriber, of).await? {
        return Err(StoreError::NotFound("consent record").into());
    }
    let receipt = receipt::issue(&tx, record, &app.base_url).await?;
    Ok((tenant::chrome_for(&tx, reader, link.subscriber).await?, receipt))
}

/// The receipt as a page.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (chrome, receipt) = read(&app, &reader, &token).await?;
    let page = ReceiptPage {
        chrome,
        file_path: format!("/receipt/{token}/jws"),
        receipt: receipt.document,
        jws: receipt.jws,
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// The receipt as a file (RFC 7515, 9.2.1).
pub(super) async fn file(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (_, receipt) = read(&app, &reader, &token).await?;
    Ok(respond::file(
        StatusCode::OK,
        Keep::Never,
        "application/jose",
        receipt.jws,
    ))
}
