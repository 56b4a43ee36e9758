//! Rows of the ledger, page by page. The key of a page is a row's number, written as a UUID.

use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::error::StoreError;
use crate::page::{Page, PageRequest};
use crate::row::ledger::{Column, Entity, Model};
use crate::tx::TenantTx;

/// In which order rows come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// As they were written.
    OldestFirst,
    /// The other way round.
    NewestFirst,
}

/// One page of the rows that a query finds.
pub(crate) async fn page<M>(
    tx: &TenantTx<M>,
    rows: Select<Entity>,
    order: Order,
    request: PageRequest,
) -> Result<Page<Model>, StoreError> {
    let total = if request.count {
        Some(rows.clone().count(tx.conn()).await?)
    } else {
        None
    };
    let after = request.after.and_then(|key| i64::try_from(key.as_u128()).ok());
    let rows = match order {
        Order::OldestFirst => rows
            .filter(Column::Seq.gt(after.unwrap_or(0)))
            .order_by_asc(Column::Seq),
        Order::NewestFirst => rows
            .filter(Column::Seq.lt(after.unwrap_or(i64::MAX)))
            .order_by_desc(Column::Seq),
    };
    let rows = rows.limit(request.limit()).all(tx.conn()).await?;
    let key = |row: &Model| Uuid::from_u128(u128::try_from(row.seq).unwrap_or(0));
    let rows = rows.into_iter().map(|row| (key(&row), row)).collect();
    Ok(request.cut(rows, total))
}
