//! Who comes back from a provider, and whether they are let in: members alone, each by the account there that was theirs the
//! first time. All of it is about members of the tenant whose page they came back to.

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::id::{MemberId, stored};
use assent_domain::identity_provider::{NotLetIn, SignInWay};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use secrecy::SecretString;
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{IdentityProvider, current, sign_in};
use crate::audit::Change;
use crate::error::StoreError;
use crate::member::{self, Member};
use crate::row::{member as member_row, member_identity as row};
use crate::second_factor;
use crate::session::{self, SignedIn, new_secret};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

/// An account at a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    hash: Vec<u8>,
}

impl Account {
    /// The account that an issuer calls so. Both are compared octet by octet (Core, 2).
    pub fn new(of: &IdentityProvider, subject: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(of.issuer.as_str());
        hash.update([0]);
        hash.update(subject);
        Self {
            hash: hash.finalize().to_vec(),
        }
    }
}

/// It stands for a person.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Account(..)")
    }
}

/// Whom a provider vouches for.
#[derive(Debug)]
pub struct Vouched {
    /// The account.
    pub account: Account,
    /// Their address, where the provider says that it has verified it.
    pub verified_address: Option<EmailAddress>,
    /// How they showed the provider who they are.
    pub way: SignInWay,
}

/// What comes of it.
#[derive(Debug)]
pub enum Arrived {
    /// They are signed in.
    In(Box<SignedIn>),
    /// The member has a second factor, and the provider did not say that it asked for two: the new secret for the browser,
    /// until the code comes.
    CodeNeeded(SecretString),
    /// They are not let in.
    Not(NotLetIn),
    /// The provider was changed or taken away meanwhile.
    Over,
}

async fn member_of<M>(tx: &TenantTx<M>, account: &Account) -> Result<Option<Uuid>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubjectHash.eq(account.hash.clone()));
    Ok(query.one(tx.conn()).await?.map(|row| row.member_id))
}

/// Whether an account is a member's already, so that nobody has to ask for its address.
pub async fn is_known(store: &Store, ctx: TenantCtx, account: &Account) -> Result<bool, StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    Ok(member_of(&tx, account).await?.is_some())
}

/// The member whom somebody is: by the account, or the first time by the address.
async fn find<M>(
    tx: &TenantTx<M>,
    vouched: &Vouched,
) -> Result<Result<member_row::Model, NotLetIn>, StoreError> {
    if let Some(id) = member_of(tx, &vouched.account).await? {
        return Ok(Ok(tx.get::<member_row::Entity>(id).await?));
    }
    let Some(address) = &vouched.verified_address else {
        return Ok(Err(NotLetIn::Unverified));
    };
    let found = member::find_row(tx, address).await?;
    Ok(found.ok_or(NotLetIn::Stranger))
}

/// Lets somebody in for whom the provider vouches, if they are a member.
pub async fn arrive(
    store: &Store,
    ctx: TenantCtx,
    provider: &IdentityProvider,
    vouched: Vouched,
) -> Result<Arrived, StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let member = match find(&tx, &vouched).await? {
        Ok(member) => member,
        Err(why) => return Ok(Arrived::Not(why)),
    };
    drop(tx);
    let (mut tx, Some(member)) = session::hold(store, ctx.tenant(), &member).await? else {
        return Ok(Arrived::Not(NotLetIn::Stranger));
    };
    if !is_current(&tx, provider).await? {
        return Ok(Arrived::Over);
    }
    let id: MemberId = stored(member.id);
    let needs_code = vouched.way != SignInWay::ProviderTwoFactors;
    if needs_code && second_factor::of_member(&tx, id).await?.is_some() {
        drop(tx);
        let secret = new_secret();
        let tx = TenantTx::write(store, ctx).await?;
        sign_in::insert(&tx, &secret, Some((member.id, vouched.account.hash))).await?;
        tx.commit().await?;
        return Ok(Arrived::CodeNeeded(secret));
    }
    if let Err(why) = link(&mut tx, id, &vouched.account).await? {
        return Ok(Arrived::Not(why));
    }
    enter(tx, &member, provider, vouched.way).await
}

