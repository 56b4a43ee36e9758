//! Members: the people who sign in for a tenant.

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{MemberId, new_id, stored};
use assent_domain::language::Language;
use assent_domain::permit::Recipient;
use assent_domain::tenant::Role;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use secrecy::SecretString;
use serde_json::json;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::page::{Page, PageRequest};
use crate::row::member as row;
use crate::session::{self, SignedInMember};
use crate::store::Store;
use crate::subscriber::read_language;
use crate::tx::{TenantTx, Write};
use crate::{
    account_mail, api_token, identity_provider, invitation, password, password_reset, second_factor, text,
};

/// A member.
#[derive(Clone, Debug)]
pub struct Member {
    /// Their id.
    pub id: MemberId,
    /// Where they are reached, and the name they sign in by.
    pub email: EmailAddress,
    /// What they are called; empty where they have not said so.
    pub name: String,
    /// The language in which they are written to; none where it is not known.
    pub language: Option<Language>,
    /// What they do for the tenant.
    pub role: Role,
    /// When they became a member.
    pub created_at: Timestamp,
}

/// What it takes to make somebody a member.
#[derive(Clone, Debug)]
pub struct NewMember {
    email: EmailAddress,
    password_hash: String,
    name: String,
    language: Option<Language>,
}

impl NewMember {
    /// Takes an address and a password of [`password::MIN_CHARS`] characters or more.
    pub async fn new(email: EmailAddress, password: SecretString) -> Result<Self, StoreError> {
        Ok(Self {
            email,
            password_hash: password::hash(password).await?,
            name: String::new(),
            language: None,
        })
    }

    /// The same, by a name: one line of at most 200 characters.
    pub fn called(self, name: &str) -> Result<Self, StoreError> {
        let name = text::name("name", name)?;
        Ok(Self { name, ..self })
    }

    /// The same, who reads a language.
    #[must_use]
    pub fn reading(self, language: Option<Language>) -> Self {
        Self { language, ..self }
    }

    pub(crate) fn email(&self) -> &EmailAddress {
        &self.email
    }
}

impl TryFrom<row::Model> for Member {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            email: EmailAddress::parse(&row.email)
                .map_err(|_| StoreError::Corrupt("the address of a member".to_owned()))?,
            name: row.name,
            language: read_language(row.language.as_deref()),
            role: read_code(&row.role)?,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

pub(crate) async fn insert(
    tx: &mut TenantTx<Write>,
    new: NewMember,
    role: Role,
) -> Result<MemberId, StoreError> {
    let id: MemberId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        email: Set(new.email.expose()),
        email_key: Set(new.email.comparison_key()),
        role: Set(role.to_string()),
        password_hash: Set(new.password_hash),
        created_at: Set(tx.now().micros()),
        name: Set(new.name),
        language: Set(new.language.map(|language| language.to_string())),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    tx.audit(AuditAct::MemberCreated, id, &Change::to(json!({ "role": role })))?;
    Ok(id)
}

/// Makes somebody a member.
pub async fn create(tx: &mut TenantTx<Write>, new: NewMember, role: Role) -> Result<MemberId, StoreError> {
    if find_row(tx, &new.email).await?.is_some() {
        return Err(StoreError::conflict(
            "email",
            "somebody with this address is a member",
        ));
    }
    insert(tx, new, role).await
}

pub(crate) async fn find_row<M>(
    tx: &TenantTx<M>,
    email: &EmailAddress,
) -> Result<Option<row::Model>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::EmailKey.eq(email.comparison_key()));
    Ok(query.one(tx.conn()).await?)
}

/// Whether this is the password of a member who is signed in.
pub async fn has_password(
    store: &Store,
    of: &SignedInMember,
    password: SecretString,
) -> Result<bool, StoreError> {
    Ok(hash_if_right(store, of, password).await?.is_some())
}

/// The hash of a member's password, if this is it.
async fn hash_if_right(
    store: &Store,
    of: &SignedInMember,
    password: SecretString,
) -> Result<Option<String>, StoreError> {
    let tx = TenantTx::read(store, of.ctx).await?;
    let hash = tx.get::<row::Entity>(of.member.uuid()).await?.password_hash;
    drop(tx);
    let is_right = password::verify(Some(hash.clone()), password).await?;
    Ok(is_right.then_some(hash))
}

