//! Deliveries: the row a recipient, from queued to a final state, and what reports say of them.

use std::collections::HashMap;

use assent_domain::clock::Timestamp;
use assent_domain::delivery::{AttemptOutcome, DeliveryStatus, Failure};
use assent_domain::id::{DeliveryId, MailingId, SubscriberId, TransportId, new_id, stored};
use assent_domain::permit::{Recipient, Refusal};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, Value};
use uuid::Uuid;

use crate::error::{StoreError, read_code};
use crate::mailing::{self, Mailing};
use crate::page::each::{Key, Lists};
use crate::page::{Page, PageRequest};
use crate::row::delivery as row;
use crate::sending_limit;
use crate::tx::many::Of;
use crate::tx::trip::Trip;
use crate::tx::{TenantTx, Write, fill_up, places};

pub mod attempt;
pub(crate) mod of_person;
pub(crate) mod queue;

/// Rows that are given another state by one statement.
const CLOSED_AT_ONCE: usize = 1000;

/// Rows that are put in by one statement on PostgreSQL, where each is a trip.
const PLANNED_AT_ONCE: usize = 512;

/// The same on SQLite, which looks for the name of each place among all of the statement's when a value is bound.
const PLANNED_AT_ONCE_ON_SQLITE: usize = 64;

/// Whether a delivery `d` has been claimed, and nobody has said yet what became of it.
pub(crate) const IS_ON_ITS_WAY: &str = "(d.status IN ('QUEUED', 'DEFERRED') AND NOT EXISTS (
    SELECT 1 FROM delivery_queue q WHERE q.tenant_id = d.tenant_id AND q.delivery_id = d.id))";

/// Those of a mailing.
const ON_THEIR_WAY: &str = "
    SELECT id FROM delivery WHERE tenant_id = $1 AND mailing_id = $2 AND status IN ('QUEUED', 'DEFERRED')
    EXCEPT SELECT delivery_id FROM delivery_queue WHERE tenant_id = $1 AND mailing_id = $2";

/// A delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id; the `Message-ID` derives from it.
    pub id: DeliveryId,
    /// What was mailed.
    pub mailing: MailingId,
    /// To whom.
    pub recipient: Recipient,
    /// Where it stands.
    pub status: DeliveryStatus,
    /// Why the rule said no, if it did.
    pub refusal: Option<Refusal>,
    /// Why it was given up, if it was.
    pub failure: Option<Failure>,
    /// How often it was tried.
    pub attempts: i32,
    /// When its state changed last.
    pub changed_at: Timestamp,
}

/// A row to be planned; refused at once where the rule says no already.
#[derive(Clone, Debug)]
pub(crate) struct NewDelivery {
    pub(crate) id: DeliveryId,
    pub(crate) recipient: Recipient,
    pub(crate) refusal: Option<Refusal>,
}

pub(crate) fn recipient_of(kind: &str, id: Uuid) -> Result<Recipient, StoreError> {
    match kind {
        "SUBSCRIBER" => Ok(Recipient::Subscriber(stored(id))),
        "MEMBER" => Ok(Recipient::Member(stored(id))),
        "INVITEE" => Ok(Recipient::Invitee(stored(id))),
        other => Err(StoreError::Corrupt(format!("{other:?} as kind of recipient"))),
    }
}

/// How a recipient is stored: their kind and their id.
pub(crate) fn recipient_columns(recipient: Recipient) -> (&'static str, Uuid) {
    match recipient {
        Recipient::Subscriber(id) => ("SUBSCRIBER", id.uuid()),
        Recipient::Member(id) => ("MEMBER", id.uuid()),
        Recipient::Invitee(id) => ("INVITEE", id.uuid()),
    }
}

impl TryFrom<row::Model> for Delivery {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            mailing: stored(row.mailing_id),
            recipient: recipient_of(&row.recipient_kind, row.recipient_id)?,
            status: read_code(&row.status)?,
            refusal: row.refusal.as_deref().map(read_code).transpose()?,
            failure: row.failure.as_deref().map(read_code).transpose()?,
            attempts: row.attempts,
            changed_at: Timestamp::from_micros(row.changed_at),
        })
    }
}

