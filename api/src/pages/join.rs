//! `/t/{tenant}/join/{collection-point}`: signing up, and asking for no mail of any sort (P03).
//!
//! The answer is the same, and takes as long, whoever's address was typed: a form is no way to learn who is
//! subscribed.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::address::EmailAddress;
use assent_domain::collection_point::FieldName;
use assent_domain::consent::ConsentSource;
use assent_domain::tenant::Slug;
use assent_entity::collection_point::{self, CollectionPoint};
use assent_entity::link::CONFIRM_WITHIN;
use assent_entity::opt_in::{self, JoinRequest};
use assent_entity::{StoreError, TenantTx, Write, preferences};
use tokio::time::{Instant, sleep_until};

use super::error::PageError;
use super::join_form::{self, JoinForm, Wrong};
use super::posted::Posted;
use super::respond::{self, Keep};
use super::tenant;
use super::views::{Chrome, JoinDonePage, JoinOptedOutPage};
use crate::app::App;

/// How long an answer takes at least: longer than the longest way through the store takes on its own.
const ANSWER_AFTER: Duration = Duration::from_millis(150);

const TWICE: &str = "this came more than once: enter it once";

async fn point<M>(tx: &TenantTx<M>, name: &str) -> Result<CollectionPoint, PageError> {
    let slug = Slug::parse(name).map_err(|_| PageError::not_found())?;
    let found = collection_point::by_slug(tx, slug.as_str()).await?;
    found.ok_or_else(PageError::not_found)
}

/// The form.
pub(super) async fn show(
    app: web::Data<App>,
    address: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let ctx = tenant::find(&app.store, &address.0).await?;
    let tx = TenantTx::read(&app.store, ctx).await?;
    let point = point(&tx, &address.1).await?;
    let form = JoinForm::read(&tx, tenant::chrome(&tx).await?, point).await?;
    respond::page(StatusCode::OK, Keep::Ask, &form.empty())
}

/// The answers.
pub(super) async fn send(
    app: web::Data<App>,
    request: HttpRequest,
    address: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let ctx = tenant::find(&app.store, &address.0).await?;
    let posted = Posted::read(&request, payload).await?;
    let started = Instant::now();
    let tx = TenantTx::write(&app.store, ctx).await?;
    let point = point(&tx, &address.1).await?;
    let chrome = tenant::chrome(&tx).await?;
    let answer = if posted.is_ticked("no_mail") {
        opt_out(tx, chrome, point, &posted).await?
    } else if app.sources.takes(&request) {
        join(tx, chrome, point, &posted).await?
    } else {
        return Err(PageError::too_many(Some(chrome)));
    };
    sleep_until(started + ANSWER_AFTER).await;
    Ok(answer)
}

/// "No mail of any sort" needs the address and nothing else, and wins over whatever else was ticked.
async fn opt_out(
    mut tx: TenantTx<Write>,
    chrome: Chrome,
    point: CollectionPoint,
    posted: &Posted,
) -> Result<HttpResponse, PageError> {
    let mut wrong = Wrong::default();
    let Some(email) = email(posted, &mut wrong) else {
        let form = JoinForm::read(&tx, chrome, point).await?;
        return again(form, posted, wrong);
    };
    preferences::opt_out_at_form(&mut tx, &email).await?;
    tx.commit().await?;
    let page = JoinOptedOutPage {
        join_path: join_form::path(&chrome, &point),
        chrome,
        typed_address: Some(posted.typed("email").trim().to_owned()),
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

async fn join(
    mut tx: TenantTx<Write>,
    chrome: Chrome,
    point: CollectionPoint,
    posted: &Posted,
) -> Result<HttpResponse, PageError> {
    let form = JoinForm::read(&tx, chrome, point).await?;
    if posted.one("shown").ok() != Some(form.shown().as_str()) {
        return respond::page(StatusCode::CONFLICT, Keep::Never, &form.anew(posted));
    }
    let mut wrong = Wrong::default();
    let email = email(posted, &mut wrong);
    let mut text = |name, field: FieldName| match posted.one(name) {
        _ if !form.asks_for(field) => String::new(),
        Ok(value) => value.trim().to_owned(),
        Err(_) => {
            wrong.with(name, TWICE);
            String::new()
        }
    };
    let (name, company) = (text("name", FieldName::Name), text("company", FieldName::Company));
    form.note_missing(posted, &mut wrong);
    let Some(email) = email.filter(|_| wrong.is_empty()) else {
        return again(form, posted, wrong);
    };
    let request = JoinRequest {
        email,
        name,
        company,
        choices: form.answers(posted),
        source: ConsentSource::Form,
        evidence: None,
    };
    match opt_in::join(&mut tx, form.point.clone(), &request).await {
        Ok(_) => {}
        Err(StoreError::Invalid { field, message }) => {
            wrong.with(field, message);
            return again(form, posted, wrong);
        }
        Err(error) => return Err(error.into()),
    }
    let needs_confirmation = form.needs_confirmation(&tx, &request.choices).await?;
    tx.commit().await?;
    let page = JoinDonePage {
        join_path: form.path(),
        typed_address: Some(posted.typed("email").trim().to_owned()),
        needs_confirmation,
        link_valid_days: u32::try_from(CONFIRM_WITHIN.as_secs() / 86_400).unwrap_or_default(),
        chrome: form.chrome,
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

fn email(posted: &Posted, wrong: &mut Wrong) -> Option<EmailAddress> {
    let Ok(text) = posted.one("email") else {
        wrong.with("email", TWICE);
        return None;
    };
    EmailAddress::parse(text)
        .map_err(|error| wrong.with("email", error))
        .ok()
}

fn again(form: JoinForm, posted: &Posted, wrong: Wrong) -> Result<HttpResponse, PageError> {
    let answers = form.answers(posted);
    let page = join_form::tick(form.again(posted, wrong), &answers);
    respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, &page)
}
