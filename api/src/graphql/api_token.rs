//! Tokens of partners: made, shown once, revoked.

use std::time::Duration;

use assent_domain::allowed_networks::AllowedNetworks;
use assent_domain::api_token::Scope as DomainScope;
use assent_entity::api_token::{self, ApiToken as Row, NewApiToken, TokenChanges, TokenSecret};
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret;

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::{ApiError, Result};
use super::id;
use super::outside_party::OutsideParty;
use super::time::Time;

/// What a token may ask for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainScope")]
pub(crate) enum TokenScope {
    /// Read subscribers: `subscriber`, `subscribers`, `node`, and for the tenant's own programs `consentDecision`. The token
    /// of an outside party reads those who permitted it, and of them what they permitted.
    ReadSubscribers,
    /// Ask for people to join: `subscribe`.
    Subscribe,
    /// Read the policy and its purposes.
    ReadPolicy,
    /// Read lists and collection points.
    ReadLists,
    /// Read campaigns and what became of them. Without `READ_SUBSCRIBERS`, people are masked.
    ReadCampaigns,
    /// Send messages to one person each, for essential purposes, and see what became of them.
    SendTransactional,
    /// Set up webhooks, and see what became of what they were told.
    ManageWebhooks,
}

/// A long-lived token of a partner's program. Sent as `Authorization: Bearer ...`.
#[derive(Description)]
pub(crate) struct ApiToken(pub(crate) Row);

#[Object(use_type_description)]
impl ApiToken {
    /// The token's id. It is not the secret.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// What the tenant calls it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it may ask for.
    async fn scopes(&self) -> Vec<TokenScope> {
        self.0
            .scopes
            .iter()
            .map(|scope| TokenScope::from(*scope))
            .collect()
    }

    /// The outside party whose it is; null for the tenant's own programs.
    async fn outside_party(&self, ctx: &Context<'_>) -> Result<Option<OutsideParty>> {
        match self.0.party {
            Some(party) => OutsideParty::load(ctx, party).await.map(Some),
            None => Ok(None),
        }
    }

    /// When it was made.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// Until when it counts.
    async fn expires_at(&self) -> Time {
        self.0.expires_at.into()
    }

    /// When it was revoked; null while it counts.
    async fn revoked_at(&self) -> Option<Time> {
        self.0.revoked_at.map(Time)
    }

    /// When it was last used, to the minute; null if it never was.
    async fn last_used_at(&self) -> Option<Time> {
        self.0.last_used_at.map(Time)
    }

    /// The networks from which it counts, in the notation of RFC 4632 and RFC 4291. None is everywhere.
    async fn allowed_networks(&self) -> Vec<String> {
        self.0.networks.texts()
    }

    /// Its secrets that count, oldest first: two while one takes over for the other. They are not shown.
    async fn secrets(&self) -> Vec<ApiTokenSecret> {
        self.0.secrets.iter().copied().map(ApiTokenSecret).collect()
    }
}

/// What is known of a secret of a token.
#[derive(Description)]
pub(crate) struct ApiTokenSecret(TokenSecret);

#[Object(use_type_description)]
impl ApiTokenSecret {
    /// When it was made.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// Until when it counts, where another has taken over for it; null where it counts as long as the token.
    async fn expires_at(&self) -> Option<Time> {
        self.0.expires_at.map(Time)
    }

    /// When it was last used, to the minute; null if it never was.
    async fn last_used_at(&self) -> Option<Time> {
        self.0.last_used_at.map(Time)
    }
}

/// A token to be made.
#[derive(InputObject)]
pub(crate) struct CreateApiTokenInput {
    /// What to call it: one line of at most 200 characters.
    name: String,
    /// What it may ask for, at least one thing, and nothing that its maker may not do. A token counts for as long as its
    /// maker may do it, and ends when they leave.
    scopes: Vec<TokenScope>,
    /// The name of the outside party whose it is, as a policy version or a legal order names it. Left out for the
    /// tenant's own programs.
    outside_party: Option<String>,
    /// Until when it counts: 90 days from now if not said, at most 366.
    expires_at: Option<Time>,
    /// The networks from which it counts, such as `203.0.113.0/24`, `2001:db8::/32` or a single address; at most 50.
    /// Everywhere, if none is said.
    allowed_networks: Option<Vec<String>>,
}

/// The token that was made.
#[derive(SimpleObject)]
pub(crate) struct CreateApiTokenPayload {
    /// The secret. It is shown this once and kept nowhere: store it now.
    secret: String,
    /// The token.
    api_token: ApiToken,
}

/// A token that is to be otherwise. What is left out stays.
#[derive(InputObject)]
pub(crate) struct UpdateApiTokenInput {
    /// Which: an id that begins with token_.
    id: ID,
    /// What to call it: one line of at most 200 characters.
    name: Option<String>,
    /// Until when it counts: at most 366 days from now.
    expires_at: Option<Time>,
    /// The networks from which it counts, all of them, as in createApiToken. An empty list is everywhere.
    allowed_networks: Option<Vec<String>>,
}

