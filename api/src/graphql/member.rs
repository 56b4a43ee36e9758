//! Members: the people who sign in for a tenant.

use assent_domain::language::Language;
use assent_domain::tenant::Role as DomainRole;
use assent_entity::member::{self, Member as Row};
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::Result;
use super::id;
use super::time::Time;

/// What a member does for the tenant.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainRole")]
pub(crate) enum Role {
    /// Runs the tenant.
    Owner,
    /// Answers for the policy and for the rights of the people it is about.
    PrivacyOfficer,
    /// Writes to people.
    Marketer,
    /// Looks at figures; sees people masked.
    Analyst,
    /// Connects other systems; sees people masked.
    Developer,
}

/// A person who signs in for a tenant.
#[derive(Description)]
pub(crate) struct Member(pub(crate) Row);

#[Object(use_type_description)]
impl Member {
    /// The member's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Where they are reached, and what they sign in with.
    async fn email(&self) -> String {
        self.0.email.expose()
    }

    /// What they are called; null where they have not said so.
    async fn name(&self) -> Option<&str> {
        Some(self.0.name.as_str()).filter(|name| !name.is_empty())
    }

    /// The language in which they are written to, as a BCP 47 tag; null where it is not known.
    async fn language(&self) -> Option<&str> {
        self.0.language.as_ref().map(Language::as_str)
    }

    /// What they do for the tenant.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// When they became a member.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}

/// A member who is to leave.
#[derive(InputObject)]
pub(crate) struct RemoveMemberInput {
    /// Which: an id that begins with member_.
    id: ID,
}

/// The member who left.
#[derive(SimpleObject)]
pub(crate) struct RemoveMemberPayload {
    /// The member, as they were.
    member: Member,
}

/// What can be done with members.
#[derive(Default)]
pub(crate) struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Lets a member leave: their sessions and tokens are worth nothing at once. `CONFLICT` for the last owner. What
    /// they did stays in the audit log.
    #[graphql(complexity = "50 + child_complexity")]
    async fn remove_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which member.")] input: RemoveMemberInput,
    ) -> Result<RemoveMemberPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        let member = Member(member::remove(&mut tx, id).await?);
        tx.commit().await?;
        Ok(RemoveMemberPayload { member })
    }
}

/// What can be asked about members.
#[derive(Default)]
pub(crate) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// The members of the tenant, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn members(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Member>> {
        let list = List::named("members");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = member::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, Member))
    }
}
