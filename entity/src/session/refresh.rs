//! Refresh tokens: how a client stays signed in beyond the minutes of an access token. Each is good once and gives the
//! next one (RFC 9700, 4.14.2). Of two who come with the same one, one has stolen it, and nobody can tell which: the
//! session ends for both.

use std::time::Duration;

use assent_domain::audit::{Actor, AuditAct};
use assent_domain::clock::Timestamp;
use assent_domain::id::{SessionId, stored};
use sea_orm::{ActiveValue::Set, EntityTrait};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{SignedInMember, hash_of, live, new_secret, shut};
use crate::audit::Change;
use crate::error::StoreError;
use crate::row::refresh_credential as row;
use crate::store::Store;
use crate::tx::{PlatformTx, TenantCtx, TenantTx, Write};

/// What every refresh token begins with, so that a scanner of published code knows one when it sees it.
const SECRET_PREFIX: &str = "assent_refresh_";

/// How long a refresh token counts, and so how long a session lasts that nobody uses.
pub const REFRESH_LIFETIME: Duration = Duration::from_hours(24);

/// How long a session lasts however often it is refreshed: then the member signs in again.
pub const LONGEST_SESSION: Duration = Duration::from_hours(7 * 24);

/// A refresh token.
#[derive(Debug)]
pub struct RefreshToken {
    /// What the client shows, once; stored as a hash.
    pub secret: SecretString,
    /// Until when it counts. So long the session lasts.
    pub expires_at: Timestamp,
}

/// A session that goes on.
#[derive(Debug)]
pub struct Refreshed {
    /// Whose it is.
    pub access: SignedInMember,
    /// The token to show next time.
    pub refresh: RefreshToken,
}

/// Until when a session lasts that began at `begun` and is used now.
pub(super) fn end_of(begun: Timestamp, now: Timestamp) -> Timestamp {
    now.after(REFRESH_LIFETIME).min(begun.after(LONGEST_SESSION))
}

/// Makes a token for a session that lasts until `expires_at`.
pub(super) async fn issue(
    tx: &TenantTx<Write>,
    session: SessionId,
    expires_at: Timestamp,
) -> Result<RefreshToken, StoreError> {
    let secret = SecretString::from(format!("{SECRET_PREFIX}{}", new_secret().expose_secret()));
    let row = row::ActiveModel {
        token_hash: Set(hash_of(&secret)),
        tenant_id: Set(tx.uuid()),
        session_id: Set(session.uuid()),
        expires_at: Set(expires_at.micros()),
        spent_at: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(RefreshToken { secret, expires_at })
}

/// Lets a session go on, if this is its token and was not used before. A token that is unknown, too old, spent, or of
/// a session that is over gives nothing, and the answer does not say which it was.
pub async fn refresh(store: &Store, token: &SecretString) -> Result<Option<Refreshed>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let found = row::Entity::find_by_id(hash_of(token)).one(tx.conn()).await?;
    drop(tx);
    let Some(found) = found else { return Ok(None) };
    let Some(access) = live(store, stored(found.tenant_id), stored(found.session_id)).await? else {
        return Ok(None);
    };
    // That it goes on is no change that somebody has to answer for: the sign-in stands in the audit log.
    let tx = TenantTx::write(store, TenantCtx::new(access.ctx.tenant(), Actor::Job)).await?;
    if spend(&tx, &found).await? {
        return go_on(tx, access).await;
    }
    let is_spent = is_spent(&tx, &found).await?;
    drop(tx);
    if is_spent {
        end_for_both(store, access).await?;
    }
    Ok(None)
}

/// Spends a token. Of two who try at once, one does.
async fn spend(tx: &TenantTx<Write>, token: &row::Model) -> Result<bool, StoreError> {
    let sql = "UPDATE refresh_credential SET spent_at = $3
               WHERE tenant_id = $1 AND token_hash = $2 AND spent_at IS NULL AND expires_at > $3";
    let values = [token.token_hash.clone().into(), tx.now().micros().into()];
    Ok(tx.execute(sql, values).await? == 1)
}

async fn is_spent(tx: &TenantTx<Write>, token: &row::Model) -> Result<bool, StoreError> {
    let now = row::Entity::find_by_id(token.token_hash.clone())
        .one(tx.conn())
        .await?;
    Ok(now.is_some_and(|token| token.spent_at.is_some()))
}

async fn go_on(tx: TenantTx<Write>, access: SignedInMember) -> Result<Option<Refreshed>, StoreError> {
    let ends_at = end_of(access.session_began_at, tx.now());
    let sql = "UPDATE session SET expires_at = $3, last_used_at = $4
               WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL AND expires_at > $4";
    let values = [
        access.session.uuid().into(),
        ends_at.micros().into(),
        tx.now().micros().into(),
    ];
    if tx.execute(sql, values).await? == 0 {
        // Somebody ended it a moment ago.
        return Ok(None);
    }
    let refresh = issue(&tx, access.session, ends_at).await?;
    tx.commit().await?;
    let access = SignedInMember {
        session_ends_at: ends_at,
        ..access
    };
    Ok(Some(Refreshed { access, refresh }))
}

/// Ends a session one of whose tokens was shown twice. Who showed it is not known.
async fn end_for_both(store: &Store, access: SignedInMember) -> Result<(), StoreError> {
    let ctx = TenantCtx::new(access.ctx.tenant(), Actor::Visitor);
    let mut tx = TenantTx::write(store, ctx).await?;
    shut(&tx, access.session).await?;
    let of = Change::to(json!({ "member": access.member }));
    tx.audit(AuditAct::RefreshTokenReused, access.session, &of)?;
    tx.commit().await
}
