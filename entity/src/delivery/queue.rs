//! What waits to be handed over. A delivery that is claimed is taken out; one that is open and not in here is on its way.

use std::collections::BTreeSet;

use assent_domain::clock::Timestamp;
use assent_domain::id::MailingId;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::error::StoreError;
use crate::tx::{TenantTx, Write, fill_up, places};

/// When a row is due that is held, which is not for time to say: 9999-12-31T23:59:59Z.
pub(crate) const HELD: i64 = 253_402_300_799_000_000;

/// Rows that are put in or taken out by one statement.
const AT_ONCE: usize = 1000;

/// Where a reader of a mailing's queue has got to. What was taken out before it still stands in PostgreSQL's index until
/// that is tidied up, and would be passed again by everybody who begins at the beginning. What comes back is due from then
/// on, so it stands behind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, FromQueryResult)]
pub struct Place {
    due_at: i64,
    delivery_id: Uuid,
}

#[derive(FromQueryResult)]
struct Named {
    delivery_id: Uuid,
}

#[derive(FromQueryResult)]
struct First {
    due_at: Option<i64>,
}

/// Puts deliveries of a mailing in.
pub(crate) async fn put(
    tx: &TenantTx<Write>,
    mailing: MailingId,
    due_at: Timestamp,
    deliveries: impl IntoIterator<Item = Uuid>,
) -> Result<(), StoreError> {
    let deliveries: Vec<Uuid> = deliveries.into_iter().collect();
    for some in deliveries.chunks(AT_ONCE) {
        let rows: Vec<_> = (4..4 + some.len())
            .map(|id| format!("($1, $2, $3, ${id})"))
            .collect();
        let sql = format!(
            "INSERT INTO delivery_queue (tenant_id, mailing_id, due_at, delivery_id) VALUES {}",
            rows.join(", ")
        );
        let values = [Value::from(mailing.uuid()), due_at.micros().into()];
        let ids = some.iter().map(|id| Value::from(*id));
        tx.execute(&sql, values.into_iter().chain(ids)).await?;
    }
    Ok(())
}

impl Place {
    /// Whether it is at the beginning.
    pub(crate) fn is_first(self) -> bool {
        self == Self::default()
    }

    /// Moves behind what was taken.
    pub(crate) fn pass(&mut self, taken: &[Self]) {
        if let Some(last) = taken.iter().max() {
            *self = (*self).max(*last);
        }
    }
}

/// Takes out at most `limit` deliveries of a mailing that are due, from `place` on, and moves it behind them. Where there
/// are fewer, it looks once more from the beginning.
pub(crate) async fn take_due(
    tx: &TenantTx<Write>,
    mailing: MailingId,
    place: &mut Place,
    limit: u32,
) -> Result<Vec<Uuid>, StoreError> {
    let mut taken = take_from(tx, mailing, *place, limit).await?;
    let found = u32::try_from(taken.len()).unwrap_or(limit);
    if found < limit && !place.is_first() {
        taken.extend(take_from(tx, mailing, Place::default(), limit - found).await?);
    }
    place.pass(&taken);
    Ok(taken.into_iter().map(|row| row.delivery_id).collect())
}

/// The statement by which what is due next is taken out, in the parts that another can hold. It reads four values, see
/// [`DueSql::values`].
pub(crate) struct DueSql {
    /// What is due next, as a common table expression.
    pub(crate) next: String,
    /// Takes it out, and returns `delivery_id` and `due_at`.
    pub(crate) takes: &'static str,
}

