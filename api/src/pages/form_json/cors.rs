//! Which pages may read and send a form by script: those of the origins that the tenant allows, without credentials
//! (the CORS protocol of the Fetch standard).

use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, HeaderValue, ORIGIN, VARY,
};
use actix_web::{HttpRequest, HttpResponse};

/// How long a browser may remember the answer to a preflight, in seconds.
const REMEMBER: HeaderValue = HeaderValue::from_static("600");

/// Which page asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    /// None: no browser, or a page of this server.
    NoPage,
    /// One of an origin that the tenant allows.
    Allowed(HeaderValue),
    /// Any other.
    Stranger,
}

impl Caller {
    /// Reads `Origin`: exactly one of the tenant's, octet by octet, or a stranger's.
    pub(super) fn of(request: &HttpRequest, allowed: &[String], base_url: &str) -> Self {
        let mut origins = request.headers().get_all(ORIGIN);
        match (origins.next(), origins.next()) {
            (None, _) => Self::NoPage,
            (Some(origin), None) if origin.as_bytes() == base_url.as_bytes() => Self::NoPage,
            (Some(origin), None) if allowed.iter().any(|known| known.as_bytes() == origin.as_bytes()) => {
                Self::Allowed(origin.clone())
            }
            _ => Self::Stranger,
        }
    }

    /// Whether it is a page that may not.
    pub(super) fn is_stranger(&self) -> bool {
        *self == Self::Stranger
    }

    /// Lets the page read an answer, if it may.
    pub(super) fn allow(&self, mut answer: HttpResponse) -> HttpResponse {
        let headers = answer.headers_mut();
        if let Self::Allowed(origin) = self {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        headers.insert(VARY, HeaderValue::from_static("origin, accept-language"));
        answer
    }
}

/// The answer to a preflight.
pub(super) fn preflight(caller: &Caller) -> HttpResponse {
    let mut answer = HttpResponse::new(StatusCode::NO_CONTENT);
    if let Caller::Allowed(_) = caller {
        let headers = answer.headers_mut();
        let methods = HeaderValue::from_static("GET, POST");
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        let content_type = HeaderValue::from_static("content-type");
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, content_type);
        headers.insert(ACCESS_CONTROL_MAX_AGE, REMEMBER);
    }
    answer
}
