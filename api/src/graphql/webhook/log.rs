//! The log of webhooks: each event at each endpoint, with its attempts.

use assent_domain::webhook::{AttemptFailure, DeliveryState};
use assent_entity::webhook::delivery::{Attempt, Delivery as Row};
use async_graphql::{Description, Enum, ID, Object, SimpleObject};

use super::{WebhookEndpoint, WebhookEventType};
use crate::graphql::id;
use crate::graphql::time::Time;

/// Where the delivery of an event stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DeliveryState")]
pub(crate) enum WebhookDeliveryState {
    /// It is being attempted, or waits for that.
    Pending,
    /// The endpoint took it.
    Delivered,
    /// It was given up: after the last attempt, or because the endpoint was disabled.
    Failed,
}

/// Why an attempt failed.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "AttemptFailure")]
pub(crate) enum WebhookAttemptFailure {
    /// The host has no address on the public internet, nor in a network that whoever runs this server lets be used, or no name
    /// server answered.
    NotFound,
    /// It is not told any more: see `NOT_FOUND`.
    #[graphql(deprecation = "It told which names there are in inner networks: NOT_FOUND stands for both.")]
    NotAllowed,
    /// Nobody answered at the port.
    Connection,
    /// The connection could not be encrypted, or the certificate does not count.
    Tls,
    /// It took longer than 15 seconds.
    Timeout,
    /// What came back is no answer of HTTP.
    Protocol,
    /// The endpoint answered with a redirect (3xx), which is not followed.
    Redirect,
    /// The endpoint answered with another status than 2xx.
    Status,
}

/// One attempt to tell an endpoint something. Nothing is kept of what it answered but the status.
#[derive(SimpleObject)]
pub(crate) struct WebhookAttempt {
    /// Its number, from 1. One during which a worker was killed is missing: nobody knows what became of it.
    number: i32,
    /// When it began.
    started_at: Time,
    /// How long it took, in milliseconds.
    duration_ms: i64,
    /// The status that the endpoint answered with (RFC 9110, 15); null where it did not answer.
    status_code: Option<i32>,
    /// Why it failed; null where the endpoint took the event.
    failure: Option<WebhookAttemptFailure>,
}

impl From<&Attempt> for WebhookAttempt {
    fn from(attempt: &Attempt) -> Self {
        Self {
            number: attempt.number,
            started_at: attempt.started_at.into(),
            duration_ms: attempt.milliseconds,
            status_code: attempt.status,
            failure: attempt.failure.map(|failure| match failure.into() {
                WebhookAttemptFailure::NotAllowed => WebhookAttemptFailure::NotFound,
                failure => failure,
            }),
        }
    }
}

/// One event and one endpoint, and what became of it. It is kept for 30 days from the event.
#[derive(Description)]
pub(crate) struct WebhookDelivery(pub(crate) Row);

#[Object(use_type_description)]
impl WebhookDelivery {
    /// The delivery's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// The endpoint.
    async fn webhook_endpoint(&self) -> WebhookEndpoint {
        WebhookEndpoint(self.0.endpoint.clone())
    }

    /// The id of the event, which is the field `webhook-id`: the same at each attempt, and at each endpoint.
    async fn event_id(&self) -> ID {
        id::text(self.0.event)
    }

    /// Of what type the event is.
    async fn event_type(&self) -> WebhookEventType {
        self.0.event_type.into()
    }

    /// When it happened.
    async fn occurred_at(&self) -> Time {
        self.0.occurred_at.into()
    }

    /// What is posted: JSON, with ids, codes and times.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// Where it stands.
    async fn state(&self) -> WebhookDeliveryState {
        self.0.state.into()
    }

    /// The attempts, first to last: at most 8, and as many again each time that it is replayed.
    async fn attempts(&self) -> Vec<WebhookAttempt> {
        self.0.attempts.iter().map(WebhookAttempt::from).collect()
    }

    /// When it is attempted next; null where it is over, or being attempted.
    async fn next_attempt_at(&self) -> Option<Time> {
        self.0.next_attempt_at.map(Time)
    }

    /// When it was delivered or given up; null while it is pending.
    async fn finished_at(&self) -> Option<Time> {
        self.0.finished_at.map(Time)
    }
}
