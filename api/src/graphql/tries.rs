//! How often who is signed in may try a secret of their own.

use assent_entity::{TenantTx, member};
use async_graphql::Context;

use super::context::World;
use super::error::{ApiError, Result};

/// Counts a try of a secret of who is asking, as an attempt to sign in: whoever has a session guesses no faster than
/// whoever has none.
pub(super) async fn count_try(ctx: &Context<'_>) -> Result<()> {
    let (app, by) = (ctx.app()?, ctx.member()?);
    let tx = TenantTx::read(&app.store, by.ctx).await?;
    let email = member::by_id(&tx, by.member).await?.email;
    drop(tx);
    let slug = ctx.tenant().await?.slug;
    let counted = app.limits.sign_in(ctx.network()?, slug.as_str(), &email.expose());
    counted.map_err(|often| ApiError::too_often("there were too many tries of a password or a code", often))
}
