//! A new password for a member who has forgotten theirs.

use assent_entity::password_reset;
use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::context::World;
use super::error::{ApiError, Result};
use super::invitation::language;
use crate::forgotten_password::{self, NotTaken};

/// Who has forgotten their password.
#[derive(InputObject)]
pub(crate) struct RequestPasswordResetInput {
    /// The tenant's name in addresses, as in signIn: an address may be a member's of several.
    tenant: String,
    /// The member's e-mail address.
    email: String,
    /// What whoever asks reads, as a BCP 47 tag, for a member of whom that is not known.
    language: Option<String>,
}

/// A wish for a new password. It is the same whoever's address it is.
#[derive(SimpleObject)]
pub(crate) struct RequestPasswordResetPayload {
    /// Always true. If the address is a member's, a mail with a link is on its way there.
    asked: bool,
}

/// A new password.
#[derive(InputObject)]
pub(crate) struct ResetPasswordInput {
    /// What stands behind `/reset/` in the link of the mail.
    #[graphql(secret)]
    token: String,
    /// The password there is to be: 12 to 200 characters.
    #[graphql(secret)]
    password: String,
}

/// A password that was changed. Nobody is signed in by it.
#[derive(SimpleObject)]
pub(crate) struct ResetPasswordPayload {
    /// Always true: the password counts from now on, and all sessions of the member were ended.
    reset: bool,
}

/// A new password for a forgotten one.
#[derive(Default)]
pub(crate) struct PasswordResetMutation;

#[Object]
impl PasswordResetMutation {
    /// Sends a member a link by which they choose a new password, good for one hour and once; it needs no sign-in. The
    /// answer is the same, in the same time, whether or not there is such a member; who was sent three within an hour
    /// is sent no more. Too many from one network: `TOO_MANY_REQUESTS`.
    #[graphql(complexity = "6000 + child_complexity")]
    async fn request_password_reset(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose.")] input: RequestPasswordResetInput,
    ) -> Result<RequestPasswordResetPayload> {
        let (app, from) = (ctx.app()?, ctx.network()?);
        let language = language(input.language.as_deref())?;
        let asked = forgotten_password::ask(app, from, &input.tenant, &input.email, language.as_ref());
        match asked.await {
            Ok(()) => Ok(RequestPasswordResetPayload { asked: true }),
            Err(NotTaken::TooOften(often)) => Err(ApiError::too_often(
                "new passwords were asked for too often",
                often,
            )),
            Err(NotTaken::Store(error)) => Err(error.into()),
        }
    }

    /// Gives a member the password that they chose, by the token in the link of the mail; it needs no sign-in. All their
    /// sessions end, and a mail tells them. A second factor stays needed. A token that is none of ours: `BAD_USER_INPUT`;
    /// one that has run out or was used: `CONFLICT`. Too many from one network: `TOO_MANY_REQUESTS`.
    #[graphql(complexity = "6000 + child_complexity")]
    async fn reset_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By which token, and the new password.")] input: ResetPasswordInput,
    ) -> Result<ResetPasswordPayload> {
        let app = ctx.app()?;
        let counted = app.limits.account_link(ctx.network()?);
        counted.map_err(|often| ApiError::too_often("links like this one were used too often", often))?;
        password_reset::reset(&app.store, &input.token, input.password.into()).await?;
        Ok(ResetPasswordPayload { reset: true })
    }
}
