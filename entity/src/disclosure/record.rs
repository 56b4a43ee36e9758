//! Disclosures as the ledger has them: what went out, to whom, and what allowed it.

use std::collections::HashMap;

use assent_domain::clock::Timestamp;
use assent_domain::disclosure::DisclosureFacts;
use assent_domain::id::{DisclosureId, SubscriberId, stored};
use sea_orm::{ColumnTrait, QueryFilter};

use crate::error::StoreError;
use crate::ledger::EntryKind;
use crate::ledger::paging;
use crate::page::{MAX_ROWS, Page, PageRequest};
use crate::row::ledger;
use crate::tx::TenantTx;

/// A disclosure, as the ledger has it.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// Its id.
    pub id: DisclosureId,
    /// What it says.
    pub facts: DisclosureFacts,
    /// When.
    pub disclosed_at: Timestamp,
}

impl TryFrom<ledger::Model> for Disclosure {
    type Error = StoreError;

    fn try_from(row: ledger::Model) -> Result<Self, StoreError> {
        let unreadable = |_| StoreError::Corrupt(format!("row {} of the ledger", row.seq));
        Ok(Self {
            id: stored(row.id),
            facts: serde_json::from_str(&row.facts).map_err(unreadable)?,
            disclosed_at: Timestamp::from_micros(row.recorded_at),
        })
    }
}

/// The disclosure with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: DisclosureId) -> Result<Disclosure, StoreError> {
    let row = tx
        .find::<ledger::Entity>()
        .filter(ledger::Column::Kind.eq(EntryKind::Disclosure.to_string()))
        .filter(ledger::Column::Id.eq(id.uuid()))
        .one(tx.conn())
        .await?;
    row.ok_or(StoreError::NotFound("disclosure"))?.try_into()
}

/// The disclosures about a person, under whatever ids they were known.
async fn about<M>(
    tx: &TenantTx<M>,
    person: SubscriberId,
) -> Result<sea_orm::Select<ledger::Entity>, StoreError> {
    let ids = crate::subscriber::ids_of(tx, person).await?;
    Ok(tx
        .find::<ledger::Entity>()
        .filter(ledger::Column::Kind.eq(EntryKind::Disclosure.to_string()))
        .filter(ledger::Column::SubjectId.is_in(ids)))
}

/// What went out about a person last, newest first: one page of it.
pub(crate) async fn newest_of<M>(
    tx: &TenantTx<M>,
    person: SubscriberId,
) -> Result<Vec<Disclosure>, StoreError> {
    let newest = PageRequest {
        first: MAX_ROWS,
        after: None,
        count: false,
    };
    let page = paging::newest(tx, about(tx, person).await?, newest).await?;
    let rows = page.rows.into_iter().map(|(_, row)| Disclosure::try_from(row));
    rows.collect()
}

/// What went out about a person, oldest first.
pub async fn page_of<M>(
    tx: &TenantTx<M>,
    person: SubscriberId,
    request: PageRequest,
) -> Result<Page<Disclosure>, StoreError> {
    let mut pages = pages_of(tx, &[person], request).await?;
    Ok(pages.remove(&person).unwrap_or_else(Page::empty))
}

/// The same of several people: a page of each.
pub async fn pages_of<M>(
    tx: &TenantTx<M>,
    people: &[SubscriberId],
    request: PageRequest,
) -> Result<HashMap<SubscriberId, Page<Disclosure>>, StoreError> {
    let pages = paging::pages_about(tx, EntryKind::Disclosure, people, request).await?;
    let pages = pages.into_iter();
    pages
        .map(|(person, page)| Ok((person, page.try_map(Disclosure::try_from)?)))
        .collect()
}
