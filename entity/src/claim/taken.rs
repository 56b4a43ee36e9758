//! What a turn takes out of the queue, with all that the rule asks about whom it goes to.
//!
//! PostgreSQL records what became of the last messages, takes the next and reads them in one trip: the trips are what a turn
//! takes time for. SQLite, which has no statement that does as much, has none either.

use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::address_change;
use crate::delivery::queue::{self, DueSql, Place};
use crate::error::StoreError;
use crate::facts::{Ground, PERSON_COLUMNS, PersonRow, THEIR_CONSENT};
use crate::mailing::Mailing;
use crate::outcome::{Report, ReportSql};
use crate::tx::{self, TenantTx, Write};

/// What was taken out of the queue.
#[derive(Default)]
pub(super) struct Taken {
    /// What may go, if the rule lets it.
    pub(super) open: Vec<Claimed>,
    /// How many deliveries were over.
    pub(super) over: usize,
}

impl Taken {
    fn add(&mut self, more: Self) {
        self.open.extend(more.open);
        self.over += more.over;
    }
}

/// A delivery that was claimed, with the person it goes to: none where it goes to a member, or they are gone.
#[derive(FromQueryResult)]
pub(super) struct Claimed {
    pub(super) delivery_id: Uuid,
    pub(super) recipient_kind: String,
    pub(super) recipient_id: Uuid,
    is_open: i32,
    attempts: i32,
    tried_before: i32,
    changed_at: i64,
    person_id: Option<Uuid>,
    #[sea_orm(nested)]
    person: Option<PersonAt>,
}

impl Claimed {
    /// The number of the attempt that begins.
    pub(super) fn attempt(&self) -> i32 {
        self.attempts + 1
    }

    pub(super) fn tries(&self) -> i32 {
        self.attempt() - self.tried_before
    }

    /// When the attempt begins: not before the delivery was changed last, by whatever clock.
    pub(super) fn started_at(&self, now: Timestamp) -> Timestamp {
        now.max(Timestamp::from_micros(self.changed_at))
    }

    /// The person, if they are there. What cannot be read is not the same as what is gone.
    pub(super) fn person(&self) -> Result<Option<&PersonAt>, StoreError> {
        match (&self.person, self.person_id) {
            (None, Some(id)) => Err(StoreError::Corrupt(format!("subscriber {id}"))),
            (person, _) => Ok(person.as_ref()),
        }
    }
}

#[derive(FromQueryResult)]
pub(super) struct PersonAt {
    pub(super) email: String,
    pub(super) name: String,
    pub(super) company: String,
    pub(super) language: Option<String>,
    confirmed_at: Option<i64>,
    pub(super) list_id: Option<Uuid>,
    #[sea_orm(nested)]
    pub(super) facts: PersonRow,
}

impl PersonAt {
    /// Until the mailbox has confirmed, anybody may have typed what goes with its address.
    fn forget_names(&mut self) {
        self.name.clear();
        self.company.clear();
    }
}

/// A row that was due, and the place it had.
#[derive(FromQueryResult)]
struct Due {
    #[sea_orm(nested)]
    place: Place,
    #[sea_orm(nested)]
    claimed: Claimed,
}

/// Records a report, and takes at most `limit` rows that are due, from `place` on, which moves behind them. Where there are
/// fewer, it looks once more from the beginning.
pub(super) async fn next(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    ground: &Ground,
    report: &Report,
    place: &mut Place,
    limit: u32,
) -> Result<Taken, StoreError> {
    if tx.store().is_sqlite() || report.gives_back() {
        report.keep(tx).await?;
        let taken = queue::take_due(tx, mailing.id, place, limit).await?;
        return these(tx, mailing, ground, taken).await;
    }
    let rows = in_one_trip(tx, mailing, ground, report, *place, limit).await?;
    let found = u32::try_from(rows.len()).unwrap_or(limit);
    let began_at = *place;
    let (places, claimed): (Vec<_>, Vec<_>) = rows.into_iter().map(|due| (due.place, due.claimed)).unzip();
    place.pass(&places);
    let mut taken = as_mailed(tx, mailing, claimed).await?;
    if found < limit && !began_at.is_first() {
        let again = queue::take_due(tx, mailing.id, &mut Place::default(), limit - found).await?;
        taken.add(these(tx, mailing, ground, again).await?);
    }
    Ok(taken)
}

