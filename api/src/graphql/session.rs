//! Signing in and out, and who is signed in.

use assent_domain::id::SessionId;
use assent_domain::tenant::Slug;
use assent_entity::second_factor::{self, CodeMissing};
use assent_entity::session::{self, SignedInMember};
use assent_entity::{Read, StoreError, TenantCtx, TenantTx, access_token, member, tenant};
use async_graphql::{Context, Description, InputObject, Object, SimpleObject};
use secrecy::ExposeSecret;

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::{ApiError, ErrorCode, Result};
use super::member::Member;
use super::operator::OperatorPolicy;
use super::second_factor::SecondFactor;
use super::tenant::Tenant;
use super::time::Time;
use crate::app::App;
use crate::auth::{forget_cookie, session_cookie};

mod list;
mod refresh;

use list::Session;
pub(crate) use list::SessionListMutation;
pub(crate) use refresh::RefreshMutation;

/// Who is signed in, and for whom.
#[derive(Description)]
pub(crate) struct Viewer {
    member: Member,
    tenant: Tenant,
    ctx: TenantCtx,
    session: SessionId,
}

impl Viewer {
    async fn of(tx: &TenantTx<Read>, access: SignedInMember) -> Result<Self> {
        Ok(Self {
            member: Member(member::by_id(tx, access.member).await?),
            tenant: Tenant(tenant::current(tx).await?),
            ctx: access.ctx,
            session: access.session,
        })
    }

    /// The tables of their tenant: where they are who asks, those that the operation reads anyway.
    async fn tables(&self, ctx: &Context<'_>) -> Result<TenantTx<Read>> {
        match ctx.access() {
            Ok(access) if access.ctx() == self.ctx => ctx.read().await,
            _ => Ok(TenantTx::read(&ctx.app()?.store, self.ctx).await?),
        }
    }
}

#[Object(use_type_description)]
impl Viewer {
    /// The person.
    async fn member(&self) -> &Member {
        &self.member
    }

    /// The tenant they act for.
    async fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The privacy policy that applies to them, of whoever runs the server. None where there is no such policy, and
    /// for the operator's own members.
    #[graphql(complexity = "10 + child_complexity")]
    async fn operator_policy(&self, ctx: &Context<'_>) -> Result<Option<OperatorPolicy>> {
        OperatorPolicy::towards(ctx.app()?, self.tenant.0.id, self.member.0.id).await
    }

    /// What their sign-in takes beside the password. None where the password is enough.
    #[graphql(complexity = "10 + child_complexity")]
    async fn second_factor(&self, ctx: &Context<'_>) -> Result<Option<SecondFactor>> {
        let tx = self.tables(ctx).await?;
        let found = second_factor::of_member(&tx, self.member.0.id).await?;
        Ok(found.map(SecondFactor))
    }

    /// Where they are signed in, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Session>> {
        let list = List::of("sessions", self.member.0.id.uuid());
        let request = list.request(ctx, first, after.as_deref())?;
        let tx = self.tables(ctx).await?;
        let page = session::page_of(&tx, self.member.0.id, request).await?;
        Ok(list.page(request, page, |row| Session::of(row, self.session)))
    }
}

/// What it takes to sign in.
#[derive(InputObject)]
pub(crate) struct SignInInput {
    /// The tenant's name in addresses, such as `acme`.
    tenant: String,
    /// The member's e-mail address.
    email: String,
    /// Their password.
    #[graphql(secret)]
    password: String,
    /// A code, for a member with a second factor: the six digits that their authenticator shows now, or one of their
    /// recovery codes. Each is worth once.
    #[graphql(secret)]
    code: Option<String>,
}

/// A sign-in that went well. The answer also sets the session cookie.
#[derive(SimpleObject)]
pub(crate) struct SignInPayload {
    /// For clients that refuse cookies: send it as `Authorization: Bearer ...`. It lasts for minutes, and ends with the
    /// session. Others can check it with the keys at `/.well-known/jwks.json`.
    access_token: String,
    /// When the access token expires.
    expires_at: Time,
    /// With it, refreshSession gives another access token, once. Keep it where nobody else reads it.
    refresh_token: String,
    /// Until when the refresh token counts.
    refresh_expires_at: Time,
    /// Who signed in.
    viewer: Viewer,
}

