//! Limits of what a tenant sends: the operator sets them, and the tenant lower ones for itself. The buckets that count
//! against them stand in the same rows, so that whoever claims holds both by one lock, and no other tenant's. A library
//! for rates within one process, such as `governor`, counts for that process alone; workers are several.

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::quiet_hours::QuietHours;
use assent_domain::sending_limit::{Limits, Meter, Patience};
use assent_domain::site::HostName;
use assent_domain::time_zone::{Moment, TimeZone};
use sea_orm::{FromQueryResult, Value};
use serde_json::{Value as Json, json};

use crate::audit::Change;
use crate::error::StoreError;
use crate::outbox;
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

mod budget;
mod of_transport;
mod quiet;
mod weight;

pub use budget::room;
pub(crate) use budget::{Budget, next_turn};
pub use quiet::{Rest, rest, set_rest};
pub use weight::{set_weight, weight};

/// The most receiving domains with limits of their own: each is asked about at every claim.
const MAX_DOMAINS: usize = 50;

/// Who sets limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setter {
    /// Whoever runs the server.
    Operator,
    /// The tenant for itself, within what the operator set.
    Tenant,
}

/// Limits, and how much of them is left.
#[derive(Clone, Debug)]
pub struct SendingLimit {
    /// For mail to which domain; for all mail if none is named.
    pub receiving_domain: Option<String>,
    /// What the operator set.
    pub operator: Limits,
    /// What the tenant set.
    pub own: Limits,
    /// What counts, with what is used up of it.
    pub meter: Meter,
}

#[derive(FromQueryResult)]
struct Row {
    receiving_domain: String,
    operator_per_second: Option<i32>,
    operator_per_hour: Option<i32>,
    operator_per_day: Option<i32>,
    own_per_second: Option<i32>,
    own_per_hour: Option<i32>,
    own_per_day: Option<i32>,
    second_spent_until: i64,
    hour_spent_until: i64,
    day: i32,
    sent: i32,
}

fn number(stored: Option<i32>) -> Option<u32> {
    stored.and_then(|stored| u32::try_from(stored).ok())
}

fn column(limit: Option<u32>) -> Value {
    limit.and_then(|limit| i32::try_from(limit).ok()).into()
}

impl From<Row> for SendingLimit {
    fn from(row: Row) -> Self {
        let limits = |second, hour, day| Limits {
            per_second: number(second),
            per_hour: number(hour),
            per_day: number(day),
        };
        let operator = limits(
            row.operator_per_second,
            row.operator_per_hour,
            row.operator_per_day,
        );
        let own = limits(row.own_per_second, row.own_per_hour, row.own_per_day);
        Self {
            receiving_domain: (!row.receiving_domain.is_empty()).then_some(row.receiving_domain),
            operator,
            own,
            meter: Meter {
                limits: operator.and(own),
                second_spent_until: Timestamp::from_micros(row.second_spent_until),
                hour_spent_until: Timestamp::from_micros(row.hour_spent_until),
                day: row.day,
                sent: u32::try_from(row.sent).unwrap_or(0),
            },
        }
    }
}

impl SendingLimit {
    fn unset(receiving_domain: Option<String>) -> Self {
        let limits = Limits::default();
        Self {
            receiving_domain,
            operator: limits,
            own: limits,
            meter: Meter {
                limits,
                second_spent_until: Timestamp::from_micros(0),
                hour_spent_until: Timestamp::from_micros(0),
                day: 0,
                sent: 0,
            },
        }
    }

    fn is_set(&self) -> bool {
        !self.operator.is_none() || !self.own.is_none()
    }

    /// From when on the next campaign mail may go, if none may now.
    pub fn next_at(&self, moment: &Moment) -> Option<Timestamp> {
        self.meter.next_at(Patience::ForAll, moment)
    }
}

/// All limits, the one for all mail first.
async fn read<M>(tx: &TenantTx<M>, hold: &str) -> Result<Vec<SendingLimit>, StoreError> {
    let sql = format!(
        "SELECT receiving_domain, operator_per_second, operator_per_hour, operator_per_day, own_per_second,
                own_per_hour, own_per_day, second_spent_until, hour_spent_until, day, sent
         FROM sending_limit WHERE tenant_id = $1 ORDER BY receiving_domain {hold}"
    );
    let rows: Vec<Row> = tx.all(&sql, []).await?;
    Ok(rows.into_iter().map(SendingLimit::from).collect())
}

/// Holds the tenant's buckets until the transaction ends. Whoever goes on to warm-ups comes by here first, as claims do.
pub(crate) async fn hold(tx: &TenantTx<Write>) -> Result<(), StoreError> {
    read(tx, tx.for_update()).await.map(|_| ())
}

/// The tenant's limits: the one for all mail first, whether it is set or not, then those of receiving domains by name.
pub async fn all<M>(tx: &TenantTx<M>) -> Result<Vec<SendingLimit>, StoreError> {
    let mut set = read(tx, "").await?;
    set.retain(|limit| limit.receiving_domain.is_none() || limit.is_set());
    if set.first().is_none_or(|first| first.receiving_domain.is_some()) {
        set.insert(0, SendingLimit::unset(None));
    }
    Ok(set)
}

/// The moment by the tenant's clocks.
pub async fn moment<M>(tx: &TenantTx<M>) -> Result<Moment, StoreError> {
    Ok(rest(tx).await?.time_zone.moment(tx.now()))
}

