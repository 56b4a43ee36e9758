//! Where a member is signed in, and how they end that elsewhere. Of a session it is known when it began and, to the hour,
//! when it was last used: not from where, and not with which browser (P02).

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{MemberId, SessionId, stored};
use assent_domain::identity_provider::SignInWay;
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::{SignedInMember, shut};
use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::member;
use crate::page::{Page, PageRequest};
use crate::row::session as row;
use crate::tx::{TenantTx, Write};

/// A sign-in that lasts.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// When the member signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub last_used_at: Timestamp,
    /// Until when it lasts, unless it is refreshed or somebody ends it.
    pub expires_at: Timestamp,
    /// How the member signed in.
    pub way: SignInWay,
}

impl TryFrom<row::Model> for Session {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            way: read_code(&row.way)?,
            id: stored(row.id),
            created_at: Timestamp::from_micros(row.created_at),
            last_used_at: Timestamp::from_micros(row.last_used_at),
            expires_at: Timestamp::from_micros(row.expires_at),
        })
    }
}

/// The sessions of a member that last, oldest first.
pub async fn page_of<M>(
    tx: &TenantTx<M>,
    member: MemberId,
    request: PageRequest,
) -> Result<Page<Session>, StoreError> {
    let lasting = tx
        .find::<row::Entity>()
        .filter(row::Column::MemberId.eq(member.uuid()))
        .filter(row::Column::EndedAt.is_null())
        .filter(row::Column::ExpiresAt.gt(tx.now().micros()));
    request.run(tx, lasting, Session::try_from).await
}

/// Ends another of a member's own sessions.
pub async fn end_one(
    tx: &mut TenantTx<Write>,
    by: &SignedInMember,
    id: SessionId,
) -> Result<Session, StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    let lasts = row.ended_at.is_none() && row.expires_at > tx.now().micros();
    if row.member_id != by.member.uuid() || !lasts {
        return Err(StoreError::NotFound("session"));
    }
    if id == by.session {
        let advice = "this is the session that you are asking in: sign out";
        return Err(StoreError::conflict("id", advice));
    }
    shut(tx, id).await?;
    tx.audit(AuditAct::SessionEnded, id, &Change::default())?;
    row.try_into()
}

/// Ends all of a member's own sessions but the one they ask in, and gives how many.
pub async fn end_others(tx: &mut TenantTx<Write>, by: &SignedInMember) -> Result<u64, StoreError> {
    end_all(tx, by.member, Some(by.session)).await
}

/// Ends all sessions of another member, for an owner, and gives how many.
pub async fn end_all_of(
    tx: &mut TenantTx<Write>,
    by: &SignedInMember,
    id: MemberId,
) -> Result<u64, StoreError> {
    member::by_id(tx, id).await?;
    if id == by.member {
        let advice =
            "these are your own sessions: endOtherSessions ends all but this one, and signOut this one";
        return Err(StoreError::conflict("id", advice));
    }
    end_all(tx, id, None).await
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

/// Ends the sessions of a member, all of them or all but one.
pub(crate) async fn end_all(
    tx: &mut TenantTx<Write>,
    of: MemberId,
    but: Option<SessionId>,
) -> Result<u64, StoreError> {
    let sql = "SELECT id FROM session WHERE tenant_id = $1 AND member_id = $2 AND ended_at IS NULL
               AND expires_at > $3 ORDER BY id";
    let lasting: Vec<Found> = tx.all(sql, [of.uuid().into(), tx.now().micros().into()]).await?;
    let ended = shut_each(tx, lasting, but).await?;
    tx.audit(
        AuditAct::SessionsEnded,
        of,
        &Change::to(json!({ "sessions": ended })),
    )?;
    Ok(ended)
}

/// Ends the sessions of all members for whom the provider vouched, but for one.
pub(crate) async fn end_by_provider(
    tx: &mut TenantTx<Write>,
    but: Option<SessionId>,
) -> Result<(), StoreError> {
    let sql = "SELECT id FROM session WHERE tenant_id = $1 AND way <> 'PASSWORD' AND ended_at IS NULL
               AND expires_at > $2 ORDER BY id";
    let lasting: Vec<Found> = tx.all(sql, [tx.now().micros().into()]).await?;
    let tenant = tx.tenant();
    shut_all(tx, tenant, lasting, but).await
}

/// Ends the sessions of one member for whom the provider vouched.
pub(crate) async fn end_of_member_by_provider(
    tx: &mut TenantTx<Write>,
    of: MemberId,
) -> Result<(), StoreError> {
    let sql = "SELECT id FROM session WHERE tenant_id = $1 AND member_id = $2 AND way <> 'PASSWORD'
               AND ended_at IS NULL AND expires_at > $3 ORDER BY id";
    let lasting: Vec<Found> = tx.all(sql, [of.uuid().into(), tx.now().micros().into()]).await?;
    shut_all(tx, of, lasting, None).await
}

/// Shuts these sessions, but for one, and says how many that were.
async fn shut_each(
    tx: &mut TenantTx<Write>,
    lasting: Vec<Found>,
    but: Option<SessionId>,
) -> Result<u64, StoreError> {
    let mut ended = 0;
    for Found { id } in lasting {
        let id: SessionId = stored(id);
        if Some(id) != but {
            shut(tx, id).await?;
            ended += 1;
        }
    }
    Ok(ended)
}

async fn shut_all(
    tx: &mut TenantTx<Write>,
    of: impl std::fmt::Display,
    lasting: Vec<Found>,
    but: Option<SessionId>,
) -> Result<(), StoreError> {
    let ended = shut_each(tx, lasting, but).await?;
    if ended == 0 {
        return Ok(());
    }
    let change = Change::to(json!({ "sessions": ended, "way": "PROVIDER" }));
    tx.audit(AuditAct::SessionsEnded, of, &change)
}
