//! The heart of sending: one short transaction records what became of the last messages, claims the next few,
//! decides each anew and writes the attempts. What it returns are permits.

use assent_domain::clock::Timestamp;
use assent_domain::delivery::{DeliveryStatus, MailingKind, retry_after};
use assent_domain::id::{DeliveryId, MailingListId, WorkerId, stored};
use assent_domain::permit::{Addressee, Permit, Recipient, Refusal, may_send};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, Value};
use uuid::Uuid;

use crate::delivery::recipient_of;
use crate::error::StoreError;
use crate::facts::{self, Ground, PERSON_COLUMNS, PERSON_SOURCE, PersonRow};
use crate::mailing::{self, Mailing};
use crate::row::{attempt, member};
use crate::subscriber::read_address;
use crate::tx::{TenantTx, Write};

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
    /// When.
    pub at: Timestamp,
    /// The server's reply code (RFC 5321, 4.2).
    pub reply_code: Option<u16>,
    /// The enhanced status (RFC 3463).
    pub enhanced_status: Option<String>,
    /// The server's words, or ours where there were none.
    pub reply: String,
}

/// A message that may be handed over now.
#[derive(Debug)]
pub struct Claim {
    /// Leave to send it.
    pub permit: Permit,
    /// The attempt's number.
    pub attempt: i32,
    /// The recipient's name, empty if unknown.
    pub name: String,
    /// The recipient's company, empty if unknown.
    pub company: String,
    /// The list through which it reaches them, if it goes to lists.
    pub list: Option<MailingListId>,
}

/// What a turn gave.
#[derive(Debug)]
pub struct Claims {
    /// Messages to hand over.
    pub claims: Vec<Claim>,
    /// How many rows the rule refused on the way.
    pub refused: usize,
    /// Whether the mailing goes on; `false` where it was paused or cancelled.
    pub goes_on: bool,
}

#[derive(FromQueryResult)]
struct ClaimedRow {
    id: Uuid,
    recipient_kind: String,
    recipient_id: Uuid,
    attempts: i32,
}

#[derive(FromQueryResult)]
struct PersonAt {
    id: Uuid,
    email: String,
    name: String,
    company: String,
    list_id: Option<Uuid>,
    #[sea_orm(nested)]
    facts: PersonRow,
}

/// Records `ended`, then claims at most `limit` rows that are due.
///
/// The transaction's start is the time of the decisions: commit it, and hand over within a second.
pub async fn turn(
    tx: &mut TenantTx<Write>,
    mailing: &Mailing,
    worker: WorkerId,
    ended: &[Ended],
    limit: u32,
) -> Result<Claims, StoreError> {
    let goes_on = mailing::keep_lease(tx, mailing.id, worker).await?;
    record(tx, mailing, ended).await?;
    let mut claims = Claims {
        claims: Vec::new(),
        refused: 0,
        goes_on,
    };
    if !goes_on || limit == 0 {
        return Ok(claims);
    }
    let rows = claim_rows(tx, mailing, limit).await?;
    if rows.is_empty() {
        return Ok(claims);
    }
    begin_attempts(tx, worker, &rows).await?;
    let ground = facts::ground(tx, mailing.purpose, mailing.message_kind).await?;
    let mut refusals = Vec::new();
    for (row, decision) in decide(tx, mailing, &ground, rows).await? {
        match decision {
            Ok(claim) => claims.claims.push(claim),
            Err(refusal) => refusals.push(ended_unfit(&row, refusal, tx.now())),
        }
    }
    claims.refused = refusals.len();
    record(tx, mailing, &refusals).await?;
    Ok(claims)
}

fn ended_unfit(row: &ClaimedRow, refusal: Refusal, at: Timestamp) -> Ended {
    Ended {
        delivery: stored(row.id),
        attempt: row.attempts,
        outcome: Outcome::Unfit(refusal),
        at,
        reply_code: None,
        enhanced_status: None,
        reply: String::new(),
    }
}

async fn claim_rows(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    limit: u32,
) -> Result<Vec<ClaimedRow>, StoreError> {
    let sql = "UPDATE delivery SET status = 'CLAIMED', attempts = attempts + 1, changed_at = $3
               WHERE tenant_id = $1 AND id IN (
                 SELECT id FROM delivery WHERE tenant_id = $1 AND mailing_id = $2
                   AND status IN ('QUEUED', 'DEFERRED') AND next_attempt_at <= $3
                 ORDER BY next_attempt_at, id LIMIT $4)
               RETURNING id, recipient_kind, recipient_id, attempts";
    let now = tx.now().micros();
    tx.all(
        sql,
        [mailing.id.uuid().into(), now.into(), i64::from(limit).into()],
    )
    .await
}

