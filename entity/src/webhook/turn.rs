//! Telling an endpoint what is due: one short transaction records what became of the last attempts and takes the next.
//!
//! What is taken is due again when its time is over: of a worker that was killed nobody hears, and the event is sent again,
//! under the same id. Each attempt counts from when it is taken, so that nothing is sent for ever.

use std::collections::HashMap;
use std::time::Duration;

use assent_domain::clock::Timestamp;
use assent_domain::id::{JobId, WebhookDeliveryId, WebhookEndpointId, WebhookEventId, stored};
use assent_domain::webhook::event::EventType;
use assent_domain::webhook::retry::{MAX_ATTEMPTS, wait_after};
use assent_domain::webhook::secret::WebhookSecret;
use assent_domain::webhook::{AttemptFailure, EndpointUrl};
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult, Value, sea_query::OnConflict};
use uuid::Uuid;

use super::{health, job, secret};
use crate::chore::CHUNK;
use crate::error::StoreError;
use crate::outbox;
use crate::row::{webhook_attempt, webhook_endpoint};
use crate::tenant_life;
use crate::tx::{TenantTx, Write, fill_up, places};

/// How long a worker has to say what became of an attempt: longer than one may take.
const TAKEN: Duration = Duration::from_secs(45);

/// The status by which an endpoint says that it is gone for good (RFC 9110, 15.5.11).
const GONE: u16 = 410;

/// An event on its way to an endpoint.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Which delivery.
    pub delivery: WebhookDeliveryId,
    /// The attempt's number.
    pub attempt: i32,
    /// Which event: its id is the same at each attempt.
    pub event: WebhookEventId,
    /// Where to.
    pub url: EndpointUrl,
    /// What it is signed with: by one secret, or by two while one takes the place of the other.
    pub secrets: Vec<WebhookSecret>,
    /// What is posted.
    pub body: String,
}

/// An attempt that ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Of which delivery.
    pub delivery: WebhookDeliveryId,
    /// The attempt's number.
    pub attempt: i32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The status that the endpoint answered with, if it did.
    pub status: Option<u16>,
    /// Why it failed, if it did.
    pub failure: Option<AttemptFailure>,
    /// For how long the endpoint asked to be left alone.
    pub retry_after: Option<Duration>,
}

/// After how long a closed tenant's endpoint is looked at again: a closed tenant tells nobody anything.
const CLOSED: Duration = Duration::from_mins(10);

/// On what terms an endpoint is told.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How many attempts may be under way at a time, of all workers together.
    pub at_once: usize,
    /// For how long everything may fail before it is disabled.
    pub patience: Duration,
    /// Whether more is to be taken: not where the worker stops.
    pub takes: bool,
}