/// Changes the password of a member who is signed in, and ends their other sessions: whoever else knew the old one is out.
/// Gives how many there were.
pub async fn change_password(
    store: &Store,
    by: &SignedInMember,
    current: SecretString,
    new: SecretString,
) -> Result<u64, StoreError> {
    let wrong = || StoreError::invalid("currentPassword", "this is not your password");
    let known = hash_if_right(store, by, current).await?.ok_or_else(wrong)?;
    let hash = password::hash(new).await.map_err(|error| match error {
        StoreError::Invalid { message, .. } => StoreError::invalid("newPassword", message),
        error => error,
    })?;
    let mut tx = TenantTx::write(store, by.ctx).await?;
    // While the new one was hashed, the old one may have been changed by somebody else, and this session ended.
    let sql = "UPDATE member SET password_hash = $3 WHERE tenant_id = $1 AND id = $2 AND password_hash = $4
                 AND EXISTS (SELECT 1 FROM session s WHERE s.tenant_id = $1 AND s.id = $5 AND s.ended_at IS NULL)";
    let values = [
        by.member.uuid().into(),
        hash.into(),
        known.into(),
        by.session.uuid().into(),
    ];
    if tx.execute(sql, values).await? == 0 {
        return Err(wrong());
    }
    let ended = session::end_others(&mut tx, by).await?;
    password_reset::overtake(&tx, by.member).await?;
    account_mail::send(
        &mut tx,
        MailingKind::PasswordChanged,
        Recipient::Member(by.member),
    )
    .await?;
    tx.audit(AuditAct::PasswordChanged, by.member, &Change::default())?;
    tx.commit().await?;
    Ok(ended)
}

/// Lets a member leave: what they signed in with is worth nothing from now on, nor are the tokens that they made. The last owner stays, or nobody could
/// govern the tenant any more. What they did stays in the audit log, under their id.
pub async fn remove(tx: &mut TenantTx<Write>, id: MemberId) -> Result<Member, StoreError> {
    // Owners are held together, so that of two who let each other go one stays.
    let hold = format!(
        "SELECT id FROM member WHERE tenant_id = $1 AND role = 'OWNER' ORDER BY id {}",
        tx.for_update()
    );
    tx.execute(&hold, []).await?;
    let leaves = by_id(tx, id).await?;
    let owners = tx
        .find::<row::Entity>()
        .filter(row::Column::Role.eq(Role::Owner.to_string()));
    if leaves.role == Role::Owner && owners.count(tx.conn()).await? <= 1 {
        let advice = "this is the last owner: make somebody else an owner first";
        return Err(StoreError::conflict("id", advice));
    }
    api_token::revoke_made_by(tx, id).await?;
    invitation::revoke_made_by(tx, id).await?;
    second_factor::forget(tx, id).await?;
    identity_provider::forget_member(tx, id).await?;
    password_reset::overtake(tx, id).await?;
    for sql in [
        "DELETE FROM credential WHERE tenant_id = $1
           AND session_id IN (SELECT id FROM session WHERE tenant_id = $1 AND member_id = $2)",
        "DELETE FROM refresh_credential WHERE tenant_id = $1
           AND session_id IN (SELECT id FROM session WHERE tenant_id = $1 AND member_id = $2)",
        "DELETE FROM session WHERE tenant_id = $1 AND member_id = $2",
        "UPDATE policy_version SET overridden_by = NULL WHERE tenant_id = $1 AND overridden_by = $2",
        "DELETE FROM member WHERE tenant_id = $1 AND id = $2",
    ] {
        tx.execute(sql, [id.uuid().into()]).await?;
    }
    let change = Change::from_to(
        json!({ "role": leaves.role, "email": leaves.email.expose() }),
        json!(null),
    );
    tx.audit(AuditAct::MemberRemoved, id, &change)?;
    Ok(leaves)
}

/// The member with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: MemberId) -> Result<Member, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The members with these ids, if they are members still.
pub async fn by_ids<M>(tx: &TenantTx<M>, ids: &[MemberId]) -> Result<Vec<Member>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::Id.is_in(ids.iter().map(MemberId::uuid)));
    let rows = query.all(tx.conn()).await?;
    rows.into_iter().map(Member::try_from).collect()
}

/// The tenant's members, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<Member>, StoreError> {
    request.run(tx, tx.find::<row::Entity>(), Member::try_from).await
}
