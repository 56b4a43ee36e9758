//! The second factor of a member's sign-in: codes of an authenticator, and recovery codes.

use assent_entity::second_factor::{self, SecondFactor as Row};
use assent_entity::{member, tenant};
use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject};
use secrecy::{ExposeSecret, SecretString};

use super::context::World;
use super::error::{ApiError, Result};
use super::id;
use super::member::Member;
use super::tenant::Tenant;
use super::time::Time;
use super::tries::count_try;

/// A second factor: signing in takes a code as well as the password.
#[derive(Description)]
pub(crate) struct SecondFactor(pub(super) Row);

#[Object(use_type_description)]
impl SecondFactor {
    /// Since when a sign-in asks for a code.
    async fn confirmed_at(&self) -> Time {
        self.0.confirmed_at.into()
    }

    /// How many of the ten recovery codes have not been used.
    async fn recovery_codes_left(&self) -> u64 {
        self.0.recovery_codes_left
    }
}

/// What it takes to begin.
#[derive(InputObject)]
pub(crate) struct BeginSecondFactorInput {
    /// The member's password, so that somebody else's hands on a signed-in device are not enough.
    #[graphql(secret)]
    password: String,
}

/// What an authenticator is told.
#[derive(SimpleObject)]
pub(crate) struct BeginSecondFactorPayload {
    /// An address that begins with otpauth: show it as a QR code, this once.
    uri: String,
    /// The secret alone, in Base32, for whoever has to type it.
    secret: String,
}

/// A code that shows that the authenticator works.
#[derive(InputObject)]
pub(crate) struct ConfirmSecondFactorInput {
    /// The six digits that it shows now.
    #[graphql(secret)]
    code: String,
}

/// A second factor that counts.
#[derive(SimpleObject)]
pub(crate) struct ConfirmSecondFactorPayload {
    /// Ten codes, each of which stands in once for the authenticator. They are not shown again: keep them somewhere else.
    recovery_codes: Vec<String>,
}

/// A code that shows that it is the member who asks.
#[derive(InputObject)]
pub(crate) struct RemoveSecondFactorInput {
    /// The six digits that the authenticator shows now, or a recovery code.
    #[graphql(secret)]
    code: String,
}

/// A second factor that is no more.
#[derive(SimpleObject)]
pub(crate) struct RemoveSecondFactorPayload {
    /// Always true: a sign-in takes the password alone.
    removed: bool,
}

/// A member who has lost their authenticator and their recovery codes.
#[derive(InputObject)]
pub(crate) struct ResetSecondFactorInput {
    /// Which: an id that begins with member_.
    id: ID,
}

/// A member who signs in with the password alone.
#[derive(SimpleObject)]
pub(crate) struct ResetSecondFactorPayload {
    /// The member.
    member: Member,
}

/// Whether every member needs a second factor.
#[derive(InputObject)]
pub(crate) struct DemandSecondFactorInput {
    /// Whether they do.
    required: bool,
}

/// The tenant as it is since.
#[derive(SimpleObject)]
pub(crate) struct DemandSecondFactorPayload {
    /// The tenant.
    tenant: Tenant,
}

/// Changing how one signs in.
#[derive(Default)]
pub(crate) struct SecondFactorMutation;

#[Object]
impl SecondFactorMutation {
    /// Makes a secret for an authenticator (TOTP, RFC 6238). Nothing else changes until confirmSecondFactor; beginning
    /// again forgets the secret before. A wrong password: `BAD_USER_INPUT`. `CONFLICT` where there is a second factor.
    #[graphql(complexity = "6000 + child_complexity")]
    async fn begin_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who asks.")] input: BeginSecondFactorInput,
    ) -> Result<BeginSecondFactorPayload> {
        let (app, by) = (ctx.app()?, ctx.member()?);
        count_try(ctx)?;
        if !member::has_password(&app.store, &by, input.password.into()).await? {
            return Err(ApiError::bad_input("password", "this is not your password"));
        }
        let mut tx = ctx.write().await?;
        let begun = second_factor::begin(&mut tx, &by).await?;
        tx.commit().await?;
        Ok(BeginSecondFactorPayload {
            uri: begun.uri.expose_secret().to_owned(),
            secret: begun.secret.expose_secret().to_owned(),
        })
    }

    /// Confirms, by a code, that the authenticator works: from now on `signIn` asks for one, or for a recovery code. A
    /// wrong code: `BAD_USER_INPUT`. `CONFLICT` where nothing was begun.
    #[graphql(complexity = "50 + child_complexity")]
    async fn confirm_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The code.")] input: ConfirmSecondFactorInput,
    ) -> Result<ConfirmSecondFactorPayload> {
        count_try(ctx)?;
        let mut tx = ctx.write().await?;
        let codes = second_factor::confirm(&mut tx, &ctx.member()?, &input.code.into()).await?;
        tx.commit().await?;
        let shown = |code: &SecretString| code.expose_secret().to_owned();
        Ok(ConfirmSecondFactorPayload {
            recovery_codes: codes.iter().map(shown).collect(),
        })
    }

    /// Takes one's own second factor away, with its recovery codes. A wrong code: `BAD_USER_INPUT`.
    #[graphql(complexity = "50 + child_complexity")]
    async fn remove_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A code of it.")] input: RemoveSecondFactorInput,
    ) -> Result<RemoveSecondFactorPayload> {
        count_try(ctx)?;
        let mut tx = ctx.write().await?;
        second_factor::remove(&mut tx, &ctx.member()?, &input.code.into()).await?;
        tx.commit().await?;
        Ok(RemoveSecondFactorPayload { removed: true })
    }

    /// Says whether every member of the tenant needs a second factor. Members without one go on being signed in, and can do
    /// nothing but set it up. `CONFLICT` for who demands it and has none.
    #[graphql(complexity = "50 + child_complexity")]
    async fn demand_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether they need one.")] input: DemandSecondFactorInput,
    ) -> Result<DemandSecondFactorPayload> {
        let mut tx = ctx.write().await?;
        tenant::demand_second_factor(&mut tx, &ctx.member()?, input.required).await?;
        let tenant = Tenant(tenant::current(&tx).await?);
        tx.commit().await?;
        Ok(DemandSecondFactorPayload { tenant })
    }

    /// Takes the second factor of another member away, who has lost their authenticator and their recovery codes: be
    /// sure that it is they who ask. `CONFLICT` for one's own, and where there is none.
    #[graphql(complexity = "50 + child_complexity")]
    async fn reset_second_factor(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which member.")] input: ResetSecondFactorInput,
    ) -> Result<ResetSecondFactorPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        let member = Member(second_factor::reset(&mut tx, &ctx.member()?, id).await?);
        tx.commit().await?;
        Ok(ResetSecondFactorPayload { member })
    }
}
