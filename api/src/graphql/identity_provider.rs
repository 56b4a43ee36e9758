//! The identity provider of a tenant, where its members may sign in beside their password.

use assent_domain::identity_provider::{Issuer, SignInWay as DomainWay};
use assent_entity::identity_provider::{self, IdentityProvider as Row, NewIdentityProvider};
use assent_entity::member;
use assent_worker::identity_provider::describe;
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject};
use secrecy::SecretString;

use super::context::World;
use super::error::{ApiError, Result};
use super::id;
use super::member::Member;
use super::time::Time;
use super::tries::count_try;

/// How somebody has signed in.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainWay")]
pub(crate) enum SignInWay {
    /// By their password, and by a code where they have a second factor.
    Password,
    /// By the tenant's identity provider, and by a code where they have a second factor here.
    Provider,
    /// By the tenant's identity provider, which said that it asked for two factors: `mfa` in `amr` (RFC 8176).
    ProviderTwoFactors,
}

/// Where the members of the tenant may sign in beside their password, by OpenID Connect. The secret is not shown again.
#[derive(Description)]
pub(crate) struct IdentityProvider {
    row: Row,
    sign_in_url: String,
    redirect_url: String,
}

#[Object(use_type_description)]
impl IdentityProvider {
    /// What the provider calls itself.
    async fn issuer(&self) -> &str {
        self.row.issuer.as_str()
    }

    /// What it calls us.
    async fn client_id(&self) -> &str {
        &self.row.client_id
    }

    /// The page where members begin.
    async fn sign_in_url(&self) -> &str {
        &self.sign_in_url
    }

    /// Where it sends them back to: it has to be registered there, letter by letter.
    async fn redirect_url(&self) -> &str {
        &self.redirect_url
    }

    /// Since when the tenant has one.
    async fn created_at(&self) -> Time {
        self.row.created_at.into()
    }

    /// When it was set last.
    async fn updated_at(&self) -> Time {
        self.row.updated_at.into()
    }
}

async fn shown(ctx: &Context<'_>, row: Row) -> Result<IdentityProvider> {
    let app = ctx.app()?;
    let slug = ctx.tenant().await?.slug;
    Ok(IdentityProvider {
        row,
        sign_in_url: app.sign_in_address(&slug),
        redirect_url: app.redirect_address(&slug),
    })
}

/// A provider to be set.
#[derive(InputObject)]
pub(crate) struct SetIdentityProviderInput {
    /// What the provider calls itself, letter by letter, such as `https://login.example.com`: an address of HTTPS on the
    /// public internet. Its description is at `/.well-known/openid-configuration` behind it.
    issuer: String,
    /// What it calls us: it shows it where the tenant's `identityRedirectUrl` is registered.
    client_id: String,
    /// The secret that it shows there. It is kept sealed, and never shown again.
    #[graphql(secret)]
    client_secret: String,
    /// Your own password: whoever chooses the provider chooses who signs in.
    #[graphql(secret)]
    password: String,
}

/// The provider as it is since.
#[derive(SimpleObject)]
pub(crate) struct SetIdentityProviderPayload {
    /// The provider.
    identity_provider: IdentityProvider,
}

/// A provider to be taken away.
#[derive(InputObject)]
pub(crate) struct RemoveIdentityProviderInput {
    /// Your own password.
    #[graphql(secret)]
    password: String,
}

/// The provider that was taken away.
#[derive(SimpleObject)]
pub(crate) struct RemoveIdentityProviderPayload {
    /// The provider, as it was.
    identity_provider: IdentityProvider,
}

/// A member who is to sign in by another account at the provider.
#[derive(InputObject)]
pub(crate) struct UnlinkMemberIdentityInput {
    /// Which: an id that begins with member_.
    id: ID,
}

/// A member who signs in by another account at the provider.
#[derive(SimpleObject)]
pub(crate) struct UnlinkMemberIdentityPayload {
    /// The member.
    member: Member,
}

/// What can be asked about the provider.
#[derive(Default)]
pub(crate) struct IdentityProviderQuery;

