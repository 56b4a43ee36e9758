//! Deliveries: the row a recipient, from queued to a final state, and what reports say of them.

use assent_domain::clock::Timestamp;
use assent_domain::delivery::{DeliveryStatus, Failure};
use assent_domain::id::{DeliveryId, MailingId, SubscriberId, TransportId, new_id, stored};
use assent_domain::permit::{Recipient, Refusal};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use strum::IntoEnumIterator;

use crate::claim::HELD;
use crate::error::{StoreError, read_code};
use crate::mailing::Mailing;
use crate::page::{Page, PageRequest};
use crate::row::delivery as row;
use crate::sending_limit;
use crate::tx::{TenantTx, Write};

pub mod attempt;
pub(crate) mod of_person;

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

pub(crate) fn recipient_of(kind: &str, id: uuid::Uuid) -> Result<Recipient, StoreError> {
    match kind {
        "SUBSCRIBER" => Ok(Recipient::Subscriber(stored(id))),
        "MEMBER" => Ok(Recipient::Member(stored(id))),
        other => Err(StoreError::Corrupt(format!("{other:?} as kind of recipient"))),
    }
}

/// How a recipient is stored: their kind and their id.
pub(crate) fn recipient_columns(recipient: Recipient) -> (&'static str, uuid::Uuid) {
    match recipient {
        Recipient::Subscriber(id) => ("SUBSCRIBER", id.uuid()),
        Recipient::Member(id) => ("MEMBER", id.uuid()),
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

pub(crate) async fn insert(
    tx: &TenantTx<Write>,
    mailing: MailingId,
    new: Vec<NewDelivery>,
) -> Result<(), StoreError> {
    let rows = new.into_iter().map(|new| {
        let (recipient_kind, recipient_id) = recipient_columns(new.recipient);
        let status = if new.refusal.is_some() {
            DeliveryStatus::Refused
        } else {
            DeliveryStatus::Queued
        };
        row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            id: Set(new.id.uuid()),
            mailing_id: Set(mailing.uuid()),
            recipient_kind: Set(recipient_kind.to_owned()),
            recipient_id: Set(recipient_id),
            status: Set(status.to_string()),
            refusal: Set(new.refusal.map(|refusal| refusal.to_string())),
            attempts: Set(0),
            next_attempt_at: Set(tx.now().micros()),
            changed_at: Set(tx.now().micros()),
            failure: Set(None),
            tried_before: Set(0),
        }
    });
    row::Entity::insert_many(rows)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

pub(crate) fn planned(tx: &TenantTx<Write>, recipient: Recipient, refusal: Option<Refusal>) -> NewDelivery {
    NewDelivery {
        id: new_id(tx.now()),
        recipient,
        refusal,
    }
}

/// Gives the rows that a dead worker left in flight the state that follows a crash.
pub(crate) async fn settle_crashed(
    tx: &TenantTx<Write>,
    mailing: MailingId,
    into: DeliveryStatus,
) -> Result<u64, StoreError> {
    let now = tx.now().micros();
    // Deliveries before attempts, as whoever records what became of them does.
    let hold = format!(
        "SELECT id FROM delivery WHERE tenant_id = $1 AND mailing_id = $2 AND status = 'CLAIMED' ORDER BY id {}",
        tx.for_update()
    );
    tx.execute(&hold, [mailing.uuid().into()]).await?;
    tx.execute(
        "INSERT INTO attempt (tenant_id, delivery_id, number, worker_id, started_at, ended_at, outcome, reply)
         SELECT d.tenant_id, d.id, d.attempts, COALESCE(m.lease_owner, m.id), d.changed_at, $3, 'UNKNOWN',
                'the worker ended while the message was being handed over'
         FROM delivery d JOIN mailing m ON m.tenant_id = d.tenant_id AND m.id = d.mailing_id
         WHERE d.tenant_id = $1 AND d.mailing_id = $2 AND d.status = 'CLAIMED'
         ON CONFLICT DO NOTHING",
        [mailing.uuid().into(), now.into()],
    )
    .await?;
    tx.execute(
        "UPDATE delivery SET status = $3, changed_at = $4, next_attempt_at = $4
         WHERE tenant_id = $1 AND mailing_id = $2 AND status = 'CLAIMED'",
        [mailing.uuid().into(), into.to_string().into(), now.into()],
    )
    .await
}

pub(crate) async fn has_open(tx: &TenantTx<Write>, mailing: MailingId) -> Result<bool, StoreError> {
    let open = DeliveryStatus::iter()
        .filter(|status| status.is_open())
        .map(|status| status.to_string());
    let found = tx
        .find::<row::Entity>()
        .filter(row::Column::MailingId.eq(mailing.uuid()))
        .filter(row::Column::Status.is_in(open))
        .limit(1)
        .one(tx.conn())
        .await?;
    Ok(found.is_some())
}

#[derive(FromQueryResult)]
struct Next {
    at: Option<i64>,
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
    let sql = "SELECT MIN(next_attempt_at) AS at, (SELECT is_limited FROM tenant WHERE id = $1) AS is_limited
               FROM delivery WHERE tenant_id = $1 AND mailing_id = $2 AND status IN ('QUEUED', 'DEFERRED')";
    let next: Option<Next> = tx.one(sql, [mailing.id.uuid().into()]).await?;
    let at = next.as_ref().and_then(|next| next.at).filter(|at| *at < HELD);
    let due_at = at.map(Timestamp::from_micros);
    if next.is_some_and(|next| next.is_limited != 0) {
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
    tx: &TenantTx<Write>,
    mailing: MailingId,
    limit: u32,
    (status, refusal): (DeliveryStatus, Option<Refusal>),
) -> Result<u64, StoreError> {
    let values = [
        mailing.uuid().into(),
        tx.now().micros().into(),
        i64::from(limit).into(),
        status.to_string().into(),
        refusal.map(|refusal| refusal.to_string()).into(),
    ];
    tx.execute(
        "UPDATE delivery SET status = $5, refusal = $6, changed_at = $3, held_for = NULL
         WHERE tenant_id = $1 AND status IN ('QUEUED', 'DEFERRED') AND id IN (
           SELECT id FROM delivery WHERE tenant_id = $1 AND mailing_id = $2
             AND status IN ('QUEUED', 'DEFERRED') ORDER BY next_attempt_at, id LIMIT $4)",
        values,
    )
    .await
}

/// The delivery with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: DeliveryId) -> Result<Delivery, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The deliveries with these ids, for a loader; ids of none are left out.
pub async fn by_ids<M>(tx: &TenantTx<M>, ids: &[DeliveryId]) -> Result<Vec<Delivery>, StoreError> {
    let ids = ids.iter().map(type_safe_id::TypeSafeId::uuid);
    let rows = tx
        .find::<row::Entity>()
        .filter(row::Column::Id.is_in(ids))
        .all(tx.conn())
        .await?;
    rows.into_iter().map(Delivery::try_from).collect()
}

/// The deliveries of a mailing.
pub async fn page_of<M>(
    tx: &TenantTx<M>,
    mailing: MailingId,
    request: PageRequest,
) -> Result<Page<Delivery>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::MailingId.eq(mailing.uuid()));
    request.run(tx, query, Delivery::try_from).await
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
    let sql = "SELECT status, refusal, failure, COUNT(*) AS rows FROM delivery
               WHERE tenant_id = $1 AND mailing_id = $2
               GROUP BY status, refusal, failure ORDER BY status, refusal, failure";
    let counts: Vec<Count> = tx.all(sql, [mailing.uuid().into()]).await?;
    let mut progress = Progress::default();
    for count in counts {
        let rows = u64::try_from(count.rows).unwrap_or(0);
        progress.by_status.push((read_code(&count.status)?, rows));
        if let Some(refusal) = count.refusal {
            progress.refused.push((read_code(&refusal)?, rows));
        }
        if let Some(failure) = count.failure {
            progress.failed.push((read_code(&failure)?, rows));
        }
    }
    Ok(progress)
}

/// Closes confirmation mails whose link no longer works: they would help nobody. Gives how many there were.
pub(crate) async fn drop_late_confirmations(tx: &TenantTx<Write>) -> Result<u64, StoreError> {
    let now = tx.now().micros();
    let deliveries = "UPDATE delivery SET status = 'CANCELLED', changed_at = $2
         WHERE tenant_id = $1 AND status IN ('QUEUED', 'DEFERRED') AND mailing_id IN (
           SELECT m.id FROM mailing m JOIN opt_in o ON o.tenant_id = m.tenant_id AND o.id = m.opt_in_id
           WHERE m.tenant_id = $1 AND m.finished_at IS NULL AND o.expires_at < $2)";
    let dropped = tx.execute(deliveries, [now.into()]).await?;
    let mailings = "UPDATE mailing SET finished_at = $2 WHERE tenant_id = $1 AND finished_at IS NULL
           AND opt_in_id IN (SELECT id FROM opt_in WHERE tenant_id = $1 AND expires_at < $2)";
    tx.execute(mailings, [now.into()]).await?;
    Ok(dropped)
}
