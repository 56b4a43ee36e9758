//! `/t/{tenant}/privacy`: for people who have no link at hand: the link to their own page, or a message to whoever
//! answers for data. The answer is the same, and takes as long, whoever's address was typed.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::address::EmailAddress;
use assent_domain::privacy::due_at;
use assent_entity::privacy::form::{self, Taken};
use assent_entity::privacy::page_link;
use assent_entity::{StoreError, TenantTx};
use assent_worker::words::Words;
use tokio::time::{Instant, sleep_until};

use super::error::PageError;
use super::flaw::Flaw;
use super::posted::Posted;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::views::{Chrome, Field, MessagePage, PrivacyFormPage, PrivacySentPage};
use crate::app::App;

/// How long an answer takes at least: longer than the longest way through the store takes on its own.
const ANSWER_AFTER: Duration = Duration::from_millis(150);

/// The form.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    name: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let ctx = tenant::find(&app.store, &name).await?;
    let tx = TenantTx::read(&app.store, ctx).await?;
    let page = empty(tenant::chrome(&tx, reader.tongue()).await?);
    respond::page(StatusCode::OK, Keep::Ask, &page)
}

fn empty(chrome: Chrome) -> PrivacyFormPage {
    PrivacyFormPage {
        chrome,
        email: Field::required(),
        message: Field::required(),
    }
}

/// What somebody wrote.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    name: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let ctx = tenant::find(&app.store, &name).await?;
    let posted = Posted::read(&request, payload).await?;
    let started = Instant::now();
    let mut tx = TenantTx::write(&app.store, ctx).await?;
    let chrome = tenant::chrome(&tx, reader.tongue()).await?;
    if app.limits.form(&request).is_err() {
        return Err(PageError::too_many(chrome));
    }
    let mut page = empty(chrome.clone());
    let words = chrome.tongue.words;
    let email = field(&mut page.email, &posted, "email", words);
    let email = email.and_then(|text| match EmailAddress::parse(&text) {
        Ok(email) => Some(email),
        Err(error) => {
            page.email.error = Some(Flaw::from(error).say(words));
            None
        }
    });
    if posted.one("act").ok() == Some("link") {
        let Some(email) = email else {
            return respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, &page);
        };
        page_link::ask_for(&mut tx, &email, words.language()).await?;
        tx.commit().await?;
        sleep_until(started + ANSWER_AFTER).await;
        let page = MessagePage::privacy_link_asked(chrome, posted.typed("email").trim());
        return respond::page(StatusCode::OK, Keep::Never, &page);
    }
    let message = field(&mut page.message, &posted, "message", words);
    let (Some(email), Some(message)) = (email, message) else {
        return respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, &page);
    };
    let taken = match form::write(&mut tx, &email, &message).await {
        Ok(taken) => taken,
        Err(StoreError::Invalid { message, .. }) => {
            page.message.error = Some(Flaw::of_rule(message).say(words));
            return respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, &page);
        }
        Err(error) => return Err(error.into()),
    };
    let due_at = due_at(tx.now());
    tx.commit().await?;
    sleep_until(started + ANSWER_AFTER).await;
    match taken {
        Taken::TooMuch => {
            let page = MessagePage::too_many_requests(chrome);
            respond::page(StatusCode::TOO_MANY_REQUESTS, Keep::Never, &page)
        }
        Taken::Yes => {
            let page = PrivacySentPage {
                chrome,
                typed_address: posted.typed("email").trim().to_owned(),
                due_at: due_at.into(),
            };
            respond::page(StatusCode::OK, Keep::Never, &page)
        }
    }
}

/// Fills a field with what was typed; gives it back if it came once.
fn field(field: &mut Field, posted: &Posted, name: &str, words: Words) -> Option<String> {
    posted.typed(name).clone_into(&mut field.value);
    if let Ok(value) = posted.one(name) {
        return Some(value.to_owned());
    }
    field.error = Some(Flaw::Twice.say(words));
    None
}
