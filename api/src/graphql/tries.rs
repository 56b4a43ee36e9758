//! How often who is signed in may try a secret of their own.

use async_graphql::Context;

use super::context::World;
use super::error::{ApiError, Result};

/// Counts a try of a secret of who is asking. It is counted apart from attempts to sign in, which anybody can make who
/// knows an address: so no stranger keeps a member from changing their password.
pub(super) fn count_try(ctx: &Context<'_>) -> Result<()> {
    let counted = ctx.app()?.limits.own_secret(ctx.member()?.member);
    counted.map_err(|often| ApiError::too_often("there were too many tries of a password or a code", often))
}
