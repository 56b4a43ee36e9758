//! What became of attempts, and the state that follows.

use std::collections::BTreeMap;

use assent_domain::bounce::BounceClass;
use assent_domain::circuit::Sign;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::{AttemptOutcome, DeliveryStatus, Failure, RetryFor};
use assent_domain::id::{DeliveryId, TransportId, WorkerId};
use assent_domain::permit::Refusal;
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult, Value, sea_query::OnConflict};
use uuid::Uuid;

use crate::bounce::Said;
use crate::delivery::queue;
use crate::error::StoreError;
use crate::mailing::Mailing;
use crate::row::attempt;
use crate::transport::circuit_of;
use crate::tx::{self, TenantTx, Write};

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
    // Rows that go the same way go together, found by their key: joined to a list of values, a database may well
    // read all of a tenant's deliveries for a handful.
    let mut alike: BTreeMap<(Next, i32), Vec<&Ended>> = BTreeMap::new();
    for end in ended {
        let next = after(mailing, terms.retry_for, end, tx.now());
        alike.entry((next, end.attempt)).or_default().push(end);
    }
    for ((next, attempt), ended) in alike {
        move_on(tx, mailing, next, attempt, &ended).await?;
    }
    if !ended.is_empty() {
        mailing.moves_on(tx);
    }
    let tried = ended.iter().filter_map(|end| Some((end, noted(end.outcome)?)));
    let tried: Vec<_> = tried.collect();
    keep_attempts(tx, terms, &tried).await
}

/// Moves deliveries on from an attempt of this number. A claim of which nothing came does not count as one. What is to be
/// handed over again goes back into the queue.
async fn move_on(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    next: Next,
    attempt: i32,
    ended: &[&Ended],
) -> Result<(), StoreError> {
    let attempts = if next.status == DeliveryStatus::Queued {
        attempt - 1
    } else {
        attempt
    };
    // Whoever takes a mailing over counts what its last owner had in hand as an attempt: of that owner's word on it there is
    // nothing left to say but that it was sent after all.
    let or_unknown = if next.status == DeliveryStatus::Sent {
        "OR status = 'UNKNOWN' AND attempts = $4"
    } else {
        ""
    };
    // Given back twice, because the first time seemed to fail, it might be in other hands by the second.
    let untouched_since = match next.status {
        DeliveryStatus::Queued => ended.iter().map(|end| end.started_at).max(),
        _ => None,
    };
    let mut ids: Vec<Value> = ended.iter().map(|end| end.delivery.uuid().into()).collect();
    let sql = format!(
        "UPDATE delivery SET status = $2, refusal = $3, attempts = $4, changed_at = $5, failure = $6
         WHERE tenant_id = $1 AND id IN ({})
           AND (status IN ('QUEUED', 'DEFERRED') AND attempts = $7 AND changed_at <= $8 {or_unknown})
         {}",
        tx::places(9, tx::fill_up(&mut ids)),
        if next.due_at.is_some() { "RETURNING id" } else { "" }
    );
    let values = [
        next.status.to_string().into(),
        next.refusal.map(|refusal| refusal.to_string()).into(),
        attempts.into(),
        tx.now().micros().into(),
        next.failure.map(|failure| failure.to_string()).into(),
        (attempt - 1).into(),
        untouched_since.map_or(i64::MAX, Timestamp::micros).into(),
    ];
    let values = values.into_iter().chain(ids);
    let Some(due_at) = next.due_at else {
        tx.execute(&sql, values).await?;
        return Ok(());
    };
    let moved: Vec<Moved> = tx.all(&sql, values).await?;
    queue::put(tx, mailing.id, due_at, moved.into_iter().map(|moved| moved.id)).await
}

#[derive(FromQueryResult)]
struct Moved {
    id: Uuid,
}

/// Keeps the attempts. What a crash has left unknown is put right where it becomes known after all.
async fn keep_attempts(
    tx: &TenantTx<Write>,
    terms: &Terms,
    ended: &[(&Ended, AttemptOutcome)],
) -> Result<(), StoreError> {
    use attempt::Column::{DeliveryId, EndedAt, EnhancedStatus, Number, Outcome, Reply, ReplyCode, TenantId};
    if ended.is_empty() {
        return Ok(());
    }
    let attempts = ended.iter().map(|(end, outcome)| attempt::ActiveModel {
        tenant_id: Set(tx.uuid()),
        delivery_id: Set(end.delivery.uuid()),
        number: Set(end.attempt),
        worker_id: Set(terms.worker.uuid()),
        started_at: Set(end.started_at.micros()),
        ended_at: Set(end.at.micros()),
        outcome: Set(outcome.to_string()),
        reply_code: Set(end.reply_code.map(i32::from)),
        enhanced_status: Set(end.enhanced_status.clone()),
        reply: Set(end.reply.clone()),
        server: Set(terms.server.clone()),
    });
    let put_right = OnConflict::columns([TenantId, DeliveryId, Number])
        .update_columns([EndedAt, Outcome, ReplyCode, EnhancedStatus, Reply])
        .to_owned();
    attempt::Entity::insert_many(attempts)
        .on_conflict(put_right)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}
