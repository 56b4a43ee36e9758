//! What became of attempts, as it is written down.
//!
//! A database is given one text for all of them, whatever their number, so that it keeps one plan; and PostgreSQL can
//! write it down with what a turn asks next, in one trip: see [`crate::claim`].

use std::collections::{BTreeMap, BTreeSet};

use assent_domain::clock::Timestamp;
use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::MailingId;
use sea_orm::{FromQueryResult, Value};
use serde::Serialize;
use uuid::Uuid;

use super::{Ended, Terms, after, noted};
use crate::delivery::queue;
use crate::error::StoreError;
use crate::mailing::Mailing;
use crate::tx::{TenantTx, Write};

/// What is written down of attempts that ended.
#[derive(Debug)]
pub(crate) struct Report {
    lines: Vec<Line>,
    mailing: MailingId,
    /// Worker, server and time, which all lines share.
    common: [Value; 3],
}

/// One attempt, in the names of the common table expression.
#[derive(Debug, Serialize)]
struct Line {
    /// Of which delivery, as hexadecimal digits, which both databases read.
    delivery: String,
    #[serde(skip)]
    id: Uuid,
    number: i32,
    status: String,
    refusal: Option<String>,
    failure: Option<String>,
    /// How many attempts the delivery has had now: a claim of which nothing came does not count as one.
    attempts: i32,
    /// Given back twice, because the first time seemed to fail, it might be in other hands by the second.
    untouched_since: i64,
    /// When it is due again, if it is.
    #[serde(skip)]
    due_at: Option<Timestamp>,
    /// What is noted of the attempt; nothing of one that was none.
    outcome: Option<String>,
    started_at: i64,
    ended_at: i64,
    reply_code: Option<u16>,
    enhanced_status: Option<String>,
    reply: String,
}

impl Line {
    fn of(mailing: &Mailing, terms: &Terms, ended: &Ended, now: Timestamp) -> Self {
        let next = after(mailing, terms.retry_for, ended, now);
        let is_given_back = next.status == DeliveryStatus::Queued;
        let untouched_since = if is_given_back {
            ended.started_at.micros()
        } else {
            i64::MAX
        };
        Self {
            delivery: ended.delivery.uuid().simple().to_string(),
            id: ended.delivery.uuid(),
            number: ended.attempt,
            status: next.status.to_string(),
            refusal: next.refusal.map(|refusal| refusal.to_string()),
            failure: next.failure.map(|failure| failure.to_string()),
            attempts: ended.attempt - i32::from(is_given_back),
            untouched_since,
            due_at: next.due_at,
            outcome: noted(ended.outcome).map(|outcome| outcome.to_string()),
            started_at: ended.started_at.micros(),
            ended_at: ended.at.micros(),
            reply_code: ended.reply_code,
            enhanced_status: ended.enhanced_status.clone(),
            reply: ended.reply.clone(),
        }
    }
}

/// The statements that write a report down. Each begins with `given`, and they read four values, see [`Report::values`].
pub(crate) struct ReportSql {
    /// The lines of the report, as a common table expression.
    pub(crate) given: String,
    /// Moves the deliveries on.
    pub(crate) moves: String,
    /// Notes the attempts.
    pub(crate) notes: String,
}

const COLUMNS_POSTGRES: &str = "
    delivery uuid, number integer, status text, refusal text, failure text, attempts integer, untouched_since bigint,
    outcome text, started_at bigint, ended_at bigint, reply_code integer, enhanced_status text, reply text";

const COLUMNS_SQLITE: &str = "
    unhex(g.value ->> 'delivery') AS delivery, g.value ->> 'number' AS number, g.value ->> 'status' AS status,
    g.value ->> 'refusal' AS refusal, g.value ->> 'failure' AS failure, g.value ->> 'attempts' AS attempts,
    g.value ->> 'untouched_since' AS untouched_since, g.value ->> 'outcome' AS outcome,
    g.value ->> 'started_at' AS started_at, g.value ->> 'ended_at' AS ended_at, g.value ->> 'reply_code' AS reply_code,
    g.value ->> 'enhanced_status' AS enhanced_status, g.value ->> 'reply' AS reply";