/// Gives recipients their rows, and puts those into the queue whom the rule does not refuse.
pub(crate) async fn insert(
    tx: &TenantTx<Write>,
    mailing: MailingId,
    new: Vec<NewDelivery>,
) -> Result<(), StoreError> {
    let at_once = if tx.store().is_sqlite() {
        PLANNED_AT_ONCE_ON_SQLITE
    } else {
        PLANNED_AT_ONCE
    };
    for some in new.chunks(at_once) {
        let now = tx.now().micros();
        let mut trip = Trip::with(tx, [mailing.uuid().into(), now.into()]);
        let rows = trip.rows(
            some.iter().map(|new| {
                let (kind, recipient) = recipient_columns(new.recipient);
                [
                    new.id.uuid().into(),
                    kind.into(),
                    recipient.into(),
                    new.refusal.map(|refusal| refusal.to_string()).into(),
                ]
            }),
            some.len(),
        );
        trip.change(format!(
            "INSERT INTO delivery (tenant_id, id, mailing_id, recipient_kind, recipient_id, status, refusal, changed_at)
             SELECT $1, column1, $2, column2, column3, CASE WHEN column4 IS NULL THEN 'QUEUED' ELSE 'REFUSED' END,
                    column4, $3
             FROM {rows} planned WHERE column1 IS NOT NULL"
        ));
        trip.change(format!(
            "INSERT INTO delivery_queue (tenant_id, mailing_id, due_at, delivery_id)
             SELECT $1, $2, $3, column1 FROM {rows} planned WHERE column1 IS NOT NULL AND column4 IS NULL"
        ));
        trip.go().await?;
    }
    Ok(())
}

pub(crate) fn planned(tx: &TenantTx<Write>, recipient: Recipient, refusal: Option<Refusal>) -> NewDelivery {
    NewDelivery {
        id: new_id(tx.now()),
        recipient,
        refusal,
    }
}

#[derive(FromQueryResult)]
struct Named {
    id: Uuid,
}

/// Gives the rows that a dead worker left on their way the state that follows a crash.
pub(crate) async fn settle_crashed(
    tx: &TenantTx<Write>,
    mailing: MailingId,
    into: DeliveryStatus,
) -> Result<u64, StoreError> {
    let lost: Vec<Named> = tx.all(ON_THEIR_WAY, [mailing.uuid().into()]).await?;
    let mut settled = 0;
    for some in lost.chunks(CLOSED_AT_ONCE) {
        let still = hold_lost(tx, some).await?;
        settled += settle_held(tx, &still, into).await?;
        if into.is_open() {
            queue::put(tx, mailing, tx.now(), still).await?;
        }
    }
    Ok(settled)
}

/// Holds deliveries until the transaction ends, and gives those that are on their way yet: whoever had them in hand may
/// have recorded meanwhile what became of them. Another statement looks again, since on PostgreSQL one sees what was there
/// when it began.
async fn hold_lost(tx: &TenantTx<Write>, lost: &[Named]) -> Result<Vec<Uuid>, StoreError> {
    let mut ids: Vec<Value> = lost.iter().map(|lost| lost.id.into()).collect();
    let places = places(2, fill_up(&mut ids));
    let hold = format!(
        "SELECT id FROM delivery WHERE tenant_id = $1 AND id IN ({places}) ORDER BY id {}",
        tx.for_update()
    );
    tx.execute(&hold, ids.clone()).await?;
    let still = format!(
        "SELECT d.id FROM delivery d WHERE d.tenant_id = $1 AND d.id IN ({places}) AND {IS_ON_ITS_WAY} ORDER BY d.id"
    );
    let still: Vec<Named> = tx.all(&still, ids).await?;
    Ok(still.into_iter().map(|still| still.id).collect())
}