impl DueSql {
    /// For a query in which the first of the four values has this number.
    pub(crate) fn with_values_from<M>(tx: &TenantTx<M>, first: usize, limit: u32) -> Self {
        let [mailing, now, due_at, delivery] = [first, first + 1, first + 2, first + 3];
        // The limit stands in the text: PostgreSQL makes one plan for all parameters, and takes an unknown limit for a
        // tenth of the table.
        let next = format!(
            "next AS MATERIALIZED (
               SELECT delivery_id FROM delivery_queue
               WHERE tenant_id = $1 AND mailing_id = ${mailing} AND due_at <= ${now}
                 AND (due_at, delivery_id) > (${due_at}, ${delivery})
               ORDER BY due_at, delivery_id LIMIT {limit} {})",
            tx.skip_locked()
        );
        Self {
            next,
            takes: "DELETE FROM delivery_queue WHERE tenant_id = $1 AND delivery_id IN (SELECT delivery_id FROM next)
                    RETURNING delivery_id, due_at",
        }
    }

    /// The four values: the mailing, the time, and the place from which to look.
    pub(crate) fn values<M>(tx: &TenantTx<M>, mailing: MailingId, place: Place) -> [Value; 4] {
        [
            mailing.uuid().into(),
            tx.now().micros().into(),
            place.due_at.into(),
            place.delivery_id.into(),
        ]
    }
}

async fn take_from(
    tx: &TenantTx<Write>,
    mailing: MailingId,
    place: Place,
    limit: u32,
) -> Result<Vec<Place>, StoreError> {
    let sql = DueSql::with_values_from(tx, 2, limit);
    let takes = format!("WITH {} {}", sql.next, sql.takes);
    tx.all(&takes, DueSql::values(tx, mailing, place)).await
}

/// Takes these deliveries out, and gives those that were in: the others are on their way, or over.
pub(crate) async fn take(
    tx: &TenantTx<Write>,
    deliveries: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Uuid>, StoreError> {
    let deliveries: Vec<Uuid> = deliveries.into_iter().collect();
    let mut taken = Vec::new();
    for some in deliveries.chunks(AT_ONCE) {
        let mut ids: Vec<Value> = some.iter().map(|id| Value::from(*id)).collect();
        let sql = format!(
            "DELETE FROM delivery_queue WHERE tenant_id = $1 AND delivery_id IN ({}) RETURNING delivery_id",
            places(2, fill_up(&mut ids))
        );
        let some: Vec<Named> = tx.all(&sql, ids).await?;
        taken.extend(some.into_iter().map(|row| row.delivery_id));
    }
    Ok(taken)
}

/// Takes out at most `limit` deliveries of a mailing, due or not.
pub(crate) async fn take_some(
    tx: &TenantTx<Write>,
    mailing: MailingId,
    limit: u32,
) -> Result<Vec<Uuid>, StoreError> {
    let sql = "DELETE FROM delivery_queue WHERE tenant_id = $1 AND delivery_id IN (
                 SELECT delivery_id FROM delivery_queue WHERE tenant_id = $1 AND mailing_id = $2
                 ORDER BY due_at, delivery_id LIMIT $3)
               RETURNING delivery_id";
    let taken: Vec<Named> = tx
        .all(sql, [mailing.uuid().into(), i64::from(limit).into()])
        .await?;
    Ok(taken.into_iter().map(|row| row.delivery_id).collect())
}

/// When the first of a mailing is due, held ones included; `None` where nothing waits.
pub(crate) async fn first_due(tx: &TenantTx<Write>, mailing: MailingId) -> Result<Option<i64>, StoreError> {
    let sql = "SELECT MIN(due_at) AS due_at FROM delivery_queue WHERE tenant_id = $1 AND mailing_id = $2";
    let first: Option<First> = tx.one(sql, [mailing.uuid().into()]).await?;
    Ok(first.and_then(|first| first.due_at))
}

/// Which of these deliveries wait.
pub(crate) async fn waiting<M>(
    tx: &TenantTx<M>,
    deliveries: impl IntoIterator<Item = Uuid>,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let mut ids: Vec<Value> = deliveries.into_iter().map(Value::from).collect();
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let sql = format!(
        "SELECT delivery_id FROM delivery_queue WHERE tenant_id = $1 AND delivery_id IN ({})",
        places(2, fill_up(&mut ids))
    );
    let waiting: Vec<Named> = tx.all(&sql, ids).await?;
    Ok(waiting.into_iter().map(|row| row.delivery_id).collect())
}
