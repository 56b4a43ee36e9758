//! What a visitor sees when something did not work. Everything that fails becomes a page here, and what is our
//! own fault is logged here, once, under the id that the page shows.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderName, HeaderValue, RETRY_AFTER};
use actix_web::{HttpResponse, Responder, ResponseError};
use assent_entity::link::LinkError;
use assent_entity::{StoreError, TokenError};
use data_encoding::BASE32_NOPAD;
use rand::Rng;

use super::respond::{self, Keep};
use super::views::{Chrome, MessagePage};

/// An answer that is not what was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{status}: {}", page.title)]
pub(super) struct PageError {
    status: StatusCode,
    page: Box<MessagePage>,
    header: Option<(HeaderName, &'static str)>,
}

impl PageError {
    /// A page of its own.
    pub(super) fn new(status: StatusCode, page: MessagePage) -> Self {
        Self {
            status,
            page: Box::new(page),
            header: None,
        }
    }

    /// There is nothing at this address.
    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, MessagePage::not_found(None))
    }

    /// A link that is not one of ours, or that is for another page.
    pub(super) fn link_altered() -> Self {
        Self::new(StatusCode::NOT_FOUND, MessagePage::link_altered(None))
    }

    /// A link whose time is over.
    pub(super) fn link_expired(chrome: Option<Chrome>) -> Self {
        Self::new(StatusCode::GONE, MessagePage::link_expired(chrome))
    }

    /// The tenant is deleted.
    pub(super) fn gone() -> Self {
        Self::new(StatusCode::GONE, MessagePage::tenant_gone())
    }

    /// More was sent than a form holds.
    pub(super) fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, MessagePage::too_large(None))
    }

    /// What was sent is no form.
    pub(super) fn unreadable(status: StatusCode) -> Self {
        Self::new(status, MessagePage::unreadable(None))
    }

    /// The address does not answer to this method, but to those in `allowed`.
    pub(super) fn method_not_allowed(allowed: &'static str) -> Self {
        Self {
            header: Some((ALLOW, allowed)),
            ..Self::new(
                StatusCode::METHOD_NOT_ALLOWED,
                MessagePage::method_not_allowed(None),
            )
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

    /// What it says, for programs.
    pub(super) fn words(&self) -> serde_json::Value {
        let code = self.status.canonical_reason().unwrap_or_default();
        let code = code.to_uppercase().replace([' ', '-'], "_");
        let page = &self.page;
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
    pub(super) fn internal(error: impl std::fmt::Display) -> Self {
        let mut bytes = [0; 5];
        rand::rng().fill_bytes(&mut bytes);
        let record = BASE32_NOPAD.encode(&bytes);
        tracing::error!(%record, %error, "a page could not be made");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            MessagePage::internal(None, &record),
        )
    }

    /// One source has sent too many forms in a short time.
    pub(super) fn too_many(chrome: Option<Chrome>) -> Self {
        Self {
            header: Some((RETRY_AFTER, "600")),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                MessagePage::too_many_requests(chrome),
            )
        }
    }

    /// There is too much to do at the moment: `reason` is for the log.
    pub(super) fn busy(reason: impl std::fmt::Display) -> Self {
        tracing::warn!(%reason, "a page has to wait");
        Self {
            header: Some((RETRY_AFTER, "30")),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, MessagePage::unavailable(None))
        }
    }
}

impl ResponseError for PageError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let Ok(mut answer) = respond::page(self.status, Keep::Never, self.page.as_ref()) else {
            return HttpResponse::new(self.status);
        };
        self.add_header(&mut answer);
        answer
    }
}

impl Responder for PageError {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &actix_web::HttpRequest) -> HttpResponse {
        self.error_response()
    }
}

impl From<StoreError> for PageError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) => Self::not_found(),
            StoreError::Invalid { message, .. } => Self::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                MessagePage::refused(None, message),
            ),
            StoreError::Conflict { message, .. } => {
                Self::new(StatusCode::CONFLICT, MessagePage::refused(None, message))
            }
            StoreError::Closed(_) => Self::new(StatusCode::CONFLICT, MessagePage::tenant_closed(None)),
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
            TokenError::Expired => Self::link_expired(None),
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
