//! What became of attempts, and the state that follows.

use assent_domain::bounce::BounceClass;
use assent_domain::circuit::Sign;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::{AttemptOutcome, DeliveryStatus, Failure, RetryFor};
use assent_domain::id::{DeliveryId, TransportId, WorkerId};
use assent_domain::permit::Refusal;

use crate::bounce::Said;
use crate::mailing::Mailing;
use crate::transport::circuit_of;

mod report;

pub use report::record;
pub(crate) use report::{Report, ReportSql};

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