/// Sets limits in place of those that `setter` had set, for mail to `receiving_domain` or for all mail. They count from
/// the next claim on, also for what is being sent; what they held waits no longer than they say now.
pub async fn set(
    tx: &mut TenantTx<Write>,
    setter: Setter,
    receiving_domain: Option<&HostName>,
    limits: Limits,
) -> Result<SendingLimit, StoreError> {
    limits
        .check()
        .map_err(|error| StoreError::invalid(error.name, error))?;
    if receiving_domain.is_some() && limits.per_day.is_some() {
        let rule = "the limit of a day is one for all mail: leave out the receiving domain, or set perSecond or perHour";
        return Err(StoreError::invalid("perDay", rule));
    }
    let known = read(tx, tx.for_update()).await?;
    let name = receiving_domain.map(HostName::as_str);
    let named = known.iter().filter(|limit| limit.receiving_domain.is_some());
    let found = known
        .iter()
        .find(|limit| limit.receiving_domain.as_deref() == name);
    if found.is_none() && name.is_some() && named.count() >= MAX_DOMAINS {
        let rule = format!(
            "at most {MAX_DOMAINS} receiving domains have limits of their own: take those of another away"
        );
        return Err(StoreError::conflict("receivingDomain", rule));
    }
    let before = found
        .cloned()
        .unwrap_or_else(|| SendingLimit::unset(name.map(str::to_owned)));
    if setter == Setter::Tenant
        && let Some(error) = limits.above(&before.operator)
    {
        let rule = format!(
            "{} is at most {}, which whoever runs the server has set: ask them for more",
            error.name, error.most
        );
        return Err(StoreError::conflict(error.name, rule));
    }
    write(tx, setter, name.unwrap_or_default(), limits).await?;
    take_effect(tx).await?;
    let change = Change::from_to(
        told(
            name,
            setter,
            if setter == Setter::Operator {
                before.operator
            } else {
                before.own
            },
        ),
        told(name, setter, limits),
    );
    let tenant = tx.tenant();
    tx.audit(AuditAct::SendingLimitSet, tenant, &change)?;
    let now = read(tx, "").await?;
    let set = now
        .into_iter()
        .find(|limit| limit.receiving_domain.as_deref() == name);
    set.ok_or(StoreError::NotFound("sending limit"))
}

fn told(name: Option<&str>, setter: Setter, limits: Limits) -> Json {
    json!({
        "receivingDomain": name, "setBy": if setter == Setter::Operator { "OPERATOR" } else { "TENANT" },
        "perSecond": limits.per_second, "perHour": limits.per_hour, "perDay": limits.per_day,
    })
}

async fn write(tx: &TenantTx<Write>, setter: Setter, name: &str, limits: Limits) -> Result<(), StoreError> {
    let whose = match setter {
        Setter::Operator => "operator",
        Setter::Tenant => "own",
    };
    let sql = format!(
        "INSERT INTO sending_limit (tenant_id, receiving_domain, {whose}_per_second, {whose}_per_hour, {whose}_per_day)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (tenant_id, receiving_domain) DO UPDATE SET {whose}_per_second = excluded.{whose}_per_second,
           {whose}_per_hour = excluded.{whose}_per_hour, {whose}_per_day = excluded.{whose}_per_day"
    );
    let values = [
        name.into(),
        column(limits.per_second),
        column(limits.per_hour),
        column(limits.per_day),
    ];
    tx.execute(&sql, values).await?;
    Ok(())
}

/// Lets the next claim know, and wakes what waits for limits as they were.
pub(crate) async fn take_effect(tx: &mut TenantTx<Write>) -> Result<(), StoreError> {
    tidy(tx).await?;
    outbox::wake(tx).await
}

/// Tidies up behind limits that were lifted while deliveries were held for them.
pub(crate) async fn tend(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let is_limited = !read(&TenantTx::read(store, ctx).await?, "").await?.is_empty();
    if is_limited {
        let tx = TenantTx::write(store, ctx).await?;
        tidy(&tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Forgets rows that limit nothing and hold nobody, and notes whether anything is left to look at.
pub(crate) async fn tidy(tx: &TenantTx<Write>) -> Result<(), StoreError> {
    let forget = "DELETE FROM sending_limit WHERE tenant_id = $1
           AND operator_per_second IS NULL AND operator_per_hour IS NULL AND operator_per_day IS NULL
           AND own_per_second IS NULL AND own_per_hour IS NULL AND own_per_day IS NULL AND receiving_domain <> ''
           AND NOT EXISTS (SELECT 1 FROM delivery_queue q WHERE q.tenant_id = $1
                             AND q.held_for = sending_limit.receiving_domain)";
    tx.execute(forget, []).await?;
    let note = "UPDATE tenant SET is_limited = now.is_limited FROM (
             SELECT CASE WHEN EXISTS (SELECT 1 FROM sending_limit WHERE tenant_id = $1 AND (receiving_domain <> ''
                                        OR operator_per_second IS NOT NULL OR operator_per_hour IS NOT NULL
                                        OR operator_per_day IS NOT NULL OR own_per_second IS NOT NULL
                                        OR own_per_hour IS NOT NULL OR own_per_day IS NOT NULL))
                           OR EXISTS (SELECT 1 FROM warm_up WHERE tenant_id = $1)
                           OR EXISTS (SELECT 1 FROM transport x WHERE x.tenant_id = $1
                                        AND (x.per_second IS NOT NULL OR x.per_hour IS NOT NULL))
                           OR EXISTS (SELECT 1 FROM tenant t WHERE t.id = $1 AND t.quiet_from IS NOT NULL)
                         THEN 1 ELSE 0 END AS is_limited) now
         WHERE tenant.id = $1 AND tenant.is_limited <> now.is_limited";
    tx.execute(note, []).await?;
    Ok(())
}
