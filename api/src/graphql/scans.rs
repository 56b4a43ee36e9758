//! Operations that count whole lists, or go through everybody whom a campaign may reach: few at a time for each tenant, so
//! that one does not keep the database from the others.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use assent_domain::id::TenantId;
use async_graphql::{Value, Variables};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::error::{ApiError, ErrorCode, Result};

/// How many of a tenant's operations scan at a time.
const AT_ONCE: usize = 2;

/// How long one waits for its turn.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// The fields behind which a scan hides.
const SCANS: [&str; 5] = ["totalCount", "audience", "segmentSize", "people", SEGMENT];

/// What lists people by a segment, in an operation or in its variables.
const SEGMENT: &str = "segmentId";

static RUNNING: LazyLock<Mutex<HashMap<TenantId, Arc<Semaphore>>>> = LazyLock::new(Mutex::default);

fn of(tenant: TenantId) -> Arc<Semaphore> {
    let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    let own = running.entry(tenant);
    Arc::clone(own.or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))))
}

/// Whether an operation scans.
pub(super) fn is_one(query: &str, variables: &Variables) -> bool {
    SCANS.iter().any(|scan| query.contains(scan)) || variables.values().any(names_a_segment)
}

/// Waits for the turn of an operation that scans: it is over when the permit is dropped.
pub(super) async fn turn(tenant: TenantId) -> Result<OwnedSemaphorePermit> {
    if let Ok(Ok(turn)) = timeout(MAX_WAIT, of(tenant).acquire_owned()).await {
        return Ok(turn);
    }
    let message = format!(
        "{AT_ONCE} operations of this tenant that count whole lists are under way: try again, or ask without {}",
        SCANS.join(" and ")
    );
    Err(ApiError::new(ErrorCode::Unavailable, message))
}

fn names_a_segment(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields
            .iter()
            .any(|(name, value)| name == SEGMENT || names_a_segment(value)),
        Value::List(items) => items.iter().any(names_a_segment),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assent_domain::clock::Timestamp;
    use assent_domain::id::new_id;

    #[tokio::test]
    async fn a_tenant_scans_twice_at_a_time_and_keeps_nobody_else() {
        let (one, other) = (
            new_id(Timestamp::from_micros(1)),
            new_id(Timestamp::from_micros(1)),
        );
        let running = [turn(one).await.unwrap(), turn(one).await.unwrap()];
        let waits = timeout(Duration::from_millis(10), turn(one)).await;
        assert!(waits.is_err());
        drop(turn(other).await.unwrap());
        drop(running);
        drop(turn(one).await.unwrap());
    }

    #[test]
    fn counts_and_segments_are_scans() {
        let none = Variables::default();
        assert!(is_one("{ subscribers { totalCount } }", &none));
        let plain = "query($filter: SubscriberFilter) { subscribers(filter: $filter) { edges { cursor } } }";
        assert!(!is_one(plain, &none));
        let by_segment = Variables::from_json(serde_json::json!({ "filter": { "segmentId": "segment_1" } }));
        assert!(is_one(plain, &by_segment));
    }
}
