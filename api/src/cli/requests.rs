//! `assent requests`: the request log, for whoever runs the server (P02).

use std::time::Duration;

use assent_domain::clock::Timestamp;
use assent_entity::{Store, request_log};
use chrono::DateTime;

use super::{Failure, say};

/// What is shown if nothing is said.
const LATELY: Duration = Duration::from_hours(24);

/// Prints every request since a time.
pub(super) async fn print(store: &Store, since: Option<Timestamp>) -> Result<(), Failure> {
    let since = since.unwrap_or_else(|| store.now().before(LATELY));
    Ok(request_log::read(store, since, |request| say(request)).await?)
}

/// Reads a time.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    let at = DateTime::parse_from_rfc3339(text);
    at.map(|at| at.to_utc().into())
        .map_err(|_| "a time by RFC 3339 is needed, such as 2026-03-01T09:00:00Z".to_owned())
}