async fn begin_attempts(
    tx: &TenantTx<Write>,
    worker: WorkerId,
    rows: &[ClaimedRow],
) -> Result<(), StoreError> {
    let attempts = rows.iter().map(|row| attempt::ActiveModel {
        tenant_id: Set(tx.uuid()),
        delivery_id: Set(row.id),
        number: Set(row.attempts),
        worker_id: Set(worker.uuid()),
        started_at: Set(tx.now().micros()),
        ended_at: Set(None),
        outcome: Set(None),
        reply_code: Set(None),
        enhanced_status: Set(None),
        reply: Set(None),
    });
    attempt::Entity::insert_many(attempts)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

type Decision = Result<Claim, Refusal>;

async fn decide(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    ground: &Ground,
    rows: Vec<ClaimedRow>,
) -> Result<Vec<(ClaimedRow, Decision)>, StoreError> {
    let people = people(tx, mailing, &rows).await?;
    let members = members(tx, &rows).await?;
    let mut decided = Vec::with_capacity(rows.len());
    for row in rows {
        let recipient = recipient_of(&row.recipient_kind, row.recipient_id)?;
        let decision = match recipient {
            Recipient::Subscriber(id) => match people.iter().find(|person| person.id == id.uuid()) {
                Some(person) => decide_person(tx, ground, &row, recipient, person)?,
                None => Err(Refusal::Erased),
            },
            Recipient::Member(id) => match members.iter().find(|member| member.id == id.uuid()) {
                Some(member) => decide_member(tx, ground, &row, recipient, member)?,
                None => Err(Refusal::Erased),
            },
        };
        decided.push((row, decision));
    }
    Ok(decided)
}

fn decide_person(
    tx: &TenantTx<Write>,
    ground: &Ground,
    row: &ClaimedRow,
    recipient: Recipient,
    person: &PersonAt,
) -> Result<Decision, StoreError> {
    let facts = ground.facts_of(&person.facts)?;
    let addressee = Addressee {
        delivery: stored(row.id),
        recipient,
        address: read_address(&person.email)?,
    };
    Ok(
        may_send(&ground.message, facts, addressee, tx.now()).map(|permit| Claim {
            permit,
            attempt: row.attempts,
            name: person.name.clone(),
            company: person.company.clone(),
            list: person.list_id.map(stored),
        }),
    )
}

fn decide_member(
    tx: &TenantTx<Write>,
    ground: &Ground,
    row: &ClaimedRow,
    recipient: Recipient,
    member: &member::Model,
) -> Result<Decision, StoreError> {
    let addressee = Addressee {
        delivery: stored(row.id),
        recipient,
        address: read_address(&member.email)?,
    };
    let decision = may_send(&ground.message, Ground::facts_of_member(), addressee, tx.now());
    Ok(decision.map(|permit| Claim {
        permit,
        attempt: row.attempts,
        name: String::new(),
        company: String::new(),
        list: None,
    }))
}

fn ids_of(rows: &[ClaimedRow], kind: &str) -> Vec<Uuid> {
    rows.iter()
        .filter(|row| row.recipient_kind == kind)
        .map(|row| row.recipient_id)
        .collect()
}

async fn people(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    rows: &[ClaimedRow],
) -> Result<Vec<PersonAt>, StoreError> {
    let ids = ids_of(rows, "SUBSCRIBER");
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let places = places(4, ids.len());
    let sql = format!(
        "SELECT s.id, s.email, s.name, s.company, {PERSON_COLUMNS},
                (SELECT l.list_id FROM campaign_list l CROSS JOIN subscription u
                 WHERE l.tenant_id = $1 AND l.campaign_id = $3
                   AND u.tenant_id = $1 AND u.list_id = l.list_id AND u.subscriber_id = s.id
                   AND u.state = 'ACTIVE' ORDER BY l.list_id LIMIT 1) AS list_id
         {PERSON_SOURCE} WHERE s.tenant_id = $1 AND s.id IN ({places})"
    );
    let parameters = facts::parameters(mailing.purpose, mailing.campaign);
    tx.all(
        &sql,
        parameters.into_iter().chain(ids.into_iter().map(Value::from)),
    )
    .await
}

async fn members(tx: &TenantTx<Write>, rows: &[ClaimedRow]) -> Result<Vec<member::Model>, StoreError> {
    let ids = ids_of(rows, "MEMBER");
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Ok(tx
        .find::<member::Entity>()
        .filter(member::Column::Id.is_in(ids))
        .all(tx.conn())
        .await?)
}

/// `$first, $first+1, ...`: as many as there are values.
fn places(first: usize, values: usize) -> String {
    (first..first + values)
        .map(|place| format!("${place}"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The state that follows an attempt, and when the row is due again. What people must be told is told again
/// where it is unknown whether it reached them.
fn after(kind: MailingKind, ended: &Ended) -> (DeliveryStatus, Option<Refusal>, Timestamp) {
    let attempt = u32::try_from(ended.attempt).unwrap_or(0);
    let later = |given_up| match retry_after(attempt) {
        Some(wait) => (DeliveryStatus::Deferred, None, ended.at.after(wait)),
        None => (given_up, None, ended.at),
    };
    match ended.outcome {
        Outcome::Sent => (DeliveryStatus::Sent, None, ended.at),
        Outcome::Rejected => (DeliveryStatus::Bounced, None, ended.at),
        Outcome::Unknown if kind.after_crash() == DeliveryStatus::Queued => later(DeliveryStatus::Unknown),
        Outcome::Unknown => (DeliveryStatus::Unknown, None, ended.at),
        Outcome::Stale => (DeliveryStatus::Queued, None, ended.at),
        Outcome::Unfit(refusal) => (DeliveryStatus::Refused, Some(refusal), ended.at),
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
pub async fn record(tx: &mut TenantTx<Write>, mailing: &Mailing, ended: &[Ended]) -> Result<(), StoreError> {
    let (stale, tried): (Vec<_>, Vec<_>) = ended.iter().partition(|end| end.outcome == Outcome::Stale);
    take_back(tx, &stale).await?;
    record_tried(tx, mailing.kind, &tried).await
}

/// Takes back claims of which nothing came: they do not count as attempts.
async fn take_back(tx: &TenantTx<Write>, stale: &[&Ended]) -> Result<(), StoreError> {
    if stale.is_empty() {
        return Ok(());
    }
    let values = || {
        stale
            .iter()
            .flat_map(|end| [end.delivery.uuid().into(), end.attempt.into()])
    };
    let claims = tuples(stale.len(), 2);
    let sql = format!(
        "UPDATE delivery SET status = 'QUEUED', attempts = attempts - 1
         FROM (VALUES {claims}) AS v
         WHERE delivery.tenant_id = $1 AND delivery.id = v.column1 AND delivery.attempts = v.column2
           AND delivery.status = 'CLAIMED'"
    );
    tx.execute(&sql, values()).await?;
    let sql = format!(
        "DELETE FROM attempt WHERE tenant_id = $1 AND outcome IS NULL
           AND (delivery_id, number) IN (SELECT v.column1, v.column2 FROM (VALUES {claims}) AS v)"
    );
    tx.execute(&sql, values()).await?;
    Ok(())
}

async fn record_tried(tx: &TenantTx<Write>, kind: MailingKind, ended: &[&Ended]) -> Result<(), StoreError> {
    if ended.is_empty() {
        return Ok(());
    }
    let mut deliveries: Vec<Value> = Vec::with_capacity(ended.len() * 6);
    let mut attempts: Vec<Value> = Vec::with_capacity(ended.len() * 7);
    for end in ended {
        let (status, refusal, next_at) = after(kind, end);
        deliveries.extend([
            end.delivery.uuid().into(),
            end.attempt.into(),
            status.to_string().into(),
            refusal.map(|refusal| refusal.to_string()).into(),
            next_at.micros().into(),
            end.at.micros().into(),
        ]);
        attempts.extend([
            end.delivery.uuid().into(),
            end.attempt.into(),
            outcome_code(end.outcome).into(),
            end.at.micros().into(),
            end.reply_code.map(i32::from).into(),
            end.enhanced_status.clone().into(),
            end.reply.as_str().into(),
        ]);
    }
    let sql = format!(
        "UPDATE delivery SET status = v.column3, refusal = v.column4, next_attempt_at = v.column5,
                changed_at = v.column6
         FROM (VALUES {}) AS v
         WHERE delivery.tenant_id = $1 AND delivery.id = v.column1 AND delivery.attempts = v.column2
           AND (delivery.status = 'CLAIMED' OR (delivery.status = 'UNKNOWN' AND v.column3 = 'SENT'))",
        tuples(ended.len(), 6)
    );
    tx.execute(&sql, deliveries).await?;
    let sql = format!(
        "UPDATE attempt SET outcome = v.column3, ended_at = v.column4, reply_code = v.column5,
                enhanced_status = v.column6, reply = v.column7
         FROM (VALUES {}) AS v
         WHERE attempt.tenant_id = $1 AND attempt.delivery_id = v.column1 AND attempt.number = v.column2",
        tuples(ended.len(), 7)
    );
    tx.execute(&sql, attempts).await?;
    Ok(())
}

/// `($2, $3), ($4, $5)`: as many tuples as rows, beginning after the tenant.
fn tuples(rows: usize, width: usize) -> String {
    (0..rows)
        .map(|row| format!("({})", places(2 + row * width, width)))
        .collect::<Vec<_>>()
        .join(", ")
}
