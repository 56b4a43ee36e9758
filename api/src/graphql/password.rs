//! Changing one's own password.

use assent_entity::member;
use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::context::World;
use super::error::Result;
use super::tries::count_try;

/// A new password.
#[derive(InputObject)]
pub(crate) struct ChangePasswordInput {
    /// The password there is.
    #[graphql(secret)]
    current_password: String,
    /// The one there is to be: 12 to 200 characters.
    #[graphql(secret)]
    new_password: String,
}

/// A password that was changed.
#[derive(SimpleObject)]
pub(crate) struct ChangePasswordPayload {
    /// How many other sessions of the member were ended.
    sessions_ended: u64,
}

/// Changing one's own password.
#[derive(Default)]
pub(crate) struct PasswordMutation;

#[Object]
impl PasswordMutation {
    /// Changes one's own password, and ends all other sessions. A wrong one: `BAD_USER_INPUT`.
    #[graphql(complexity = "6000 + child_complexity")]
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old password, and the new one.")] input: ChangePasswordInput,
    ) -> Result<ChangePasswordPayload> {
        let (app, by) = (ctx.app()?, ctx.member()?);
        count_try(ctx)?;
        let (current, new) = (input.current_password.into(), input.new_password.into());
        let sessions_ended = member::change_password(&app.store, &by, current, new).await?;
        Ok(ChangePasswordPayload { sessions_ended })
    }
}
