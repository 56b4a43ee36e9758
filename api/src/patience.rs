//! How long a request may take to come in: who sends a body slowly, or not at all, would hold a connection for ever.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::{InternalError, PayloadError};
use actix_web::http::Method;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse};
use futures::StreamExt;
use futures::stream;
use tokio::time::{Instant, timeout_at};

/// How long a body may take as a whole.
const WHOLE: Duration = Duration::from_secs(30);

/// How long nothing may come of one.
const SILENCE: Duration = Duration::from_secs(20);

/// How the type of a body in several parts begins.
const PARTS: &[u8] = b"multipart/";

/// Breaks a body off that does not come.
pub(crate) async fn ends(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let is_late = Rc::new(Cell::new(false));
    // What follows the head of a `GET` is a WebSocket, which has limits of its own.
    if matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) && !is_file(&request) {
        let body = request.take_payload();
        request.set_payload(within(body, Instant::now() + WHOLE, Rc::clone(&is_late)));
    }
    let answered = next.call(request).await;
    if !is_late.get() {
        return answered.map(ServiceResponse::map_into_left_body);
    }
    let late = HttpResponse::RequestTimeout()
        .force_close()
        .content_type("text/plain; charset=utf-8")
        .body("The body of the request did not come in time: send it again, as a whole.\n");
    match answered {
        // The request goes on with the answer, so that the request log has it.
        Ok(answered) => Ok(answered.into_response(late).map_into_right_body()),
        Err(_) => Err(InternalError::from_response("a body that did not come", late).into()),
    }
}

/// Whether a file comes, which takes as long as it is large: whoever reads it has limits of its own.
fn is_file(request: &ServiceRequest) -> bool {
    let kind = request.headers().get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.as_bytes().get(..PARTS.len()));
    let is_in_parts = kind.is_some_and(|kind| kind.eq_ignore_ascii_case(PARTS));
    request.path().starts_with("/imports/") || is_in_parts && request.path() == "/graphql"
}

fn within(body: Payload, whole: Instant, is_late: Rc<Cell<bool>>) -> Payload {
    let octets = stream::unfold(Some(body), move |body| {
        let is_late = Rc::clone(&is_late);
        async move {
            let mut body = body?;
            let until = whole.min(Instant::now() + SILENCE);
            let Ok(some) = timeout_at(until, body.next()).await else {
                is_late.set(true);
                let late = io::Error::new(io::ErrorKind::TimedOut, "the body did not come in time");
                return Some((Err(PayloadError::Incomplete(Some(late))), None));
            };
            some.map(|some| (some, Some(body)))
        }
    });
    // Readers may ask once more after the end.
    Payload::from(Box::pin(octets.fuse()) as std::pin::Pin<Box<dyn futures::Stream<Item = _>>>)
}
