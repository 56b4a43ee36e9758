//! The secrets of tokens: one, or two while one takes over for the other. Each is shown once and stored as a hash, and is found
//! before a tenant is known.

use std::net::IpAddr;
use std::time::Duration;

use assent_domain::api_token::TokenHolder;
use assent_domain::audit::{Actor, AuditAct};
use assent_domain::clock::Timestamp;
use assent_domain::id::{ApiTokenId, stored};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{ApiToken, held_by, read, scopes_now};
use crate::access::{Access, Asking};
use crate::audit::Change;
use crate::error::StoreError;
use crate::row::api_credential as row;
use crate::session::{hash_of, new_secret};
use crate::store::Store;
use crate::tenant_life;
use crate::tx::{PlatformTx, TenantCtx, TenantTx, Write};

/// What every secret begins with, so that a scanner of published code knows one when it sees it.
pub const SECRET_PREFIX: &str = "assent_token_";

/// How long the secret before counts beside the new one, where nothing is said.
pub const DEFAULT_OVERLAP: Duration = Duration::from_hours(24);

/// The longest that it does.
pub const MAX_OVERLAP: Duration = Duration::from_hours(7 * 24);

/// How exactly the last use is known: a write for every request would cost more than it tells.
const USE_IS_NOTED_EVERY: Duration = Duration::from_mins(1);

/// What is known of a secret.
#[derive(Clone, Copy, Debug)]
pub struct TokenSecret {
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it counts, where another has taken over: else as long as the token.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl From<row::Model> for TokenSecret {
    fn from(row: row::Model) -> Self {
        Self {
            created_at: Timestamp::from_micros(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_micros),
            last_used_at: row.last_used_at.map(Timestamp::from_micros),
        }
    }
}

/// Adds to tokens what is known of their secrets that count, oldest first.
pub(super) async fn add<M>(tx: &TenantTx<M>, tokens: Vec<&mut ApiToken>) -> Result<(), StoreError> {
    let ids = tokens.iter().map(|token| token.id.uuid());
    let rows = row::Entity::find()
        .filter(row::Column::TenantId.eq(tx.uuid()))
        .filter(row::Column::ApiTokenId.is_in(ids))
        .order_by_asc(row::Column::CreatedAt)
        .all(tx.conn())
        .await?;
    let now = tx.now().micros();
    for token in tokens {
        let of_token = rows
            .iter()
            .filter(|row| row.api_token_id == token.id.uuid())
            .filter(|row| row.expires_at.is_none_or(|at| at > now));
        token.secrets = of_token.cloned().map(TokenSecret::from).collect();
    }
    Ok(())
}

/// Makes a secret for a token. It is given this once.
pub(super) async fn issue(tx: &TenantTx<Write>, of: ApiTokenId) -> Result<SecretString, StoreError> {
    let secret = SecretString::from(format!("{SECRET_PREFIX}{}", new_secret().expose_secret()));
    let row = row::ActiveModel {
        token_hash: Set(hash_of(&secret)),
        tenant_id: Set(tx.uuid()),
        api_token_id: Set(of.uuid()),
        created_at: Set(tx.now().micros()),
        expires_at: Set(None),
        last_used_at: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(secret)
}

/// Gives a token another secret, this once. The one before counts for `overlap` yet; those before it count no more.
pub async fn rotate(
    tx: &mut TenantTx<Write>,
    id: ApiTokenId,
    overlap: Duration,
) -> Result<SecretString, StoreError> {
    if overlap > MAX_OVERLAP {
        let rule = "the secret before counts for 168 hours at most";
        return Err(StoreError::invalid("overlapHours", rule));
    }
    held_by(tx, id).await?;
    let until = tx.now().after(overlap).micros();
    let end =
        "DELETE FROM api_credential WHERE tenant_id = $1 AND api_token_id = $2 AND expires_at IS NOT NULL";
    tx.execute(end, [id.uuid().into()]).await?;
    let replace = "UPDATE api_credential SET expires_at = $3 WHERE tenant_id = $1 AND api_token_id = $2";
    tx.execute(replace, [id.uuid().into(), until.into()]).await?;
    let secret = issue(tx, id).await?;
    let hours = overlap.as_secs() / 3600;
    let change = Change::to(json!({ "overlapHours": hours }));
    tx.audit(AuditAct::ApiTokenRotated, id, &change)?;
    Ok(secret)
}

/// Who holds this secret, if it is one of ours, in time, and not revoked. It may do what its maker may do still: where
/// that is nothing, it counts no more. `from` is where it is shown; it is compared, and not kept (P02).
pub(crate) async fn by_secret(
    store: &Store,
    secret: &SecretString,
    from: Option<IpAddr>,
) -> Result<Option<Asking>, StoreError> {
    by_hash(store, hash_of(secret), from).await
}

/// The same of a secret that was shown before, by its hash.
pub(crate) async fn by_hash(
    store: &Store,
    hash: Vec<u8>,
    from: Option<IpAddr>,
) -> Result<Option<Asking>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let found = row::Entity::find_by_id(hash).one(tx.conn()).await?;
    drop(tx);
    let Some(found) = found else { return Ok(None) };
    let id: ApiTokenId = stored(found.api_token_id);
    let ctx = TenantCtx::new(stored(found.tenant_id), Actor::Token { id });
    let tx = TenantTx::read(store, ctx).await?;
    if tenant_life::of(&tx).await?.is_gone() {
        return Ok(None);
    }
    let token = read(&tx, id).await?;
    let (now, scopes) = (tx.now(), scopes_now(&tx, &token).await?);
    let is_replaced = found.expires_at.is_some_and(|at| at <= now.micros());
    if is_replaced || token.revoked_at.is_some() || token.expires_at <= now || scopes.is_empty() {
        return Ok(None);
    }
    if !token.networks.admit(from) {
        return Err(StoreError::NetworkNotAllowed);
    }
    let lately = |at: i64| Timestamp::from_micros(at).after(USE_IS_NOTED_EVERY) > now;
    let tx = if found.last_used_at.is_some_and(lately) {
        tx
    } else {
        drop(tx);
        note_use(store, ctx, id, found.token_hash.clone()).await?;
        TenantTx::read(store, ctx).await?
    };
    let holder = TokenHolder {
        id,
        scopes,
        party: token.party,
        secret_hash: found.token_hash,
    };
    let access = Access::Token(ctx, holder);
    Ok(Some(Asking { access, tx }))
}

/// Notes when a token was last used, and by which secret: not a change that somebody has to answer for.
async fn note_use(store: &Store, ctx: TenantCtx, id: ApiTokenId, hash: Vec<u8>) -> Result<(), StoreError> {
    let ctx = TenantCtx::new(ctx.tenant(), Actor::Job);
    let tx = TenantTx::write(store, ctx).await?;
    let now = tx.now().micros();
    let sql = "UPDATE api_token SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [id.uuid().into(), now.into()]).await?;
    let sql = "UPDATE api_credential SET last_used_at = $3 WHERE tenant_id = $1 AND token_hash = $2";
    tx.execute(sql, [hash.into(), now.into()]).await?;
    tx.commit().await
}

/// Forgets secrets that others have taken over for.
pub(crate) async fn forget_expired(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let tx = TenantTx::write(store, ctx).await?;
    let sql = "DELETE FROM api_credential WHERE tenant_id = $1 AND expires_at <= $2";
    tx.execute(sql, [tx.now().micros().into()]).await?;
    tx.commit().await
}
