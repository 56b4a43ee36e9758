//! Signing in: a session, with a cookie for browsers. What clients get that refuse cookies is in
//! [`crate::access_token`]. All of it ends with the session.

use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::audit::{Actor, AuditAct};
use assent_domain::clock::Timestamp;
use assent_domain::id::{MemberId, SessionId, TenantId, new_id, stored};
use assent_domain::identity_provider::SignInWay;
use assent_domain::tenant::Role;
use data_encoding::BASE64URL_NOPAD;
use rand::Rng;
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::audit::Change;
use crate::chore::CHUNK;
use crate::error::{StoreError, read_code};
use crate::row::{credential, member as member_row, session as row};
use crate::store::Store;
use crate::tx::{Read, TenantCtx, TenantTx, Write};
use crate::{member, password, second_factor, tenant};

mod list;
mod refresh;

pub use list::{Session, end_all_of, end_one, end_others, page_of};
pub(crate) use list::{end_all, end_by_provider, end_of_member_by_provider};
pub use refresh::{LONGEST_SESSION, REFRESH_LIFETIME, RefreshToken, Refreshed, refresh};

/// How long the cookie of a session counts. A client that refreshes its session has it for longer, see [`refresh`].
pub const SESSION_LIFETIME: Duration = Duration::from_hours(12);

/// A member who has signed in.
#[derive(Clone, Copy, Debug)]
pub struct SignedInMember {
    /// Leave to act within the tenant.
    pub ctx: TenantCtx,
    /// Who it is.
    pub member: MemberId,
    /// What they may do.
    pub role: Role,
    /// By which sign-in.
    pub session: SessionId,
    /// When that was.
    pub session_began_at: Timestamp,
    /// Until when it lasts, unless somebody ends it before.
    pub session_ends_at: Timestamp,
    /// Whether they have to set up a second factor before they do anything else.
    pub must_enrol: bool,
}

/// What a sign-in gives.
#[derive(Debug)]
pub struct SignedIn {
    /// Who it is.
    pub access: SignedInMember,
    /// The secret for the cookie; stored as a hash.
    pub cookie: SecretString,
    /// The token by which the session goes on.
    pub refresh: RefreshToken,
}

/// How exactly it is known when a session was last used: a write for every request would cost more than it tells, and
/// nobody is to be followed through their day (P02).
const USE_IS_NOTED_EVERY: Duration = Duration::from_hours(1);

pub(crate) fn hash_of(secret: &SecretString) -> Vec<u8> {
    Sha256::digest(secret.expose_secret().as_bytes()).to_vec()
}

pub(crate) fn new_secret() -> SecretString {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    BASE64URL_NOPAD.encode(&bytes).into()
}

/// Signs a member in, or gives `None`: for an unknown tenant, address or password alike, in the same time. A member with a
/// second factor needs a code too; that it is missing ([`StoreError::SecondFactor`]) is told to who has the password only.
pub async fn sign_in(
    store: &Store,
    slug: &str,
    email: &str,
    password: SecretString,
    code: Option<SecretString>,
) -> Result<Option<SignedIn>, StoreError> {
    let ctx = tenant::by_slug(store, slug).await?;
    let member = match (ctx, EmailAddress::parse(email)) {
        (Some(ctx), Ok(email)) => {
            let tx = TenantTx::read(store, ctx).await?;
            member::find_row(&tx, &email).await?.map(|member| (ctx, member))
        }
        _ => None,
    };
    let hash = member.as_ref().map(|(_, member)| member.password_hash.clone());
    let right = password::verify(hash, password).await?;
    match member {
        Some((ctx, member)) if right => begin(store, ctx.tenant(), &member, code).await,
        _ => Ok(None),
    }
}

/// Notes in the audit log of the tenant with this published name, if there is one, how many attempts to sign in failed in
/// the hour that began at `since`.
pub async fn note_failures(
    store: &Store,
    slug: &str,
    since: Timestamp,
    failures: u64,
) -> Result<(), StoreError> {
    let Some(ctx) = tenant::by_slug(store, slug).await? else {
        return Ok(());
    };
    let mut tx = TenantTx::write(store, ctx).await?;
    let change = Change::to(json!({ "since": since.to_string(), "failures": failures }));
    tx.audit_about(AuditAct::SignInsFailed, None, &change)?;
    tx.commit().await
}

async fn begin(
    store: &Store,
    tenant: TenantId,
    member: &member_row::Model,
    code: Option<SecretString>,
) -> Result<Option<SignedIn>, StoreError> {
    let (tx, now) = hold(store, tenant, member).await?;
    // While the password was looked at, the member may have changed it: then this is one that they have given up.
    if now.is_none_or(|now| now.password_hash != member.password_hash) {
        return Ok(None);
    }
    second_factor::pass(&tx, stored(member.id), code.as_ref()).await?;
    let signed_in = open(tx, member, SignInWay::Password, &Change::default()).await?;
    Ok(Some(signed_in))
}

