//! Invitations: how somebody becomes a member.

use assent_domain::address::EmailAddress;
use assent_domain::language::Language;
use assent_entity::invitation::{self, Invitation as Row, NewInvitation, Standing};
use assent_entity::{TenantTx, member, tenant};
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::{ApiError, Result};
use super::id;
use super::member::{Member, Role};
use super::time::Time;

/// Where an invitation stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InvitationStatus {
    /// It can be accepted.
    Open,
    /// Whoever was invited is a member.
    Accepted,
    /// It was taken back.
    Revoked,
    /// Its time is over: it can be sent once more.
    Expired,
}

/// An invitation to become a member of the tenant. 30 days after it is over it is forgotten.
#[derive(Description)]
pub(crate) struct Invitation(pub(crate) Row);

#[Object(use_type_description)]
impl Invitation {
    /// The invitation's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Who is invited.
    async fn email(&self) -> String {
        self.0.email.expose()
    }

    /// What they are to do for the tenant.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// The language in which they are written to, as a BCP 47 tag, if one was named.
    async fn language(&self) -> Option<&str> {
        self.0.language.as_ref().map(Language::as_str)
    }

    /// Where it stands.
    async fn status(&self) -> InvitationStatus {
        match self.0.standing {
            Standing::Open => InvitationStatus::Open,
            Standing::Accepted(_) => InvitationStatus::Accepted,
            Standing::Revoked => InvitationStatus::Revoked,
            Standing::Expired => InvitationStatus::Expired,
        }
    }

    /// The member who invited them; null when they have left.
    #[graphql(complexity = "10 + child_complexity")]
    async fn invited_by(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        let found = ctx.loader()?.load_one(self.0.invited_by).await?;
        Ok(found.map(Member))
    }

    /// When they were invited.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// When the last mail was called for.
    async fn sent_at(&self) -> Time {
        self.0.sent_at.into()
    }

    /// Until when it can be accepted.
    async fn expires_at(&self) -> Time {
        self.0.expires_at.into()
    }
}

/// Somebody to be invited.
#[derive(InputObject)]
pub(crate) struct InviteMemberInput {
    /// Where they are reached, and what they will sign in with.
    email: String,
    /// What they are to do for the tenant.
    role: Role,
    /// The language in which they are written to, as a BCP 47 tag such as `de`. English, if not said.
    language: Option<String>,
}

/// The invitation that was sent.
#[derive(SimpleObject)]
pub(crate) struct InviteMemberPayload {
    /// The invitation.
    invitation: Invitation,
}

/// An invitation to be sent once more.
#[derive(InputObject)]
pub(crate) struct ResendInvitationInput {
    /// Which: an id that begins with invitation_.
    id: ID,
}

/// The invitation that was sent once more.
#[derive(SimpleObject)]
pub(crate) struct ResendInvitationPayload {
    /// The invitation.
    invitation: Invitation,
}

/// An invitation to be taken back.
#[derive(InputObject)]
pub(crate) struct RevokeInvitationInput {
    /// Which: an id that begins with invitation_.
    id: ID,
}

/// The invitation that was taken back.
#[derive(SimpleObject)]
pub(crate) struct RevokeInvitationPayload {
    /// The invitation.
    invitation: Invitation,
}

/// The answer to an invitation.
#[derive(InputObject)]
pub(crate) struct AcceptInvitationInput {
    /// What stands behind `/invitation/` in the link of the mail.
    #[graphql(secret)]
    token: String,
    /// The password that they choose: 12 to 200 characters.
    #[graphql(secret)]
    password: String,
    /// What they are called: one line of at most 200 characters.
    name: String,
}

/// Somebody who became a member. They are not signed in by it.
#[derive(SimpleObject)]
pub(crate) struct AcceptInvitationPayload {
    /// Who they are.
    member: Member,
    /// The tenant's name in addresses, which signIn takes.
    tenant: String,
}