#[Object]
impl IdentityProviderQuery {
    /// The tenant's identity provider; null where members sign in by their password alone.
    #[graphql(complexity = "10 + child_complexity")]
    async fn identity_provider(&self, ctx: &Context<'_>) -> Result<Option<IdentityProvider>> {
        let found = identity_provider::current(&ctx.read().await?).await?;
        match found {
            Some(row) => Ok(Some(shown(ctx, row).await?)),
            None => Ok(None),
        }
    }
}

/// Makes sure that it is the member who asks, and not somebody else's hands on their device.
async fn check_password(ctx: &Context<'_>, password: String) -> Result<()> {
    count_try(ctx)?;
    if member::has_password(&ctx.app()?.store, &ctx.member()?, password.into()).await? {
        return Ok(());
    }
    Err(ApiError::bad_input("password", "this is not your password"))
}

/// What can be done with the provider.
#[derive(Default)]
pub(crate) struct IdentityProviderMutation;

#[Object]
impl IdentityProviderMutation {
    /// Lets members of the tenant sign in by an OpenID Connect provider, beside their password. It is asked at once for its
    /// description and its keys: if that does not work, `BAD_USER_INPUT` says what is wrong. It is for members alone, who are
    /// found by an address that the provider has verified the first time, and by their account there from then on; it opens
    /// sessions of this tenant and no other. Where it sets another client in place of one there was, the sessions of that one
    /// end. A wrong password: `BAD_USER_INPUT`. `TOO_MANY_REQUESTS` after 20 tries of a member within ten minutes.
    #[graphql(complexity = "6000 + child_complexity")]
    async fn set_identity_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The provider.")] input: SetIdentityProviderInput,
    ) -> Result<SetIdentityProviderPayload> {
        let (app, by) = (ctx.app()?, ctx.member()?);
        let issuer = Issuer::parse(&input.issuer).map_err(|error| ApiError::bad_input("issuer", error))?;
        let secret = SecretString::from(input.client_secret);
        let new = NewIdentityProvider::new(issuer.clone(), &input.client_id, &secret)?;
        check_password(ctx, input.password).await?;
        if let Err(often) = app.limits.try_out(by.member) {
            return Err(ApiError::too_often(
                "you have tried identity providers too often",
                often,
            ));
        }
        let described = describe(&app.identity, &issuer).await;
        described.map_err(|error| ApiError::bad_input("issuer", error))?;
        let mut tx = ctx.write().await?;
        let row = identity_provider::set(&mut tx, &by, new).await?;
        tx.commit().await?;
        Ok(SetIdentityProviderPayload {
            identity_provider: shown(ctx, row).await?,
        })
    }

    /// Lets members sign in by their password alone. Sessions that the provider opened end, but for the one that asks; which
    /// account there was whose is forgotten. `NOT_FOUND` where there is none. A wrong password: `BAD_USER_INPUT`.
    #[graphql(complexity = "6000 + child_complexity")]
    async fn remove_identity_provider(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who asks.")] input: RemoveIdentityProviderInput,
    ) -> Result<RemoveIdentityProviderPayload> {
        check_password(ctx, input.password).await?;
        let mut tx = ctx.write().await?;
        let row = identity_provider::remove(&mut tx, &ctx.member()?).await?;
        tx.commit().await?;
        Ok(RemoveIdentityProviderPayload {
            identity_provider: shown(ctx, row).await?,
        })
    }

    /// Lets a member sign in by another account at the identity provider: the next that it vouches for with their address,
    /// verified. Sessions that the provider opened for them end. `CONFLICT` where no account is theirs.
    #[graphql(complexity = "50 + child_complexity")]
    async fn unlink_member_identity(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which member.")] input: UnlinkMemberIdentityInput,
    ) -> Result<UnlinkMemberIdentityPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        let member = Member(identity_provider::unlink(&mut tx, id).await?);
        tx.commit().await?;
        Ok(UnlinkMemberIdentityPayload { member })
    }
}
