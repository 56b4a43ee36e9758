//! Posting one event: a connection of its own to an address that was looked at, one request, and the status of the answer. No proxy,
//! no redirect, no cookie, and nothing is read of what the endpoint says beyond that.

use std::time::{Duration, Instant};

use assent_domain::clock::Timestamp;
use assent_domain::webhook::AttemptFailure;
use assent_entity::Store;
use assent_entity::webhook::turn::{Claim, Ended};
use chrono::DateTime;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::bounds;
use crate::dial::{Dialer, NoConnection};
use crate::settings::WorkerSettings;

/// The most octets of an answer's head that are read.
const MAX_HEAD: usize = 16 * 1024;

/// What is told of an answer.
struct Answer {
    status: u16,
    retry_after: Option<Duration>,
}

/// Tells endpoints. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Messenger {
    dialer: Dialer,
    timeout: Duration,
}

impl Messenger {
    pub(crate) fn new(settings: &WorkerSettings) -> Self {
        Self {
            dialer: Dialer::new(bounds(&settings.webhooks), settings.sender.dns_server),
            timeout: settings.webhooks.timeout,
        }
    }

    /// Posts an event, and says what became of it.
    pub(crate) async fn post(&self, store: &Store, claim: &Claim) -> Ended {
        let (started_at, began) = (store.now(), Instant::now());
        let trying = tokio::time::timeout(self.timeout, self.attempt(claim, started_at)).await;
        let outcome = trying.unwrap_or(Err(AttemptFailure::Timeout));
        let answer = outcome.as_ref().ok();
        let failure = match &outcome {
            Ok(answer) => failure_of(answer.status),
            Err(failure) => Some(*failure),
        };
        Ended {
            delivery: claim.delivery,
            attempt: claim.attempt,
            started_at,
            took: began.elapsed(),
            status: answer.map(|answer| answer.status),
            failure,
            retry_after: answer.and_then(|answer| answer.retry_after),
        }
    }

    async fn attempt(&self, claim: &Claim, now: Timestamp) -> Result<Answer, AttemptFailure> {
        let stream = self.dialer.dial(&claim.url).await.map_err(failure_to_connect)?;
        exchange(stream, request(claim, now)?, now).await
    }
}

fn failure_to_connect(why: NoConnection) -> AttemptFailure {
    match why {
        // Told apart, they would say which names there are in the networks behind this server.
        NoConnection::Unreachable(_) => AttemptFailure::NotFound,
        NoConnection::Refused => AttemptFailure::Connection,
        NoConnection::Tls => AttemptFailure::Tls,
    }
}

/// The request, as Standard Webhooks says: the id is the event's and the same at each attempt, the time is the attempt's.
fn request(claim: &Claim, now: Timestamp) -> Result<Request<Full<Bytes>>, AttemptFailure> {
    let (id, seconds) = (claim.event.to_string(), now.micros().div_euclid(1_000_000));
    let signatures = claim.secrets.iter();
    let signatures: Vec<_> = signatures
        .map(|secret| secret.sign(&id, seconds, &claim.body))
        .collect();
    Request::post(claim.url.target())
        .header(HOST, claim.url.authority())
        .header(USER_AGENT, "Assent-Webhooks/1")
        .header(CONTENT_TYPE, "application/json")
        .header(CONNECTION, "close")
        .header("webhook-id", &id)
        .header("webhook-timestamp", seconds)
        .header("webhook-signature", signatures.join(" "))
        .body(Full::from(claim.body.clone()))
        .map_err(|_| AttemptFailure::Protocol)
}

/// Sends the request, and waits for the head of the answer. The rest of it goes with the connection.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
    now: Timestamp,
) -> Result<Answer, AttemptFailure> {
    let began = hyper::client::conn::http1::Builder::new()
        .max_buf_size(MAX_HEAD)
        .handshake(TokioIo::new(stream))
        .await;
    let (mut sender, connection) = began.map_err(|_| AttemptFailure::Protocol)?;
    let answering = sender.send_request(request);
    tokio::pin!(connection, answering);
    // The connection works only while it is polled, and is gone when this ends. However it ended, an answer may have come before.
    let answer = tokio::select! {
        answer = &mut answering => answer,
        _ = &mut connection => answering.await,
    };
    let answer: Response<Incoming> = answer.map_err(|_| AttemptFailure::Protocol)?;
    Ok(Answer {
        status: answer.status().as_u16(),
        retry_after: retry_after(&answer, now),
    })
}

fn failure_of(status: u16) -> Option<AttemptFailure> {
    match status {
        200..=299 => None,
        300..=399 => Some(AttemptFailure::Redirect),
        _ => Some(AttemptFailure::Status),
    }
}

/// How long an answer asks to wait, in seconds or until a date (RFC 9110, 10.2.3). It counts where the endpoint has too much to do.
fn retry_after<T>(answer: &Response<T>, now: Timestamp) -> Option<Duration> {
    let has_too_much = [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE];
    let said = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if !has_too_much.contains(&answer.status()) {
        return None;
    }
    let seconds = said.parse().ok().map(Duration::from_secs);
    let until = || {
        let at = DateTime::parse_from_rfc2822(said).ok()?;
        Some(Timestamp::from(at.to_utc()).since(now))
    };
    seconds.or_else(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(status: u16, said: &str) -> Option<Duration> {
        let answer = Response::builder().status(status).header("retry-after", said);
        // 2026-03-02T09:00:00Z.
        let now = Timestamp::from_micros(1_772_442_000_000_000);
        retry_after(&answer.body(()).unwrap(), now)
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_by_a_date() {
        let minute = Some(Duration::from_mins(1));
        assert_eq!(asked(503, "60"), minute);
        assert_eq!(asked(429, "Mon, 02 Mar 2026 09:01:00 GMT"), minute);
        assert_eq!(asked(429, "Mon, 02 Mar 2026 08:00:00 GMT"), Some(Duration::ZERO));
        assert_eq!(asked(500, "60"), None);
        for nonsense in ["", "soon", "-1", "99999999999999999999999"] {
            assert_eq!(asked(503, nonsense), None, "{nonsense}");
        }
    }
}
