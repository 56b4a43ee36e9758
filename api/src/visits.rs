//! What is noted of every request, never in its way: a line of the request log, and a count of browsers. The two go
//! their own ways from the start, so that a browser never stands beside an address (P02).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::USER_AGENT;
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpRequest};
use assent_domain::browser::BrowserFamily;
use assent_domain::clock::Timestamp;
use assent_entity::Store;
use assent_entity::browser_share::{self, Day, Views};
use assent_entity::request_log::{self, LoggedRequest, Origin};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::browser::family_of;
use crate::visitor_address::{TrustedProxies, visitor_address};

/// The most requests that wait to be written; further ones are counted, and left out.
const MAX_WAITING: usize = 10_000;

/// As many are written without waiting longer.
const WRITE_AT: usize = 1000;

/// How long they wait at most.
const WRITE_AFTER: Duration = Duration::from_secs(1);

/// What is noted.
#[derive(Clone, Debug, Default)]
pub struct VisitSettings {
    /// Whether requests are logged.
    pub logs_requests: bool,
    /// Whether browsers are counted.
    pub counts_browsers: bool,
    /// Whose word is taken for where a request comes from.
    pub trusted_proxies: TrustedProxies,
}

/// What was noted and waits to be written. Cheap to clone; by default it notes nothing.
#[derive(Clone, Debug, Default)]
pub struct Visits(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    settings: VisitSettings,
    waiting: Mutex<Waiting>,
    is_much: Notify,
    /// Held while something is written, so that whoever waits for it knows when it is.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Waiting {
    requests: Vec<LoggedRequest>,
    left_out: u64,
    views: Views,
}

/// It holds addresses.
impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting")
            .field("requests", &self.requests.len())
            .finish_non_exhaustive()
    }
}

impl Visits {
    /// Notes what the settings say.
    pub fn new(settings: VisitSettings) -> Self {
        Self(Arc::new(Inner {
            settings,
            ..Inner::default()
        }))
    }

    /// Whose word is taken for where a request comes from.
    pub fn trusted_proxies(&self) -> &TrustedProxies {
        &self.0.settings.trusted_proxies
    }

    fn with_waiting<T>(&self, work: impl FnOnce(&mut Waiting) -> T) -> T {
        // What a panic may have left is counts and lines, each whole.
        work(&mut self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn note_request(&self, request: LoggedRequest) {
        let waiting = self.with_waiting(|waiting| {
            if waiting.requests.len() < MAX_WAITING {
                waiting.requests.push(request);
            } else {
                waiting.left_out += 1;
            }
            waiting.requests.len()
        });
        if waiting >= WRITE_AT {
            self.0.is_much.notify_one();
        }
    }

    fn note_view(&self, slug: &str, day: Day, family: BrowserFamily) {
        self.with_waiting(|waiting| {
            let of_tenant = waiting.views.entry(slug.to_owned()).or_default();
            *of_tenant.entry((day, family)).or_insert(0) += 1;
        });
    }

    /// Writes what waits, now and then, until `stop`, and then what is left.
    pub async fn keep(self, store: Store, stop: CancellationToken) {
        let rest = async || {
            let much = tokio::time::timeout(WRITE_AFTER, self.0.is_much.notified());
            stop.run_until_cancelled(much).await.is_some()
        };
        while rest().await {
            self.write(&store).await;
        }
        self.write(&store).await;
    }

    /// Writes what waits. What the database refuses is lost, and said to be: a request waits for no log.
    pub async fn write(&self, store: &Store) {
        let _writing = self.0.writing.lock().await;
        let now = self.with_waiting(std::mem::take);
        if now.left_out > 0 {
            tracing::warn!(
                left_out = now.left_out,
                "requests came faster than they could be logged"
            );
        }
        if let Err(error) = request_log::write(store, &now.requests).await {
            tracing::warn!(lost = now.requests.len(), %error, "requests could not be logged");
        }
        if let Err(error) = browser_share::add(store, &now.views).await {
            tracing::warn!(%error, "browsers could not be counted");
        }
    }
}

/// Notes a request when it has been answered.
pub(crate) async fn note(
    app: Data<App>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let (received_at, began) = (app.store.now(), Instant::now());
    let answered = next.call(request).await?;
    let (request, status) = (answered.request(), answered.status());
    if app.visits.0.settings.logs_requests {
        app.visits
            .note_request(logged(request, status, received_at, began.elapsed()));
    }
    if app.visits.0.settings.counts_browsers
        && let Some(slug) = viewed(request, status)
    {
        app.visits.note_view(slug, Day::of(received_at), browser(request));
    }
    Ok(answered)
}

fn logged(
    request: &HttpRequest,
    status: StatusCode,
    received_at: Timestamp,
    duration: Duration,
) -> LoggedRequest {
    LoggedRequest {
        received_at,
        method: method(request.method()).to_owned(),
        route: request.match_pattern().unwrap_or_else(|| "(none)".to_owned()),
        status: status.as_u16(),
        duration,
        from: visitor_address(request).map(Origin::Address),
    }
}

/// A method of HTTP; what a client has made up is not written down.
fn method(method: &Method) -> &str {
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if known.contains(method) {
        method.as_str()
    } else {
        "OTHER"
    }
}

/// The tenant whose page was read, if one was: by its published address, not by somebody's personal one.
fn viewed(request: &HttpRequest, status: StatusCode) -> Option<&str> {
    let route = request.match_pattern()?;
    let is_page = route.starts_with("/t/{tenant}/") && route.rsplit('.').next() != Some("css");
    let is_read = request.method() == Method::GET && status == StatusCode::OK && !is_fetched_ahead(request);
    (is_page && is_read)
        .then(|| request.match_info().get("tenant"))
        .flatten()
}

/// Whether a browser asks before anybody has followed the link (the Fetch standard, `Sec-Purpose`).
pub(crate) fn is_fetched_ahead(request: &HttpRequest) -> bool {
    let purpose = request.headers().get("sec-purpose");
    purpose.is_some_and(|purpose| purpose.as_bytes().starts_with(b"prefetch"))
}

/// The family of the browser that asks.
pub(crate) fn browser(request: &HttpRequest) -> BrowserFamily {
    let user_agent = request
        .headers()
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    family_of(user_agent.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p02_what_comes_faster_than_it_can_be_written_is_left_out_and_counted() {
        let visits = Visits::default();
        let request = LoggedRequest {
            received_at: Timestamp::from_micros(0),
            method: "GET".to_owned(),
            route: "/".to_owned(),
            status: 200,
            duration: Duration::ZERO,
            from: None,
        };
        for _ in 0..MAX_WAITING + 5 {
            visits.note_request(request.clone());
        }
        let (waiting, left_out) = visits.with_waiting(|waiting| (waiting.requests.len(), waiting.left_out));
        assert_eq!((waiting, left_out), (MAX_WAITING, 5));
    }
}
