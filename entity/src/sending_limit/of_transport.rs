//! Limits of what is handed to one of a tenant's own mail servers. They stand in its row, with the buckets.

use assent_domain::clock::Timestamp;
use assent_domain::id::TransportId;
use assent_domain::sending_limit::{Limits, Meter};
use sea_orm::FromQueryResult;

use super::number;
use crate::error::StoreError;
use crate::tx::{TenantTx, Write};

/// The buckets of a mail server.
#[derive(Clone, Copy)]
pub(super) struct OfTransport {
    id: TransportId,
    pub(super) meter: Meter,
}

#[derive(FromQueryResult)]
struct TransportRow {
    per_second: Option<i32>,
    per_hour: Option<i32>,
    second_spent_until: i64,
    hour_spent_until: i64,
}

impl OfTransport {
    /// `None` where it has no limits, or is gone.
    pub(super) async fn read<M>(
        tx: &TenantTx<M>,
        id: TransportId,
        hold: &str,
    ) -> Result<Option<Self>, StoreError> {
        let sql = format!(
            "SELECT per_second, per_hour, second_spent_until, hour_spent_until FROM transport
             WHERE tenant_id = $1 AND id = $2 AND (per_second IS NOT NULL OR per_hour IS NOT NULL) {hold}"
        );
        let row: Option<TransportRow> = tx.one(&sql, [id.uuid().into()]).await?;
        Ok(row.map(|row| Self {
            id,
            meter: Meter {
                limits: Limits {
                    per_second: number(row.per_second),
                    per_hour: number(row.per_hour),
                    per_day: None,
                },
                second_spent_until: Timestamp::from_micros(row.second_spent_until),
                hour_spent_until: Timestamp::from_micros(row.hour_spent_until),
                day: 0,
                sent: 0,
            },
        }))
    }

    /// Writes down what was counted.
    pub(super) async fn keep(self, tx: &TenantTx<Write>) -> Result<(), StoreError> {
        let sql = "UPDATE transport SET second_spent_until = $3, hour_spent_until = $4
                   WHERE tenant_id = $1 AND id = $2";
        let values = [
            self.id.uuid().into(),
            self.meter.second_spent_until.micros().into(),
            self.meter.hour_spent_until.micros().into(),
        ];
        tx.execute(sql, values).await?;
        Ok(())
    }
}
