//! A tenant's identity provider, where its members may sign in beside their password (OpenID Connect Core 1.0).
//!
//! An owner chooses it, so its word is worth no more than an owner's: it opens sessions of members of this tenant and of no
//! other. Everything about it is read and written within the tenant of the page that was opened; a member row is of one
//! tenant, whoever else has the same address, and so is each session. Nothing that it says makes a member, changes an
//! address, a password or a second factor, or stands in for them where they are asked for.

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::MemberId;
use assent_domain::identity_provider::{Issuer, MAX_CLIENT_OCTETS};
use sea_orm::{ActiveValue::Set, EntityTrait, sea_query::OnConflict};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::audit::Change;
use crate::error::StoreError;
use crate::member::{self, Member};
use crate::row::identity_provider as row;
use crate::session::{self, SignedInMember};
use crate::tx::{TenantTx, Write};

pub mod arrival;
mod secret;
pub mod sign_in;

pub(crate) use arrival::forget_member;
pub(crate) use secret::tend;
pub(crate) use sign_in::{forget_all, forget_expired};

/// A tenant's identity provider.
#[derive(Clone, Debug)]
pub struct IdentityProvider {
    /// What it calls itself.
    pub issuer: Issuer,
    /// What it calls us.
    pub client_id: String,
    /// Since when there is one.
    pub created_at: Timestamp,
    /// When it was set last.
    pub updated_at: Timestamp,
}

impl TryFrom<row::Model> for IdentityProvider {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            issuer: Issuer::parse(&row.issuer).map_err(|error| StoreError::Corrupt(error.to_string()))?,
            client_id: row.registered_as,
            created_at: Timestamp::from_micros(row.created_at),
            updated_at: Timestamp::from_micros(row.updated_at),
        })
    }
}

impl IdentityProvider {
    fn told(&self) -> Value {
        json!({ "issuer": self.issuer.as_str(), "clientId": self.client_id })
    }

    /// Whether it is the same client of the same provider.
    pub fn is_same_client(&self, as_that: &Self) -> bool {
        self.issuer == as_that.issuer && self.client_id == as_that.client_id
    }
}

/// What a provider is to be.
#[derive(Debug)]
pub struct NewIdentityProvider {
    issuer: Issuer,
    client_id: String,
    client_secret: SecretString,
}

impl NewIdentityProvider {
    /// Takes what the provider gave when we were registered there: RFC 6749 (appendix A) lets both be of visible ASCII.
    pub fn new(issuer: Issuer, client_id: &str, client_secret: &SecretString) -> Result<Self, StoreError> {
        let rule = format!(
            "give what the provider shows: 1 to {MAX_CLIENT_OCTETS} letters, digits and signs, without blanks"
        );
        let checked = |field, text: &str| {
            let text = text.trim();
            let fits = (1..=MAX_CLIENT_OCTETS).contains(&text.len());
            if fits && text.chars().all(|sign| sign.is_ascii_graphic()) {
                return Ok(text.to_owned());
            }
            Err(StoreError::invalid(field, &rule))
        };
        Ok(Self {
            client_id: checked("clientId", client_id)?,
            client_secret: checked("clientSecret", client_secret.expose_secret())?.into(),
            issuer,
        })
    }
}

async fn find<M>(tx: &TenantTx<M>) -> Result<Option<row::Model>, StoreError> {
    Ok(tx.find::<row::Entity>().one(tx.conn()).await?)
}

/// The tenant's provider, if it has one.
pub async fn current<M>(tx: &TenantTx<M>) -> Result<Option<IdentityProvider>, StoreError> {
    find(tx).await?.map(IdentityProvider::try_from).transpose()
}

/// The same, with our secret there.
pub async fn with_secret<M>(
    tx: &TenantTx<M>,
) -> Result<Option<(IdentityProvider, SecretString)>, StoreError> {
    let Some(row) = find(tx).await? else {
        return Ok(None);
    };
    let secret = secret::open(tx, &row)?;
    Ok(Some((row.try_into()?, secret)))
}

/// Sets the tenant's provider, in place of one there was. At another client nobody goes on whom the one before vouched for:
/// its sessions end, but for the one that asks. Accounts at another issuer are nobody's yet.
pub async fn set(
    tx: &mut TenantTx<Write>,
    by: &SignedInMember,
    new: NewIdentityProvider,
) -> Result<IdentityProvider, StoreError> {
    tx.require_open()?;
    let before = hold(tx).await?;
    let now = tx.now();
    let after = IdentityProvider {
        issuer: new.issuer,
        client_id: new.client_id,
        created_at: before.as_ref().map_or(now, |before| before.created_at),
        updated_at: now,
    };
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        issuer: Set(after.issuer.as_str().to_owned()),
        registered_as: Set(after.client_id.clone()),
        sealed_secret: Set(secret::seal(tx, &new.client_secret)?),
        created_at: Set(after.created_at.micros()),
        updated_at: Set(now.micros()),
    };
    let changes = [
        row::Column::Issuer,
        row::Column::RegisteredAs,
        row::Column::SealedSecret,
        row::Column::UpdatedAt,
    ];
    let replace = OnConflict::column(row::Column::TenantId)
        .update_columns(changes)
        .to_owned();
    row::Entity::insert(row)
        .on_conflict(replace)
        .exec_without_returning(tx.conn())
        .await?;
    if before.as_ref().is_none_or(|before| before.issuer != after.issuer) {
        arrival::forget_all(tx).await?;
    }
    if before
        .as_ref()
        .is_none_or(|before| !before.is_same_client(&after))
    {
        session::end_by_provider(tx, Some(by.session)).await?;
    }
    forget_all(tx).await?;
    let was = before.as_ref().map_or(Value::Null, IdentityProvider::told);
    let tenant = tx.tenant();
    let change = Change::from_to(was, after.told());
    tx.audit(AuditAct::IdentityProviderSet, tenant, &change)?;
    Ok(after)
}

/// Takes the provider away: whom it vouched for is signed out, but for who asks, and signs in by password.
pub async fn remove(tx: &mut TenantTx<Write>, by: &SignedInMember) -> Result<IdentityProvider, StoreError> {
    let before = hold(tx).await?;
    let before = before.ok_or(StoreError::NotFound("identity provider"))?;
    forget_all(tx).await?;
    arrival::forget_all(tx).await?;
    session::end_by_provider(tx, Some(by.session)).await?;
    tx.execute("DELETE FROM identity_provider WHERE tenant_id = $1", [])
        .await?;
    let tenant = tx.tenant();
    let change = Change::from_to(before.told(), Value::Null);
    tx.audit(AuditAct::IdentityProviderRemoved, tenant, &change)?;
    Ok(before)
}

/// Reads the provider for a change: of two at once, one comes after the other.
async fn hold(tx: &TenantTx<Write>) -> Result<Option<IdentityProvider>, StoreError> {
    let sql = format!("SELECT id FROM tenant WHERE id = $1 {}", tx.for_update());
    tx.execute(&sql, []).await?;
    current(tx).await
}

/// Lets a member sign in by another account at the provider: the next that it vouches for with their address.
pub async fn unlink(tx: &mut TenantTx<Write>, id: MemberId) -> Result<Member, StoreError> {
    let member = member::by_id(tx, id).await?;
    if !arrival::forget_link(tx, id).await? {
        let advice = "no account at the identity provider is this member's";
        return Err(StoreError::conflict("id", advice));
    }
    session::end_of_member_by_provider(tx, id).await?;
    tx.audit(AuditAct::MemberIdentityUnlinked, id, &Change::default())?;
    Ok(member)
}