impl ReportSql {
    /// For a query in which the first of the four values has this number.
    pub(crate) fn with_values_from<M>(tx: &TenantTx<M>, first: usize) -> Self {
        let [lines, worker, server, now] = [first, first + 1, first + 2, first + 3];
        // Neither database knows how few the lines are: joined to them alone, both may read all deliveries to find a
        // handful. Of what is in a list each knows that it is found by its key.
        let (given, by_key) = if tx.store().is_sqlite() {
            let given = format!("given AS (SELECT {COLUMNS_SQLITE} FROM json_each(${lines}) g)");
            (given, "d.id IN (SELECT delivery FROM given)")
        } else {
            let given = format!(
                "given AS MATERIALIZED (SELECT * FROM json_to_recordset(${lines}::json) AS g ({COLUMNS_POSTGRES}))"
            );
            (given, "d.id = ANY (ARRAY (SELECT delivery FROM given))")
        };
        // Whoever takes a mailing over counts what its last owner had in hand as an attempt: of that owner's word on it there
        // is nothing left to say but that it was sent after all.
        let moves = format!(
            "UPDATE delivery AS d
             SET status = g.status, refusal = g.refusal, attempts = g.attempts, changed_at = ${now}, failure = g.failure
             FROM given g
             WHERE d.tenant_id = $1 AND d.id = g.delivery AND {by_key}
               AND (d.status IN ('QUEUED', 'DEFERRED') AND d.attempts = g.number - 1
                      AND d.changed_at <= g.untouched_since
                    OR g.status = 'SENT' AND d.status = 'UNKNOWN' AND d.attempts = g.attempts)"
        );
        // What a crash has left unknown is put right where it becomes known after all.
        let notes = format!(
            "INSERT INTO attempt (tenant_id, delivery_id, number, worker_id, started_at, ended_at, outcome,
                                  reply_code, enhanced_status, reply, server)
             SELECT $1, g.delivery, g.number, ${worker}, g.started_at, g.ended_at, g.outcome,
                    g.reply_code, g.enhanced_status, g.reply, ${server}
             FROM given g WHERE g.outcome IS NOT NULL
             ON CONFLICT (tenant_id, delivery_id, number) DO UPDATE
             SET ended_at = excluded.ended_at, outcome = excluded.outcome, reply_code = excluded.reply_code,
                 enhanced_status = excluded.enhanced_status, reply = excluded.reply"
        );
        Self { given, moves, notes }
    }
}

#[derive(FromQueryResult)]
struct Moved {
    id: Uuid,
}

impl Report {
    /// What follows from these attempts. Each counts once: a row that was claimed anew since is left alone, and one that
    /// became unknown meanwhile is put right where the message is now known to have been taken.
    pub(crate) fn of<M>(tx: &TenantTx<M>, mailing: &Mailing, terms: &Terms, ended: &[Ended]) -> Self {
        let lines = ended
            .iter()
            .map(|ended| Line::of(mailing, terms, ended, tx.now()));
        Self {
            lines: lines.collect(),
            mailing: mailing.id,
            common: [
                terms.worker.uuid().into(),
                terms.server.as_str().into(),
                tx.now().micros().into(),
            ],
        }
    }

    /// Whether any message goes back into the queue.
    pub(crate) fn gives_back(&self) -> bool {
        self.lines.iter().any(|line| line.due_at.is_some())
    }

    /// The four values of the statements: the lines, the worker, the server and the time.
    pub(crate) fn values(&self) -> Result<[Value; 4], StoreError> {
        let lines =
            serde_json::to_string(&self.lines).map_err(|error| StoreError::Corrupt(error.to_string()))?;
        let [worker, server, now] = self.common.clone();
        Ok([lines.into(), worker, server, now])
    }

    /// Writes it down. What is to be handed over again goes back into the queue.
    pub(crate) async fn keep(&self, tx: &TenantTx<Write>) -> Result<(), StoreError> {
        if self.lines.is_empty() {
            return Ok(());
        }
        let (sql, values) = (ReportSql::with_values_from(tx, 2), self.values()?);
        let moves = format!("WITH {} {} RETURNING id", sql.given, sql.moves);
        let moved: Vec<Moved> = tx.all(&moves, values.clone()).await?;
        let moved: BTreeSet<Uuid> = moved.into_iter().map(|moved| moved.id).collect();
        let mut back: BTreeMap<Timestamp, Vec<Uuid>> = BTreeMap::new();
        for line in self.lines.iter().filter(|line| moved.contains(&line.id)) {
            if let Some(due_at) = line.due_at {
                back.entry(due_at).or_default().push(line.id);
            }
        }
        for (due_at, deliveries) in back {
            queue::put(tx, self.mailing, due_at, deliveries).await?;
        }
        let notes = format!("WITH {} {}", sql.given, sql.notes);
        tx.execute(&notes, values).await?;
        Ok(())
    }
}

/// Writes down what became of attempts, whoever owns the mailing by now.
pub async fn record(
    tx: &mut TenantTx<Write>,
    mailing: &Mailing,
    terms: &Terms,
    ended: &[Ended],
) -> Result<(), StoreError> {
    Report::of(tx, mailing, terms, ended).keep(tx).await
}
