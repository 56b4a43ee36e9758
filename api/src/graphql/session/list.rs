//! Where a member is signed in, and ending that elsewhere.

use assent_entity::member;
use assent_entity::session::{self, Session as Row};
use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject};

use crate::graphql::context::World;
use crate::graphql::error::Result;
use crate::graphql::id;
use crate::graphql::identity_provider::SignInWay;
use crate::graphql::member::Member;
use crate::graphql::time::Time;

/// A place where the member is signed in. From where, and with which browser, is not known (P02).
#[derive(Description)]
pub(crate) struct Session {
    row: Row,
    is_current: bool,
}

impl Session {
    pub(super) fn of(row: Row, asking: assent_domain::id::SessionId) -> Self {
        Self {
            row,
            is_current: row.id == asking,
        }
    }
}

#[Object(use_type_description)]
impl Session {
    /// The session's id.
    async fn id(&self) -> ID {
        id::text(self.row.id)
    }

    /// When the member signed in.
    async fn created_at(&self) -> Time {
        self.row.created_at.into()
    }

    /// When it was last used, to the hour.
    async fn last_used_at(&self) -> Time {
        self.row.last_used_at.into()
    }

    /// Until when it lasts, unless it is refreshed before, or ended.
    async fn expires_at(&self) -> Time {
        self.row.expires_at.into()
    }

    /// How the member signed in.
    async fn way(&self) -> SignInWay {
        self.row.way.into()
    }

    /// Whether it is the session of who is asking.
    async fn current(&self) -> bool {
        self.is_current
    }
}

/// A session to be ended.
#[derive(InputObject)]
pub(crate) struct EndSessionInput {
    /// Which of your own: an id that begins with session_.
    id: ID,
}

/// A session that was ended.
#[derive(SimpleObject)]
pub(crate) struct EndSessionPayload {
    /// The session, as it was.
    session: Session,
}

/// Sessions that were ended.
#[derive(SimpleObject)]
pub(crate) struct EndOtherSessionsPayload {
    /// How many there were.
    ended: u64,
}

/// A member who is to sign in anew.
#[derive(InputObject)]
pub(crate) struct EndMemberSessionsInput {
    /// Which: an id that begins with member_.
    id: ID,
}

/// A member who has to sign in anew.
#[derive(SimpleObject)]
pub(crate) struct EndMemberSessionsPayload {
    /// The member.
    member: Member,
    /// How many sessions there were.
    ended: u64,
}

/// Ending sessions.
#[derive(Default)]
pub(crate) struct SessionListMutation;

#[Object]
impl SessionListMutation {
    /// Ends another session of who is asking: its cookie and its tokens are worth nothing at once. `CONFLICT` for the one
    /// that asks, which `signOut` ends.
    async fn end_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session.")] input: EndSessionInput,
    ) -> Result<EndSessionPayload> {
        let (by, id) = (ctx.member()?, id::parse("id", &input.id)?);
        let mut tx = ctx.write_although_closed().await?;
        let ended = session::end_one(&mut tx, &by, id).await?;
        tx.commit().await?;
        Ok(EndSessionPayload {
            session: Session::of(ended, by.session),
        })
    }

    /// Ends all sessions of who is asking but the one that asks. It takes no input: there is nothing to choose.
    async fn end_other_sessions(&self, ctx: &Context<'_>) -> Result<EndOtherSessionsPayload> {
        let by = ctx.member()?;
        let mut tx = ctx.write_although_closed().await?;
        let ended = session::end_others(&mut tx, &by).await?;
        tx.commit().await?;
        Ok(EndOtherSessionsPayload { ended })
    }

    /// Ends all sessions of another member, who has to sign in anew. `CONFLICT` for who is asking.
    #[graphql(complexity = "50 + child_complexity")]
    async fn end_member_sessions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which member.")] input: EndMemberSessionsInput,
    ) -> Result<EndMemberSessionsPayload> {
        let (by, id) = (ctx.member()?, id::parse("id", &input.id)?);
        let mut tx = ctx.write_although_closed().await?;
        let ended = session::end_all_of(&mut tx, &by, id).await?;
        let member = Member(member::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(EndMemberSessionsPayload { member, ended })
    }
}
