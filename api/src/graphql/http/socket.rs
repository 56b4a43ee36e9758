//! Subscriptions over a WebSocket (RFC 6455), by the protocol `graphql-transport-ws` and no other.
//!
//! Who is asking says so in the payload of `connection_init`, as `{"authorization": "Bearer ..."}`, or by the session cookie,
//! which counts only for a page of this server's own. Each operation goes through the limits that all others go through.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::{SEC_WEBSOCKET_PROTOCOL, UPGRADE};
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use actix_ws::{AggregatedMessage, CloseCode, CloseReason, Session};
use assent_entity::access::Access;
use async_graphql::http::{WebSocket, WebSocketProtocols, WsMessage};
use async_graphql::parser::types::OperationType;
use async_graphql::{Data, Executor, Request, Response, ServerError};
use futures::stream::{self, BoxStream, StreamExt};
use serde_json::Value;
use tokio::sync::{Semaphore, mpsc};

use super::answer::{self, Refusal};
use super::media::Format;
use super::protocol::{Breach, MAX_OPERATIONS, PROTOCOL, Protocol};
use super::{chosen, execute, own_credential};
use crate::app::App;
use crate::auth::Credential;
use crate::graphql::access::Asked;
use crate::graphql::error::{ApiError, ErrorCode};
use crate::graphql::person::Readings;
use crate::graphql::reader::Reader;
use crate::graphql::schema::SCHEMA;
use crate::graphql::{limits, loaders};
use crate::limits::Network;
use crate::visitor_address::Visitor;

/// The longest message, in octets.
const MAX_MESSAGE_OCTETS: usize = limits::MAX_OCTETS + 16 * 1024;

/// The most connections that are open at once.
const MAX_CONNECTIONS: usize = 2000;

/// Messages that have come and are not read yet; whoever sends more is cut off.
const MAX_UNREAD: usize = 64;

/// How long a client may take to say who it is.
const INTRODUCTION: Duration = Duration::from_secs(10);

/// How often a client is asked whether it is there, and how long it may be silent.
const BEAT: Duration = Duration::from_secs(20);
const SILENCE: Duration = Duration::from_mins(1);

/// How long a client may take to read a message.
const READING: Duration = Duration::from_secs(10);

static CONNECTIONS: Semaphore = Semaphore::const_new(MAX_CONNECTIONS);