/// Records what `ended`, then takes what is due. Where nothing is under way nor taken, the job is put off until something is
/// due, or ended.
pub async fn turn(
    tx: &mut TenantTx<Write>,
    by: JobId,
    id: WebhookEndpointId,
    ended: &[Ended],
    terms: Terms,
) -> Result<Vec<Claim>, StoreError> {
    tx.lock::<webhook_endpoint::Entity>(id.uuid()).await?;
    let mut endpoint = match tx.get::<webhook_endpoint::Entity>(id.uuid()).await {
        Ok(endpoint) => endpoint,
        Err(StoreError::NotFound(_)) => {
            outbox::close(tx, by).await?;
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    if endpoint.job_id != Some(by.uuid()) {
        // A job that the endpoint does not know of any more.
        outbox::close(tx, by).await?;
    }
    for end in ended {
        record(tx, &mut endpoint, end, terms.patience).await?;
    }
    if endpoint.disabled_at.is_some() {
        let all = give_up(tx, id).await?;
        let again = (!all).then_some(tx.now());
        let due = again.or(next_due(tx, id).await?);
        job::settle(tx, &endpoint, due).await?;
        return Ok(Vec::new());
    }
    let is_open = tenant_life::of(tx).await?.is_open();
    let claims = if terms.takes && is_open {
        let free = terms.at_once.saturating_sub(under_way(tx, id).await?);
        take(tx, &endpoint, free).await?
    } else {
        Vec::new()
    };
    let now = tx.now();
    let due = next_due(tx, id).await?;
    // What waits because enough is under way is taken by whoever has that in hand; should they be gone, before long.
    let due = due.map(|due| {
        if !is_open {
            due.max(now.after(CLOSED))
        } else if due <= now && terms.takes {
            now.after(TAKEN)
        } else {
            due
        }
    });
    job::settle(tx, &endpoint, due).await?;
    Ok(claims)
}

#[derive(FromQueryResult)]
struct Standing {
    attempts: i32,
    tried_before: i32,
    event_type: String,
}

async fn record(
    tx: &mut TenantTx<Write>,
    endpoint: &mut webhook_endpoint::Model,
    ended: &Ended,
    patience: Duration,
) -> Result<(), StoreError> {
    let sql = "SELECT attempts, tried_before, event_type FROM webhook_delivery
               WHERE tenant_id = $1 AND id = $2 AND attempts = $3 AND state = 'PENDING'";
    let standing: Option<Standing> = tx
        .one(sql, [ended.delivery.uuid().into(), ended.attempt.into()])
        .await?;
    // Taken again since, sent once more, or gone with the endpoint.
    let Some(standing) = standing else { return Ok(()) };
    keep(tx, ended).await?;
    if ended.failure.is_none() {
        health::well(tx, endpoint).await?;
        return finish(tx, ended.delivery, "DELIVERED").await;
    }
    if ended.status == Some(GONE) {
        health::gone(tx, endpoint, ended).await?;
        return finish(tx, ended.delivery, "FAILED").await;
    }
    let is_test = standing.event_type == EventType::Test.to_string();
    if is_test {
        return finish(tx, ended.delivery, "FAILED").await;
    }
    let tries = standing.attempts - standing.tried_before;
    health::unwell(tx, endpoint, ended, tries, patience).await?;
    match wait_after(u32::try_from(tries).unwrap_or(0), ended.retry_after) {
        Some(wait) => {
            let sql = "UPDATE webhook_delivery SET next_attempt_at = $3, taken_until = 0 WHERE tenant_id = $1 AND id = $2";
            let at = tx.now().after(wait).micros();
            tx.execute(sql, [ended.delivery.uuid().into(), at.into()]).await?;
            Ok(())
        }
        None => finish(tx, ended.delivery, "FAILED").await,
    }
}

async fn finish(
    tx: &TenantTx<Write>,
    delivery: WebhookDeliveryId,
    state: &'static str,
) -> Result<(), StoreError> {
    let sql =
        "UPDATE webhook_delivery SET state = $3, finished_at = $4, next_attempt_at = NULL, taken_until = 0
               WHERE tenant_id = $1 AND id = $2";
    let values = [delivery.uuid().into(), state.into(), tx.now().micros().into()];
    tx.execute(sql, values).await?;
    Ok(())
}

async fn keep(tx: &TenantTx<Write>, ended: &Ended) -> Result<(), StoreError> {
    use webhook_attempt::Column::{Number, TenantId, WebhookDeliveryId};
    let row = webhook_attempt::ActiveModel {
        tenant_id: Set(tx.uuid()),
        webhook_delivery_id: Set(ended.delivery.uuid()),
        number: Set(ended.attempt),
        started_at: Set(ended.started_at.micros()),
        milliseconds: Set(i64::try_from(ended.took.as_millis()).unwrap_or(i64::MAX)),
        status_code: Set(ended.status.map(i32::from)),
        failure: Set(ended.failure.map(|failure| failure.to_string())),
    };
    let known = OnConflict::columns([TenantId, WebhookDeliveryId, Number])
        .do_nothing()
        .to_owned();
    webhook_attempt::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Gives up what waits for an endpoint that is disabled, some at a time; `false` where more waits. What is under way is left to
/// whoever has it in hand.
async fn give_up(tx: &TenantTx<Write>, id: WebhookEndpointId) -> Result<bool, StoreError> {
    let sql = format!(
        "UPDATE webhook_delivery SET state = 'FAILED', finished_at = $3, next_attempt_at = NULL, taken_until = 0
         WHERE tenant_id = $1 AND id IN (
           SELECT id FROM webhook_delivery
           WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'PENDING' AND taken_until <= $3 LIMIT {CHUNK})"
    );
    let values = [id.uuid().into(), tx.now().micros().into()];
    Ok(tx.execute(&sql, values).await? < u64::from(CHUNK))
}

#[derive(FromQueryResult)]
struct Number {
    number: Option<i64>,
}

async fn under_way(tx: &TenantTx<Write>, id: WebhookEndpointId) -> Result<usize, StoreError> {
    let sql = "SELECT COUNT(*) AS number FROM webhook_delivery
               WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'PENDING' AND taken_until > 0 AND taken_until > $3";
    let found: Option<Number> = tx.one(sql, [id.uuid().into(), tx.now().micros().into()]).await?;
    let number = found.and_then(|found| found.number).unwrap_or(0);
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

/// When something is due next.
async fn next_due(tx: &TenantTx<Write>, id: WebhookEndpointId) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT MIN(next_attempt_at) AS number FROM webhook_delivery
               WHERE tenant_id = $1 AND endpoint_id = $2 AND state = 'PENDING'";
    let found: Option<Number> = tx.one(sql, [id.uuid().into()]).await?;
    Ok(found.and_then(|found| found.number).map(Timestamp::from_micros))
}

#[derive(FromQueryResult)]
struct Due {
    id: Uuid,
    attempts: i32,
    tried_before: i32,
    event_id: Uuid,
    body: String,
}

/// Takes what is due, the longest waiting first.
async fn take(
    tx: &TenantTx<Write>,
    endpoint: &webhook_endpoint::Model,
    most: usize,
) -> Result<Vec<Claim>, StoreError> {
    if most == 0 {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT d.id, d.attempts, d.tried_before, d.event_id, e.body
         FROM webhook_delivery d JOIN webhook_event e ON e.tenant_id = d.tenant_id AND e.id = d.event_id
         WHERE d.tenant_id = $1 AND d.endpoint_id = $2 AND d.state = 'PENDING' AND d.next_attempt_at <= $3
         ORDER BY d.next_attempt_at, d.id LIMIT {most}"
    );
    let now = tx.now().micros();
    let due: Vec<Due> = tx.all(&sql, [endpoint.id.into(), now.into()]).await?;
    if due.is_empty() {
        return Ok(Vec::new());
    }
    // Those whose last attempt nobody told of.
    let most_tries = i32::try_from(MAX_ATTEMPTS).unwrap_or(i32::MAX);
    let (spent, due): (Vec<_>, Vec<_>) = due
        .into_iter()
        .partition(|due| due.attempts - due.tried_before >= most_tries);
    for spent in spent {
        finish(tx, stored(spent.id), "FAILED").await?;
    }
    let mut ids: Vec<Value> = due.iter().map(|due| due.id.into()).collect();
    let sql = format!(
        "UPDATE webhook_delivery SET attempts = attempts + 1, next_attempt_at = $2, taken_until = $2
         WHERE tenant_id = $1 AND id IN ({})",
        places(3, fill_up(&mut ids))
    );
    let until = tx.now().after(TAKEN).micros();
    tx.execute(&sql, std::iter::once(until.into()).chain(ids)).await?;
    let secrets = secret::open(tx, endpoint)?;
    let url = EndpointUrl::parse(&endpoint.url).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let claim = |due: Due| Claim {
        delivery: stored(due.id),
        attempt: due.attempts + 1,
        event: stored(due.event_id),
        url: url.clone(),
        secrets: secrets.clone(),
        body: due.body,
    };
    Ok(due.into_iter().map(claim).collect())
}

/// The attempts of deliveries, by delivery, first to last.
pub(super) async fn attempts_of<M>(
    tx: &TenantTx<M>,
    deliveries: &[Uuid],
) -> Result<HashMap<Uuid, Vec<webhook_attempt::Model>>, StoreError> {
    use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
    let query = tx
        .find::<webhook_attempt::Entity>()
        .filter(webhook_attempt::Column::WebhookDeliveryId.is_in(deliveries.iter().copied()))
        .order_by_asc(webhook_attempt::Column::Number);
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for row in query.all(tx.conn()).await? {
        found.entry(row.webhook_delivery_id).or_default().push(row);
    }
    Ok(found)
}
