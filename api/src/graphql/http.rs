//! GraphQL over HTTP, by its specification (graphql.github.io/graphql-over-http): `POST` with exactly
//! `application/json`, `GET` for queries, one operation a request; and subscriptions over a WebSocket at the same address.
//!
//! A page of another origin cannot make a browser send that content type unasked, so a cookie alone never
//! changes anything; `Origin` is checked all the same. A form can send `multipart/form-data`, by which files come
//! (github.com/jaydenseric/graphql-multipart-request-spec), but no header of its own: see [`multipart`].

use actix_web::http::Method;
use actix_web::http::header::CONTENT_ENCODING;
use actix_web::web::{self, Data, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use async_graphql::Response;
use async_graphql::parser::types::OperationType;

use super::error::{ApiError, ErrorCode};
use super::{explorer, limits, reference};
use crate::app::App;
use crate::auth::Credential;
use crate::limits::Network;

mod answer;
mod chosen;
mod execute;
mod json;
mod media;
mod multipart;
mod once;
mod order;
mod parameters;
mod protocol;
mod socket;

use answer::{Answer, Refusal};
use media::Format;
use parameters::Parameters;

/// The longest body, in octets: a campaign of 1 MiB fits, escaped as JSON.
pub(crate) const MAX_BODY_OCTETS: usize = 2 * 1024 * 1024;

/// Puts the route in place.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(
        web::resource("/graphql")
            .route(web::post().to(post))
            .route(web::get().to(get))
            .default_service(web::to(other)),
    );
    config.route("/docs", web::get().to(docs));
}

/// The reference, where the schema is no secret.
async fn docs(app: Data<App>) -> HttpResponse {
    if app.explorer {
        return reference::page();
    }
    HttpResponse::NotFound()
        .content_type("text/plain; charset=utf-8")
        .body("The reference is switched off on this server, as the GraphQL explorer is.\n")
}

async fn post(request: HttpRequest, body: Payload, app: Data<App>) -> HttpResponse {
    let Some(format) = Format::wanted_by(&request) else {
        return answer::not_acceptable();
    };
    let outcome = match read(&request, body, &app).await {
        Ok(parameters) => run(&request, &app, parameters).await,
        Err(refusal) => Err(refusal),
    };
    answer::to_http(format, outcome)
}

async fn get(request: HttpRequest, body: Payload, app: Data<App>) -> HttpResponse {
    if socket::is_wanted_by(&request) {
        return socket::open(&request, body, &app);
    }
    if media::wants_page(&request)
        && !["query=", "documentId="]
            .iter()
            .any(|asks| request.query_string().contains(asks))
    {
        return if app.explorer {
            explorer::page()
        } else {
            HttpResponse::NotFound()
                .content_type("text/plain; charset=utf-8")
                .body("The GraphQL explorer is switched off on this server. Operations go to this address by POST.\n")
        };
    }
    let Some(format) = Format::wanted_by(&request) else {
        return answer::not_acceptable();
    };
    let outcome = match Parameters::from_query(request.query_string(), &app.documents) {
        Ok(parameters) => run(&request, &app, parameters).await,
        Err(refusal) => Err(refusal),
    };
    answer::to_http(format, outcome)
}

async fn other(request: HttpRequest) -> HttpResponse {
    let format = Format::wanted_by(&request).unwrap_or(Format::Json);
    answer::to_http(
        format,
        Err(Refusal::method("this address takes GET and POST", "GET, POST")),
    )
}

/// Reads the body of a `POST`.
async fn read(request: &HttpRequest, body: Payload, app: &App) -> Result<Parameters, Refusal> {
    let is_multipart = media::is_multipart(request);
    if !is_multipart {
        media::check_content_type(request)?;
    }
    if request.headers().contains_key(CONTENT_ENCODING) {
        return Err(Refusal::media_type(
            "send the body as it is, without Content-Encoding",
        ));
    }
    if is_multipart {
        return multipart::read(request, body, app).await;
    }
    let octets = match body.to_bytes_limited(MAX_BODY_OCTETS).await {
        Ok(Ok(octets)) => octets,
        Ok(Err(_)) => return Err(Refusal::bad_request("the body broke off")),
        Err(_) => return Err(Refusal::too_large(MAX_BODY_OCTETS)),
    };
    Parameters::from_json(&octets, &app.documents)
}

/// Runs one operation.
async fn run(request: &HttpRequest, app: &App, parameters: Parameters) -> Result<Answer, Refusal> {
    let credential = own_credential(request, app)?;
    let document = match limits::admit(&parameters.query, app.explorer) {
        Ok(document) => document,
        Err(error) => return Ok(Answer::of(Response::from_errors(vec![error]))),
    };
    let chosen = chosen::chosen(&document, parameters.operation_name.as_deref());
    let is = |ty: OperationType| chosen.is_some_and(|operation| operation.ty == ty);
    if is(OperationType::Subscription) {
        let message = format!(
            "subscriptions go over a WebSocket at this address, by the protocol {}",
            protocol::PROTOCOL
        );
        let error = ApiError::new(ErrorCode::BadUserInput, message);
        return Ok(Answer::of(Response::from_errors(vec![error.into()])));
    }
    if is(OperationType::Mutation) && request.method() == Method::GET {
        return Err(Refusal::method(
            "only queries go by GET: send this by POST",
            "POST",
        ));
    }
    let parameters = Parameters {
        idempotency_key: once::key_of(request)?.filter(|_| is(OperationType::Mutation)),
        ..parameters
    };
    let outcome = execute::execute(app, Network::of(request), credential, parameters, document).await;
    let response = outcome.unwrap_or_else(|error| Response::from_errors(vec![error]));
    Ok(Answer::of(response))
}

/// The credential of a request, unless a foreign page sends it.
fn own_credential(request: &HttpRequest, app: &App) -> Result<Option<Credential>, Refusal> {
    match Credential::of(request) {
        Some(credential) if credential.is_abused(request, app) => {
            let own = &app.base_url;
            let message = format!("this page is not of {own}: a session cookie counts only from there");
            Err(Refusal::forbidden(message))
        }
        credential => Ok(credential),
    }
}
