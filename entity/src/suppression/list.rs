//! A tenant's suppression lists, as its members keep them: addresses that it does not write to, at all, on a mailing list,
//! or for a purpose. What people said themselves stands on them too, and only they take it back.

use assent_domain::address::EmailAddress;
use assent_domain::id::SuppressionId;
use assent_domain::suppression::{SuppressionReason, SuppressionScope};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::{Suppression, add_within, all_of_address, delete};
use crate::error::StoreError;
use crate::page::{Page, PageRequest};
use crate::row::suppression as row;
use crate::tx::{TenantTx, Write};
use crate::{mailing_list, purpose, subscriber};

/// An address that is to be held back.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which.
    pub email: EmailAddress,
    /// Why.
    pub reason: SuppressionReason,
    /// From what.
    pub scope: SuppressionScope,
}

/// Which suppressions are wanted. Conditions that are given all have to hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of this address.
    pub email: Option<EmailAddress>,
    /// Those for this reason.
    pub reason: Option<SuppressionReason>,
}

/// A tenant's suppressions, oldest first.
pub async fn page<M>(
    tx: &TenantTx<M>,
    filter: &Filter,
    request: PageRequest,
) -> Result<Page<Suppression>, StoreError> {
    if let Some(email) = &filter.email {
        return page_of_address(tx, email, filter.reason, request).await;
    }
    let mut query = tx.find::<row::Entity>();
    if let Some(reason) = filter.reason {
        query = query.filter(row::Column::Reason.eq(reason.to_string()));
    }
    request.run(tx, query, Suppression::try_from).await
}

async fn page_of_address<M>(
    tx: &TenantTx<M>,
    email: &EmailAddress,
    reason: Option<SuppressionReason>,
    request: PageRequest,
) -> Result<Page<Suppression>, StoreError> {
    let mut all = all_of_address(tx, tx.address_hasher().hash(email)).await?;
    all.retain(|held| reason.is_none_or(|reason| held.reason == reason));
    let total = request.count.then_some(all.len() as u64);
    let after = request.after.unwrap_or(Uuid::nil());
    let rows = all.into_iter().map(|held| (held.id.uuid(), held));
    let behind = rows.filter(|(id, _)| *id > after);
    Ok(request.cut(behind.collect(), total))
}

/// One suppression.
pub async fn by_id<M>(tx: &TenantTx<M>, id: SuppressionId) -> Result<Suppression, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The suppressions after one of them, or from the first on: at most `rows`, oldest first.
pub async fn part<M>(
    tx: &TenantTx<M>,
    after: Option<SuppressionId>,
    rows: u64,
) -> Result<Vec<Suppression>, StoreError> {
    let mut query = tx.find::<row::Entity>().order_by_asc(row::Column::Id).limit(rows);
    if let Some(after) = after {
        query = query.filter(row::Column::Id.gt(after.uuid()));
    }
    let rows = query.all(tx.conn()).await?;
    rows.into_iter().map(Suppression::try_from).collect()
}

/// The suppression that an entry is, or was before.
pub async fn find<M>(tx: &TenantTx<M>, entry: &Entry) -> Result<Suppression, StoreError> {
    let all = all_of_address(tx, tx.address_hasher().hash(&entry.email)).await?;
    let mut all = all.into_iter();
    all.find(|held| held.reason == entry.reason && held.scope == entry.scope)
        .ok_or(StoreError::NotFound("suppression"))
}

/// Puts an address on a list; false where it stood there before. The change is noted with who made it.
pub async fn enter(tx: &mut TenantTx<Write>, entry: &Entry) -> Result<bool, StoreError> {
    check(tx, entry).await?;
    let hash = tx.address_hasher().hash(&entry.email);
    let about = subscriber::by_address(tx, hash).await?.map(|person| person.id);
    add_within(tx, hash, about, entry.reason, entry.scope, "list").await
}

/// Whether the tenant may enter this.
async fn check(tx: &TenantTx<Write>, entry: &Entry) -> Result<(), StoreError> {
    if !entry.reason.may_be_entered_by_tenant() {
        let message = format!("{} is not for you to enter", entry.reason);
        return Err(StoreError::invalid("reason", message));
    }
    if entry.scope != SuppressionScope::All && entry.reason != SuppressionReason::Listed {
        let message = format!(
            "{} is about all mail to an address: leave out the list and the purpose",
            entry.reason
        );
        return Err(StoreError::invalid("reason", message));
    }
    match entry.scope {
        SuppressionScope::All => Ok(()),
        SuppressionScope::List(id) => mailing_list::by_id(tx, id).await.map(|_| ()),
        SuppressionScope::Purpose(id) => purpose::by_id(tx, id).await.map(|_| ()),
    }
}

/// Takes an entry off a list. What a person said themselves stays.
pub async fn remove(tx: &mut TenantTx<Write>, id: SuppressionId) -> Result<Suppression, StoreError> {
    let held = by_id(tx, id).await?;
    if !held.reason.may_be_lifted_by_tenant() {
        let message = format!(
            "{} is the person's own no, or the operator's: only they take it back",
            held.reason
        );
        return Err(StoreError::conflict("id", &message));
    }
    let about = subscriber::by_address(tx, held.address_hash).await?;
    delete(tx, &held, about.map(|person| person.id), "list").await?;
    Ok(held)
}
