//! `/t/{tenant}/forms/{collection-point}.json`: the form for a tenant's own pages. `GET` gives its definition, `POST`
//! takes the answers, by the same rules as the hosted form. Pages of the origins that the tenant allows may do both by
//! script (CORS, without credentials).

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, Resource, web};
use assent_entity::{TenantCtx, TenantTx, allowed_origin};
use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::error::PageError;
use super::join::{ANSWER_AFTER, point};
use super::join_form::JoinForm;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::shown::in_best_language;
use super::take::{Taken, take};
use super::tenant;
use crate::app::App;

mod body;
mod cors;
mod definition;
mod refusal;

use body::Body;
use cors::{Caller, preflight};
use definition::Definition;
use refusal::{Refusal, Wrongs};

type Address = web::Path<(String, String)>;

/// The address and its methods.
pub(super) fn resource() -> Resource {
    web::resource("/t/{tenant}/forms/{point}.json")
        .route(web::get().to(show))
        .route(web::head().to(show))
        .route(web::post().to(send))
        .route(web::method(actix_web::http::Method::OPTIONS).to(ask))
        .default_service(web::to(|| async {
            Refusal::from(PageError::method_not_allowed("GET, HEAD, POST, OPTIONS")).answer()
        }))
}

/// Which page asks, by its `Origin`.
async fn caller(app: &App, request: &HttpRequest, ctx: TenantCtx) -> Result<Caller, PageError> {
    let tx = TenantTx::read(&app.store, ctx).await?;
    let allowed = allowed_origin::all(&tx).await?;
    Ok(Caller::of(request, &allowed, &app.base_url))
}

async fn show(app: web::Data<App>, request: HttpRequest, address: Address) -> HttpResponse {
    let ctx = match tenant::find(&app.store, &address.0).await {
        Ok(ctx) => ctx,
        Err(error) => return Refusal::from(error).answer(),
    };
    match caller(&app, &request, ctx).await {
        Ok(caller) => caller.allow(or_refusal(define(&app, &request, ctx, &address.1).await)),
        Err(error) => Refusal::from(error).answer(),
    }
}

async fn define(
    app: &App,
    request: &HttpRequest,
    ctx: TenantCtx,
    name: &str,
) -> Result<HttpResponse, Refusal> {
    let reader = Reader::of(request);
    let tx = TenantTx::read(&app.store, ctx).await?;
    let point = point(&tx, name).await?;
    let point = in_best_language(&tx, point, &reader).await?;
    let chrome = tenant::chrome(&tx, reader.tongue_for(Some(&point.language))).await?;
    let form = JoinForm::read(&tx, chrome, point).await?;
    let definition = Definition::of(&tx, &form, &app.base_url).await?;
    Ok(respond::json(StatusCode::OK, Keep::Ask, &json!(definition)))
}

/// What a browser asks before it lets a page send.
async fn ask(app: web::Data<App>, request: HttpRequest, address: Address) -> HttpResponse {
    let ctx = match tenant::find(&app.store, &address.0).await {
        Ok(ctx) => ctx,
        Err(error) => return Refusal::from(error).answer(),
    };
    match caller(&app, &request, ctx).await {
        Ok(caller) => caller.allow(preflight(&caller)),
        Err(error) => Refusal::from(error).answer(),
    }
}

async fn send(
    app: web::Data<App>,
    request: HttpRequest,
    address: Address,
    payload: web::Payload,
) -> HttpResponse {
    let ctx = match tenant::find(&app.store, &address.0).await {
        Ok(ctx) => ctx,
        Err(error) => return Refusal::from(error).answer(),
    };
    let caller = match caller(&app, &request, ctx).await {
        Ok(caller) => caller,
        Err(error) => return Refusal::from(error).answer(),
    };
    if caller.is_stranger() {
        return Refusal::stranger().answer();
    }
    caller.allow(or_refusal(
        take_in(&app, &request, ctx, &address.1, payload).await,
    ))
}

async fn take_in(
    app: &App,
    request: &HttpRequest,
    ctx: TenantCtx,
    name: &str,
    payload: web::Payload,
) -> Result<HttpResponse, Refusal> {
    let body = Body::read(request, payload).await?;
    let reader = Reader::of(request).asking_for(body.language());
    let started = Instant::now();
    let tx = TenantTx::write(&app.store, ctx).await?;
    let point = point(&tx, name).await?;
    body.check(&tx, &point).await?;
    let counted = if body.no_mail() {
        app.limits.no(request)
    } else {
        app.limits.form(request)
    };
    if counted.is_err() {
        return Err(PageError::too_many(reader.tongue()).into());
    }
    let taken = take(tx, point, &reader, &body.posted()).await?;
    let answer = match taken {
        Taken::OptedOut(..) => done(
            "OPTED_OUT_OF_ALL",
            false,
            "no mail of any sort is sent to this address",
        ),
        Taken::Done {
            needs_confirmation: true,
            ..
        } => done(
            "ACCEPTED",
            true,
            "a mail asks for a confirmation, unless there was a reason not to send it; nothing else is sent before",
        ),
        Taken::Done { .. } => done("ACCEPTED", false, "the answers are kept"),
        Taken::Wrong(_, wrong) => return Err(Wrongs::of(wrong).into()),
        Taken::NotAsked(_) => return Err(Refusal::not_asked()),
        Taken::Changed(form) => {
            let tx = TenantTx::read(&app.store, ctx).await?;
            return Err(Refusal::changed(Definition::of(&tx, &form, &app.base_url).await?));
        }
    };
    sleep_until(started + ANSWER_AFTER).await;
    Ok(answer)
}

fn done(status: &str, needs_confirmation: bool, message: &str) -> HttpResponse {
    let answer = json!({ "status": status, "needsConfirmation": needs_confirmation, "message": message });
    respond::json(StatusCode::OK, Keep::Never, &answer)
}

fn or_refusal(answer: Result<HttpResponse, Refusal>) -> HttpResponse {
    answer.unwrap_or_else(Refusal::answer)
}
