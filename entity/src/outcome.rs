//! What became of attempts, and the state that follows.

use std::collections::BTreeMap;

use assent_domain::bounce::BounceClass;
use assent_domain::circuit::Sign;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::{AttemptOutcome, DeliveryStatus, Failure, RetryFor};
use assent_domain::id::{DeliveryId, TransportId, WorkerId};
use assent_domain::permit::Refusal;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::bounce::Said;
use crate::delivery::queue;
use crate::error::StoreError;
use crate::mailing::Mailing;
use crate::transport::circuit_of;
use crate::tx::trip::Trip;
use crate::tx::{TenantTx, Write};

/// On what terms messages are handed over.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Who does it: named in the lease and in the attempts.
    pub worker: WorkerId,
    /// To which mail server, by its name and port.
    pub server: String,
    /// Which of the tenant's own servers that is, if it is one.
    pub transport: Option<TransportId>,
    /// For how long what it puts off is tried again.
    pub retry_for: RetryFor,
}

impl Terms {
    /// Under what name it is noted how the tenant stands with the server.
    pub fn circuit(&self) -> String {
        self.transport.map_or_else(|| self.server.clone(), circuit_of)
    }
}

/// What became of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took the message.
    Sent,
    /// The server said not now, or could not be reached before the message was under way.
    TryLater,
    /// The server refused the sender or the message, and not the recipient: that may pass, whatever it said.
    Blocked,
    /// The server said no to the recipient for good.
    Rejected,
    /// The line broke when the message may have been taken.
    Unknown,
    /// The permit was too old when its turn came, or there was no connection: nothing was tried, and the row is
    /// decided again.
    Stale,
    /// The message was not fit to leave.
    Unfit(Refusal),
}

/// An attempt that ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Of which delivery.
    pub delivery: DeliveryId,
    /// The attempt's number.
    pub attempt: i32,
    /// How many there were, this one included, since the delivery was last given a chance.
    pub tries: i32,
    /// What became of it.
    pub outcome: Outcome,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub at: Timestamp,
    /// The server's reply code (RFC 5321, 4.2).
    pub reply_code: Option<u16>,
    /// The enhanced status (RFC 3463).
    pub enhanced_status: Option<String>,
    /// The server's words, or ours where there were none.
    pub reply: String,
    /// What these words say of the recipient, where the server refused the message because of them.
    pub said: Option<Said>,
    /// What the attempt says of the server.
    pub sign: Sign,
}

/// The state that follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Next {
    status: DeliveryStatus,
    refusal: Option<Refusal>,
    failure: Option<Failure>,
    /// When it is due again, if it is.
    due_at: Option<Timestamp>,
}

/// The state that follows an attempt that is recorded at `now`. What people must be told is told again where it is
/// unknown whether it reached them.
fn after(mailing: &Mailing, retry_for: RetryFor, ended: &Ended, now: Timestamp) -> Next {
    let tries = u32::try_from(ended.tries).unwrap_or(0);
    let is = |status| Next {
        status,
        refusal: None,
        failure: None,
        due_at: None,
    };
    let failed = |failure| Next {
        failure: Some(failure),
        ..is(DeliveryStatus::Bounced)
    };
    let later = |given_up| match retry_for.after(tries) {
        Some(wait) => Next {
            due_at: Some(now.after(wait)),
            ..is(DeliveryStatus::Deferred)
        },
        None => given_up,
    };
    let is_soft = ended
        .said
        .as_ref()
        .is_some_and(|said| said.class == BounceClass::Soft);
    match ended.outcome {
        Outcome::Sent => is(DeliveryStatus::Sent),
        Outcome::Rejected if is_soft => failed(Failure::NotNow),
        Outcome::Rejected => failed(Failure::Rejected),
        Outcome::Unknown if mailing.after_crash() == DeliveryStatus::Queued => {
            later(is(DeliveryStatus::Unknown))
        }
        Outcome::Unknown => is(DeliveryStatus::Unknown),
        Outcome::Stale => Next {
            due_at: Some(now),
            ..is(DeliveryStatus::Queued)
        },
        Outcome::Unfit(refusal) => Next {
            refusal: Some(refusal),
            ..is(DeliveryStatus::Refused)
        },
        Outcome::TryLater => later(failed(Failure::PutOff)),
        Outcome::Blocked => later(failed(Failure::Blocked)),
    }
}

/// What is noted of an attempt; nothing of one that was none.
fn noted(outcome: Outcome) -> Option<AttemptOutcome> {
    match outcome {
        Outcome::Sent => Some(AttemptOutcome::Sent),
        Outcome::TryLater => Some(AttemptOutcome::Deferred),
        Outcome::Blocked => Some(AttemptOutcome::Blocked),
        Outcome::Rejected => Some(AttemptOutcome::Rejected),
        Outcome::Unknown => Some(AttemptOutcome::Unknown),
        Outcome::Unfit(_) => Some(AttemptOutcome::Refused),
        Outcome::Stale => None,
    }
}

/// Records what became of attempts. Each is recorded once: a row that was claimed anew since is left alone, and
/// one that became unknown meanwhile is put right where the message is now known to have been taken.
pub async fn record(
    tx: &mut TenantTx<Write>,
    mailing: &Mailing,
    terms: &Terms,
    ended: &[Ended],
) -> Result<(), StoreError> {
    if !ended.is_empty() {
        mailing.moves_on(tx);
    }
    let mut trip = Trip::with(tx, []);
    note(&mut trip, mailing, terms, ended).await?;
    trip.go().await
}

