//! The warm-up of a sending domain: how much it allows on a day, and how much was sent.

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{SendingDomainId, stored};
use assent_domain::sending_domain::{Alignment, SendingDomainName};
use assent_domain::time_zone::Moment;
use assent_domain::warm_up::{Schedule, WarmUp};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::sending_limit;
use crate::tx::{TenantTx, Write};

/// A domain that is being warmed up.
#[derive(Clone, Debug)]
pub struct Warming {
    /// Which.
    pub domain: SendingDomainId,
    /// How far it is.
    pub progress: WarmUp,
    /// Since when it is being warmed up.
    pub began_at: Timestamp,
    /// When this was read, by the tenant's clocks.
    pub moment: Moment,
    name: String,
    sender: String,
}

#[derive(FromQueryResult)]
struct Row {
    sending_domain_id: Uuid,
    schedule: String,
    step: i32,
    day: i32,
    sent: i32,
    began_at: i64,
    name: String,
    sender: String,
}

impl Warming {
    fn read(row: Row, moment: Moment) -> Result<Self, StoreError> {
        Ok(Self {
            domain: stored(row.sending_domain_id),
            progress: WarmUp {
                schedule: read_code(&row.schedule)?,
                step: usize::try_from(row.step).unwrap_or(0),
                day: row.day,
                sent: u32::try_from(row.sent).unwrap_or(0),
            },
            began_at: Timestamp::from_micros(row.began_at),
            moment,
            name: row.name,
            sender: row.sender,
        })
    }
}

/// Every warm-up of the tenant.
pub(super) async fn all<M>(tx: &TenantTx<M>, hold: &str) -> Result<Vec<Warming>, StoreError> {
    // The domain is looked up apart, so that only the warm-up is held.
    let sql = format!(
        "SELECT sending_domain_id, schedule, step, day, sent, began_at,
                (SELECT d.name FROM sending_domain d WHERE d.tenant_id = $1 AND d.id = w.sending_domain_id) AS name,
                (SELECT t.sender_address FROM tenant t WHERE t.id = $1) AS sender
         FROM warm_up w WHERE tenant_id = $1 ORDER BY sending_domain_id {hold}"
    );
    let rows: Vec<Row> = tx.all(&sql, []).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let moment = sending_limit::moment(tx).await?;
    rows.into_iter().map(|row| Warming::read(row, moment)).collect()
}

/// The warm-up of the domain that the tenant's mail comes from, if it has one: of several domains that speak for the
/// sender, the one next to it.
pub(crate) async fn of_sender<M>(tx: &TenantTx<M>, hold: &str) -> Result<Option<Warming>, StoreError> {
    let mut covering = Vec::new();
    for warming in all(tx, hold).await? {
        let corrupt = |error: &dyn std::fmt::Display| StoreError::Corrupt(error.to_string());
        let name = SendingDomainName::parse(&warming.name).map_err(|error| corrupt(&error))?;
        let from = EmailAddress::parse(&warming.sender).map_err(|error| corrupt(&error))?;
        if name.signs_for(from.domain(), Alignment::Relaxed) {
            covering.push(warming);
        }
    }
    Ok(covering.into_iter().max_by_key(|warming| warming.name.len()))
}

/// Writes down how far a domain is.
pub(crate) async fn keep(tx: &TenantTx<Write>, warming: &Warming) -> Result<(), StoreError> {
    let number = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let sql =
        "UPDATE warm_up SET step = $3, day = $4, sent = $5 WHERE tenant_id = $1 AND sending_domain_id = $2";
    let values = [
        warming.domain.uuid().into(),
        number(warming.progress.step).into(),
        warming.progress.day.into(),
        i32::try_from(warming.progress.sent).unwrap_or(i32::MAX).into(),
    ];
    tx.execute(sql, values).await?;
    Ok(())
}

/// Begins to warm a domain up, from the first day of the schedule, or ends it. Where one is under way, it goes on by the
/// new schedule from the day that it has reached.
pub async fn set(
    tx: &mut TenantTx<Write>,
    domain: SendingDomainId,
    schedule: Option<Schedule>,
) -> Result<(), StoreError> {
    sending_limit::hold(tx).await?;
    let of_domain = super::locked(tx, domain).await?;
    let before = of_domain.warming.map(|warming| warming.progress.schedule);
    match &schedule {
        Some(schedule) => {
            let sql = "INSERT INTO warm_up (tenant_id, sending_domain_id, schedule, began_at) VALUES ($1, $2, $3, $4)
                       ON CONFLICT (tenant_id, sending_domain_id) DO UPDATE SET schedule = excluded.schedule";
            let values = [
                domain.uuid().into(),
                schedule.to_string().into(),
                tx.now().micros().into(),
            ];
            tx.execute(sql, values).await?;
        }
        None => end(tx, domain).await?,
    }
    sending_limit::take_effect(tx).await?;
    let told = |schedule: Option<&Schedule>| json!({ "name": of_domain.name, "schedule": schedule.map(Schedule::days) });
    let change = Change::from_to(told(before.as_ref()), told(schedule.as_ref()));
    tx.audit(AuditAct::WarmUpSet, domain, &change)
}

/// Ends the warm-up of a domain, if it has one.
pub(super) async fn end(tx: &TenantTx<Write>, domain: SendingDomainId) -> Result<(), StoreError> {
    let sql = "DELETE FROM warm_up WHERE tenant_id = $1 AND sending_domain_id = $2";
    tx.execute(sql, [domain.uuid().into()]).await?;
    Ok(())
}
