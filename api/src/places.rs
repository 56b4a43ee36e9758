//! How many files go out or come in at once, of all tenants and of each: every one keeps a part of itself in memory, and
//! whoever is slow keeps it for long.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use assent_domain::id::TenantId;
use assent_entity::access::Access;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// The most files at once, in each direction.
const AT_ONCE: usize = 16;

/// The most files of one tenant at once, in each direction.
const OF_A_TENANT: usize = 3;

/// The most files of all outside parties of one tenant at once, beside its own: they are no reason for it to wait.
const OF_ITS_PARTIES: usize = 2;

/// How long a file may take. A place is free after that, whether or not anybody still reads.
pub(crate) const LONGEST: Duration = Duration::from_hours(1);

/// The places of the files that go out.
pub(crate) static OUT: LazyLock<Places> = LazyLock::new(Places::default);

/// The places of the files that come in.
pub(crate) static IN: LazyLock<Places> = LazyLock::new(Places::default);

/// The places of one direction.
pub(crate) struct Places {
    all: Arc<Semaphore>,
    of_each: Mutex<HashMap<Whose, Arc<Semaphore>>>,
}

/// Whose places they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Whose {
    /// A tenant's, for its members and its own programs.
    Tenant(TenantId),
    /// Those of a tenant's outside parties.
    PartiesOf(TenantId),
}

impl Whose {
    /// Whose place somebody takes.
    pub(crate) fn of(access: &Access) -> Self {
        let tenant = access.ctx().tenant();
        match access.outside_party() {
            Some(_) => Self::PartiesOf(tenant),
            None => Self::Tenant(tenant),
        }
    }

    fn at_once(self) -> usize {
        match self {
            Self::Tenant(_) => OF_A_TENANT,
            Self::PartiesOf(_) => OF_ITS_PARTIES,
        }
    }
}

impl Default for Places {
    fn default() -> Self {
        Self {
            all: Arc::new(Semaphore::new(AT_ONCE)),
            of_each: Mutex::default(),
        }
    }
}

/// A place, for as long as this is kept, and no longer than a file may take.
pub(crate) struct Place {
    _kept: oneshot::Sender<()>,
}

impl Places {
    /// Takes a place, if one is free.
    pub(crate) fn take(&self, whose: Whose) -> Option<Place> {
        let own = {
            let mut places = self.of_each.lock().unwrap_or_else(PoisonError::into_inner);
            let own = places.entry(whose);
            Arc::clone(own.or_insert_with(|| Arc::new(Semaphore::new(whose.at_once()))))
        };
        let permits = (
            own.try_acquire_owned().ok()?,
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
        let own = Whose::Tenant(one);
        let mut held: Vec<_> = (0..OF_A_TENANT).filter_map(|_| places.take(own)).collect();
        assert_eq!(held.len(), OF_A_TENANT);
        assert!(places.take(own).is_none());
        assert!(places.take(Whose::Tenant(other)).is_some());
        let parties = Whose::PartiesOf(one);
        let theirs: Vec<_> = (0..=OF_ITS_PARTIES)
            .filter_map(|_| places.take(parties))
            .collect();
        assert_eq!(theirs.len(), OF_ITS_PARTIES, "beside its own");
        held.pop();
        // The place is free as soon as its task has heard of it.
        while places.take(own).is_none() {
            tokio::task::yield_now().await;
        }
    }
}
