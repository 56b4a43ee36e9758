//! Suppressions: reasons not to write to an address, kept under its keyed hash, so that they outlive the
//! address itself.

use std::collections::BTreeSet;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{MailingListId, PurposeId, SubscriberId, SuppressionId, new_id, stored};
use assent_domain::keys::AddressHash;
use assent_domain::suppression::{SuppressionReason, SuppressionScope, Suppressions};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::row::suppression as row;
use crate::subscriber::{self, Subscriber, read_address_hash};
use crate::tx::{TenantTx, Write};

pub mod list;
pub mod operator;

/// A suppression as it is kept.
#[derive(Clone, Debug)]
pub struct Suppression {
    /// Its id.
    pub id: SuppressionId,
    /// The keyed hash of the address.
    pub address_hash: AddressHash,
    /// Why.
    pub reason: SuppressionReason,
    /// From what.
    pub scope: SuppressionScope,
    /// Since when.
    pub created_at: Timestamp,
}

impl TryFrom<row::Model> for Suppression {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            address_hash: read_address_hash(&row.address_hash)?,
            reason: read_code(&row.reason)?,
            scope: read_scope(&row.scope, row.scope_id)?,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// How a scope is kept: its sort, and the id of what it is about.
fn columns(scope: SuppressionScope) -> (&'static str, Uuid) {
    match scope {
        SuppressionScope::All => ("ALL", Uuid::nil()),
        SuppressionScope::List(id) => ("LIST", id.uuid()),
        SuppressionScope::Purpose(id) => ("PURPOSE", id.uuid()),
    }
}

/// Reads what [`columns`] gives.
pub(crate) fn read_scope(sort: &str, id: Uuid) -> Result<SuppressionScope, StoreError> {
    match sort {
        "ALL" => Ok(SuppressionScope::All),
        "LIST" => Ok(SuppressionScope::List(stored(id))),
        "PURPOSE" => Ok(SuppressionScope::Purpose(stored(id))),
        _ => Err(StoreError::Corrupt("the scope of a suppression".to_owned())),
    }
}

/// Everything that holds an address back, in whatever scope, oldest first. These are few, and put in order here: asked for in
/// order, SQLite would go along all that a tenant has.
pub(crate) async fn all_of_address<M>(
    tx: &TenantTx<M>,
    hash: AddressHash,
) -> Result<Vec<Suppression>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::AddressHash.eq(hash.0.to_vec()));
    let mut rows = query.all(tx.conn()).await?;
    rows.sort_by_key(|row| row.id);
    rows.into_iter().map(Suppression::try_from).collect()
}

/// The reasons that hold for an address, whatever a message is for.
pub async fn of_address<M>(tx: &TenantTx<M>, hash: AddressHash) -> Result<Suppressions, StoreError> {
    let all = all_of_address(tx, hash).await?;
    let everywhere = all.iter().filter(|held| held.scope == SuppressionScope::All);
    Ok(everywhere.fold(Suppressions::NONE, |reasons, held| reasons.with(held.reason)))
}

/// Which of these addresses nothing may be sent to that goes to this list or is for one of these purposes.
pub(crate) async fn held_back<M>(
    tx: &TenantTx<M>,
    hashes: &[AddressHash],
    list: MailingListId,
    purposes: &[PurposeId],
) -> Result<BTreeSet<AddressHash>, StoreError> {
    let hashes = hashes.iter().map(|hash| hash.0.to_vec());
    let scopes = [Uuid::nil(), list.uuid()]
        .into_iter()
        .chain(purposes.iter().map(type_safe_id::TypeSafeId::uuid));
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::AddressHash.is_in(hashes))
        .filter(row::Column::ScopeId.is_in(scopes));
    let rows = query.all(tx.conn()).await?;
    rows.iter()
        .map(|row| read_address_hash(&row.address_hash))
        .collect()
}

/// Whether the tenant has put an address on one of its lists.
pub(crate) async fn is_listed<M>(tx: &TenantTx<M>, hash: AddressHash) -> Result<bool, StoreError> {
    let all = all_of_address(tx, hash).await?;
    Ok(all.iter().any(|held| held.reason == SuppressionReason::Listed))
}

/// The reasons that hold for an address, by their codes, with what they are about, and since when.
pub(crate) async fn reasons<M>(
    tx: &TenantTx<M>,
    hash: AddressHash,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let all = all_of_address(tx, hash).await?.into_iter();
    Ok(all
        .map(|held| {
            let reason = match held.scope {
                SuppressionScope::All => held.reason.to_string(),
                SuppressionScope::List(id) => format!("{} {id}", held.reason),
                SuppressionScope::Purpose(id) => format!("{} {id}", held.reason),
            };
            (reason, held.created_at)
        })
        .collect())
}

/// Since when an address is held back for a reason, if it is.
pub(crate) async fn since<M>(
    tx: &TenantTx<M>,
    hash: AddressHash,
    reason: SuppressionReason,
) -> Result<Option<Timestamp>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::AddressHash.eq(hash.0.to_vec()))
        .filter(row::Column::Reason.eq(reason.to_string()));
    let row = query.one(tx.conn()).await?;
    Ok(row.map(|row| Timestamp::from_micros(row.created_at)))
}

/// Holds all mail to an address back from now on, as far as the reason does. `through` says how it came about.
pub async fn add(
    tx: &mut TenantTx<Write>,
    hash: AddressHash,
    about: Option<SubscriberId>,
    reason: SuppressionReason,
    through: &str,
) -> Result<(), StoreError> {
    add_within(tx, hash, about, reason, SuppressionScope::All, through)
        .await
        .map(|_| ())
}

