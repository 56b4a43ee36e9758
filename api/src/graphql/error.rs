//! What a client is told when something goes wrong: one closed list of codes, and where in the input.

use std::fmt;

use assent_entity::link::LinkError;
use assent_entity::{StoreError, TokenError};
use async_graphql::{ErrorExtensionValues, ServerError};
use data_encoding::BASE32_NOPAD;
use rand::Rng;
use strum::{EnumIter, EnumMessage, IntoStaticStr};

use crate::limits::{Exhausted, TooOften};

/// What a resolver gives.
pub(crate) type Result<T, E = ApiError> = std::result::Result<T, E>;

/// The codes in `extensions.code`. They are stable: clients decide by them, never by the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, EnumIter, EnumMessage)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorCode {
    /// Nobody is signed in, or the sign-in failed.
    Unauthenticated,
    /// The password is right, and the sign-in takes a code of the member's second factor too.
    SecondFactorRequired,
    /// The tenant demands a second factor of every member, and this one has none yet: until they do, they can do nothing
    /// but set it up.
    SecondFactorSetupRequired,
    /// The token does not count where it was shown.
    NetworkNotAllowed,
    /// The member's role does not allow it.
    Forbidden,
    /// No such thing, or none of this tenant: the two are not told apart.
    NotFound,
    /// The request or its input breaks a rule; `extensions.field` names the input field where there is one.
    BadUserInput,
    /// The input is fine, but not as things stand.
    Conflict,
    /// The change was made by an earlier request with the same `Idempotency-Key`, whose answer is not kept.
    AlreadyDone,
    /// A policy version would take effect too soon.
    NoticePeriodTooShort,
    /// Content brings in an outside party that the policy in force does not name.
    OutsidePartyNotInPolicy,
    /// A campaign needs a sender whose domain is verified.
    SendingDomainUnverified,
    /// Nothing is changed in a tenant that is closed.
    TenantClosed,
    /// The operation asks for too much at once.
    QueryTooComplex,
    /// Too much was asked in a short time; `extensions.retryAfter` says after how many seconds to try again.
    TooManyRequests,
    /// The server is busy or took too long: try again.
    Unavailable,
    /// The server's fault; `extensions.incident` is what its log knows it by.
    Internal,
}

impl ErrorCode {
    /// The code as clients see it.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// An error as a client sees it.
///
/// It has no `Display`: the library turns everything that has one into an error without a code.
#[derive(Clone, Debug)]
pub struct ApiError {
    code: ErrorCode,
    message: String,
    field: Option<&'static str>,
    place: Option<(usize, usize)>,
    incident: Option<String>,
    retry_after: Option<u64>,
}

impl ApiError {
    /// An error with a code and words for the person in front of the client.
    pub fn new(code: ErrorCode, message: impl fmt::Display) -> Self {
        Self {
            code,
            message: message.to_string(),
            field: None,
            place: None,
            incident: None,
            retry_after: None,
        }
    }

    /// Something was asked more often than it may be.
    pub fn too_often(message: impl fmt::Display, often: TooOften) -> Self {
        let seconds = often.seconds();
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                ErrorCode::TooManyRequests,
                format!("{message}: try again after {seconds} seconds"),
            )
        }
    }

    /// Input that breaks a rule.
    pub fn bad_input(field: &'static str, message: impl fmt::Display) -> Self {
        Self::new(ErrorCode::BadUserInput, message).at(field)
    }

    /// Nobody is signed in.
    pub fn unauthenticated() -> Self {
        let message =
            "sign in first: send the session cookie, or an access token from signIn as bearer token";
        Self::new(ErrorCode::Unauthenticated, message)
    }

    /// The server's fault. What happened is logged here, once, and the client gets a number to ask about.
    pub(crate) fn internal(error: impl fmt::Display) -> Self {
        let incident = new_incident();
        tracing::error!(incident, error = %error, "a GraphQL operation failed");
        Self {
            incident: Some(incident.clone()),
            ..Self::new(
                ErrorCode::Internal,
                format!("the server failed; its log knows this as incident {incident}"),
            )
        }
    }

    /// The input field that the error is about.
    #[must_use]
    pub fn at(self, field: &'static str) -> Self {
        Self {
            field: Some(field),
            ..self
        }
    }

    /// Line and column, from 1, within the text of the field.
    #[must_use]
    pub fn in_text(self, line: usize, column: usize) -> Self {
        Self {
            place: Some((line, column)),
            ..self
        }
    }

    /// The code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The words for a person.
    pub fn message(&self) -> &str {
        &self.message
    }

    fn extensions(&self) -> ErrorExtensionValues {
        let mut values = ErrorExtensionValues::default();
        values.set("code", self.code.as_str());
        if let Some(field) = self.field {
            values.set("field", field);
        }
        if let Some((line, column)) = self.place {
            values.set("line", line);
            values.set("column", column);
        }
        if let Some(seconds) = self.retry_after {
            values.set("retryAfter", seconds);
        }
        if let Some(incident) = &self.incident {
            values.set("incident", incident.as_str());
        }
        values
    }
}

