//! What became of attempts, and the state that follows.

use std::collections::BTreeMap;

use assent_domain::clock::Timestamp;
use assent_domain::delivery::{DeliveryStatus, MailingKind, retry_after};
use assent_domain::id::{DeliveryId, WorkerId};
use assent_domain::permit::Refusal;
use sea_orm::{ActiveValue::Set, EntityTrait, Value, sea_query::OnConflict};

use crate::bounce::Said;
use crate::error::StoreError;
use crate::mailing::Mailing;
use crate::row::attempt;
use crate::tx::{self, TenantTx, Write};

/// What became of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The server took the message.
    Sent,
    /// The server said not now, or could not be reached before the message was under way.
    TryLater,
    /// The server said no for good.
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
}

/// The state that follows an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Next {
    status: DeliveryStatus,
    refusal: Option<Refusal>,
    /// When the row is due again, if it is.
    due_at: Option<Timestamp>,
}

/// The state that follows an attempt that is recorded at `now`. What people must be told is told again where it is
/// unknown whether it reached them.
fn after(kind: MailingKind, ended: &Ended, now: Timestamp) -> Next {
    let attempt = u32::try_from(ended.attempt).unwrap_or(0);
    let is = |status| Next {
        status,
        refusal: None,
        due_at: None,
    };
    let later = |given_up| match retry_after(attempt) {
        Some(wait) => Next {
            due_at: Some(now.after(wait)),
            ..is(DeliveryStatus::Deferred)
        },
        None => is(given_up),
    };
    match ended.outcome {
        Outcome::Sent => is(DeliveryStatus::Sent),
        Outcome::Rejected => is(DeliveryStatus::Bounced),
        Outcome::Unknown if kind.after_crash() == DeliveryStatus::Queued => later(DeliveryStatus::Unknown),
        Outcome::Unknown => is(DeliveryStatus::Unknown),
        Outcome::Stale => is(DeliveryStatus::Queued),
        Outcome::Unfit(refusal) => Next {
            refusal: Some(refusal),
            ..is(DeliveryStatus::Refused)
        },
        Outcome::TryLater => later(DeliveryStatus::Bounced),
    }
}

fn outcome_code(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Sent => "SENT",
        Outcome::TryLater => "DEFERRED",
        Outcome::Rejected => "REJECTED",
        Outcome::Unknown => "UNKNOWN",
        Outcome::Stale => "STALE",
        Outcome::Unfit(_) => "REFUSED",
    }
}

/// Records what became of attempts. Each is recorded once: a row that was claimed anew since is left alone, and
/// one that became unknown meanwhile is put right where the message is now known to have been taken.
pub async fn record(
    tx: &mut TenantTx<Write>,
    mailing: &Mailing,
    worker: WorkerId,
    ended: &[Ended],
) -> Result<(), StoreError> {
    // Rows that go the same way go together, found by their key: joined to a list of values, a database may well
    // read all of a tenant's deliveries for a handful.
    let mut alike: BTreeMap<(Next, i32), Vec<&Ended>> = BTreeMap::new();
    for end in ended {
        let next = after(mailing.kind, end, tx.now());
        alike.entry((next, end.attempt)).or_default().push(end);
    }
    for ((next, attempt), ended) in alike {
        move_on(tx, next, attempt, &ended).await?;
    }
    let tried: Vec<_> = ended.iter().filter(|end| end.outcome != Outcome::Stale).collect();
    keep_attempts(tx, worker, &tried).await
}

/// Moves deliveries on from an attempt of this number. A claim of which nothing came does not count as one.
///
/// A claim is known by when it began, too: one that was taken back gives its number to the next.
async fn move_on(tx: &TenantTx<Write>, next: Next, attempt: i32, ended: &[&Ended]) -> Result<(), StoreError> {
    let attempts = if next.status == DeliveryStatus::Queued {
        attempt - 1
    } else {
        attempt
    };
    let or_unknown = if next.status == DeliveryStatus::Sent {
        "OR status = 'UNKNOWN'"
    } else {
        ""
    };
    let mut ids: Vec<Value> = ended.iter().map(|end| end.delivery.uuid().into()).collect();
    let mut begun: Vec<Value> = ended.iter().map(|end| end.started_at.micros().into()).collect();
    let rows = tx::fill_up(&mut ids);
    begun.resize(rows, Value::BigInt(None));
    let claims: Vec<_> = (8..8 + rows)
        .map(|id| format!("(${id}, ${})", id + rows))
        .collect();
    let sql = format!(
        "UPDATE delivery SET status = $2, refusal = $3, attempts = $4, changed_at = $5,
                next_attempt_at = COALESCE($6, next_attempt_at)
         WHERE tenant_id = $1 AND attempts = $7 AND id IN ({})
           AND ((status = 'CLAIMED' AND (id, changed_at) IN (VALUES {})) {or_unknown})",
        tx::places(8, rows),
        claims.join(", ")
    );
    let values = [
        next.status.to_string().into(),
        next.refusal.map(|refusal| refusal.to_string()).into(),
        attempts.into(),
        tx.now().micros().into(),
        next.due_at.map(Timestamp::micros).into(),
        attempt.into(),
    ];
    tx.execute(&sql, values.into_iter().chain(ids).chain(begun))
        .await?;
    Ok(())
}

/// Keeps the attempts. What a crash has left unknown is put right where it becomes known after all.
async fn keep_attempts(tx: &TenantTx<Write>, worker: WorkerId, ended: &[&Ended]) -> Result<(), StoreError> {
    use attempt::Column::{DeliveryId, EndedAt, EnhancedStatus, Number, Outcome, Reply, ReplyCode, TenantId};
    if ended.is_empty() {
        return Ok(());
    }
    let attempts = ended.iter().map(|end| attempt::ActiveModel {
        tenant_id: Set(tx.uuid()),
        delivery_id: Set(end.delivery.uuid()),
        number: Set(end.attempt),
        worker_id: Set(worker.uuid()),
        started_at: Set(end.started_at.micros()),
        ended_at: Set(end.at.micros()),
        outcome: Set(outcome_code(end.outcome).to_owned()),
        reply_code: Set(end.reply_code.map(i32::from)),
        enhanced_status: Set(end.enhanced_status.clone()),
        reply: Set(end.reply.clone()),
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
