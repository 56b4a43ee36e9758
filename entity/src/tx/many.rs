//! Queries about several things at once, so that a page of rows costs as many statements as one of them.

use std::collections::HashMap;
use std::hash::Hash;

use sea_orm::{DbErr, FromQueryResult, QueryResult, Value};
use type_safe_id::{StaticType, TypeSafeId};
use uuid::Uuid;

use super::{TenantTx, fill_up, places};
use crate::error::StoreError;

/// What a query about several things calls the column that says about which a row is.
pub(crate) const OF: &str = "of_id";

/// A row, and about what it is.
pub(crate) struct Of<R> {
    pub(crate) of: Uuid,
    pub(crate) row: R,
}

impl<R: FromQueryResult> FromQueryResult for Of<R> {
    fn from_query_result(result: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            of: result.try_get(prefix, OF)?,
            row: R::from_query_result(result, prefix)?,
        })
    }
}

impl<M> TenantTx<M> {
    /// The rows of a query about several things. In its text `$1` is the tenant, `{ids}` stands for the things, and a
    /// column called [`OF`] says about which a row is.
    pub(crate) async fn about<R: FromQueryResult>(
        &self,
        sql: &str,
        ids: impl IntoIterator<Item = Uuid>,
    ) -> Result<Vec<Of<R>>, StoreError> {
        let mut ids: Vec<Value> = ids.into_iter().map(Value::from).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = sql.replace("{ids}", &places(2, fill_up(&mut ids)));
        self.all(&sql, ids).await
    }

    /// The same, by what they are about, each thing's rows in the order of the query. A thing without rows has none.
    pub(crate) async fn lists_about<T: StaticType + Copy + Eq + Hash, R: FromQueryResult, V>(
        &self,
        sql: &str,
        ids: &[TypeSafeId<T>],
        read: impl Fn(R) -> Result<V, StoreError>,
    ) -> Result<HashMap<TypeSafeId<T>, Vec<V>>, StoreError> {
        let rows = self.about(sql, ids.iter().map(TypeSafeId::uuid)).await?;
        let mut lists: HashMap<_, Vec<V>> = ids.iter().map(|id| (*id, Vec::new())).collect();
        for Of { of, row } in rows {
            let id = assent_domain::id::stored(of);
            lists.entry(id).or_default().push(read(row)?);
        }
        Ok(lists)
    }

    /// The same, where there is one row of each at most.
    pub(crate) async fn each_about<T: StaticType + Copy + Eq + Hash, R: FromQueryResult, V>(
        &self,
        sql: &str,
        ids: &[TypeSafeId<T>],
        read: impl Fn(R) -> Result<V, StoreError>,
    ) -> Result<HashMap<TypeSafeId<T>, V>, StoreError> {
        let rows = self.about(sql, ids.iter().map(TypeSafeId::uuid)).await?;
        let each = rows
            .into_iter()
            .map(|Of { of, row }| Ok((assent_domain::id::stored(of), read(row)?)));
        each.collect()
    }
}
