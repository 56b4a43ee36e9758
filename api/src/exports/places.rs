//! How many files are read at once, of all tenants and of each: every one keeps a part of itself in memory, and whoever
//! reads slowly keeps it for long.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use assent_domain::id::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// The most files that are read at once.
const AT_ONCE: usize = 16;

/// The most files of one tenant that are read at once.
const OF_A_TENANT: usize = 3;

/// How long a file may be read. A place is free after that, whether or not anybody still reads.
pub(super) const LONGEST: Duration = Duration::from_hours(1);

static ALL: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(AT_ONCE)));
static OF_TENANTS: LazyLock<Mutex<HashMap<TenantId, Arc<Semaphore>>>> = LazyLock::new(Mutex::default);

/// A place, for as long as this is kept, and no longer than a file may be read.
pub(super) struct Place {
    _kept: oneshot::Sender<()>,
}

/// Takes a place, if one is free.
pub(super) fn take(tenant: TenantId) -> Option<Place> {
    let of_tenant = {
        let mut places = OF_TENANTS.lock().unwrap_or_else(PoisonError::into_inner);
        let own = places.entry(tenant);
        Arc::clone(own.or_insert_with(|| Arc::new(Semaphore::new(OF_A_TENANT))))
    };
    let permits = (
        of_tenant.try_acquire_owned().ok()?,
        Arc::clone(&ALL).try_acquire_owned().ok()?,
    );
    let (kept, gone) = oneshot::channel();
    actix_web::rt::spawn(free_in_time(permits, gone));
    Some(Place { _kept: kept })
}

/// Who reads nothing is not asked for more, and so cannot be told that the time is over: the place goes all the same.
async fn free_in_time(permits: (OwnedSemaphorePermit, OwnedSemaphorePermit), gone: oneshot::Receiver<()>) {
    let _ = tokio::time::timeout(LONGEST, gone).await;
    drop(permits);
}

#[cfg(test)]
mod tests {
    use super::*;
    use assent_domain::clock::Timestamp;
    use assent_domain::id::new_id;

    #[actix_web::test]
    async fn one_tenant_leaves_places_to_others() {
        let [one, other] = [1, 2].map(|_| new_id(Timestamp::from_micros(1)));
        let mut held: Vec<_> = (0..OF_A_TENANT).filter_map(|_| take(one)).collect();
        assert_eq!(held.len(), OF_A_TENANT);
        assert!(take(one).is_none());
        assert!(take(other).is_some());
        held.pop();
        // The place is free as soon as its task has heard of it.
        while take(one).is_none() {
            tokio::task::yield_now().await;
        }
    }
}
