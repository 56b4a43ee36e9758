//! `/privacy/{token}/address`, where a person says at which address they want to be reached, and `/address/{token}`, where
//! they confirm it from there, or take it back from where they were. Only the button there changes anything.
//!
//! A link that comes with every mail does not lead here: a mail that was passed on would be an account given away.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::address::EmailAddress;
use assent_domain::id::AddressChangeId;
use assent_entity::address_change::{self, Changed};
use assent_entity::link::{self, Act, Opened};
use assent_entity::{Store, StoreError, TenantTx, subscriber};
use assent_worker::words::Words;

use super::error::PageError;
use super::flaw::Flaw;
use super::posted::{self, Posted};
use super::reader::Reader;
use super::respond::{self, Keep};
use super::views::{AddressAskPage, AddressBackPage, AddressConfirmPage, Chrome, Field, MessagePage};
use super::{privacy, tenant};
use crate::app::App;

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
    reader: Reader,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let link = privacy::open(&app.store, &reader, &token).await?;
    ask(&app.store, &reader, &link, StatusCode::OK, |_| Field::required()).await
}

/// The new address. The answer is the same whoever has it.
pub(super) async fn send_asking(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let link = privacy::open(&app.store, &reader, &token).await?;
    let posted = Posted::read(&request, payload).await?;
    let typed = posted.typed("email").trim().to_owned();
    let again = async |flaw: Flaw| {
        let wrong = |words| {
            Field::required()
                .with_value(typed.clone())
                .with_error(flaw.say(words))
        };
        ask(
            &app.store,
            &reader,
            &link,
            StatusCode::UNPROCESSABLE_ENTITY,
            wrong,
        )
        .await
    };
    let email = match posted.one("email").map(EmailAddress::parse) {
        Ok(Ok(email)) => email,
        Ok(Err(error)) => return again(error.into()).await,
        Err(_) => return again(Flaw::SeveralAddresses).await,
    };
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    let chrome = tenant::chrome_for(&tx, &reader, link.subscriber).await?;
    if app.limits.form(&request).is_err() {
        return Err(PageError::too_many(chrome));
    }
    match address_change::ask(&mut tx, link.subscriber, &email).await {
        Ok(()) => tx.commit().await?,
        Err(StoreError::Invalid { message, .. }) => {
            drop(tx);
            return again(Flaw::of_rule(message)).await;
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
    reader: &Reader,
    link: &Opened,
    status: StatusCode,
    email: impl FnOnce(Words) -> Field,
) -> Result<HttpResponse, PageError> {
    let tx = TenantTx::read(store, link.ctx).await?;
    let chrome = tenant::chrome_for(&tx, reader, link.subscriber).await?;
    let person = subscriber::by_id(&tx, link.subscriber).await?;
    let page = AddressAskPage {
        email: email(chrome.tongue.words),
        chrome,
        masked_address: person.email.masked(),
    };
    respond::page(status, Keep::Never, &page)
}

/// The question whether the address is theirs.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (link, id) = open(&app.store, &token).await?;
    let tx = TenantTx::read(&app.store, link.ctx).await?;
    let change = address_change::view(&tx, id, link.subscriber).await?;
    let chrome = tenant::chrome_for(&tx, &reader, link.subscriber).await?;
    if change.confirmed_at.is_some() {
        return done(&app.store, &link, chrome);
    }
    if change.expires_at < app.store.now() {
        return Err(PageError::link_expired_at(chrome));
    }
    let (asked_for, present) = (change.email.masked(), change.subscriber.email.masked());
    let (requested_at, expires_at) = (change.requested_at.into(), change.expires_at.into());
    if change.goes_back {
        let page = AddressBackPage {
            chrome,
            masked_left: asked_for,
            masked_present: present,
            left_at: requested_at,
            expires_at,
        };
        return respond::page(StatusCode::OK, Keep::Never, &page);
    }
    let page = AddressConfirmPage {
        chrome,
        masked_address: asked_for,
        masked_before: present,
        requested_at,
        expires_at,
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// The button.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (link, id) = open(&app.store, &token).await?;
    posted::drain(payload).await;
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    let chrome = tenant::chrome_for(&tx, &reader, link.subscriber).await?;
    let changed = address_change::confirm(&mut tx, id, link.subscriber).await?;
    tx.commit().await?;
    match changed {
        // Who they are now is what the link leads to when it is opened once more.
        Changed::Now(_) => done(&app.store, &open(&app.store, &token).await?.0, chrome),
        Changed::Before => done(&app.store, &link, chrome),
        Changed::TooLate => Err(PageError::link_expired_at(chrome)),
    }
}

fn done(store: &Store, link: &Opened, chrome: Chrome) -> Result<HttpResponse, PageError> {
    let token = link.onward(store, Act::Preferences);
    let label = chrome.tongue.words.preferences_title();
    let page = MessagePage::address_changed(chrome).with_link(label, format!("/preferences/{token}"));
    respond::page(StatusCode::OK, Keep::Never, &page)
}
