//! `/t/{tenant}/join/{collection-point}`: signing up, and asking for no mail of any sort (P03).
//!
//! The answer is the same, and takes as long, whoever's address was typed: a form is no way to learn who is
//! subscribed. A form that brings outside parties in says so on a page of its own first, and asks whether to go on
//! (P13).

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::tenant::Slug;
use assent_entity::TenantTx;
use assent_entity::collection_point::{self, CollectionPoint};
use assent_entity::link::CONFIRM_WITHIN;
use tokio::time::{Instant, sleep_until};

use super::error::PageError;
use super::join_form::{self, JoinForm};
use super::posted::Posted;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::shown::{Asked, in_best_language};
use super::take::{Taken, take};
use super::tenant;
use super::views::{JoinDonePage, JoinOptedOutPage, MessagePage};
use crate::app::App;

/// How long an answer takes at least: longer than the longest way through the store takes on its own.
pub(super) const ANSWER_AFTER: Duration = Duration::from_millis(150);

/// The collection point with this name in addresses.
pub(super) async fn point<M>(tx: &TenantTx<M>, name: &str) -> Result<CollectionPoint, PageError> {
    let slug = Slug::parse(name).map_err(|_| PageError::not_found())?;
    let found = collection_point::by_slug(tx, slug.as_str()).await?;
    found.ok_or_else(PageError::not_found)
}

/// The form, or the outside parties that it brings in.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    address: web::Path<(String, String)>,
) -> Result<HttpResponse, PageError> {
    let asked = Asked::read(&request);
    let ctx = tenant::find(&app.store, &address.0).await?;
    let tx = TenantTx::read(&app.store, ctx).await?;
    let point = point(&tx, &address.1).await?;
    let point = in_best_language(&tx, point, &reader).await?;
    let chrome = tenant::chrome(&tx, reader.tongue_for(Some(&point.language))).await?;
    let form = JoinForm::read(&tx, chrome, point).await?;
    if !form.brings_parties() || asked.goes_on {
        respond::page(StatusCode::OK, Keep::Ask, &form.empty())
    } else if asked.leaves {
        let link = form.path();
        let label = form.chrome.tongue.words.left_back();
        let page = MessagePage::left(form.chrome).with_link(label, link);
        respond::page(StatusCode::OK, Keep::Ask, &page)
    } else {
        respond::page(StatusCode::OK, Keep::Ask, &form.parties_page(&asked))
    }
}

/// The answers.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    address: web::Path<(String, String)>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let ctx = tenant::find(&app.store, &address.0).await?;
    let posted = Posted::read(&request, payload).await?;
    let started = Instant::now();
    let tx = TenantTx::write(&app.store, ctx).await?;
    let point = point(&tx, &address.1).await?;
    let counted = if posted.is_ticked("no_mail") {
        app.limits.no(&request)
    } else {
        app.limits.form(&request)
    };
    if counted.is_err() {
        return Err(PageError::too_many(tenant::chrome(&tx, reader.tongue()).await?));
    }
    let asked = Asked::read(&request);
    let taken = take(tx, point, &reader, &posted).await?;
    let answer = answer(taken, &posted, &asked)?;
    sleep_until(started + ANSWER_AFTER).await;
    Ok(answer)
}

fn answer(taken: Taken, posted: &Posted, asked: &Asked) -> Result<HttpResponse, PageError> {
    let typed_address = Some(posted.typed("email").trim().to_owned());
    match taken {
        Taken::OptedOut(chrome, point) => {
            let page = JoinOptedOutPage {
                join_path: join_form::path(&chrome, &point),
                chrome,
                typed_address,
            };
            respond::page(StatusCode::OK, Keep::Never, &page)
        }
        Taken::Done {
            form,
            needs_confirmation,
        } => {
            let page = JoinDonePage {
                join_path: form.path(),
                typed_address,
                needs_confirmation,
                link_valid_days: u32::try_from(CONFIRM_WITHIN.as_secs() / 86_400).unwrap_or_default(),
                chrome: form.chrome,
            };
            respond::page(StatusCode::OK, Keep::Never, &page)
        }
        Taken::Wrong(form, wrong) => {
            let answers = form.answers(posted);
            let page = join_form::tick(form.again(posted, wrong), &answers);
            respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, &page)
        }
        // Who has not gone on is asked that first, and not shown any field.
        Taken::Changed(form) if form.brings_parties() && !posted.is_ticked("go_on") => {
            respond::page(StatusCode::CONFLICT, Keep::Never, &form.parties_page(asked))
        }
        Taken::Changed(form) => respond::page(StatusCode::CONFLICT, Keep::Never, &form.anew(posted)),
        Taken::NotAsked(form) => {
            let page = form.parties_page(asked);
            respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, &page)
        }
    }
}
