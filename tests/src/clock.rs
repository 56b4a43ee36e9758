//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use assent_domain::clock::{Clock, Timestamp};

/// 2026-03-02T09:00:00Z, a Monday.
const START: i64 = 1_772_442_000_000_000;

/// The clock of a test.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(START))
    }
}

impl TestClock {
    /// Moves the clock forward.
    pub fn forward(&self, by: Duration) {
        let now = self.now();
        self.set(now.after(by));
    }

    /// Sets the clock.
    pub fn set(&self, to: Timestamp) {
        self.0.store(to.micros(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}
