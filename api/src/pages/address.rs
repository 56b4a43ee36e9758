//! `/preferences/{token}/address`, where a person says at which address they want to be reached, and
//! `/address/{token}`, where they confirm it from there. Only the button there changes anything.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::address::EmailAddress;
use assent_domain::id::AddressChangeId;
use assent_entity::address_change::{self, Changed};
use assent_entity::link::{self, Act, Opened};
use assent_entity::{Store, StoreError, TenantTx, subscriber};

use super::error::PageError;
use super::posted::{self, Posted};
use super::respond::{self, Keep};
use super::tenant;
use super::terms::sentence;
use super::views::{AddressAskPage, AddressConfirmPage, Chrome, Field, MessagePage};
use crate::app::App;

async fn open_preferences(store: &Store, token: &str) -> Result<Opened, PageError> {
    let link = link::open(store, token).await?;
    match link.act {
        Act::Preferences => Ok(link),
        _ => Err(PageError::link_altered()),
    }
}

async fn open(store: &Store, token: &str) -> Result<(Opened, AddressChangeId), PageError> {
    let link = link::open(store, token).await?;
    match link.act {
        Act::ChangeAddress { change } => Ok((link, change)),
        _ => Err(PageError::link_altered()),
    }
}

/// The question for the new address.
pub(super) async fn show_asking(
    app: web::Data<App>,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let link = open_preferences(&app.store, &token).await?;
    ask(&app.store, &link, StatusCode::OK, Field::required()).await
}

/// The new address. The answer is the same whoever has it.
pub(super) async fn send_asking(
    app: web::Data<App>,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let link = open_preferences(&app.store, &token).await?;
    let posted = Posted::read(&request, payload).await?;
    let typed = posted.typed("email").trim().to_owned();
    let wrong = |error: String| Field::required().with_value(typed.clone()).with_error(error);
    let unfit = StatusCode::UNPROCESSABLE_ENTITY;
    let email = match posted.one("email").map(EmailAddress::parse) {
        Ok(Ok(email)) => email,
        Ok(Err(error)) => return ask(&app.store, &link, unfit, wrong(sentence(error))).await,
        Err(_) => return ask(&app.store, &link, unfit, wrong("Enter one address.".to_owned())).await,
    };
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    let chrome = tenant::chrome(&tx).await?;
    if !app.sources.takes(&request) {
        return Err(PageError::too_many(Some(chrome)));
    }
    match address_change::ask(&mut tx, link.subscriber, &email).await {
        Ok(()) => tx.commit().await?,
        Err(StoreError::Invalid { message, .. }) => {
            drop(tx);
            return ask(&app.store, &link, unfit, wrong(sentence(message))).await;
        }
        Err(error) => return Err(error.into()),
    }
    respond::page(
        StatusCode::OK,
        Keep::Never,
        &MessagePage::address_asked(chrome, &typed),
    )
}

async fn ask(
    store: &Store,
    link: &Opened,
    status: StatusCode,
    email: Field,
) -> Result<HttpResponse, PageError> {
    let tx = TenantTx::read(store, link.ctx).await?;
    let person = subscriber::by_id(&tx, link.subscriber).await?;
    let page = AddressAskPage {
        chrome: tenant::chrome(&tx).await?,
        masked_address: person.email.masked(),
        email,
    };
    respond::page(status, Keep::Never, &page)
}

/// The question whether the address is theirs.
pub(super) async fn show(app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, PageError> {
    let (link, id) = open(&app.store, &token).await?;
    let tx = TenantTx::read(&app.store, link.ctx).await?;
    let change = address_change::view(&tx, id, link.subscriber).await?;
    let chrome = tenant::chrome(&tx).await?;
    if change.confirmed_at.is_some() {
        return done(&app.store, &link, chrome);
    }
    if change.expires_at < app.store.now() {
        return Err(PageError::link_expired(Some(chrome)));
    }
    let page = AddressConfirmPage {
        chrome,
        masked_address: change.email.masked(),
        masked_before: change.subscriber.email.masked(),
        requested_at: change.requested_at.into(),
        expires_at: change.expires_at.into(),
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// The button.
pub(super) async fn send(
    app: web::Data<App>,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (link, id) = open(&app.store, &token).await?;
    posted::drain(payload).await;
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    let chrome = tenant::chrome(&tx).await?;
    let changed = address_change::confirm(&mut tx, id, link.subscriber).await?;
    tx.commit().await?;
    match changed {
        // Who they are now is what the link leads to when it is opened once more.
        Changed::Now(_) => done(&app.store, &open(&app.store, &token).await?.0, chrome),
        Changed::Before => done(&app.store, &link, chrome),
        Changed::TooLate => Err(PageError::link_expired(Some(chrome))),
    }
}

fn done(store: &Store, link: &Opened, chrome: Chrome) -> Result<HttpResponse, PageError> {
    let token = link.onward(store, Act::Preferences);
    let page =
        MessagePage::address_changed(chrome).with_link("Your preferences", format!("/preferences/{token}"));
    respond::page(StatusCode::OK, Keep::Never, &page)
}