/// Notes an attempt of which nobody knows how it ended. It began after its delivery was changed last.
async fn settle_held(tx: &TenantTx<Write>, held: &[Uuid], into: DeliveryStatus) -> Result<u64, StoreError> {
    let mut ids: Vec<Value> = held.iter().map(|id| (*id).into()).collect();
    if ids.is_empty() {
        return Ok(0);
    }
    let places = places(4, fill_up(&mut ids));
    let now = tx.now().micros();
    let note = format!(
        "INSERT INTO attempt (tenant_id, delivery_id, number, worker_id, started_at, ended_at, outcome, reply)
         SELECT d.tenant_id, d.id, d.attempts + 1, COALESCE(m.lease_owner, m.id), d.changed_at, $3, $2,
                'the worker ended while the message was being handed over'
         FROM delivery d JOIN mailing m ON m.tenant_id = d.tenant_id AND m.id = d.mailing_id
         WHERE d.tenant_id = $1 AND d.id IN ({places})
         ON CONFLICT DO NOTHING"
    );
    let values = [AttemptOutcome::Unknown.to_string().into(), now.into()];
    tx.execute(&note, values.into_iter().chain(ids.clone())).await?;
    let settle = format!(
        "UPDATE delivery SET status = $2, attempts = attempts + 1, changed_at = $3
         WHERE tenant_id = $1 AND id IN ({places})"
    );
    let values = [into.to_string().into(), now.into()];
    tx.execute(&settle, values.into_iter().chain(ids)).await
}

/// Whether a row of a mailing is open.
pub(crate) async fn has_open(tx: &TenantTx<Write>, mailing: MailingId) -> Result<bool, StoreError> {
    if queue::first_due(tx, mailing).await?.is_some() {
        return Ok(true);
    }
    let lost: Vec<Named> = tx.all(ON_THEIR_WAY, [mailing.uuid().into()]).await?;
    Ok(!lost.is_empty())
}

#[derive(FromQueryResult)]
struct Limited {
    is_limited: i32,
}

/// Whether a mailing has a row for a person.
pub(crate) async fn is_recipient<M>(
    tx: &TenantTx<M>,
    mailing: MailingId,
    person: SubscriberId,
) -> Result<bool, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::MailingId.eq(mailing.uuid()))
        .filter(row::Column::RecipientId.eq(person.uuid()));
    Ok(query.one(tx.conn()).await?.is_some())
}

/// When the next row of a mailing may go, if any waits: when it is due, and no limit is in its way.
/// `through` is the tenant's own mail server that it goes through, if it is one.
pub async fn next_due_at(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    through: Option<TransportId>,
) -> Result<Option<Timestamp>, StoreError> {
    let first = queue::first_due(tx, mailing.id).await?;
    let due_at = first.filter(|at| *at < queue::HELD).map(Timestamp::from_micros);
    let sql = "SELECT is_limited FROM tenant WHERE id = $1";
    let tenant: Option<Limited> = tx.one(sql, []).await?;
    if tenant.is_some_and(|tenant| tenant.is_limited != 0) {
        return sending_limit::next_turn(tx, mailing, through, due_at).await;
    }
    Ok(due_at)
}

/// Closes at most `limit` open rows of a cancelled mailing, and says how many it were.
pub async fn cancel_some(
    tx: &mut TenantTx<Write>,
    mailing: MailingId,
    limit: u32,
) -> Result<u64, StoreError> {
    close_some(tx, mailing, limit, (DeliveryStatus::Cancelled, None)).await
}

/// Closes at most `limit` open rows of a mailing that is not to go out any more, and says how many it were. Those that
/// are due are decided by the rule, which says the same; these need not wait until they are.
pub async fn close_too_late(
    tx: &mut TenantTx<Write>,
    mailing: MailingId,
    limit: u32,
) -> Result<u64, StoreError> {
    let too_late = (DeliveryStatus::Refused, Some(Refusal::TooLate));
    close_some(tx, mailing, limit, too_late).await
}

