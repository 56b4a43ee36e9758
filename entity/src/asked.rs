//! What the database has been asked: how often, and, where somebody watches, in which words.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

type Watcher = Box<dyn Fn(&str) + Send + Sync>;

/// A count of statements, and who watches them.
#[derive(Default)]
pub(crate) struct Asked {
    times: AtomicU64,
    watcher: OnceLock<Watcher>,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Asked").field(&self.times()).finish()
    }
}

impl Asked {
    pub(crate) fn times(&self) -> u64 {
        self.times.load(Ordering::Relaxed)
    }

    /// One more. No value stands in its words, only places for them.
    pub(crate) fn note(&self, words: &str) {
        self.times.fetch_add(1, Ordering::Relaxed);
        if let Some(watcher) = self.watcher.get() {
            watcher(words);
        }
    }

    pub(crate) fn watch(&self, watcher: Watcher) {
        // Who came first goes on watching.
        self.watcher.set(watcher).ok();
    }
}