fn new_incident() -> String {
    let mut bytes = [0; 5];
    rand::rng().fill_bytes(&mut bytes);
    BASE32_NOPAD.encode(&bytes)
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) | StoreError::Gone => Self::new(ErrorCode::NotFound, error),
            StoreError::Invalid { field, message } => Self::bad_input(field, message),
            StoreError::Conflict { field, message } => Self::new(ErrorCode::Conflict, message).at(field),
            StoreError::NoticePeriod(error) => {
                Self::new(ErrorCode::NoticePeriodTooShort, error).at("effectiveAt")
            }
            StoreError::UnverifiedDomain(_) => Self::new(ErrorCode::SendingDomainUnverified, error).at("id"),
            StoreError::SecondFactor(_) => Self::new(ErrorCode::SecondFactorRequired, error).at("code"),
            StoreError::NetworkNotAllowed => Self::new(ErrorCode::NetworkNotAllowed, error),
            StoreError::Closed(_) => Self::new(ErrorCode::TenantClosed, error),
            StoreError::OutsideParty { .. } => Self::new(ErrorCode::OutsidePartyNotInPolicy, error).at("id"),
            error if error.is_transient() => {
                tracing::warn!(error = %error, "the database is busy or away");
                let message = "the database is busy or cannot be reached: nothing was changed, try again";
                Self::new(ErrorCode::Unavailable, message)
            }
            error => Self::internal(error),
        }
    }
}

impl From<Exhausted> for ApiError {
    fn from(exhausted: Exhausted) -> Self {
        Self::too_often(exhausted.words(), exhausted.often)
    }
}

impl From<LinkError> for ApiError {
    fn from(error: LinkError) -> Self {
        match error {
            LinkError::Token(TokenError::Altered) => Self::bad_input("token", TokenError::Altered),
            LinkError::Token(TokenError::Expired) => {
                let message = "this link has run out, or was used: ask for another";
                Self::new(ErrorCode::Conflict, message).at("token")
            }
            LinkError::Store(error) => error.into(),
        }
    }
}

impl From<ApiError> for async_graphql::Error {
    fn from(error: ApiError) -> Self {
        let mut converted = Self::new(error.message.as_str());
        converted.extensions = Some(error.extensions());
        converted
    }
}

impl From<ApiError> for ServerError {
    fn from(error: ApiError) -> Self {
        let mut converted = Self::new(error.message.as_str(), None);
        converted.extensions = Some(error.extensions());
        converted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn the_codes_are_a_closed_list() {
        let codes: Vec<_> = ErrorCode::iter().map(ErrorCode::as_str).collect();
        let documented = [
            "UNAUTHENTICATED",
            "SECOND_FACTOR_REQUIRED",
            "SECOND_FACTOR_SETUP_REQUIRED",
            "NETWORK_NOT_ALLOWED",
            "FORBIDDEN",
            "NOT_FOUND",
            "BAD_USER_INPUT",
            "CONFLICT",
            "ALREADY_DONE",
            "NOTICE_PERIOD_TOO_SHORT",
            "OUTSIDE_PARTY_NOT_IN_POLICY",
            "SENDING_DOMAIN_UNVERIFIED",
            "TENANT_CLOSED",
            "QUERY_TOO_COMPLEX",
            "TOO_MANY_REQUESTS",
            "UNAVAILABLE",
            "INTERNAL",
        ];
        assert_eq!(codes, documented);
    }

    #[test]
    fn what_went_wrong_inside_stays_inside() {
        let error = ApiError::from(StoreError::Corrupt("the password of ann@example.org".to_owned()));
        assert_eq!(error.code(), ErrorCode::Internal);
        let shown = ServerError::from(error);
        assert!(!format!("{shown:?}").contains("ann"));
        assert!(shown.extensions.unwrap().get("incident").is_some());
    }
}