/// Holds mail to an address back within a scope; false where it was held back so before.
pub(crate) async fn add_within(
    tx: &mut TenantTx<Write>,
    hash: AddressHash,
    about: Option<SubscriberId>,
    reason: SuppressionReason,
    scope: SuppressionScope,
    through: &str,
) -> Result<bool, StoreError> {
    if !insert(tx, hash, reason, scope).await? {
        return Ok(false);
    }
    let mut told = json!({ "reason": reason, "through": through });
    if let (Some(told), false) = (told.as_object_mut(), scope == SuppressionScope::All) {
        told.insert("scope".to_owned(), json!(scope));
    }
    tx.audit_about(AuditAct::Suppressed, about, &Change::to(told))?;
    Ok(true)
}

/// Holds mail to an address that is nobody's back from now on; whether that is new. The row is all that is kept: anybody
/// can say it of any address, so no entry of a ledger that lasts for good stands for it.
pub(crate) async fn keep(
    tx: &TenantTx<Write>,
    hash: AddressHash,
    reason: SuppressionReason,
) -> Result<bool, StoreError> {
    insert(tx, hash, reason, SuppressionScope::All).await
}

async fn insert(
    tx: &TenantTx<Write>,
    hash: AddressHash,
    reason: SuppressionReason,
    scope: SuppressionScope,
) -> Result<bool, StoreError> {
    let id: SuppressionId = new_id(tx.now());
    let (sort, scope_id) = columns(scope);
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        address_hash: Set(hash.0.to_vec()),
        reason: Set(reason.to_string()),
        bit: Set(reason.bit().into()),
        scope: Set(sort.to_owned()),
        scope_id: Set(scope_id),
        created_at: Set(tx.now().micros()),
    };
    let known = [
        row::Column::TenantId,
        row::Column::AddressHash,
        row::Column::Reason,
        row::Column::ScopeId,
    ];
    let known = OnConflict::columns(known).do_nothing().to_owned();
    let added = row::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(added > 0)
}

/// Holds mail to a subscriber back from now on.
pub async fn add_for(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    reason: SuppressionReason,
    through: &str,
) -> Result<(), StoreError> {
    let person = subscriber::by_id(tx, of).await?;
    add(tx, person.address_hash, Some(of), reason, through).await
}

/// Lets what a person said against mail at one address hold at another, where they are `about` from now on: only they take
/// it back.
pub(crate) async fn carry_no(
    tx: &mut TenantTx<Write>,
    from: AddressHash,
    to: AddressHash,
    about: SubscriberId,
) -> Result<(), StoreError> {
    for held in all_of_address(tx, from).await? {
        if held.reason.goes_with_the_person() {
            add_within(tx, to, Some(about), held.reason, held.scope, "change of address").await?;
        }
    }
    Ok(())
}

/// Takes an address off the tenant's lists: what the person confirmed is their own wish, and newer. What they did not
/// ask for stays as it is.
pub(crate) async fn lift_listings(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    wanted: &[SuppressionScope],
) -> Result<(), StoreError> {
    for held in all_of_address(tx, person.address_hash).await? {
        let is_wanted = held.scope == SuppressionScope::All || wanted.contains(&held.scope);
        if held.reason == SuppressionReason::Listed && is_wanted {
            delete(tx, &held, Some(person.id), "confirmation").await?;
        }
    }
    Ok(())
}

/// Takes one suppression away.
pub(crate) async fn delete(
    tx: &mut TenantTx<Write>,
    held: &Suppression,
    about: Option<SubscriberId>,
    through: &str,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM suppression WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [held.id.uuid().into()]).await?;
    let was = json!({ "reason": held.reason, "scope": held.scope });
    let change = Change::from_to(was, json!({ "through": through }));
    tx.audit_about(AuditAct::SuppressionLifted, about, &change)
}

#[derive(FromQueryResult)]
struct Lifted {
    recorded_at: i64,
}

/// When a person last let mail to them go again, if they did.
pub(crate) async fn lifted_at(
    tx: &TenantTx<Write>,
    about: SubscriberId,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT recorded_at FROM ledger
               WHERE tenant_id = $1 AND subject_id = $2 AND kind = 'AUDIT' AND facts LIKE $3
               ORDER BY seq DESC LIMIT 1";
    let act = format!(r#"%"{}"%"#, AuditAct::SuppressionLifted);
    let lifted: Option<Lifted> = tx.one(sql, [about.uuid().into(), act.into()]).await?;
    Ok(lifted.map(|lifted| Timestamp::from_micros(lifted.recorded_at)))
}

/// Lets mail to an address go again, by the person's own act.
pub(crate) async fn lift(
    tx: &mut TenantTx<Write>,
    hash: AddressHash,
    about: SubscriberId,
    reason: SuppressionReason,
    through: &str,
) -> Result<(), StoreError> {
    let lifted = tx
        .execute(
            "DELETE FROM suppression WHERE tenant_id = $1 AND address_hash = $2 AND reason = $3",
            [hash.0.to_vec().into(), reason.to_string().into()],
        )
        .await?;
    if lifted > 0 {
        let change = Change::from_to(json!({ "reason": reason }), json!({ "through": through }));
        tx.audit_about(AuditAct::SuppressionLifted, Some(about), &change)
    } else {
        Ok(())
    }
}
