//! Where a person's consent stands today, from the projection of the records.

use std::collections::{BTreeMap, HashMap};

use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentState;
use assent_domain::id::{PurposeId, SubscriberId, stored};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, Value};
use uuid::Uuid;

use crate::error::{StoreError, read_code};
use crate::purpose::read_expiry;
use crate::row::consent as row;
use crate::tx::{TenantTx, fill_up, places};

/// Where a person's consent to one purpose stands.
pub(crate) async fn state<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    purpose: PurposeId,
) -> Result<Option<ConsentState>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(subscriber.uuid()))
        .filter(row::Column::PurposeId.eq(purpose.uuid()));
    query
        .one(tx.conn())
        .await?
        .map(|row| read_code(&row.state))
        .transpose()
}

/// Where a person's consent to each purpose stands that they were ever asked for.
pub(crate) async fn states_of<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
) -> Result<Vec<(PurposeId, ConsentState)>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(subscriber.uuid()));
    let rows = query.all(tx.conn()).await?;
    let read = |row: row::Model| Ok((stored(row.purpose_id), read_code(&row.state)?));
    rows.into_iter().map(read).collect()
}

#[derive(FromQueryResult)]
struct Founded {
    purpose_id: Uuid,
    state: String,
}

/// The same, without what was said to a version that was taken back.
pub(crate) async fn founded_states_of<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
) -> Result<BTreeMap<PurposeId, ConsentState>, StoreError> {
    let sql = "SELECT c.purpose_id, c.state FROM consent c
               JOIN policy_version v ON v.tenant_id = c.tenant_id AND v.id = c.policy_version_id
               WHERE c.tenant_id = $1 AND c.subscriber_id = $2 AND v.withdrawn_at IS NULL";
    let rows: Vec<Founded> = tx.all(sql, [subscriber.uuid().into()]).await?;
    let read = |row: Founded| Ok((stored(row.purpose_id), read_code(&row.state)?));
    rows.into_iter().map(read).collect()
}

#[derive(FromQueryResult)]
struct Ground {
    withdrawn_at: Option<i64>,
    recorded_at: i64,
    expires_after_days: Option<i32>,
    expiry_set_at: Option<i64>,
}

impl Ground {
    /// Whether a yes still counts.
    fn holds(&self, now: Timestamp) -> Result<bool, StoreError> {
        let expiry = read_expiry(self.expires_after_days, self.expiry_set_at)?;
        let given_at = Timestamp::from_micros(self.recorded_at);
        let is_over = expiry.is_some_and(|expiry| expiry.is_over(given_at, now));
        Ok(!is_over && self.withdrawn_at.is_none())
    }
}

async fn ground<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    purpose: PurposeId,
) -> Result<Option<Ground>, StoreError> {
    let sql = "SELECT v.withdrawn_at, c.recorded_at, p.expires_after_days, p.expiry_set_at FROM consent c
               JOIN policy_version v ON v.tenant_id = c.tenant_id AND v.id = c.policy_version_id
               JOIN purpose p ON p.tenant_id = c.tenant_id AND p.id = c.purpose_id
               WHERE c.tenant_id = $1 AND c.subscriber_id = $2 AND c.purpose_id = $3";
    tx.one(sql, [subscriber.uuid().into(), purpose.uuid().into()])
        .await
}

/// Where a person's consent to one purpose stands for whoever goes on from it: a yes to a version that was taken back,
/// or whose time is over, counts for nothing, so that it may be said anew.
pub(crate) async fn counted<M>(
    tx: &TenantTx<M>,
    subscriber: SubscriberId,
    purpose: PurposeId,
) -> Result<Option<ConsentState>, StoreError> {
    let stored = state(tx, subscriber, purpose).await?;
    let Some(ground) = (match stored {
        Some(ConsentState::Given) => ground(tx, subscriber, purpose).await?,
        _ => None,
    }) else {
        return Ok(stored);
    };
    Ok(Some(if ground.holds(tx.now())? {
        ConsentState::Given
    } else {
        ConsentState::Expired
    }))
}

#[derive(FromQueryResult)]
struct Standing {
    subscriber_id: Uuid,
    purpose_id: Uuid,
    state: String,
    withdrawn_at: Option<i64>,
    recorded_at: i64,
    expires_after_days: Option<i32>,
    expiry_set_at: Option<i64>,
}

/// The same as [`counted`], of many people at once and of each in the order of the purposes.
pub(crate) async fn counted_of_all<M>(
    tx: &TenantTx<M>,
    people: &[SubscriberId],
    purposes: &[PurposeId],
) -> Result<HashMap<SubscriberId, Vec<Option<ConsentState>>>, StoreError> {
    let mut all: HashMap<SubscriberId, Vec<Option<ConsentState>>> = HashMap::with_capacity(people.len());
    if people.is_empty() {
        return Ok(all);
    }
    all.extend(people.iter().map(|person| (*person, vec![None; purposes.len()])));
    let mut ids: Vec<Value> = people.iter().map(|person| person.uuid().into()).collect();
    let sql = format!(
        "SELECT c.subscriber_id, c.purpose_id, c.state, v.withdrawn_at, c.recorded_at, p.expires_after_days, p.expiry_set_at
         FROM consent c
         JOIN policy_version v ON v.tenant_id = c.tenant_id AND v.id = c.policy_version_id
         JOIN purpose p ON p.tenant_id = c.tenant_id AND p.id = c.purpose_id
         WHERE c.tenant_id = $1 AND c.subscriber_id IN ({})",
        places(2, fill_up(&mut ids))
    );
    let rows: Vec<Standing> = tx.all(&sql, ids).await?;
    for row in rows {
        let purpose: PurposeId = stored(row.purpose_id);
        let person: SubscriberId = stored(row.subscriber_id);
        let ground = Ground {
            withdrawn_at: row.withdrawn_at,
            recorded_at: row.recorded_at,
            expires_after_days: row.expires_after_days,
            expiry_set_at: row.expiry_set_at,
        };
        let state = match read_code(&row.state)? {
            ConsentState::Given if !ground.holds(tx.now())? => ConsentState::Expired,
            state => state,
        };
        let place = purposes.iter().position(|wanted| *wanted == purpose);
        let place = place.and_then(|at| all.get_mut(&person)?.get_mut(at));
        if let Some(place) = place {
            *place = Some(state);
        }
    }
    Ok(all)
}
