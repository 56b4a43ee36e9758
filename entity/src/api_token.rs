//! Tokens of partners: what each is called, may ask for, and counts from and until. Its secrets are the subject of [`secret`].

use std::collections::BTreeSet;
use std::time::Duration;

use assent_domain::allowed_networks::AllowedNetworks;
use assent_domain::api_token::Scope;
use assent_domain::audit::{Actor, AuditAct};
use assent_domain::clock::Timestamp;
use assent_domain::id::{ApiTokenId, MemberId, OutsidePartyId, new_id, stored};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use secrecy::SecretString;
use serde_json::json;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::member;
use crate::outside_party;
use crate::page::{Page, PageRequest};
use crate::row::api_token as row;
use crate::text;
use crate::tx::{TenantTx, Write};

mod secret;
mod update;

pub use secret::{DEFAULT_OVERLAP, MAX_OVERLAP, SECRET_PREFIX, TokenSecret, rotate};
pub(crate) use secret::{by_hash, by_secret, forget_expired};
pub use update::{TokenChanges, update};

/// How long a token lasts where nothing is said.
pub const DEFAULT_LIFETIME: Duration = Duration::from_hours(90 * 24);

/// The longest that a token lasts.
pub const MAX_LIFETIME: Duration = Duration::from_hours(366 * 24);

/// A token.
#[derive(Clone, Debug)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// What the tenant calls it.
    pub name: String,
    /// What it may ask for.
    pub scopes: BTreeSet<Scope>,
    /// The outside party whose it is; `None` for the tenant's own programs.
    pub party: Option<OutsidePartyId>,
    /// Who made it.
    pub created_by: MemberId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it counts.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// Where it counts.
    pub networks: AllowedNetworks,
    /// Its secrets that count, oldest first: two while one takes over for the other. Not read where a token is shown.
    pub secrets: Vec<TokenSecret>,
}

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewApiToken {
    /// What the tenant calls it.
    pub name: String,
    /// What it may ask for.
    pub scopes: BTreeSet<Scope>,
    /// The name of the outside party whose it is.
    pub party: Option<String>,
    /// Until when it counts.
    pub expires_at: Option<Timestamp>,
}

fn read_scopes(text: &str) -> Result<BTreeSet<Scope>, StoreError> {
    text.split_whitespace().map(read_code).collect()
}

impl TryFrom<row::Model> for ApiToken {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            name: row.name,
            scopes: read_scopes(&row.scopes)?,
            party: row.outside_party_id.map(stored),
            created_by: stored(row.created_by),
            created_at: Timestamp::from_micros(row.created_at),
            expires_at: Timestamp::from_micros(row.expires_at),
            revoked_at: row.revoked_at.map(Timestamp::from_micros),
            last_used_at: row.last_used_at.map(Timestamp::from_micros),
            networks: AllowedNetworks::parse(row.networks.split_whitespace())
                .map_err(|_| StoreError::Corrupt("the networks of a token".to_owned()))?,
            secrets: Vec::new(),
        })
    }
}

/// The token with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: ApiTokenId) -> Result<ApiToken, StoreError> {
    let mut token = read(tx, id).await?;
    secret::add(tx, vec![&mut token]).await?;
    Ok(token)
}

async fn read<M>(tx: &TenantTx<M>, id: ApiTokenId) -> Result<ApiToken, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The tenant's tokens, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<ApiToken>, StoreError> {
    let mut page = request
        .run(tx, tx.find::<row::Entity>(), ApiToken::try_from)
        .await?;
    secret::add(tx, page.rows.iter_mut().map(|(_, token)| token).collect()).await?;
    Ok(page)
}

/// Until when a token may count.
fn check_expiry(tx: &TenantTx<Write>, expires_at: Timestamp) -> Result<(), StoreError> {
    if expires_at <= tx.now() || expires_at > tx.now().after(MAX_LIFETIME) {
        let rule = "a token lasts for 366 days at most, and not into the past";
        return Err(StoreError::invalid("expiresAt", rule));
    }
    Ok(())
}

