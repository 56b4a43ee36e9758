//! Endpoints added, changed, disabled and taken away, and their secrets.

use assent_domain::id::WebhookEndpointId;
use assent_domain::webhook::EndpointUrl;
use assent_entity::webhook::endpoint::{self, EndpointDraft};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret;

use super::{WebhookEndpoint, WebhookEventType};
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::id;

/// An endpoint to be added.
#[derive(InputObject)]
pub(crate) struct CreateWebhookEndpointInput {
    /// Where events are posted to: an address of HTTPS on the public internet, at the port 443 or one from 1024 on, without a user or
    /// password, of at most 2048 octets.
    url: String,
    /// What to remember it by: 200 characters at most; nothing if not said.
    description: Option<String>,
    /// What it is to be told: at least one type, and not `WEBHOOK_TEST`.
    event_types: Vec<WebhookEventType>,
}

/// What is to change of an endpoint; what is left out stays as it is.
#[derive(InputObject)]
pub(crate) struct UpdateWebhookEndpointInput {
    /// Which: an id that begins with webhook_.
    id: ID,
    /// Where events are posted to from now on, those that wait too.
    url: Option<String>,
    /// What to remember it by: 200 characters at most.
    description: Option<String>,
    /// What it is told from now on: at least one type, and not `WEBHOOK_TEST`.
    event_types: Option<Vec<WebhookEventType>>,
}

/// An endpoint.
#[derive(InputObject)]
pub(crate) struct WebhookEndpointInput {
    /// Which: an id that begins with webhook_.
    id: ID,
}

/// The endpoint as it is since.
#[derive(SimpleObject)]
pub(crate) struct WebhookEndpointPayload {
    /// The endpoint.
    webhook_endpoint: WebhookEndpoint,
}

/// The endpoint with its new secret.
#[derive(SimpleObject)]
pub(crate) struct WebhookSecretPayload {
    /// The endpoint.
    webhook_endpoint: WebhookEndpoint,
    /// The secret that signs what is sent to it: `whsec_` and base64, as libraries of Standard Webhooks take it. It is shown now, and never again.
    secret: String,
}

fn url(ctx: &Context<'_>, text: &str) -> Result<EndpointUrl> {
    let wrong = |error: &dyn std::fmt::Display| ApiError::bad_input("url", error.to_string());
    let url = EndpointUrl::parse(text).map_err(|error| wrong(&error))?;
    assent_worker::webhook::check(&url, &ctx.app()?.endpoints).map_err(|error| wrong(&error))?;
    Ok(url)
}

/// What can be done with endpoints.
#[derive(Default)]
pub(crate) struct WebhookMutation;

#[Object]
impl WebhookMutation {
    /// Adds an endpoint, which is told what happens from now on. `CONFLICT` with 20 already. Whether it takes what it is sent,
    /// `testWebhookEndpoint` tells.
    #[graphql(complexity = "50 + child_complexity")]
    async fn create_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The endpoint.")] input: CreateWebhookEndpointInput,
    ) -> Result<WebhookSecretPayload> {
        let draft = EndpointDraft {
            url: url(ctx, &input.url)?,
            description: input.description.unwrap_or_default(),
            event_types: input.event_types.into_iter().map(Into::into).collect(),
        };
        let mut tx = ctx.write().await?;
        let (id, secret) = endpoint::create(&mut tx, draft).await?;
        let webhook_endpoint = WebhookEndpoint(endpoint::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(WebhookSecretPayload {
            webhook_endpoint,
            secret: secret.expose_secret().to_owned(),
        })
    }

    /// Changes where an endpoint is, what it is called, or what it is told.
    #[graphql(complexity = "50 + child_complexity")]
    async fn update_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to change.")] input: UpdateWebhookEndpointInput,
    ) -> Result<WebhookEndpointPayload> {
        let id: WebhookEndpointId = id::parse("id", &input.id)?;
        let url = input.url.as_deref().map(|text| url(ctx, text)).transpose()?;
        let mut tx = ctx.write().await?;
        let change = |draft: &mut EndpointDraft| {
            if let Some(url) = url {
                draft.url = url;
            }
            if let Some(description) = input.description {
                draft.description = description;
            }
            if let Some(types) = input.event_types {
                draft.event_types = types.into_iter().map(Into::into).collect();
            }
        };
        endpoint::update(&mut tx, id, change).await?;
        let webhook_endpoint = WebhookEndpoint(endpoint::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(WebhookEndpointPayload { webhook_endpoint })
    }

    /// Lets an endpoint be told again what happens from now on. What failed while it was disabled, or before, is sent with
    /// `replayFailedWebhookDeliveries`; what happened meanwhile was not kept for it. `CONFLICT` if it is enabled.
    #[graphql(complexity = "50 + child_complexity")]
    async fn enable_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which endpoint.")] input: WebhookEndpointInput,
    ) -> Result<WebhookEndpointPayload> {
        let id: WebhookEndpointId = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        endpoint::enable(&mut tx, id).await?;
        let webhook_endpoint = WebhookEndpoint(endpoint::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(WebhookEndpointPayload { webhook_endpoint })
    }

    /// Sends an endpoint nothing any more. What waits for it has failed then. `CONFLICT` if it is disabled. A closed tenant
    /// may, too.
    #[graphql(complexity = "50 + child_complexity")]
    async fn disable_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which endpoint.")] input: WebhookEndpointInput,
    ) -> Result<WebhookEndpointPayload> {
        let id: WebhookEndpointId = id::parse("id", &input.id)?;
        let mut tx = ctx.write_although_closed().await?;
        endpoint::disable(&mut tx, id).await?;
        let webhook_endpoint = WebhookEndpoint(endpoint::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(WebhookEndpointPayload { webhook_endpoint })
    }

    /// Gives an endpoint a new secret. For 24 hours the one before signs as well, so that the receiver can be changed meanwhile; one
    /// before that signs no more.
    #[graphql(complexity = "50 + child_complexity")]
    async fn rotate_webhook_secret(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which endpoint.")] input: WebhookEndpointInput,
    ) -> Result<WebhookSecretPayload> {
        let id: WebhookEndpointId = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        let secret = endpoint::rotate_secret(&mut tx, id).await?;
        let webhook_endpoint = WebhookEndpoint(endpoint::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(WebhookSecretPayload {
            webhook_endpoint,
            secret: secret.expose_secret().to_owned(),
        })
    }

    /// Takes an endpoint away, with its secret and what became of its events. What waits for it is not sent.
    #[graphql(complexity = "50 + child_complexity")]
    async fn delete_webhook_endpoint(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which endpoint.")] input: WebhookEndpointInput,
    ) -> Result<WebhookEndpointPayload> {
        let id: WebhookEndpointId = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        let webhook_endpoint = WebhookEndpoint(endpoint::by_id(&tx, id).await?);
        endpoint::remove(&mut tx, id).await?;
        tx.commit().await?;
        Ok(WebhookEndpointPayload { webhook_endpoint })
    }
}