/// A sign-out.
#[derive(SimpleObject)]
pub(crate) struct SignOutPayload {
    /// Always true: the session has ended, with its cookie and its access tokens.
    signed_out: bool,
}

/// Who is asking.
#[derive(Default)]
pub(crate) struct SessionQuery;

#[Object]
impl SessionQuery {
    /// Who is signed in, and for whom. Without a sign-in: `UNAUTHENTICATED`.
    async fn viewer(&self, ctx: &Context<'_>) -> Result<Viewer> {
        Viewer::of(&ctx.read().await?, ctx.member()?).await
    }
}

/// Counts an attempt that failed, where there is such a tenant. Whether there is takes as long to find out either way.
async fn note_failure(app: &App, tenant: &str) -> Result<()> {
    let Ok(slug) = Slug::parse(tenant) else {
        return Ok(());
    };
    if tenant::by_slug(&app.store, slug.as_str()).await?.is_some() {
        app.failed_sign_ins.count_at(app.store.now(), &slug);
    }
    Ok(())
}

/// Signing in and out.
#[derive(Default)]
pub(crate) struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Signs a member in, the one operation that needs no sign-in. Wrong tenant, address or password: one and
    /// the same error, `UNAUTHENTICATED`, in the same time. Where the password is right and a code is needed beside it, or
    /// is wrong: `SECOND_FACTOR_REQUIRED`. At most one in an operation. Too many attempts from one
    /// network, or as one member: `TOO_MANY_REQUESTS`, whoever they are for.
    #[graphql(complexity = "6000 + child_complexity")]
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who, and for which tenant.")] input: SignInInput,
    ) -> Result<SignInPayload> {
        let app = ctx.app()?;
        let (tenant, email) = (input.tenant, input.email);
        if let Err(often) = app.limits.sign_in(ctx.network()?, &tenant, &email) {
            app.failed_sign_ins.count(app.store.now(), &tenant);
            return Err(ApiError::too_often(
                "there were too many attempts to sign in",
                often,
            ));
        }
        let (password, code) = (input.password.into(), input.code.map(Into::into));
        let signed_in = session::sign_in(&app.store, &tenant, &email, password, code).await;
        if matches!(
            signed_in,
            Ok(None) | Err(StoreError::SecondFactor(CodeMissing::Wrong))
        ) {
            note_failure(app, &tenant).await?;
        }
        let signed_in = signed_in?.ok_or_else(|| {
            let message = "the tenant, the e-mail address or the password is wrong";
            ApiError::new(ErrorCode::Unauthenticated, message)
        })?;
        let access_token = access_token::issue(&app.store, &app.base_url, &signed_in.access)?;
        let tx = TenantTx::read(&app.store, signed_in.access.ctx).await?;
        let viewer = Viewer::of(&tx, signed_in.access).await?;
        drop(tx);
        let cookie = session_cookie(app, &signed_in.cookie).to_string();
        ctx.append_http_header("set-cookie", cookie);
        let (refresh_token, refresh_expires_at) = refresh::told(&signed_in.refresh);
        Ok(SignInPayload {
            refresh_token,
            refresh_expires_at,
            access_token: access_token.token.expose_secret().to_owned(),
            expires_at: access_token.expires_at.into(),
            viewer,
        })
    }

    /// Ends the session of who is asking. It takes no input: there is nothing to choose.
    async fn sign_out(&self, ctx: &Context<'_>) -> Result<SignOutPayload> {
        let session = ctx.member()?.session;
        let mut tx = ctx.write_although_closed().await?;
        session::end(&mut tx, session).await?;
        tx.commit().await?;
        ctx.append_http_header("set-cookie", forget_cookie(ctx.app()?).to_string());
        Ok(SignOutPayload { signed_out: true })
    }
}
