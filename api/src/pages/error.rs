//! What a visitor sees when something did not work. Everything that fails becomes a page here, and what is our
//! own fault is logged here, once, under the id that the page shows.

use std::fmt;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::middleware::Next;
use actix_web::{Error, HttpRequest, HttpResponse, Responder, ResponseError};
use assent_entity::link::LinkError;
use assent_entity::{StoreError, TokenError};
use assent_worker::words::Words;
use data_encoding::BASE32_NOPAD;
use rand::Rng;

use super::reader::Reader;
use super::respond::{self, Keep};
use super::views::{Around, Chrome, MessagePage, Tongue};

/// An answer that is not what was asked for.
pub(super) struct PageError {
    status: StatusCode,
    says: Says,
    header: Option<(HeaderName, &'static str)>,
}

/// What it says.
enum Says {
    /// A page, in the language of whoever it was made for.
    Page(Box<MessagePage>),
    /// A page that is made when the language is known: most errors do not know who asked.
    InAnyLanguage(Box<dyn Fn(Tongue) -> MessagePage + Send + Sync>),
}

impl PageError {
    /// A page of its own.
    pub(super) fn new(status: StatusCode, page: MessagePage) -> Self {
        Self {
            status,
            says: Says::Page(Box::new(page)),
            header: None,
        }
    }

    fn of(status: StatusCode, page: impl Fn(Tongue) -> MessagePage + Send + Sync + 'static) -> Self {
        Self {
            status,
            says: Says::InAnyLanguage(Box::new(page)),
            header: None,
        }
    }

    /// There is nothing at this address.
    pub(super) fn not_found() -> Self {
        Self::of(StatusCode::NOT_FOUND, MessagePage::not_found)
    }

    /// A link that is not one of ours, or that is for another page.
    pub(super) fn link_altered() -> Self {
        Self::of(StatusCode::NOT_FOUND, MessagePage::link_altered)
    }

    /// A link whose time is over.
    pub(super) fn link_expired() -> Self {
        Self::of(StatusCode::GONE, MessagePage::link_expired)
    }

    /// A link of a tenant whose time is over.
    pub(super) fn link_expired_at(chrome: Chrome) -> Self {
        Self::new(StatusCode::GONE, MessagePage::link_expired(chrome))
    }

    /// The tenant is deleted.
    pub(super) fn gone() -> Self {
        Self::of(StatusCode::GONE, MessagePage::tenant_gone)
    }

    /// More was sent than a form holds.
    pub(super) fn too_large() -> Self {
        Self::of(StatusCode::PAYLOAD_TOO_LARGE, MessagePage::too_large)
    }

    /// What was sent is no form.
    pub(super) fn unreadable(status: StatusCode) -> Self {
        Self::of(status, MessagePage::unreadable)
    }

    /// The address does not answer to this method, but to those in `allowed`.
    pub(super) fn method_not_allowed(allowed: &'static str) -> Self {
        Self {
            header: Some((ALLOW, allowed)),
            ..Self::of(StatusCode::METHOD_NOT_ALLOWED, MessagePage::method_not_allowed)
        }
    }

    /// The status of the answer.
    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    /// Whether the thing is there, but not as things stand.
    pub(super) fn is_conflict(&self) -> bool {
        self.status == StatusCode::CONFLICT
    }

    /// The page, in a language where it has none yet.
    fn page(&self, tongue: Tongue) -> MessagePage {
        match &self.says {
            Says::Page(page) => page.as_ref().clone(),
            Says::InAnyLanguage(page) => page(tongue),
        }
    }

    /// The answer to whoever asked.
    pub(super) fn answer(&self, reader: &Reader) -> HttpResponse {
        let page = self.page(reader.tongue());
        let Ok(mut answer) = respond::page(self.status, Keep::Never, &page) else {
            return HttpResponse::new(self.status);
        };
        self.add_header(&mut answer);
        answer
    }

    /// What it says, for programs, in English.
    pub(super) fn words(&self) -> serde_json::Value {
        let code = self.status.canonical_reason().unwrap_or_default();
        let code = code.to_uppercase().replace([' ', '-'], "_");
        let page = self.page(Tongue::of(Words::english()));
        let message = format!("{}: {} {}", page.title, page.happened, page.next);
        serde_json::json!({ "code": code, "message": message, "fields": [] })
    }

    /// Adds the header that goes with it, if one does.
    pub(super) fn add_header(&self, answer: &mut HttpResponse) {
        if let Some((name, value)) = &self.header {
            let value = HeaderValue::from_static(value);
            answer.headers_mut().insert(name.clone(), value);
        }
    }

    /// Our own fault. What went wrong is logged here and nowhere else.
    pub(super) fn internal(error: impl fmt::Display) -> Self {
        let mut bytes = [0; 5];
        rand::rng().fill_bytes(&mut bytes);
        let record = BASE32_NOPAD.encode(&bytes);
        tracing::error!(%record, %error, "a page could not be made");
        Self::of(StatusCode::INTERNAL_SERVER_ERROR, move |tongue| {
            MessagePage::internal(tongue, &record)
        })
    }

    /// One source has sent too many forms in a short time.
    pub(super) fn too_many(around: impl Into<Around>) -> Self {
        Self {
            header: Some((RETRY_AFTER, "600")),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                MessagePage::too_many_requests(around),
            )
        }
    }

    /// There is too much to do at the moment: `reason` is for the log.
    pub(super) fn busy(reason: impl fmt::Display) -> Self {
        tracing::warn!(%reason, "a page has to wait");
        Self {
            header: Some((RETRY_AFTER, "30")),
            ..Self::of(StatusCode::SERVICE_UNAVAILABLE, MessagePage::unavailable)
        }
    }
}

impl fmt::Debug for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PageError").field(&self.status).finish()
    }
}

impl fmt::Display for PageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}",
            self.status,
            self.page(Tongue::of(Words::english())).title
        )
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        self.answer(&Reader::default())
    }
}

/// Says what did not work in the language of whoever asked: an error that a handler returns has no request at hand.
pub(crate) async fn in_language(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let reader = Reader::of(request.request());
    let response = next.call(request).await?.map_into_boxed_body();
    let error = response.response().error();
    let answer = error.and_then(|error| Some(error.as_error::<PageError>()?.answer(&reader)));
    Ok(match answer {
        Some(answer) => response.into_response(answer),
        None => response,
    })
}

impl Responder for PageError {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.answer(&Reader::of(request))
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) => Self::not_found(),
            StoreError::Invalid { message, .. } => {
                Self::of(StatusCode::UNPROCESSABLE_ENTITY, move |tongue| {
                    MessagePage::refused(tongue, &message)
                })
            }
            StoreError::Conflict { message, .. } => Self::of(StatusCode::CONFLICT, move |tongue| {
                MessagePage::refused(tongue, &message)
            }),
            StoreError::Closed(_) => Self::of(StatusCode::CONFLICT, MessagePage::tenant_closed),
            StoreError::Gone => Self::gone(),
            error if error.is_transient() => Self::busy(error),
            error => Self::internal(error),
        }
    }
}

impl From<TokenError> for PageError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Altered => Self::link_altered(),
            TokenError::Expired => Self::link_expired(),
        }
    }
}

impl From<LinkError> for PageError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Token(error) => error.into(),
            LinkError::Store(error) => error.into(),
        }
    }
}

impl From<askama::Error> for PageError {
    fn from(error: askama::Error) -> Self {
        Self::internal(error)
    }
}
