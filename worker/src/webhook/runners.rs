//! Which endpoints this process is telling. An endpoint is told by one task at a time, which does not keep a worker's place: a slow
//! endpoint keeps nobody waiting but itself. A tenant has a share of the tasks and no more.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use assent_domain::id::{TenantId, WebhookEndpointId};
use tokio::sync::Notify;

/// Endpoints that are told at a time.
const MOST: usize = 64;

/// Endpoints of one tenant that are.
const OF_A_TENANT: usize = 8;

#[derive(Debug)]
struct Entry {
    tenant: TenantId,
    news: Arc<Notify>,
    /// Whether there was news since the task last looked.
    has_news: bool,
}

type Entries = HashMap<WebhookEndpointId, Entry>;

/// The endpoints that are being told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Runners(Arc<Mutex<Entries>>);

/// What came of beginning.
#[derive(Debug)]
pub(crate) enum Begun {
    /// Go on.
    Yes(Running),
    /// A task is at it already, and looks again.
    Already,
    /// There are as many as there may be.
    Full,
}

/// The right to tell an endpoint. Dropped, it is given back.
#[derive(Debug)]
pub(crate) struct Running {
    of: Runners,
    endpoint: WebhookEndpointId,
    news: Arc<Notify>,
}

impl Runners {
    fn entries(&self) -> std::sync::MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to tell an endpoint.
    pub(crate) fn begin(&self, tenant: TenantId, endpoint: WebhookEndpointId) -> Begun {
        let mut entries = self.entries();
        if let Some(entry) = entries.get_mut(&endpoint) {
            entry.has_news = true;
            entry.news.notify_one();
            return Begun::Already;
        }
        let of_tenant = entries.values().filter(|entry| entry.tenant == tenant).count();
        if entries.len() >= MOST || of_tenant >= OF_A_TENANT {
            return Begun::Full;
        }
        let news = Arc::new(Notify::new());
        let entry = Entry {
            tenant,
            news: Arc::clone(&news),
            has_news: false,
        };
        entries.insert(endpoint, entry);
        Begun::Yes(Running {
            of: self.clone(),
            endpoint,
            news,
        })
    }
}

impl Running {
    /// Waits until there is news for the endpoint.
    pub(crate) async fn news(&self) {
        self.news.notified().await;
    }

    /// Says that the task looks now.
    pub(crate) fn looks(&self) {
        if let Some(entry) = self.of.entries().get_mut(&self.endpoint) {
            entry.has_news = false;
        }
    }

    /// Ends, unless there was news since the task last looked.
    pub(crate) fn end(&self) -> bool {
        let mut entries = self.of.entries();
        let has_news = entries.get(&self.endpoint).is_some_and(|entry| entry.has_news);
        if !has_news {
            entries.remove(&self.endpoint);
        }
        !has_news
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut entries = self.of.entries();
        // After `end`, the entry may be another task's.
        let is_own = entries
            .get(&self.endpoint)
            .is_some_and(|entry| Arc::ptr_eq(&entry.news, &self.news));
        if is_own {
            entries.remove(&self.endpoint);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assent_domain::clock::Timestamp;
    use assent_domain::id::new_id;

    fn tenant() -> TenantId {
        new_id(Timestamp::from_micros(0))
    }

    fn endpoint() -> WebhookEndpointId {
        new_id(Timestamp::from_micros(0))
    }

    #[test]
    fn a_tenant_takes_no_more_than_its_share() {
        let (runners, greedy) = (Runners::default(), tenant());
        let held: Vec<_> = (0..OF_A_TENANT)
            .map(|_| runners.begin(greedy, endpoint()))
            .collect();
        assert!(held.iter().all(|begun| matches!(begun, Begun::Yes(_))));
        assert!(matches!(runners.begin(greedy, endpoint()), Begun::Full));
        assert!(matches!(runners.begin(tenant(), endpoint()), Begun::Yes(_)));
        drop(held);
        assert!(matches!(runners.begin(greedy, endpoint()), Begun::Yes(_)));
    }

    #[test]
    fn news_that_comes_at_the_end_is_not_missed() {
        let (runners, tenant, endpoint) = (Runners::default(), tenant(), endpoint());
        let Begun::Yes(running) = runners.begin(tenant, endpoint) else {
            panic!("nobody is at it");
        };
        running.looks();
        assert!(matches!(runners.begin(tenant, endpoint), Begun::Already));
        assert!(!running.end(), "there is news");
        running.looks();
        assert!(running.end());
        let Begun::Yes(next) = runners.begin(tenant, endpoint) else {
            panic!("it has ended");
        };
        drop(running);
        assert!(
            matches!(runners.begin(tenant, endpoint), Begun::Already),
            "the next goes on"
        );
        drop(next);
    }
}
