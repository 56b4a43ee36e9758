//! Pages of rows by key: where the last page ended is where the next begins, however far down the list, and
//! whatever was added meanwhile. Ids sort by time, so the key is the id.

use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::error::StoreError;
use crate::row::Identified;
use crate::tx::TenantTx;

pub(crate) mod each;

/// The most rows of one page.
pub const MAX_ROWS: u64 = 100;

/// Which page is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageRequest {
    /// How many rows; more than [`MAX_ROWS`] is [`MAX_ROWS`].
    pub first: u64,
    /// The key that the page begins after.
    pub after: Option<Uuid>,
    /// Whether all rows are to be counted, which costs a scan.
    pub count: bool,
}

/// One page.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// Its rows, each with the key a page after it would begin with.
    pub rows: Vec<(Uuid, T)>,
    /// Whether there are more.
    pub has_next: bool,
    /// How many there are in all, if it was asked for.
    pub total: Option<u64>,
}

impl<T> Page<T> {
    /// The page of a list that does not exist yet.
    pub fn empty() -> Self {
        Self {
            rows: Vec::new(),
            has_next: false,
            total: Some(0),
        }
    }

    /// The same page with something made of each row.
    pub(crate) fn try_map<U>(
        self,
        mut read: impl FnMut(T) -> Result<U, StoreError>,
    ) -> Result<Page<U>, StoreError> {
        let rows = self.rows.into_iter().map(|(key, row)| Ok((key, read(row)?)));
        Ok(Page {
            rows: rows.collect::<Result<_, StoreError>>()?,
            has_next: self.has_next,
            total: self.total,
        })
    }
}

impl PageRequest {
    /// How many rows to ask the database for: one more than wanted tells whether there are more.
    pub(crate) fn limit(self) -> u64 {
        self.first.min(MAX_ROWS) + 1
    }

    /// Cuts off the row that was one too many.
    pub(crate) fn cut<T>(self, mut rows: Vec<(Uuid, T)>, total: Option<u64>) -> Page<T> {
        let wanted = usize::try_from(self.first.min(MAX_ROWS)).unwrap_or(usize::MAX);
        let has_next = rows.len() > wanted;
        rows.truncate(wanted);
        Page {
            rows,
            has_next,
            total,
        }
    }

    /// Runs a query page-wise, by id.
    pub(crate) async fn run<M, E, T>(
        self,
        tx: &TenantTx<M>,
        query: Select<E>,
        read: impl Fn(E::Model) -> Result<T, StoreError>,
    ) -> Result<Page<T>, StoreError>
    where
        E: Identified,
        E::Model: Send + Sync,
    {
        let total = if self.count {
            Some(query.clone().count(tx.conn()).await?)
        } else {
            None
        };
        let mut query = query.order_by_asc(E::ID).limit(self.limit());
        if let Some(after) = self.after {
            query = query.filter(E::ID.gt(after));
        }
        let rows = query.all(tx.conn()).await?;
        let rows = rows
            .into_iter()
            .map(|row| Ok((E::id_of(&row), read(row)?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        Ok(self.cut(rows, total))
    }
}
