//! What has been taken in, so that it is not taken in again. The same event changes nothing twice in any case, because a
//! report about a message is kept once; so this is kept in memory, and each process has its own.

use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use assent_domain::clock::Timestamp;

/// The most events that are remembered.
const MOST: usize = 100_000;

/// Events of the last hours, by their names. Cheap to clone.
#[derive(Clone, Default)]
pub struct Seen(Arc<Mutex<HashMap<u64, Timestamp>>>);

impl Seen {
    /// Whether an event was taken in.
    pub(super) fn knows(&self, provider: &str, name: &str) -> bool {
        self.lock().contains_key(&key(provider, name))
    }

    /// Remembers an event that was taken in, and forgets what is older than `kept`.
    pub(super) fn keep(&self, provider: &str, name: &str, now: Timestamp, kept: Duration) {
        let mut seen = self.lock();
        if seen.len() >= MOST {
            seen.retain(|_, at| now.since(*at) < kept);
        }
        if seen.len() < MOST {
            seen.insert(key(provider, name), now);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(provider: &str, name: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (provider, name).hash(&mut hasher);
    hasher.finish()
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Seen").field(&self.lock().len()).finish()
    }
}
