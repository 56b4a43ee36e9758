//! `/preferences/{token}/privacy`: the link to all that is held about a person goes to their mailbox, and is not handed
//! out by a page that others may have come to.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_entity::privacy::page_link;
use assent_entity::{TenantTx, subscriber};

use super::error::PageError;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::views::{MessagePage, PrivacyLinkPage};
use super::{posted, preferences, tenant};
use crate::app::App;

/// The question.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let link = preferences::open(&app.store, &token).await?;
    let tx = TenantTx::read(&app.store, link.ctx).await?;
    let person = subscriber::by_id(&tx, link.subscriber).await?;
    let page = PrivacyLinkPage {
        chrome: tenant::chrome_for(&tx, &reader, link.subscriber).await?,
        masked_address: person.email.masked(),
        preferences_path: format!("/preferences/{token}"),
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// The button.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let link = preferences::open(&app.store, &token).await?;
    posted::drain(payload).await;
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    let chrome = tenant::chrome_for(&tx, &reader, link.subscriber).await?;
    if app.limits.form(&request).is_err() {
        return Err(PageError::too_many(chrome));
    }
    let person = page_link::ask(&mut tx, link.subscriber).await?;
    tx.commit().await?;
    let page = MessagePage::privacy_link_asked(chrome, &person.email.masked());
    respond::page(StatusCode::OK, Keep::Never, &page)
}