/// Records a report, takes what is due next, and reads it. What a report gives back is not put into the queue.
async fn in_one_trip(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    ground: &Ground,
    report: &Report,
    place: Place,
    limit: u32,
) -> Result<Vec<Due>, StoreError> {
    let (record, due) = (
        ReportSql::with_values_from(tx, 5),
        DueSql::with_values_from(tx, 9, limit),
    );
    let sql = format!(
        "WITH {}, moved AS ({}), noted AS ({}), {}, taken AS ({})
         SELECT t.due_at, {} FROM taken t JOIN delivery d ON d.tenant_id = $1 AND d.id = t.delivery_id {RECIPIENT} {THEIR_CONSENT}
         ORDER BY d.id",
        record.given,
        record.moves,
        record.notes,
        due.next,
        due.takes,
        columns(mailing)
    );
    let values = ground.parameters(mailing.campaign).into_iter();
    let values = values
        .chain(report.values()?)
        .chain(DueSql::values(tx, mailing.id, place));
    tx.all(&sql, values).await
}

/// Reads deliveries that were taken out of the queue.
pub(super) async fn these(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    ground: &Ground,
    taken: Vec<Uuid>,
) -> Result<Taken, StoreError> {
    if taken.is_empty() {
        return Ok(Taken::default());
    }
    let mut ids: Vec<Value> = taken.into_iter().map(Value::from).collect();
    let sql = format!(
        "SELECT {} FROM delivery d {RECIPIENT} {THEIR_CONSENT} WHERE d.tenant_id = $1 AND d.id IN ({}) ORDER BY d.id",
        columns(mailing),
        tx::places(5, tx::fill_up(&mut ids))
    );
    let parameters = ground.parameters(mailing.campaign).into_iter();
    let claimed = tx.all(&sql, parameters.chain(ids)).await?;
    as_mailed(tx, mailing, claimed).await
}

/// Whom a delivery `d` goes to, if it is a person.
const RECIPIENT: &str = "LEFT JOIN subscriber s ON s.tenant_id = d.tenant_id AND s.id = d.recipient_id";

/// The columns of [`Claimed`].
fn columns(mailing: &Mailing) -> String {
    let list = match mailing.only_list {
        Some(_) => "NULL",
        None => {
            "(SELECT l.list_id FROM campaign_list l CROSS JOIN subscription u
              WHERE l.tenant_id = $1 AND l.campaign_id = $3
                AND u.tenant_id = $1 AND u.list_id = l.list_id AND u.subscriber_id = s.id
                AND u.state = 'ACTIVE' ORDER BY l.list_id LIMIT 1)"
        }
    };
    format!(
        "d.id AS delivery_id, d.recipient_kind, d.recipient_id, d.attempts, d.tried_before, d.changed_at,
         CASE WHEN d.status IN ('QUEUED', 'DEFERRED') THEN 1 ELSE 0 END AS is_open,
         s.id AS person_id, s.email, s.name, s.company, s.language, s.confirmed_at, {PERSON_COLUMNS}, {list} AS list_id"
    )
}

/// Leaves out what is over, and sees people as the mailing does: at their new address, or without what others may have
/// typed.
async fn as_mailed(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    claimed: Vec<Claimed>,
) -> Result<Taken, StoreError> {
    let (mut open, over): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|claimed| claimed.is_open != 0);
    let people = open.iter_mut().filter_map(|claimed| claimed.person.as_mut());
    if let Some(change) = mailing.address_change {
        let new = address_change::destination(tx, change).await?;
        for person in people {
            person.email.clone_from(&new.email);
            person.forget_names();
            person.facts.see_from(new.suppressions);
        }
    } else if mailing.kind == MailingKind::Transactional {
        let unconfirmed = people.filter(|person| person.confirmed_at.is_none());
        unconfirmed.for_each(PersonAt::forget_names);
    }
    Ok(Taken {
        open,
        over: over.len(),
    })
}