/// Whether a request asks for a WebSocket.
pub(super) fn is_wanted_by(request: &HttpRequest) -> bool {
    let upgrade = request
        .headers()
        .get(UPGRADE)
        .and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// Opens a WebSocket, or says why not.
pub(super) fn open(request: &HttpRequest, body: Payload, app: &App) -> HttpResponse {
    try_open(request, body, app).unwrap_or_else(|refusal| answer::to_http(Format::Json, Err(refusal)))
}

fn try_open(request: &HttpRequest, body: Payload, app: &App) -> Result<HttpResponse, Refusal> {
    let offered = request.headers().get_all(SEC_WEBSOCKET_PROTOCOL);
    let offered = offered.filter_map(|value| value.to_str().ok());
    if !offered
        .flat_map(|value| value.split(','))
        .any(|protocol| protocol.trim() == PROTOCOL)
    {
        let message =
            format!("subscriptions go by the protocol {PROTOCOL}: offer it in Sec-WebSocket-Protocol");
        return Err(Refusal::bad_request(message));
    }
    let credential = own_credential(request, app)?;
    let Ok(place) = CONNECTIONS.try_acquire() else {
        return Err(Refusal::busy(
            "too many subscriptions are open on this server: try again in a minute",
        ));
    };
    let opened = actix_ws::handle_with_protocols(request, body, &[PROTOCOL]);
    let (response, session, messages) =
        opened.map_err(|_| Refusal::bad_request("this is no handshake of a WebSocket (RFC 6455, 4.2.1)"))?;
    let messages = messages
        .max_frame_size(MAX_MESSAGE_OCTETS)
        .aggregate_continuations()
        .max_continuation_size(MAX_MESSAGE_OCTETS);
    let live = Live {
        app: app.clone(),
        network: Network::of(request),
        visitor: Visitor::of(request),
        operations: Arc::new(Semaphore::new(MAX_OPERATIONS)),
    };
    actix_web::rt::spawn(async move {
        let _place = place;
        converse(live, credential, session, messages).await;
    });
    Ok(response)
}

/// Carries messages until one of the two is gone.
async fn converse(
    live: Live,
    credential: Option<Credential>,
    mut session: Session,
    mut messages: actix_ws::AggregatedMessageStream,
) {
    let (say, mut said) = mpsc::channel::<String>(MAX_UNREAD);
    let app = live.app.clone();
    let stopping = app.stopping.clone();
    let visitor = live.visitor;
    let introduce = move |payload| introduce(app, credential, visitor, payload);
    let heard = stream::poll_fn(move |context| said.poll_recv(context));
    let mut socket = WebSocket::new(live, heard, WebSocketProtocols::GraphQLWS).on_connection_init(introduce);
    let (opened, mut last_heard) = (Instant::now(), Instant::now());
    let mut protocol = Protocol::new();
    let mut beat = tokio::time::interval(BEAT.min(INTRODUCTION));
    let reason = loop {
        tokio::select! {
            // What came of a message is said before the next is read: so an id is free as soon as its operation has ended.
            biased;
            () = stopping.cancelled() => break Some(Breach::new(1012, "the server stops: connect anew")),
            message = socket.next() => match message {
                Some(WsMessage::Text(text)) => {
                    let Some(text) = protocol.said(text) else { continue };
                    match tokio::time::timeout(READING, session.text(text)).await {
                        Ok(Ok(())) => {}
                        _ => break None,
                    }
                }
                Some(WsMessage::Close(..)) if !protocol.is_known() => {
                    break Some(Breach::new(4403, "sign in, and say so in connection_init"));
                }
                Some(WsMessage::Close(..)) => {
                    break Some(Breach::new(4400, "this is not what the protocol has at this place"));
                }
                None => break None,
            },
            message = messages.next() => match message {
                Some(Ok(AggregatedMessage::Text(text))) => {
                    last_heard = Instant::now();
                    if let Err(breach) = protocol.heard(&text) {
                        break Some(breach);
                    }
                    if say.try_send(text.to_string()).is_err() {
                        break Some(Breach::new(4429, "too many messages at once"));
                    }
                }
                Some(Ok(AggregatedMessage::Ping(octets))) => {
                    last_heard = Instant::now();
                    if session.pong(&octets).await.is_err() {
                        break None;
                    }
                }
                Some(Ok(AggregatedMessage::Pong(_))) => last_heard = Instant::now(),
                Some(Ok(AggregatedMessage::Binary(_))) => break Some(Breach::new(4400, "messages are texts")),
                Some(Ok(AggregatedMessage::Close(reason))) => {
                    // It is answered with the code it came with (RFC 6455, 5.5.1).
                    let _ = tokio::time::timeout(READING, session.close(reason)).await;
                    return;
                }
                None => break None,
                Some(Err(_)) => break Some(Breach::new(1009, "this message is too long, or none")),
            },
            _ = beat.tick() => {
                if !protocol.is_known() && opened.elapsed() >= INTRODUCTION {
                    break Some(Breach::new(4408, "nobody said who they are"));
                }
                if last_heard.elapsed() >= SILENCE || session.ping(b"").await.is_err() {
                    break None;
                }
            }
        }
    };
    let reason = reason.map(|breach| CloseReason {
        code: CloseCode::Other(breach.code),
        description: Some(breach.words.to_owned()),
    });
    let _ = tokio::time::timeout(READING, session.close(reason)).await;
}

/// Learns who is asking. Of two credentials, that of the message counts.
async fn introduce(
    app: App,
    cookie: Option<Credential>,
    visitor: Visitor,
    payload: Value,
) -> async_graphql::Result<Data> {
    let bearer = ["authorization", "Authorization"]
        .iter()
        .find_map(|name| payload.get(name));
    let bearer = bearer
        .and_then(Value::as_str)
        .and_then(|value| value.split_once(' '));
    let bearer = bearer
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| Credential::Bearer(token.trim().to_owned().into(), visitor));
    let credential = bearer.or(cookie).ok_or_else(ApiError::unauthenticated)?;
    let access = credential.access(&app).await.map_err(ApiError::from)?;
    access.ok_or_else(ApiError::unauthenticated)?;
    let mut data = Data::default();
    data.insert(credential);
    Ok(data)
}