/// Opens the tables for a member who signs in, and holds their row: whatever else is done to how they sign in comes before
/// or after. With the row as it is now; none if they have left.
pub(crate) async fn hold(
    store: &Store,
    tenant: TenantId,
    member: &member_row::Model,
) -> Result<(TenantTx<Write>, Option<member_row::Model>), StoreError> {
    let (id, role) = (stored(member.id), read_code(&member.role)?);
    let ctx = TenantCtx::new(tenant, Actor::Member { id, role });
    let tx = TenantTx::write_although_closed(store, ctx).await?;
    tx.lock::<member_row::Entity>(member.id).await?;
    let now = member_row::Entity::find_by_id((tx.uuid(), member.id));
    let now = now.one(tx.conn()).await?;
    Ok((tx, now))
}

/// Opens a session of a member whose row is held, and who has shown who they are.
pub(crate) async fn open(
    mut tx: TenantTx<Write>,
    member: &member_row::Model,
    way: SignInWay,
    by: &Change,
) -> Result<SignedIn, StoreError> {
    let (role, member) = (read_code(&member.role)?, stored(member.id));
    let ctx = TenantCtx::new(tx.tenant(), Actor::Member { id: member, role });
    let (id, cookie): (SessionId, _) = (new_id(tx.now()), new_secret());
    let must_enrol = way != SignInWay::ProviderTwoFactors && lacks_second_factor(&tx, member).await?;
    let began_at = tx.now();
    let ends_at = refresh::end_of(began_at, began_at);
    let session = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        member_id: Set(member.uuid()),
        created_at: Set(began_at.micros()),
        expires_at: Set(ends_at.micros()),
        ended_at: Set(None),
        last_used_at: Set(began_at.micros()),
        way: Set(way.to_string()),
    };
    row::Entity::insert(session)
        .exec_without_returning(tx.conn())
        .await?;
    let credential = credential::ActiveModel {
        token_hash: Set(hash_of(&cookie)),
        tenant_id: Set(tx.uuid()),
        session_id: Set(id.uuid()),
        expires_at: Set(began_at.after(SESSION_LIFETIME).micros()),
    };
    credential::Entity::insert(credential)
        .exec_without_returning(tx.conn())
        .await?;
    let refresh = refresh::issue(&tx, id, ends_at).await?;
    tx.audit(AuditAct::SignedIn, id, by)?;
    tx.commit().await?;
    let access = SignedInMember {
        ctx,
        member,
        role,
        session: id,
        session_began_at: began_at,
        session_ends_at: ends_at,
        must_enrol,
    };
    Ok(SignedIn {
        access,
        cookie,
        refresh,
    })
}

/// Who sent this cookie, if it counts still and their session lasts.
pub async fn by_cookie(store: &Store, cookie: &SecretString) -> Result<Option<SignedInMember>, StoreError> {
    Ok(by_cookie_within(store, cookie).await?.map(|(member, _)| member))
}

/// The same, with the transaction in which that was seen.
pub(crate) async fn by_cookie_within(
    store: &Store,
    cookie: &SecretString,
) -> Result<Option<(SignedInMember, TenantTx<Read>)>, StoreError> {
    let tx = crate::tx::PlatformTx::read(store).await?;
    let found = credential::Entity::find_by_id(hash_of(cookie))
        .one(tx.conn())
        .await?;
    drop(tx);
    match found.filter(|found| found.expires_at > store.now().micros()) {
        Some(found) => recognise(store, stored(found.tenant_id), stored(found.session_id)).await,
        None => Ok(None),
    }
}

#[derive(FromQueryResult)]
struct LiveRow {
    member_id: Uuid,
    role: String,
    created_at: i64,
    expires_at: i64,
    last_used_at: i64,
    must_enrol: i32,
}

/// Of a member `m` and their tenant `t`, whether one needs a second factor there and they have none.
const LACKS_ONE: &str = "t.second_factor_required = 1 AND NOT EXISTS (
        SELECT 1 FROM second_factor f WHERE f.tenant_id = m.tenant_id AND f.member_id = m.id
           AND f.confirmed_at IS NOT NULL)";

/// Of a session `s`, whether their provider did not say that it asked for two factors.
const BY_ONE: &str = "s.way <> 'PROVIDER_TWO_FACTORS'";

#[derive(FromQueryResult)]
struct Lacking {
    must_enrol: i32,
}

