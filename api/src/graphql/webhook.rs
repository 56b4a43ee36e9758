//! Webhooks: endpoints of the tenant's own programs, which are told what happens, and what became of telling them.

use assent_domain::webhook::DisabledReason;
use assent_entity::webhook::delivery::{self, Filter};
use assent_entity::webhook::endpoint::{self, Endpoint as Row};
use async_graphql::{Context, Description, Enum, ID, Object};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::Result;
use super::id;
use super::time::Time;

mod act;
mod change;
mod event_type;
mod log;

pub(crate) use act::WebhookActMutation;
pub(crate) use change::WebhookMutation;
pub(crate) use event_type::WebhookEventType;
pub(crate) use log::{WebhookDelivery, WebhookDeliveryState};

/// Why nothing is sent to an endpoint.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DisabledReason")]
pub(crate) enum WebhookDisabledReason {
    /// `disableWebhookEndpoint` was asked for.
    Requested,
    /// The endpoint answered with the status 410: it is gone for good.
    Gone,
    /// All that was sent to it failed, for 3 days unless whoever runs the server has set another time.
    Failing,
    /// The database was restored from a backup: look whether the endpoint is still meant to be there, then enable it.
    Restored,
}

/// Where a program of the tenant's own is told what happens: events are posted to it as JSON, signed by Standard Webhooks. The body
/// is `{"type", "timestamp", "tenant", "data"}`; the fields `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature`
/// (`v1,` and base64 of HMAC-SHA256 over `id.timestamp.body`; two of them with a space between while a secret takes the place of
/// another) come with it. Any status of 2xx within 15 seconds is a yes; redirects are not followed. Otherwise it is tried again
/// after about 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, later where `Retry-After` asks for that (24 h at most, with 429 and 503),
/// always under the same id. An event may come twice, and events may come in any order: go by id and timestamp. It holds ids, codes and times only;
/// who a person is, and what they permitted, is looked up here with a token.
#[derive(Description)]
pub(crate) struct WebhookEndpoint(pub(crate) Row);

#[Object(use_type_description)]
impl WebhookEndpoint {
    /// The endpoint's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Where events are posted to.
    async fn url(&self) -> &str {
        self.0.url.as_str()
    }

    /// What the tenant says that it is; may be empty.
    async fn description(&self) -> &str {
        &self.0.description
    }

    /// What it is told.
    async fn event_types(&self) -> Vec<WebhookEventType> {
        let types = self.0.event_types.iter();
        types.map(|of| WebhookEventType::from(*of)).collect()
    }

    /// Whether events are sent to it.
    async fn enabled(&self) -> bool {
        self.0.disabled.is_none()
    }

    /// Since when none is; null while they are.
    async fn disabled_at(&self) -> Option<Time> {
        self.0.disabled.map(|(at, _)| at.into())
    }

    /// Why none is; null while they are.
    async fn disabled_reason(&self) -> Option<WebhookDisabledReason> {
        self.0.disabled.map(|(_, reason)| reason.into())
    }

    /// Since when all that was sent to it failed; null while it takes what it is sent.
    async fn failing_since(&self) -> Option<Time> {
        self.0.failing_since.map(Time)
    }

    /// Until when the secret before signs as well; null where there is none.
    async fn former_secret_until(&self) -> Option<Time> {
        self.0.former_secret_until.map(Time)
    }

    /// When it was added.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}

/// What can be asked about webhooks.
#[derive(Default)]
pub(crate) struct WebhookQuery;

#[Object]
impl WebhookQuery {
    /// One endpoint. `NOT_FOUND` if the tenant has none with this id.
    async fn webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with webhook_.")] id: ID,
    ) -> Option<Result<WebhookEndpoint>> {
        let found = async {
            let id = id::parse("id", &id)?;
            Ok(WebhookEndpoint(endpoint::by_id(&ctx.read().await?, id).await?))
        };
        Some(found.await)
    }

    /// The tenant's endpoints, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn webhook_endpoints(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<WebhookEndpoint>> {
        let list = List::named("webhookEndpoints");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = endpoint::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, WebhookEndpoint))
    }

    /// What became of one event at one endpoint. `NOT_FOUND` if the tenant has no such delivery, or it is more than 30 days old.
    async fn webhook_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with hookdelivery_.")] id: ID,
    ) -> Option<Result<WebhookDelivery>> {
        let found = async {
            let id = id::parse("id", &id)?;
            Ok(WebhookDelivery(delivery::by_id(&ctx.read().await?, id).await?))
        };
        Some(found.await)
    }

    /// What became of events at endpoints, newest first: of the last 30 days.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn webhook_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Those to one endpoint: an id that begins with webhook_. To all if not said.")]
        webhook_endpoint_id: Option<ID>,
        #[graphql(desc = "Those in one state; in any if not said.")] state: Option<WebhookDeliveryState>,
        #[graphql(desc = "Those of one type of event; of any if not said.")] event_type: Option<
            WebhookEventType,
        >,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<WebhookDelivery>> {
        let list = List::named("webhookDeliveries");
        let request = list.request(ctx, first, after.as_deref())?;
        let of = webhook_endpoint_id.map(|id| id::parse("webhookEndpointId", &id));
        let filter = Filter {
            endpoint: of.transpose()?,
            state: state.map(Into::into),
            event_type: event_type.map(Into::into),
        };
        let page = delivery::page(&ctx.read().await?, filter, request).await?;
        Ok(list.page(request, page, WebhookDelivery))
    }
}
