//! `/t/{tenant}/reset`: where a member who has forgotten their password asks for the link to another. The answer is the same,
//! and takes as long, whoever's address was typed. Where the link leads is the subject of [`super::password_reset`].

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::address::EmailAddress;
use assent_entity::TenantTx;

use super::error::PageError;
use super::flaw::Flaw;
use super::posted::Posted;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::views::{Chrome, Field, MessagePage, PasswordForgottenPage};
use crate::app::App;
use crate::forgotten_password::{self, NotTaken};
use crate::limits::Network;

/// The question.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    name: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let page = PasswordForgottenPage {
        chrome: open(&app, &reader, &name).await?,
        email: Field::required(),
    };
    respond::page(StatusCode::OK, Keep::Ask, &page)
}

/// Whose password it is.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    name: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let chrome = open(&app, &reader, &name).await?;
    let posted = Posted::read(&request, payload).await?;
    let words = chrome.tongue.words;
    let typed = posted.typed("email").trim().to_owned();
    let wrong = match posted.one("email") {
        Err(_) => Some(Flaw::Twice),
        Ok(email) => EmailAddress::parse(email).err().map(Flaw::from),
    };
    if let Some(wrong) = wrong {
        let email = Field::required().with_value(typed).with_error(wrong.say(words));
        let page = PasswordForgottenPage { chrome, email };
        return respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, &page);
    }
    let (from, slug, language) = (Network::of(&request), &chrome.slug, words.language());
    match forgotten_password::ask(&app, &from, slug, &typed, Some(language)).await {
        Ok(()) => {
            let page = MessagePage::password_asked(chrome, &typed);
            respond::page(StatusCode::OK, Keep::Never, &page)
        }
        Err(NotTaken::TooOften(_)) => Err(PageError::too_many(chrome)),
        Err(NotTaken::Store(error)) => Err(error.into()),
    }
}

async fn open(app: &App, reader: &Reader, name: &str) -> Result<Chrome, PageError> {
    let ctx = tenant::find(&app.store, name).await?;
    let tx = TenantTx::read(&app.store, ctx).await?;
    let chrome = tenant::chrome(&tx, reader.tongue()).await?;
    tenant::require_open(&chrome)?;
    Ok(chrome)
}
