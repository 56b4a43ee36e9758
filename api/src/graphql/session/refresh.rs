//! Staying signed in.

use assent_entity::access_token;
use assent_entity::session::{self, RefreshToken};
use async_graphql::{Context, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret;

use crate::graphql::context::World;
use crate::graphql::error::{ApiError, ErrorCode, Result};
use crate::graphql::time::Time;

/// What it takes to stay signed in.
#[derive(InputObject)]
pub(crate) struct RefreshSessionInput {
    /// The refresh token that signIn gave, or the last refreshSession: it begins with `assent_refresh_`, and is good once.
    #[graphql(secret)]
    refresh_token: String,
}

/// A session that goes on.
#[derive(SimpleObject)]
pub(crate) struct RefreshSessionPayload {
    /// The next access token.
    access_token: String,
    /// When it expires.
    expires_at: Time,
    /// The refresh token to show next time. The one that was shown is worth nothing any more.
    refresh_token: String,
    /// Until when it counts, and so long the session lasts if it is not refreshed again.
    refresh_expires_at: Time,
}

/// What a client is told of a refresh token.
pub(super) fn told(token: &RefreshToken) -> (String, Time) {
    (token.secret.expose_secret().to_owned(), token.expires_at.into())
}

/// Staying signed in.
#[derive(Default)]
pub(crate) struct RefreshMutation;

#[Object]
impl RefreshMutation {
    /// Gives another access token for a refresh token, and the refresh token that comes next. It needs no sign-in beside
    /// that. A session goes on for 24 hours from each refresh, and for 7 days from signing in at most. A refresh token
    /// that was used before ends its session, because somebody else may have it; like one that is unknown or has expired
    /// it gives `UNAUTHENTICATED`. So send one at a time, and keep what comes back before you use it.
    #[graphql(complexity = "6000 + child_complexity")]
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By which token.")] input: RefreshSessionInput,
    ) -> Result<RefreshSessionPayload> {
        let app = ctx.app()?;
        let token = input.refresh_token.into();
        let refreshed = session::refresh(&app.store, &token).await?.ok_or_else(|| {
            let message = "the refresh token is unknown, has expired or was used before: sign in again";
            ApiError::new(ErrorCode::Unauthenticated, message)
        })?;
        let access_token = access_token::issue(&app.store, &app.base_url, &refreshed.access)?;
        let (refresh_token, refresh_expires_at) = told(&refreshed.refresh);
        Ok(RefreshSessionPayload {
            access_token: access_token.token.expose_secret().to_owned(),
            expires_at: access_token.expires_at.into(),
            refresh_token,
            refresh_expires_at,
        })
    }
}
