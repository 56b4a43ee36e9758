//! The attempts at deliveries: when, with which server, and what it answered.

use std::collections::HashMap;

use assent_domain::clock::Timestamp;
use assent_domain::delivery::AttemptOutcome;
use assent_domain::id::{DeliveryId, stored};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};

use crate::error::{StoreError, read_code};
use crate::row::attempt as row;
use crate::tx::TenantTx;

/// An attempt that has ended.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// At which delivery.
    pub delivery: DeliveryId,
    /// Its number, from 1.
    pub number: i32,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// What became of it.
    pub outcome: AttemptOutcome,
    /// With which mail server, by its name and port; empty where nobody knows.
    pub server: String,
    /// The server's reply code (RFC 5321, 4.2).
    pub reply_code: Option<i32>,
    /// The enhanced status (RFC 3463).
    pub enhanced_status: Option<String>,
    /// The server's words, or ours; empty when their time was over.
    pub reply: String,
}

impl TryFrom<row::Model> for Attempt {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            delivery: stored(row.delivery_id),
            number: row.number,
            started_at: Timestamp::from_micros(row.started_at),
            ended_at: Timestamp::from_micros(row.ended_at),
            outcome: read_code(&row.outcome)?,
            server: row.server,
            reply_code: row.reply_code,
            enhanced_status: row.enhanced_status,
            reply: row.reply,
        })
    }
}

/// The attempts at each of these deliveries, in order.
pub async fn of_deliveries<M>(
    tx: &TenantTx<M>,
    ids: &[DeliveryId],
) -> Result<HashMap<DeliveryId, Vec<Attempt>>, StoreError> {
    let keys = ids.iter().map(type_safe_id::TypeSafeId::uuid);
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::DeliveryId.is_in(keys));
    let rows = query.order_by_asc(row::Column::Number).all(tx.conn()).await?;
    let mut found: HashMap<_, Vec<_>> = ids.iter().map(|id| (*id, Vec::new())).collect();
    for row in rows {
        let attempt = Attempt::try_from(row)?;
        found.entry(attempt.delivery).or_default().push(attempt);
    }
    Ok(found)
}