/// The same, on a trip that has more to do. What is to be handed over again is back in the queue when this ends.
pub(crate) async fn note(
    trip: &mut Trip<'_>,
    mailing: &Mailing,
    terms: &Terms,
    ended: &[Ended],
) -> Result<(), StoreError> {
    // Rows that go the same way go together, found by their key: joined to a list of values, a database may well
    // read all of a tenant's deliveries for a handful.
    let mut alike: BTreeMap<Alike, Vec<Value>> = BTreeMap::new();
    for end in ended {
        let next = after(mailing, terms.retry_for, end, trip.tx().now());
        let same = alike.entry(Alike::of(next, end)).or_default();
        same.push(end.delivery.uuid().into());
    }
    for (alike, ids) in alike {
        match alike.next.due_at {
            None => {
                let moving = move_on(trip, &alike, ids, ended.len());
                trip.change(moving);
            }
            Some(due_at) => put_back(trip.tx(), mailing, (&alike, due_at), ids).await?,
        }
    }
    let tried = ended.iter().filter_map(|end| Some((end, noted(end.outcome)?)));
    keep_attempts(trip, terms, &tried.collect::<Vec<_>>(), ended.len());
    Ok(())
}

#[derive(FromQueryResult)]
struct Moved {
    id: Uuid,
}

/// What is the same for rows that go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Alike {
    next: Next,
    attempt: i32,
    /// When the claim began that is given back: given back twice, because the first time seemed to fail, the row might be in
    /// other hands by the second.
    given_back_since: Option<Timestamp>,
}

impl Alike {
    fn of(next: Next, end: &Ended) -> Self {
        Self {
            next,
            attempt: end.attempt,
            given_back_since: (next.status == DeliveryStatus::Queued).then_some(end.started_at),
        }
    }

    /// How many attempts there have been. A claim of which nothing came does not count as one.
    fn attempts(&self) -> i32 {
        if self.next.status == DeliveryStatus::Queued {
            self.attempt - 1
        } else {
            self.attempt
        }
    }
}

/// Moves deliveries on, and puts those back into the queue that were still in these hands.
async fn put_back(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    (alike, due_at): (&Alike, Timestamp),
    ids: Vec<Value>,
) -> Result<(), StoreError> {
    let mut trip = Trip::with(tx, []);
    let all = ids.len();
    let moving = move_on(&mut trip, alike, ids, all);
    let moved: Vec<Moved> = trip.ask(&format!("{moving} RETURNING id")).await?;
    queue::put(tx, mailing.id, due_at, moved.into_iter().map(|moved| moved.id)).await
}

/// Moves deliveries on, which are some of `all`.
fn move_on(trip: &mut Trip<'_>, alike: &Alike, ids: Vec<Value>, all: usize) -> String {
    let next = alike.next;
    let attempts = trip.place(alike.attempts());
    // Whoever takes a mailing over counts what its last owner had in hand as an attempt: of that owner's word on it there is
    // nothing left to say but that it was sent after all.
    let or_unknown = if next.status == DeliveryStatus::Sent {
        format!("OR status = 'UNKNOWN' AND attempts = {attempts}")
    } else {
        String::new()
    };
    // A claim that is given back ends after it began, though this transaction may have begun before: given back once more, it
    // is known by that.
    let ended = alike
        .given_back_since
        .map_or(i64::MIN, |since| since.micros() + 1);
    let changed_at = trip.tx().now().micros().max(ended);
    format!(
        "UPDATE delivery SET status = {}, refusal = {}, attempts = {attempts}, changed_at = {}, failure = {}
         WHERE tenant_id = $1 AND id IN ({})
           AND (status IN ('QUEUED', 'DEFERRED') AND attempts = {} AND changed_at <= {} {or_unknown})",
        trip.place(next.status.to_string()),
        trip.place(next.refusal.map(|refusal| refusal.to_string())),
        trip.place(changed_at),
        trip.place(next.failure.map(|failure| failure.to_string())),
        trip.ids(ids, all),
        trip.place(alike.attempt - 1),
        trip.place(alike.given_back_since.map_or(i64::MAX, Timestamp::micros)),
    )
}

/// Keeps the attempts. What a crash has left unknown is put right where it becomes known after all.
fn keep_attempts(trip: &mut Trip<'_>, terms: &Terms, ended: &[(&Ended, AttemptOutcome)], all: usize) {
    if ended.is_empty() {
        return;
    }
    let rows = ended.iter().map(|(end, outcome)| {
        [
            end.delivery.uuid().into(),
            end.attempt.into(),
            end.started_at.micros().into(),
            end.at.micros().into(),
            outcome.to_string().into(),
            end.reply_code.map(i32::from).into(),
            end.enhanced_status.clone().into(),
            end.reply.clone().into(),
        ]
    });
    let rows = trip.rows(rows, all);
    let keep = format!(
        "INSERT INTO attempt (tenant_id, delivery_id, number, worker_id, started_at, ended_at, outcome, reply_code,
                              enhanced_status, reply, server)
         SELECT $1, column1, column2, {}, column3, column4, column5, column6, column7, column8, {}
         FROM {rows} ended WHERE column1 IS NOT NULL
         ON CONFLICT (tenant_id, delivery_id, number) DO UPDATE SET ended_at = excluded.ended_at,
           outcome = excluded.outcome, reply_code = excluded.reply_code, enhanced_status = excluded.enhanced_status,
           reply = excluded.reply",
        trip.place(terms.worker.uuid()),
        trip.place(terms.server.clone()),
    );
    trip.change(keep);
}
