//! What goes back: an operation's result with the status code that its form asks for, or why the request was not
//! one.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpResponse, HttpResponseBuilder};
use async_graphql::{Response, ServerError, Value};
use serde::Serialize;

use super::media::Format;
use crate::graphql::error::{ApiError, ErrorCode};
use crate::graphql::limits;

/// The answer to an operation.
pub(super) struct Answer {
    response: Response,
    /// Whether it came to running the operation: an answer without `data` says that nothing was done.
    was_run: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
}

impl Answer {
    pub(super) fn of(mut response: Response) -> Self {
        // An error of a field has a path, an error of the request has none.
        let was_run =
            response.data != Value::Null || response.errors.iter().any(|error| !error.path.is_empty());
        if !was_run && response.errors.is_empty() {
            // The library has nothing to say of a directive on `__typename` whose variable is of another type.
            let message =
                "the operation cannot be run: look at its directives, and at the types of their variables";
            response.errors = vec![ApiError::new(ErrorCode::BadUserInput, message).into()];
        }
        complete(&mut response);
        Self { response, was_run }
    }

    /// After how many seconds to try again, if an error says so (RFC 9110, 10.2.3).
    fn retry_after(&self) -> Option<String> {
        let errors = self.response.errors.iter();
        let mut waits = errors.filter_map(|error| error.extensions.as_ref()?.get("retryAfter"));
        waits.next().map(ToString::to_string)
    }

    fn status(&self, format: Format) -> StatusCode {
        if self.was_run {
            return StatusCode::OK;
        }
        let has = |code: ErrorCode| {
            let codes = self
                .response
                .errors
                .iter()
                .filter_map(|error| error.extensions.as_ref()?.get("code"));
            codes
                .into_iter()
                .any(|found| *found == Value::from(code.as_str()))
        };
        if has(ErrorCode::TooManyRequests) {
            // It is said before there is an operation, so whatever form the answer has.
            StatusCode::TOO_MANY_REQUESTS
        } else if format == Format::Json {
            StatusCode::OK
        } else if has(ErrorCode::Internal) {
            StatusCode::INTERNAL_SERVER_ERROR
        } else if has(ErrorCode::Unavailable) {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            StatusCode::BAD_REQUEST
        }
    }
}

/// Completes the errors of the library's own, and says each once.
pub(super) fn complete(response: &mut Response) {
    let mut errors: Vec<ServerError> = Vec::with_capacity(response.errors.len());
    for mut error in response.errors.drain(..) {
        complete_error(&mut error);
        if !errors.contains(&error) {
            errors.push(error);
        }
    }
    response.errors = errors;
}

/// Gives an error the code that all errors have, and the field where its message names one.
fn complete_error(error: &mut ServerError) {
    if let Some(clearer) = limits::too_costly(error) {
        *error = clearer;
    }
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_some() {
        return;
    }
    extensions.set("code", ErrorCode::BadUserInput.as_str());
    let named = error.message.strip_prefix("Invalid value for argument \"");
    if let Some((field, _)) = named.and_then(|rest| rest.split_once('"')) {
        extensions.set("field", field.strip_prefix("input.").unwrap_or(field));
    }
}

/// A request that does not come to an operation.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    message: String,
    allow: Option<&'static str>,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            allow: None,
        }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(super) fn busy(message: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, message)
    }

    pub(super) fn media_type(message: &str) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message)
    }

    pub(super) fn too_slow() -> Self {
        let message = "less than 60 KiB of it came within a minute, or all of it took too long: send it again, over a faster line";
        Self::new(StatusCode::REQUEST_TIMEOUT, message)
    }

    pub(super) fn too_large(octets: impl std::fmt::Display) -> Self {
        let message = format!("the body is longer than {octets} octets");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, message)
    }

    pub(super) fn method(message: &str, allow: &'static str) -> Self {
        Self {
            allow: Some(allow),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
        }
    }
}

/// What a client gets that wants neither of the forms there are.
pub(super) fn not_acceptable() -> HttpResponse {
    let message = "answers come as application/graphql-response+json or as application/json";
    to_http(
        Format::Json,
        Err(Refusal::new(StatusCode::NOT_ACCEPTABLE, message)),
    )
}

/// Makes the answer.
pub(super) fn to_http(format: Format, outcome: Result<Answer, Refusal>) -> HttpResponse {
    match outcome {
        Ok(answer) => {
            let mut http = HttpResponse::build(answer.status(format));
            for (name, value) in &answer.response.http_headers {
                let name = HeaderName::from_bytes(name.as_str().as_bytes());
                if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
                    http.append_header((name, value));
                }
            }
            if let Some(seconds) = answer.retry_after() {
                http.insert_header((RETRY_AFTER, seconds));
            }
            let data = answer.was_run.then_some(&answer.response.data);
            write(http, format, data, &answer.response.errors)
        }
        Err(refusal) => {
            let mut http = HttpResponse::build(refusal.status);
            if let Some(allow) = refusal.allow {
                http.insert_header((ALLOW, allow));
            }
            let code = match refusal.status {
                StatusCode::FORBIDDEN => ErrorCode::Unauthenticated,
                StatusCode::SERVICE_UNAVAILABLE => ErrorCode::Unavailable,
                _ => ErrorCode::BadUserInput,
            };
            write(http, format, None, &[ApiError::new(code, refusal.message).into()])
        }
    }
}

fn write(
    mut http: HttpResponseBuilder,
    format: Format,
    data: Option<&Value>,
    errors: &[ServerError],
) -> HttpResponse {
    let body = serde_json::to_vec(&Body { data, errors }).unwrap_or_default();
    http.insert_header((CONTENT_TYPE, format.media_type()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "Accept"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_the_library_get_a_code_and_a_field() {
        let message = "Invalid value for argument \"input.effectiveAt\", expected type \"DateTime\"";
        let error = ServerError::new(message, None);
        let answer = Answer::of(Response::from_errors(vec![error]));
        let body = serde_json::to_string(&answer.response.errors).unwrap();
        assert!(
            body.contains(r#"{"code":"BAD_USER_INPUT","field":"effectiveAt"}"#),
            "{body}"
        );
        assert_eq!(answer.status(Format::GraphQl), StatusCode::BAD_REQUEST);
        assert_eq!(answer.status(Format::Json), StatusCode::OK);
    }
}