async fn close_some(
    tx: &mut TenantTx<Write>,
    mailing: MailingId,
    limit: u32,
    closed: (DeliveryStatus, Option<Refusal>),
) -> Result<u64, StoreError> {
    let taken = queue::take_some(tx, mailing, limit).await?;
    let closed = close(tx, taken, closed).await?;
    if closed > 0 {
        mailing::moves_on(tx, mailing).await?;
    }
    Ok(closed)
}

/// Gives deliveries that were taken out of the queue their final state, and says how many they were.
pub(crate) async fn close(
    tx: &TenantTx<Write>,
    taken: Vec<Uuid>,
    (status, refusal): (DeliveryStatus, Option<Refusal>),
) -> Result<u64, StoreError> {
    let mut closed = 0;
    for some in taken.chunks(CLOSED_AT_ONCE) {
        let mut ids: Vec<Value> = some.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "UPDATE delivery SET status = $2, refusal = $3, changed_at = $4 WHERE tenant_id = $1 AND id IN ({})",
            places(5, fill_up(&mut ids))
        );
        let values = [
            status.to_string().into(),
            refusal.map(|refusal| refusal.to_string()).into(),
            tx.now().micros().into(),
        ];
        closed += tx.execute(&sql, values.into_iter().chain(ids)).await?;
    }
    Ok(closed)
}

/// The delivery with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: DeliveryId) -> Result<Delivery, StoreError> {
    let mut delivery = tx.get::<row::Entity>(id.uuid()).await?.try_into()?;
    show_way(tx, vec![&mut delivery]).await?;
    Ok(delivery)
}

/// Says of those that are open and do not wait that they are on their way.
async fn show_way<M>(tx: &TenantTx<M>, deliveries: Vec<&mut Delivery>) -> Result<(), StoreError> {
    let open = deliveries.iter().filter(|delivery| delivery.status.is_open());
    let waiting = queue::waiting(tx, open.map(|delivery| delivery.id.uuid())).await?;
    for delivery in deliveries {
        if delivery.status.is_open() && !waiting.contains(&delivery.id.uuid()) {
            delivery.status = DeliveryStatus::Claimed;
        }
    }
    Ok(())
}

/// The deliveries with these ids, for a loader; ids of none are left out.
pub async fn by_ids<M>(tx: &TenantTx<M>, ids: &[DeliveryId]) -> Result<Vec<Delivery>, StoreError> {
    let ids = ids.iter().map(type_safe_id::TypeSafeId::uuid);
    let rows = tx
        .find::<row::Entity>()
        .filter(row::Column::Id.is_in(ids))
        .all(tx.conn())
        .await?;
    let mut deliveries: Vec<_> = rows
        .into_iter()
        .map(Delivery::try_from)
        .collect::<Result<_, _>>()?;
    show_way(tx, deliveries.iter_mut().collect()).await?;
    Ok(deliveries)
}

/// The deliveries of a mailing.
pub async fn page_of<M>(
    tx: &TenantTx<M>,
    mailing: MailingId,
    request: PageRequest,
) -> Result<Page<Delivery>, StoreError> {
    let mut pages = pages_of(tx, &[mailing], request).await?;
    Ok(pages.remove(&mailing).unwrap_or_else(Page::empty))
}

/// The same of several mailings: a page of each.
pub async fn pages_of<M>(
    tx: &TenantTx<M>,
    mailings: &[MailingId],
    request: PageRequest,
) -> Result<HashMap<MailingId, Page<Delivery>>, StoreError> {
    let lists = Lists {
        table: "delivery",
        of: "mailing_id",
        // A mailing has one row a recipient, and a key by it that new rows need anyway.
        key: Key::Ids("recipient_id"),
        only: String::new(),
        key_of: |row: &row::Model| row.recipient_id,
    };
    let ids: Vec<_> = mailings.iter().map(MailingId::uuid).collect();
    let pages = request.run_each(tx, &lists, &ids).await?.into_iter();
    let mut pages = pages
        .map(|(of, page)| Ok((stored(of), page.try_map(Delivery::try_from)?)))
        .collect::<Result<HashMap<_, _>, StoreError>>()?;
    let all = pages.values_mut().flat_map(|page| &mut page.rows);
    show_way(tx, all.map(|(_, delivery)| delivery).collect()).await?;
    Ok(pages)
}

