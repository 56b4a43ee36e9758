//! A client of subscriptions, over a real WebSocket.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::visitor::Site;

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Somebody who watches.
#[derive(Debug)]
pub struct Watcher(WebSocketStream<MaybeTlsStream<TcpStream>>);

/// What comes.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A message.
    Message(Value),
    /// The end, with its code.
    End(u16),
}

impl Site {
    /// Opens a WebSocket that offers a protocol, with more headers; the status of the answer where it is refused.
    pub async fn try_watch(&self, protocol: &str, headers: &[(&'static str, &str)]) -> Result<Watcher, u16> {
        let address = format!("ws://{}/graphql", self.address);
        let mut request = address.into_client_request().expect("a request");
        let offer = ("sec-websocket-protocol", protocol);
        for (name, value) in headers.iter().chain([&offer]) {
            request
                .headers_mut()
                .insert(*name, value.parse().expect("a header"));
        }
        match connect_async(request).await {
            Ok((socket, _)) => Ok(Watcher(socket)),
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Opens a WebSocket and says who is asking.
    pub async fn watch(&self, token: &str) -> Watcher {
        let mut watcher = self
            .try_watch("graphql-transport-ws", &[])
            .await
            .expect("a socket");
        let payload = json!({ "authorization": format!("Bearer {token}") });
        watcher
            .say(json!({ "type": "connection_init", "payload": payload }))
            .await;
        assert_eq!(
            watcher.hear().await,
            Heard::Message(json!({ "type": "connection_ack" }))
        );
        watcher
    }
}

impl Watcher {
    /// Sends a message.
    pub async fn say(&mut self, message: Value) {
        self.say_text(&message.to_string()).await;
    }

    /// Sends a text.
    pub async fn say_text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.expect("it is sent");
    }

    /// Begins the operation of a document.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        self.subscribe_to(id, query, None, variables).await;
    }

    /// Begins one operation of a document, by its name.
    pub async fn subscribe_to(&mut self, id: &str, query: &str, name: Option<&str>, variables: Value) {
        let payload = json!({ "query": query, "operationName": name, "variables": variables });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await;
    }

    /// Waits for the next message.
    pub async fn hear(&mut self) -> Heard {
        loop {
            let next = tokio::time::timeout(PATIENCE, self.0.next())
                .await
                .expect("something comes");
            match next {
                Some(Ok(Message::Text(text))) => {
                    return Heard::Message(serde_json::from_str(&text).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Heard::End(frame.map_or(1005, |frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Heard::End(1006),
            }
        }
    }

    /// Waits for the next result of an operation: its data, or its errors.
    pub async fn next(&mut self, id: &str) -> Value {
        let Heard::Message(message) = self.hear().await else {
            panic!("the connection has ended");
        };
        let of = |name| message.get(name).cloned().unwrap_or_default();
        assert_eq!((of("type"), of("id")), (json!("next"), json!(id)), "{message}");
        of("payload")
    }

    /// Waits for an operation to be refused, and says why.
    pub async fn refused(&mut self, id: &str) -> Value {
        let Heard::Message(message) = self.hear().await else {
            panic!("the connection has ended");
        };
        let of = |name| message.get(name).cloned().unwrap_or_default();
        assert_eq!((of("type"), of("id")), (json!("error"), json!(id)), "{message}");
        of("payload")
    }
}
