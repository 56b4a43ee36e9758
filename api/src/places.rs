//! How many files go out or come in at once, of all tenants and of each: every one keeps a part of itself in memory, and
//! whoever is slow keeps it for long.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use assent_domain::id::TenantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// The most files at once, in each direction.
const AT_ONCE: usize = 16;

/// The most files of one tenant at once, in each direction.
const OF_A_TENANT: usize = 3;

/// How long a file may take. A place is free after that, whether or not anybody still reads.
pub(crate) const LONGEST: Duration = Duration::from_hours(1);

/// The places of the files that go out.
pub(crate) static OUT: LazyLock<Places> = LazyLock::new(Places::default);

/// The places of the files that come in.
pub(crate) static IN: LazyLock<Places> = LazyLock::new(Places::default);

/// The places of one direction.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    of_tenants: Mutex<HashMap<TenantId, Arc<Semaphore>>>,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(AT_ONCE)),
            of_tenants: Mutex::default(),
        }
    }
}

/// A place, for as long as this is kept, and no longer than a file may take.
pub(crate) struct Place {
    _kept: oneshot::Sender<()>,
}

impl Places {
    /// Takes a place, if one is free.
    pub(crate) fn take(&self, tenant: TenantId) -> Option<Place> {
        let of_tenant = {
            let mut places = self.of_tenants.lock().unwrap_or_else(PoisonError::into_inner);
            let own = places.entry(tenant);
            Arc::clone(own.or_insert_with(|| Arc::new(Semaphore::new(OF_A_TENANT))))
        };
        let permits = (
            of_tenant.try_acquire_owned().ok()?,
            Arc::clone(&self.all).try_acquire_owned().ok()?,
        );
        let (kept, gone) = oneshot::channel();
        actix_web::rt::spawn(free_in_time(permits, gone));
        Some(Place { _kept: kept })
    }
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
        let places = Places::default();
        let [one, other] = [1, 2].map(|_| new_id(Timestamp::from_micros(1)));
        let mut held: Vec<_> = (0..OF_A_TENANT).filter_map(|_| places.take(one)).collect();
        assert_eq!(held.len(), OF_A_TENANT);
        assert!(places.take(one).is_none());
        assert!(places.take(other).is_some());
        held.pop();
        // The place is free as soon as its task has heard of it.
        while places.take(one).is_none() {
            tokio::task::yield_now().await;
        }
    }
}
