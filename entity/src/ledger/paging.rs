//! Rows of the ledger, page by page. The key of a page is a row's number, written as a UUID.

use std::collections::HashMap;

use assent_domain::id::SubscriberId;
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::error::StoreError;
use crate::ledger::EntryKind;
use crate::page::each::{Key, Lists};
use crate::page::{Page, PageRequest};
use crate::row::ledger::{Column, Entity, Model};
use crate::subscriber;
use crate::tx::TenantTx;

/// One page of what there is of one kind about each of several people, under whatever ids they were known; oldest first.
pub(crate) async fn pages_about<M>(
    tx: &TenantTx<M>,
    kind: EntryKind,
    people: &[SubscriberId],
    request: PageRequest,
) -> Result<HashMap<SubscriberId, Page<Model>>, StoreError> {
    let whose = subscriber::people_by_ids(tx, people).await?;
    let lists = Lists {
        table: "ledger",
        of: "subject_id",
        key: Key::Number("seq"),
        only: format!("AND t.kind = '{kind}'"),
        key_of,
    };
    let ids: Vec<_> = whose.keys().copied().collect();
    let mut pages: HashMap<SubscriberId, Page<Model>> = HashMap::new();
    for (id, page) in request.run_each(tx, &lists, &ids).await? {
        let Some(person) = whose.get(&id) else { continue };
        let page = match pages.remove(person) {
            Some(other) => join(request, other, page),
            None => page,
        };
        pages.insert(*person, page);
    }
    Ok(pages)
}

/// One page of two lists that are one.
fn join(request: PageRequest, one: Page<Model>, other: Page<Model>) -> Page<Model> {
    let has_next = one.has_next || other.has_next;
    let total = one.total.zip(other.total).map(|(one, other)| one + other);
    let mut rows = [one.rows, other.rows].concat();
    rows.sort_by_key(|(_, row)| row.seq);
    let joined = request.cut(rows, total);
    Page {
        has_next: has_next || joined.has_next,
        ..joined
    }
}

fn key_of(row: &Model) -> Uuid {
    Uuid::from_u128(u128::try_from(row.seq).unwrap_or(0))
}

/// One page of the rows that a query finds, newest first.
pub(crate) async fn newest<M>(
    tx: &TenantTx<M>,
    rows: Select<Entity>,
    request: PageRequest,
) -> Result<Page<Model>, StoreError> {
    let total = if request.count {
        Some(rows.clone().count(tx.conn()).await?)
    } else {
        None
    };
    let before = request.after.and_then(|key| i64::try_from(key.as_u128()).ok());
    let rows = rows
        .filter(Column::Seq.lt(before.unwrap_or(i64::MAX)))
        .order_by_desc(Column::Seq);
    let rows = rows.limit(request.limit()).all(tx.conn()).await?;
    let rows = rows.into_iter().map(|row| (key_of(&row), row)).collect();
    Ok(request.cut(rows, total))
}