/// Runs the operations of one connection.
#[derive(Clone)]
struct Live {
    app: App,
    network: Network,
    visitor: Visitor,
    operations: Arc<Semaphore>,
}

fn refused(error: impl Into<ServerError>) -> BoxStream<'static, Response> {
    let response = Response::from_errors(vec![error.into()]);
    stream::once(async { response }).boxed()
}

impl Executor for Live {
    async fn execute(&self, _: Request) -> Response {
        Response::from_errors(vec![ApiError::internal("an operation that is no stream").into()])
    }

    fn execute_stream(&self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        let live = self.clone();
        stream::once(async move { live.begin(request, session).await })
            .flatten()
            .boxed()
    }
}

impl Live {
    async fn begin(self, request: Request, session: Option<Arc<Data>>) -> BoxStream<'static, Response> {
        match self.try_begin(request, session).await {
            Ok(responses) => responses,
            Err(error) => refused(error),
        }
    }

    async fn try_begin(
        self,
        mut request: Request,
        session: Option<Arc<Data>>,
    ) -> Result<BoxStream<'static, Response>, ServerError> {
        let Ok(place) = Arc::clone(&self.operations).try_acquire_owned() else {
            let message = format!("a connection carries at most {MAX_OPERATIONS} operations at once");
            return Err(ApiError::new(ErrorCode::TooManyRequests, message).into());
        };
        if !self.app.documents.allow(&request.query) {
            let message =
                "this server runs only operations that it knows: send one of them as it was written";
            return Err(ApiError::new(ErrorCode::BadUserInput, message).into());
        }
        let mut document = limits::admit(&request.query, self.app.explorer)?;
        let name = request.operation_name.as_deref();
        chosen::leave_others_out(&mut document, name);
        let chosen = chosen::chosen(&document, name);
        let Some(operation) = chosen.filter(|operation| operation.ty == OperationType::Subscription) else {
            let message = "only subscriptions go over a WebSocket: send queries and mutations by POST";
            return Err(ApiError::new(ErrorCode::BadUserInput, message).into());
        };
        execute::check_variables(operation, &request.variables)?;
        let asked = Asked::of(operation, &document);
        asked.check_is_one()?;
        let credential = session.as_deref().and_then(credential_in);
        let credential = credential.ok_or_else(ApiError::unauthenticated)?;
        let access: Option<Access> = credential.access(&self.app).await.map_err(ApiError::from)?;
        let access = access.ok_or_else(ApiError::unauthenticated)?;
        asked.check(&access)?;
        self.app.limits.operation(&access).map_err(ApiError::from)?;
        request.set_parsed_query(document);
        let reader = Arc::new(Reader::anew(self.app.store.clone(), access.ctx()));
        let request = request
            .data(loaders::of(Arc::clone(&reader)))
            .data(reader)
            .data(access)
            .data(credential)
            .data(self.network)
            .data(Arc::new(Readings::default()))
            .data(self.app);
        let responses = SCHEMA.execute_stream(request);
        Ok(responses
            .map(move |mut response| {
                let _held = &place;
                answer::complete(&mut response);
                response
            })
            .boxed())
    }
}

fn credential_in(session: &Data) -> Option<Credential> {
    session
        .get(&std::any::TypeId::of::<Credential>())?
        .downcast_ref::<Credential>()
        .cloned()
}
