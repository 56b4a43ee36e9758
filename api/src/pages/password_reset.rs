//! `/reset/{token}`: where a member who has forgotten their password chooses another. Reading it changes nothing.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_entity::link::LinkError;
use assent_entity::password_reset::{self, Opened};
use assent_entity::{StoreError, TenantTx, TokenError};
use secrecy::SecretString;

use super::error::PageError;
use super::flaw::Flaw;
use super::posted::Posted;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::views::{Around, Chrome, Field, MessagePage, PasswordResetPage};
use crate::app::App;
use crate::limits::Network;

/// The question.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (opened, chrome) = open(&app, &reader, &token).await?;
    respond::page(StatusCode::OK, Keep::Never, &empty(&opened, chrome))
}

/// The new password.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (opened, chrome) = open(&app, &reader, &token).await?;
    let posted = Posted::read(&request, payload).await?;
    if app.limits.account_link(&Network::of(&request)).is_err() {
        return Err(PageError::too_many(chrome));
    }
    let words = chrome.tongue.words;
    let again = |wrong: String| {
        let mut page = empty(&opened, chrome.clone());
        page.password.error = Some(wrong);
        respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, &page)
    };
    let password = match posted.one("password") {
        Err(_) => return again(Flaw::Twice.say(words)),
        Ok("") => return again(words.setup_needed()),
        Ok(password) => SecretString::from(password.to_owned()),
    };
    match password_reset::reset(&app.store, &token, password).await {
        Ok(()) => {
            let page = MessagePage::password_reset(chrome);
            respond::page(StatusCode::OK, Keep::Never, &page)
        }
        Err(LinkError::Store(StoreError::Invalid { message, .. })) => {
            again(Flaw::of_rule(message).say(words))
        }
        Err(LinkError::Token(TokenError::Expired)) => Err(is_over(chrome)),
        Err(error) => Err(error.into()),
    }
}

async fn open(app: &App, reader: &Reader, token: &str) -> Result<(Opened, Chrome), PageError> {
    let opened = match password_reset::open(&app.store, token).await {
        Err(LinkError::Token(TokenError::Expired)) => return Err(is_over(reader.tongue())),
        opened => opened?,
    };
    let tx = TenantTx::read(&app.store, opened.ctx).await?;
    let language = opened.member.language.as_ref().or(opened.reset.language.as_ref());
    let chrome = tenant::chrome(&tx, reader.tongue_for(language)).await?;
    tenant::require_open(&chrome)?;
    Ok((opened, chrome))
}

fn is_over(around: impl Into<Around>) -> PageError {
    PageError::new(StatusCode::GONE, MessagePage::password_reset_over(around))
}

fn empty(opened: &Opened, chrome: Chrome) -> PasswordResetPage {
    PasswordResetPage {
        masked_address: opened.member.email.masked(),
        expires_at: opened.reset.expires_at.into(),
        password: Field::required(),
        chrome,
    }
}