/// What can be asked about invitations.
#[derive(Default)]
pub(crate) struct InvitationQuery;

#[Object]
impl InvitationQuery {
    /// The tenant's invitations, oldest first, those that are over too.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Invitation>> {
        let list = List::named("invitations");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = invitation::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, Invitation))
    }
}

/// Reads a language that somebody is written to in.
pub(super) fn language(tag: Option<&str>) -> Result<Option<Language>> {
    let parsed = tag.map(Language::parse).transpose();
    parsed.map_err(|error| ApiError::bad_input("language", error))
}

/// What can be done with invitations.
#[derive(Default)]
pub(crate) struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Invites somebody to become a member, by a mail with a link that is good for 7 days and once. `CONFLICT` for who
    /// is a member of this tenant or has an open invitation, and where 100 are open. Whether the address is known in
    /// another tenant makes no difference: it is an account of its own there.
    #[graphql(complexity = "100 + child_complexity")]
    async fn invite_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and to what.")] input: InviteMemberInput,
    ) -> Result<InviteMemberPayload> {
        let email = EmailAddress::parse(&input.email);
        let new = NewInvitation {
            email: email.map_err(|error| ApiError::bad_input("email", error))?,
            role: input.role.into(),
            language: language(input.language.as_deref())?,
        };
        count(ctx)?;
        let mut tx = ctx.write().await?;
        let id = invitation::invite(&mut tx, &new).await?;
        let invitation = Invitation(invitation::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(InviteMemberPayload { invitation })
    }

    /// Sends an invitation once more, with another link and 7 days from now: the link before counts no more. `CONFLICT`
    /// where it was accepted or revoked, or sent five times.
    #[graphql(complexity = "100 + child_complexity")]
    async fn resend_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation.")] input: ResendInvitationInput,
    ) -> Result<ResendInvitationPayload> {
        let id = id::parse("id", &input.id)?;
        count(ctx)?;
        let mut tx = ctx.write().await?;
        let invitation = Invitation(invitation::resend(&mut tx, id).await?);
        tx.commit().await?;
        Ok(ResendInvitationPayload { invitation })
    }

    /// Takes an invitation back: its link counts no more. `CONFLICT` where it was accepted: removeMember does that.
    #[graphql(complexity = "50 + child_complexity")]
    async fn revoke_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which invitation.")] input: RevokeInvitationInput,
    ) -> Result<RevokeInvitationPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        let invitation = Invitation(invitation::revoke(&mut tx, id).await?);
        tx.commit().await?;
        Ok(RevokeInvitationPayload { invitation })
    }

    /// Makes whoever was invited a member, by the token in the link of the mail; it needs no sign-in. A token that is
    /// none of ours: `BAD_USER_INPUT`; one that has run out, was used, or was taken back: `CONFLICT`. Of several at
    /// once one goes well. At most one in an operation. Too many from one network: `TOO_MANY_REQUESTS`.
    #[graphql(complexity = "6000 + child_complexity")]
    async fn accept_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "By which token, and who.")] input: AcceptInvitationInput,
    ) -> Result<AcceptInvitationPayload> {
        let app = ctx.app()?;
        let counted = app.limits.account_link(ctx.network()?);
        counted.map_err(|often| ApiError::too_often("links like this one were used too often", often))?;
        let password = input.password.into();
        let id = invitation::accept(&app.store, &input.token, password, &input.name, None).await?;
        let opened = invitation::open(&app.store, &input.token).await?;
        let tx = TenantTx::read(&app.store, opened.ctx).await?;
        Ok(AcceptInvitationPayload {
            member: Member(member::by_id(&tx, id).await?),
            tenant: tenant::current(&tx).await?.slug,
        })
    }
}

fn count(ctx: &Context<'_>) -> Result<()> {
    let counted = ctx.app()?.limits.invitation(ctx.member()?.member);
    counted.map_err(|often| ApiError::too_often("you have sent many invitations in a short time", often))
}