/// The token as it is since.
#[derive(SimpleObject)]
pub(crate) struct UpdateApiTokenPayload {
    /// The token.
    api_token: ApiToken,
}

/// A token that is to have another secret.
#[derive(InputObject)]
pub(crate) struct RotateApiTokenInput {
    /// Which: an id that begins with token_.
    id: ID,
    /// For how many hours the secret before counts beside the new one: 24 if not said, at most 168; with 0 it counts no
    /// more.
    overlap_hours: Option<u32>,
}

/// The token with another secret.
#[derive(SimpleObject)]
pub(crate) struct RotateApiTokenPayload {
    /// The new secret. It is shown this once and kept nowhere: store it now.
    secret: String,
    /// The token.
    api_token: ApiToken,
}

/// A token to be revoked.
#[derive(InputObject)]
pub(crate) struct RevokeApiTokenInput {
    /// Which: an id that begins with token_.
    id: ID,
}

/// The token that was revoked.
#[derive(SimpleObject)]
pub(crate) struct RevokeApiTokenPayload {
    /// The token.
    api_token: ApiToken,
}

/// What can be asked of tokens.
#[derive(Default)]
pub(crate) struct ApiTokenQuery;

#[Object]
impl ApiTokenQuery {
    /// The tenant's tokens, oldest first, those that are revoked too.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn api_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<ApiToken>> {
        let list = List::named("apiTokens");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = api_token::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, ApiToken))
    }
}

/// Reads where a token counts.
fn networks(texts: &[String]) -> Result<AllowedNetworks> {
    let parsed = AllowedNetworks::parse(texts.iter().map(String::as_str));
    parsed.map_err(|error| ApiError::bad_input("allowedNetworks", error))
}

/// What can be done with tokens.
#[derive(Default)]
pub(crate) struct ApiTokenMutation;

#[Object]
impl ApiTokenMutation {
    /// Makes a token for a partner's program, or for one of the tenant's own.
    #[graphql(complexity = "50 + child_complexity")]
    async fn create_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom, and what for.")] input: CreateApiTokenInput,
    ) -> Result<CreateApiTokenPayload> {
        let new = NewApiToken {
            name: input.name,
            scopes: input.scopes.into_iter().map(DomainScope::from).collect(),
            party: input.outside_party,
            expires_at: input.expires_at.map(|time| time.0),
        };
        let allowed = networks(&input.allowed_networks.unwrap_or_default())?;
        let mut tx = ctx.write().await?;
        let (id, secret) = api_token::create(&mut tx, new).await?;
        if allowed != AllowedNetworks::default() {
            let changes = TokenChanges {
                networks: Some(allowed),
                ..TokenChanges::default()
            };
            api_token::update(&mut tx, id, changes).await?;
        }
        let api_token = ApiToken(api_token::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(CreateApiTokenPayload {
            secret: secret.expose_secret().to_owned(),
            api_token,
        })
    }

    /// Changes what a token is called, where it counts, or until when. `CONFLICT` for one that counts no more, and for one
    /// that may do what the role of who asks may not.
    #[graphql(complexity = "50 + child_complexity")]
    async fn update_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which token, and how.")] input: UpdateApiTokenInput,
    ) -> Result<UpdateApiTokenPayload> {
        let id = id::parse("id", &input.id)?;
        let allowed = input.allowed_networks.as_deref().map(networks).transpose()?;
        let changes = TokenChanges {
            name: input.name,
            expires_at: input.expires_at.map(|time| time.0),
            networks: allowed,
        };
        let mut tx = ctx.write().await?;
        let api_token = ApiToken(api_token::update(&mut tx, id, changes).await?);
        tx.commit().await?;
        Ok(UpdateApiTokenPayload { api_token })
    }

    /// Gives a token another secret, while the one before counts for some hours yet, so that programs can change over one by
    /// one. Secrets before these two count no more. `CONFLICT` as for updateApiToken.
    #[graphql(complexity = "50 + child_complexity")]
    async fn rotate_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which token.")] input: RotateApiTokenInput,
    ) -> Result<RotateApiTokenPayload> {
        let id = id::parse("id", &input.id)?;
        let given = input
            .overlap_hours
            .map(|hours| Duration::from_hours(hours.into()));
        let overlap = given.unwrap_or(api_token::DEFAULT_OVERLAP);
        let mut tx = ctx.write().await?;
        let secret = api_token::rotate(&mut tx, id, overlap).await?;
        let api_token = ApiToken(api_token::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(RotateApiTokenPayload {
            secret: secret.expose_secret().to_owned(),
            api_token,
        })
    }

    /// Revokes a token: its next request is refused with `UNAUTHENTICATED`.
    #[graphql(complexity = "50 + child_complexity")]
    async fn revoke_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which token.")] input: RevokeApiTokenInput,
    ) -> Result<RevokeApiTokenPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        api_token::revoke(&mut tx, id).await?;
        let api_token = ApiToken(api_token::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(RevokeApiTokenPayload { api_token })
    }
}