/// How far a mailing is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows in each state.
    pub by_status: Vec<(DeliveryStatus, u64)>,
    /// Rows that the rule refused, by reason.
    pub refused: Vec<(Refusal, u64)>,
    /// Rows that were given up, by reason.
    pub failed: Vec<(Failure, u64)>,
}

impl Progress {
    /// How many rows are in a state.
    pub fn of(&self, status: DeliveryStatus) -> u64 {
        self.by_status
            .iter()
            .filter(|(of, _)| *of == status)
            .map(|(_, rows)| rows)
            .sum()
    }

    /// How many rows were given up for a reason.
    pub fn failed_for(&self, reason: Failure) -> u64 {
        let rows = self.failed.iter().filter(|(of, _)| *of == reason);
        rows.map(|(_, rows)| rows).sum()
    }

    /// How many rows there are.
    pub fn total(&self) -> u64 {
        self.by_status.iter().map(|(_, rows)| rows).sum()
    }
}

#[derive(FromQueryResult)]
struct Count {
    status: String,
    refusal: Option<String>,
    failure: Option<String>,
    rows: i64,
}

/// Counts a mailing's rows.
pub async fn progress<M>(tx: &TenantTx<M>, mailing: MailingId) -> Result<Progress, StoreError> {
    let mut counted = progress_of_each(tx, &[mailing]).await?;
    Ok(counted.remove(&mailing).unwrap_or_default())
}

/// The same of several mailings.
pub async fn progress_of_each<M>(
    tx: &TenantTx<M>,
    mailings: &[MailingId],
) -> Result<HashMap<MailingId, Progress>, StoreError> {
    let sql = format!(
        "SELECT d.mailing_id AS of_id, CASE WHEN {IS_ON_ITS_WAY} THEN 'CLAIMED' ELSE d.status END AS status,
                d.refusal, d.failure, COUNT(*) AS rows
         FROM delivery d WHERE d.tenant_id = $1 AND d.mailing_id IN ({{ids}}) GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    );
    let counts: Vec<Of<Count>> = tx.about(&sql, mailings.iter().map(MailingId::uuid)).await?;
    let mut each: HashMap<_, _> = mailings.iter().map(|id| (*id, Progress::default())).collect();
    for Of { of, row: count } in counts {
        let progress = each.entry(stored(of)).or_default();
        let rows = u64::try_from(count.rows).unwrap_or(0);
        progress.by_status.push((read_code(&count.status)?, rows));
        if let Some(refusal) = count.refusal {
            progress.refused.push((read_code(&refusal)?, rows));
        }
        if let Some(failure) = count.failure {
            progress.failed.push((read_code(&failure)?, rows));
        }
    }
    Ok(each)
}

/// Closes confirmation mails whose link no longer works: they would help nobody. Gives how many there were.
pub(crate) async fn drop_late_confirmations(tx: &TenantTx<Write>) -> Result<u64, StoreError> {
    let now = tx.now().micros();
    let late = "SELECT q.delivery_id AS id FROM opt_in o
         JOIN mailing m ON m.tenant_id = o.tenant_id AND m.opt_in_id = o.id
         JOIN delivery_queue q ON q.tenant_id = m.tenant_id AND q.mailing_id = m.id
         WHERE o.tenant_id = $1 AND m.finished_at IS NULL AND o.expires_at < $2";
    let late: Vec<Named> = tx.all(late, [now.into()]).await?;
    let taken = queue::take(tx, late.into_iter().map(|late| late.id)).await?;
    let dropped = close(tx, taken, (DeliveryStatus::Cancelled, None)).await?;
    let mailings = "UPDATE mailing SET finished_at = $2 WHERE tenant_id = $1 AND finished_at IS NULL
           AND opt_in_id IN (SELECT id FROM opt_in WHERE tenant_id = $1 AND expires_at < $2)";
    tx.execute(mailings, [now.into()]).await?;
    Ok(dropped)
}