async fn is_current<M>(tx: &TenantTx<M>, provider: &IdentityProvider) -> Result<bool, StoreError> {
    let now = current(tx).await?;
    Ok(now.is_some_and(|now| now.is_same_client(provider)))
}

async fn enter(
    tx: TenantTx<Write>,
    member: &member_row::Model,
    provider: &IdentityProvider,
    way: SignInWay,
) -> Result<Arrived, StoreError> {
    let by = Change::to(json!({ "issuer": provider.issuer.as_str(), "way": way.to_string() }));
    let signed_in = session::open(tx, member, way, &by).await?;
    Ok(Arrived::In(Box::new(signed_in)))
}

/// Makes an account a member's, if it is nobody's and they have none. The row of the member is held.
async fn link(
    tx: &mut TenantTx<Write>,
    member: MemberId,
    account: &Account,
) -> Result<Result<(), NotLetIn>, StoreError> {
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        member_id: Set(member.uuid()),
        subject_hash: Set(account.hash.clone()),
        linked_at: Set(tx.now().micros()),
    };
    let inserted = row::Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx.conn())
        .await?;
    if inserted == 1 {
        tx.audit(AuditAct::MemberIdentityLinked, member, &Change::default())?;
        return Ok(Ok(()));
    }
    let is_theirs = member_of(tx, account).await? == Some(member.uuid());
    Ok(if is_theirs {
        Ok(())
    } else {
        Err(NotLetIn::OtherAccount)
    })
}

/// Whose code is waited for, if the browser's secret counts.
pub async fn awaited(
    store: &Store,
    ctx: TenantCtx,
    secret: &SecretString,
) -> Result<Option<Member>, StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let Some((member, _)) = sign_in::waiting(&tx, secret).await? else {
        return Ok(None);
    };
    tx.get::<member_row::Entity>(member).await?.try_into().map(Some)
}

/// Lets somebody in who was vouched for and shows a code of their second factor. A wrong one is
/// [`StoreError::SecondFactor`]; it may be tried again while the secret counts.
pub async fn show_code(
    store: &Store,
    ctx: TenantCtx,
    secret: &SecretString,
    code: &SecretString,
) -> Result<Arrived, StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let provider = current(&tx).await?;
    let (Some(provider), Some((member, hash))) = (provider, sign_in::waiting(&tx, secret).await?) else {
        return Ok(Arrived::Over);
    };
    let member = tx.get::<member_row::Entity>(member).await?;
    drop(tx);
    let (mut tx, Some(member)) = session::hold(store, ctx.tenant(), &member).await? else {
        return Ok(Arrived::Over);
    };
    if !is_current(&tx, &provider).await? || !sign_in::forget(&tx, secret).await? {
        return Ok(Arrived::Over);
    }
    let id: MemberId = stored(member.id);
    second_factor::pass(&tx, id, Some(code)).await?;
    if let Err(why) = link(&mut tx, id, &Account { hash }).await? {
        return Ok(Arrived::Not(why));
    }
    enter(tx, &member, &provider, SignInWay::Provider).await
}

/// Forgets which account is a member's; whether there was one.
pub(super) async fn forget_link(tx: &TenantTx<Write>, of: MemberId) -> Result<bool, StoreError> {
    let pending = "DELETE FROM identity_sign_in WHERE tenant_id = $1 AND member_id = $2";
    tx.execute(pending, [of.uuid().into()]).await?;
    let sql = "DELETE FROM member_identity WHERE tenant_id = $1 AND member_id = $2";
    Ok(tx.execute(sql, [of.uuid().into()]).await? > 0)
}

/// Forgets what is kept of a member who leaves.
pub(crate) async fn forget_member(tx: &TenantTx<Write>, of: MemberId) -> Result<(), StoreError> {
    forget_link(tx, of).await.map(|_| ())
}

/// Forgets all accounts: they are of a provider that is none of the tenant's any more.
pub(super) async fn forget_all(tx: &TenantTx<Write>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM member_identity WHERE tenant_id = $1", [])
        .await?;
    Ok(())
}
