//! Endpoints tried out, and events sent once more.

use assent_domain::id::{WebhookDeliveryId, WebhookEndpointId};
use assent_entity::webhook::{delivery, endpoint, replay};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::WebhookDelivery;
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::id;
use crate::graphql::time::Time;

/// An endpoint to be tried out.
#[derive(InputObject)]
pub(crate) struct TestWebhookEndpointInput {
    /// Which: an id that begins with webhook_.
    webhook_endpoint_id: ID,
}

/// A delivery to be made once more.
#[derive(InputObject)]
pub(crate) struct ReplayWebhookDeliveryInput {
    /// Which: an id that begins with hookdelivery_.
    id: ID,
}

/// Deliveries to be made once more.
#[derive(InputObject)]
pub(crate) struct ReplayFailedWebhookDeliveriesInput {
    /// To which endpoint: an id that begins with webhook_.
    webhook_endpoint_id: ID,
    /// Of events that happened then or later.
    since: Time,
}

/// The delivery as it is since.
#[derive(SimpleObject)]
pub(crate) struct WebhookDeliveryPayload {
    /// The delivery: ask `webhookDelivery` what becomes of it.
    webhook_delivery: WebhookDelivery,
}

/// What is sent once more.
#[derive(SimpleObject)]
pub(crate) struct ReplayFailedWebhookDeliveriesPayload {
    /// How many deliveries: at most 5,000, those of the oldest events. With as many, ask again.
    replayed: u64,
}

/// What can be done with what endpoints are told.
#[derive(Default)]
pub(crate) struct WebhookActMutation;

#[Object]
impl WebhookActMutation {
    /// Sends an endpoint the event `webhook.test`, once. Its delivery tells what becomes of it. `CONFLICT` if the endpoint is disabled,
    /// `TOO_MANY_REQUESTS` after 20 tries of it within ten minutes.
    #[graphql(complexity = "100 + child_complexity")]
    async fn test_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which endpoint.")] input: TestWebhookEndpointInput,
    ) -> Result<WebhookDeliveryPayload> {
        let id: WebhookEndpointId = id::parse("webhookEndpointId", &input.webhook_endpoint_id)?;
        endpoint::by_id(&ctx.read().await?, id).await?;
        if let Err(often) = ctx.app()?.limits.try_endpoint(id) {
            return Err(ApiError::too_often("this endpoint was tried too often", often));
        }
        let mut tx = ctx.write().await?;
        let delivery = endpoint::test(&mut tx, id).await?;
        let webhook_delivery = WebhookDelivery(delivery::by_id(&tx, delivery).await?);
        tx.commit().await?;
        Ok(WebhookDeliveryPayload { webhook_delivery })
    }

    /// Sends an event once more, whether it arrived or not: under the same id, with all attempts anew. `CONFLICT` while it is
    /// pending, or if the endpoint is disabled.
    #[graphql(complexity = "50 + child_complexity")]
    async fn replay_webhook_delivery(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which delivery.")] input: ReplayWebhookDeliveryInput,
    ) -> Result<WebhookDeliveryPayload> {
        let id: WebhookDeliveryId = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        replay::one(&mut tx, id).await?;
        let webhook_delivery = WebhookDelivery(delivery::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(WebhookDeliveryPayload { webhook_delivery })
    }

    /// Sends once more what an endpoint did not take, of events of the last 30 days: under the same ids, with all attempts anew. Tests are
    /// left out. `CONFLICT` if the endpoint is disabled.
    #[graphql(complexity = "100 + child_complexity")]
    async fn replay_failed_webhook_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which deliveries.")] input: ReplayFailedWebhookDeliveriesInput,
    ) -> Result<ReplayFailedWebhookDeliveriesPayload> {
        let id: WebhookEndpointId = id::parse("webhookEndpointId", &input.webhook_endpoint_id)?;
        let mut tx = ctx.write().await?;
        let replayed = replay::failed(&mut tx, id, input.since.0).await?;
        tx.commit().await?;
        Ok(ReplayFailedWebhookDeliveriesPayload { replayed })
    }
}
