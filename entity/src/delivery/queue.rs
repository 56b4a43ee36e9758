//! What waits to be handed over. A delivery that is claimed is taken out; one that is open and not in here is on its way.

use std::collections::BTreeSet;

use assent_domain::clock::Timestamp;
use assent_domain::id::MailingId;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::error::StoreError;
use crate::tx::trip::Trip;
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
    pub(crate) due_at: i64,
    pub(crate) delivery_id: Uuid,
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

/// The most that are taken out of what is due in one trip. It stands in the text, because PostgreSQL makes one plan for all
/// parameters, and takes an unknown limit for a tenth of the table.
pub(crate) const FEW: u32 = 100;

/// Lets a trip take out at most `limit` deliveries of a mailing that are due after `place`, no more than [`FEW`], and gives
/// what its question may read their `delivery_id` and `due_at` from.
///
/// SQLite plans a statement anew whenever another value is bound to a limit (since 3.46 it looks at it for the plan), and
/// from the thirty-second on it does not tell one place from another. It does not look through a sum.
pub(crate) fn take_due(trip: &mut Trip<'_>, mailing: MailingId, place: Place, limit: u32) -> String {
    let now = trip.tx().now().micros();
    let next = format!(
        "SELECT delivery_id, due_at FROM delivery_queue
         WHERE tenant_id = $1 AND mailing_id = {} AND due_at <= {} AND (due_at, delivery_id) > ({}, {})
         ORDER BY due_at, delivery_id LIMIT {} + 0 {}",
        trip.place(mailing.uuid()),
        trip.place(now),
        trip.place(place.due_at),
        trip.place(place.delivery_id),
        trip.place(i64::from(limit.min(FEW))),
        trip.tx().skip_locked()
    );
    let take = format!(
        "WITH next AS MATERIALIZED ({next}), few AS (SELECT delivery_id FROM next LIMIT {FEW})
         DELETE FROM delivery_queue WHERE tenant_id = $1 AND delivery_id IN (SELECT delivery_id FROM few)"
    );
    trip.change_of(&next, "delivery_id, due_at", take)
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
