//! A page of each of several lists, by one statement. Each list is read by a range of its own index, however long it is:
//! ranking the rows of all of them would read them all.

use std::collections::HashMap;

use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use super::{Page, PageRequest};
use crate::error::StoreError;
use crate::tx::many::{OF, Of};
use crate::tx::{TenantTx, fill_up};

/// How many lists one statement reads. SQLite takes 500 parts (`SQLITE_MAX_COMPOUND_SELECT`), and PostgreSQL keeps the plan of
/// every part.
const AT_ONCE: usize = 64;

/// By what the rows of a list are in order.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    /// By their ids.
    Id,
    /// By the ids in the column of this name, each of which a list has once.
    Ids(&'static str),
    /// By a number, in the column of this name. As a key of pages it is written as a UUID.
    Number(&'static str),
}

/// Lists that are parts of one table.
pub(crate) struct Lists<R> {
    /// The table.
    pub(crate) table: &'static str,
    /// The column that says whose list a row is on.
    pub(crate) of: &'static str,
    /// The order of the rows.
    pub(crate) key: Key,
    /// A condition that all rows of a table `t` have to meet beside, or nothing.
    pub(crate) only: String,
    /// The key of a row.
    pub(crate) key_of: fn(&R) -> Uuid,
}

#[derive(FromQueryResult)]
struct Counted {
    rows: i64,
}

impl Key {
    fn column(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Ids(column) | Self::Number(column) => column,
        }
    }

    fn value(self, after: Option<Uuid>) -> Value {
        match self {
            Self::Id | Self::Ids(_) => after.unwrap_or(Uuid::nil()).into(),
            Self::Number(_) => after
                .map_or(0, |key| i64::try_from(key.as_u128()).unwrap_or(i64::MAX))
                .into(),
        }
    }
}

impl PageRequest {
    /// One page of each list.
    pub(crate) async fn run_each<M, R: FromQueryResult>(
        self,
        tx: &TenantTx<M>,
        lists: &Lists<R>,
        of: &[Uuid],
    ) -> Result<HashMap<Uuid, Page<R>>, StoreError> {
        let rows = self.rows_of_each(tx, lists, of).await?;
        let mut totals = self.totals(tx, lists, of).await?;
        let mut found: HashMap<Uuid, Vec<(Uuid, R)>> = HashMap::new();
        for Of { of, row } in rows {
            found.entry(of).or_default().push(((lists.key_of)(&row), row));
        }
        let page = |of: &Uuid| {
            let total = self.count.then(|| totals.remove(of).unwrap_or(0));
            (*of, self.cut(found.remove(of).unwrap_or_default(), total))
        };
        Ok(of.iter().map(page).collect())
    }

    async fn rows_of_each<M, R: FromQueryResult>(
        self,
        tx: &TenantTx<M>,
        lists: &Lists<R>,
        of: &[Uuid],
    ) -> Result<Vec<Of<R>>, StoreError> {
        let mut rows = Vec::new();
        for some in of.chunks(AT_ONCE) {
            rows.extend(self.rows_of_some(tx, lists, some).await?);
        }
        Ok(rows)
    }

    async fn rows_of_some<M, R: FromQueryResult>(
        self,
        tx: &TenantTx<M>,
        lists: &Lists<R>,
        of: &[Uuid],
    ) -> Result<Vec<Of<R>>, StoreError> {
        let (table, column, only, key) = (lists.table, lists.of, &lists.only, lists.key.column());
        let mut ids: Vec<Value> = of.iter().map(|id| Value::from(*id)).collect();
        let one = |place: usize| {
            format!(
                "SELECT * FROM (SELECT t.*, t.{column} AS {OF} FROM {table} t
                 WHERE t.tenant_id = $1 AND t.{column} = ${place} {only} AND t.{key} > $2
                 ORDER BY t.{key} LIMIT $3) AS part"
            )
        };
        let places = fill_up(&mut ids);
        let parts: Vec<_> = (4..4 + places).map(one).collect();
        let limit = i64::try_from(self.limit()).unwrap_or(i64::MAX);
        let bounds = [lists.key.value(self.after), limit.into()];
        tx.all(&parts.join(" UNION ALL "), bounds.into_iter().chain(ids))
            .await
    }

    async fn totals<M, R>(
        self,
        tx: &TenantTx<M>,
        lists: &Lists<R>,
        of: &[Uuid],
    ) -> Result<HashMap<Uuid, u64>, StoreError> {
        if !self.count {
            return Ok(HashMap::new());
        }
        let (table, column, only) = (lists.table, lists.of, &lists.only);
        let sql = format!(
            "SELECT t.{column} AS {OF}, COUNT(*) AS rows FROM {table} t
             WHERE t.tenant_id = $1 AND t.{column} IN ({{ids}}) {only} GROUP BY t.{column}"
        );
        let counted: Vec<Of<Counted>> = tx.about(&sql, of.iter().copied()).await?;
        let counts = counted
            .into_iter()
            .map(|of| (of.of, u64::try_from(of.row.rows).unwrap_or(0)));
        Ok(counts.collect())
    }
}