/// Makes a token. Its secret is given this once.
pub async fn create(
    tx: &mut TenantTx<Write>,
    new: NewApiToken,
) -> Result<(ApiTokenId, SecretString), StoreError> {
    let Actor::Member { id: created_by, role } = tx.actor() else {
        return Err(StoreError::conflict("name", "a member has to answer for a token"));
    };
    if let Some(scope) = new.scopes.iter().find(|scope| !scope.is_within(role)) {
        let rule = format!(
            "a member with the role {role} may not do what {scope} opens, and cannot lend it to a token"
        );
        return Err(StoreError::invalid("scopes", rule));
    }
    let name = text::name("name", &new.name)?;
    let party = party(tx, &new).await?;
    let expires_at = new.expires_at.unwrap_or(tx.now().after(DEFAULT_LIFETIME));
    check_expiry(tx, expires_at)?;
    let id: ApiTokenId = new_id(tx.now());
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| <&str>::from(*scope)).collect();
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        name: Set(name),
        scopes: Set(scopes.join(" ")),
        outside_party_id: Set(party.map(|party| party.uuid())),
        created_by: Set(created_by.uuid()),
        created_at: Set(tx.now().micros()),
        expires_at: Set(expires_at.micros()),
        revoked_at: Set(None),
        last_used_at: Set(None),
        networks: Set(String::new()),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    let secret = secret::issue(tx, id).await?;
    let created = json!({ "scopes": new.scopes, "outsideParty": party });
    tx.audit(AuditAct::ApiTokenCreated, id, &Change::to(created))?;
    Ok((id, secret))
}

async fn party(tx: &TenantTx<Write>, new: &NewApiToken) -> Result<Option<OutsidePartyId>, StoreError> {
    if new.scopes.is_empty() {
        return Err(StoreError::invalid(
            "scopes",
            "a token without a scope is of no use: name one",
        ));
    }
    let Some(name) = &new.party else { return Ok(None) };
    let known = outside_party::by_name(tx, name.trim()).await?.ok_or_else(|| {
        let rule = "no policy version or legal order names such an outside party: draft a version that does";
        StoreError::invalid("outsideParty", rule)
    })?;
    if let Some(scope) = new.scopes.iter().find(|scope| !scope.is_for_outside_parties()) {
        let rule =
            format!("the token of an outside party cannot have {scope}: it reads what people permitted");
        return Err(StoreError::invalid("scopes", rule));
    }
    Ok(Some(known.id))
}

/// Revokes the tokens that a member made: nobody is left to answer for them.
pub(crate) async fn revoke_made_by(tx: &mut TenantTx<Write>, member: MemberId) -> Result<(), StoreError> {
    let theirs = tx
        .find::<row::Entity>()
        .filter(row::Column::CreatedBy.eq(member.uuid()))
        .filter(row::Column::RevokedAt.is_null())
        .all(tx.conn())
        .await?;
    for token in theirs {
        revoke(tx, stored(token.id)).await?;
    }
    Ok(())
}

/// Revokes a token: its next request is refused. Revoked twice is revoked.
pub async fn revoke(tx: &mut TenantTx<Write>, id: ApiTokenId) -> Result<(), StoreError> {
    by_id(tx, id).await?;
    let credentials = "DELETE FROM api_credential WHERE tenant_id = $1 AND api_token_id = $2";
    tx.execute(credentials, [id.uuid().into()]).await?;
    let sql = "UPDATE api_token SET revoked_at = COALESCE(revoked_at, $3) WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [id.uuid().into(), tx.now().micros().into()])
        .await?;
    tx.audit(AuditAct::ApiTokenRevoked, id, &Change::default())
}

/// A token that a member may change: it counts, and it can do nothing that they may not do themselves. With another secret
/// of it they could.
async fn held_by(tx: &TenantTx<Write>, id: ApiTokenId) -> Result<ApiToken, StoreError> {
    let Actor::Member { role, .. } = tx.actor() else {
        return Err(StoreError::conflict("id", "a member has to answer for a token"));
    };
    tx.lock::<row::Entity>(id.uuid()).await?;
    let token = read(tx, id).await?;
    if token.revoked_at.is_some() || token.expires_at <= tx.now() {
        return Err(StoreError::conflict(
            "id",
            "this token counts no more: make another",
        ));
    }
    if let Some(scope) = token.scopes.iter().find(|scope| !scope.is_within(role)) {
        let advice = format!(
            "this token may do what {scope} opens, which a member with the role {role} may not: ask one who may"
        );
        return Err(StoreError::conflict("id", advice));
    }
    Ok(token)
}

/// What a token may ask for now: what its maker may do still.
async fn scopes_now<M>(tx: &TenantTx<M>, token: &ApiToken) -> Result<BTreeSet<Scope>, StoreError> {
    let maker = match member::by_id(tx, token.created_by).await {
        Ok(maker) => maker,
        Err(StoreError::NotFound(_)) => return Ok(BTreeSet::new()),
        Err(error) => return Err(error),
    };
    let scopes = token.scopes.iter().copied();
    Ok(scopes.filter(|scope| scope.is_within(maker.role)).collect())
}