async fn lacks_second_factor<M>(tx: &TenantTx<M>, member: MemberId) -> Result<bool, StoreError> {
    let sql = format!(
        "SELECT CASE WHEN {LACKS_ONE} THEN 1 ELSE 0 END AS must_enrol FROM member m JOIN tenant t ON t.id = m.tenant_id
         WHERE m.tenant_id = $1 AND m.id = $2"
    );
    let found: Option<Lacking> = tx.one(&sql, [member.uuid().into()]).await?;
    Ok(found.is_some_and(|found| found.must_enrol != 0))
}

/// Who signed in by this session, if it lasts.
pub(crate) async fn live(
    store: &Store,
    tenant: TenantId,
    id: SessionId,
) -> Result<Option<SignedInMember>, StoreError> {
    Ok(recognise(store, tenant, id).await?.map(|(member, _)| member))
}

/// Who signed in by this session, if it lasts; with the transaction in which that was seen.
pub(crate) async fn recognise(
    store: &Store,
    tenant: TenantId,
    id: SessionId,
) -> Result<Option<(SignedInMember, TenantTx<Read>)>, StoreError> {
    let tx = TenantTx::read_for_stranger(store, tenant).await?;
    let sql = format!(
        "SELECT s.member_id, m.role, s.created_at, s.expires_at, s.last_used_at,
               CASE WHEN {BY_ONE} AND {LACKS_ONE} THEN 1 ELSE 0 END AS must_enrol
               FROM session s JOIN member m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
               JOIN tenant t ON t.id = s.tenant_id AND t.deleting_since IS NULL
               WHERE s.tenant_id = $1 AND s.id = $2 AND s.ended_at IS NULL AND s.expires_at > $3"
    );
    let row: Option<LiveRow> = tx.one(&sql, [id.uuid().into(), tx.now().micros().into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let (member, role) = (stored(row.member_id), read_code(&row.role)?);
    let ctx = TenantCtx::new(tenant, Actor::Member { id: member, role });
    let tx = if Timestamp::from_micros(row.last_used_at).after(USE_IS_NOTED_EVERY) <= tx.now() {
        drop(tx);
        note_use(store, tenant, id).await?;
        TenantTx::read(store, ctx).await?
    } else {
        tx.for_actor(ctx.actor())
    };
    let member = SignedInMember {
        ctx,
        member,
        role,
        session: id,
        session_began_at: Timestamp::from_micros(row.created_at),
        session_ends_at: Timestamp::from_micros(row.expires_at),
        must_enrol: row.must_enrol != 0,
    };
    Ok(Some((member, tx)))
}

/// Notes when a session was last used: not a change that somebody has to answer for.
async fn note_use(store: &Store, tenant: TenantId, id: SessionId) -> Result<(), StoreError> {
    let tx = TenantTx::write(store, TenantCtx::new(tenant, Actor::Job)).await?;
    let sql = "UPDATE session SET last_used_at = $3 WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [id.uuid().into(), tx.now().micros().into()])
        .await?;
    tx.commit().await
}

/// Ends a session: its cookie and its tokens are worth nothing from now on.
pub async fn end(tx: &mut TenantTx<Write>, id: SessionId) -> Result<(), StoreError> {
    shut(tx, id).await?;
    tx.audit(AuditAct::SignedOut, id, &Change::default())
}

/// Ends a session, however that came about. What it was opened by goes, so that nothing is left to be shown.
async fn shut(tx: &TenantTx<Write>, id: SessionId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM credential WHERE tenant_id = $1 AND session_id = $2",
        "DELETE FROM refresh_credential WHERE tenant_id = $1 AND session_id = $2",
    ] {
        tx.execute(sql, [id.uuid().into()]).await?;
    }
    let now = tx.now().micros();
    tx.execute(
        "UPDATE session SET ended_at = $3 WHERE tenant_id = $1 AND id = $2 AND ended_at IS NULL",
        [id.uuid().into(), now.into()],
    )
    .await?;
    Ok(())
}

/// Forgets sessions that are over, with what opened them.
pub(crate) async fn forget_ended(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    loop {
        let tx = TenantTx::write(store, ctx).await?;
        let over = format!(
            "SELECT id FROM session WHERE tenant_id = $1 AND (ended_at IS NOT NULL OR expires_at < $2)
             ORDER BY id LIMIT {CHUNK}"
        );
        let now = [tx.now().micros().into()];
        for credentials in ["credential", "refresh_credential"] {
            let sql = format!("DELETE FROM {credentials} WHERE tenant_id = $1 AND session_id IN ({over})");
            tx.execute(&sql, now.clone()).await?;
        }
        let sessions = format!("DELETE FROM session WHERE tenant_id = $1 AND id IN ({over})");
        let forgotten = tx.execute(&sessions, now).await?;
        tx.commit().await?;
        if forgotten < u64::from(CHUNK) {
            return Ok(());
        }
    }
}
