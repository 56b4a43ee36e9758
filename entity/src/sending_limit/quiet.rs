//! The tenant's time zone, and the hours in which none of its campaigns goes out. Persons have no time zone of their own
//! here: nobody is asked for one.

use assent_domain::audit::AuditAct;
use serde_json::json;

use super::{Change, FromQueryResult, QuietHours, StoreError, TenantTx, TimeZone, Value, Write, take_effect};

/// By which clocks a tenant works, and when it rests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// Its time zone.
    pub time_zone: TimeZone,
    /// When no campaign goes out, if there is such a time.
    pub quiet_hours: Option<QuietHours>,
}

#[derive(FromQueryResult)]
struct Row {
    time_zone: String,
    quiet_from: Option<i32>,
    quiet_until: Option<i32>,
}

/// How the tenant rests.
pub async fn rest<M>(tx: &TenantTx<M>) -> Result<Rest, StoreError> {
    let sql = "SELECT time_zone, quiet_from, quiet_until FROM tenant WHERE id = $1";
    let row: Option<Row> = tx.one(sql, []).await?;
    let row = row.ok_or(StoreError::NotFound("tenant"))?;
    let corrupt = |error: &dyn std::fmt::Display| StoreError::Corrupt(error.to_string());
    let minute = |stored: Option<i32>| stored.and_then(|stored| u32::try_from(stored).ok());
    let quiet_hours = match (minute(row.quiet_from), minute(row.quiet_until)) {
        (Some(from), Some(until)) => Some(QuietHours::new(from, until).map_err(|error| corrupt(&error))?),
        _ => None,
    };
    Ok(Rest {
        time_zone: TimeZone::parse(&row.time_zone).map_err(|error| corrupt(&error))?,
        quiet_hours,
    })
}

fn told(rest: Rest) -> serde_json::Value {
    let quiet = rest.quiet_hours.map(QuietHours::texts);
    json!({ "timeZone": rest.time_zone.name(), "quietHours": quiet })
}

/// Says by which clocks a tenant's days begin, and when none of its campaigns goes out.
pub async fn set_rest(tx: &mut TenantTx<Write>, to: Rest) -> Result<(), StoreError> {
    let before = rest(tx).await?;
    let minutes = to.quiet_hours.map(QuietHours::minutes);
    let column =
        |minute: Option<u32>| -> Value { minute.and_then(|minute| i32::try_from(minute).ok()).into() };
    let sql = "UPDATE tenant SET time_zone = $2, quiet_from = $3, quiet_until = $4 WHERE id = $1";
    let values = [
        to.time_zone.name().into(),
        column(minutes.map(|(from, _)| from)),
        column(minutes.map(|(_, until)| until)),
    ];
    tx.execute(sql, values).await?;
    take_effect(tx).await?;
    let change = Change::from_to(told(before), told(to));
    let tenant = tx.tenant();
    tx.audit(AuditAct::QuietHoursSet, tenant, &change)
}
