//! How often one thing may happen within a time, thing by thing, in memory.

use std::fmt;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use assent_entity::Store;
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

const DAY_MICROS: i64 = 24 * 3600 * 1_000_000;

/// The store's clock, as the limiter asks for it.
#[derive(Clone)]
struct StoreClock(Store);

impl Clock for StoreClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let micros = u64::try_from(self.0.now().micros()).unwrap_or(0);
        Nanos::from(micros.saturating_mul(1000))
    }
}

type Limiter<K> = RateLimiter<K, HashMapStateStore<K>, StoreClock, StateInformationMiddleware>;

/// Under what a thing is counted that is not to be known: a part of a keyed hash, which two things may share.
type Bucket = u32;

struct Counted<K: Hash + Eq + Clone> {
    limiter: Limiter<K>,
    clock: StoreClock,
    limit: u32,
    within: Duration,
    /// The day that the buckets are of.
    day: AtomicI64,
}

/// Something happened more often than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    /// After what time it may happen again.
    pub wait: Duration,
    /// What may happen, of which nothing is left.
    pub left: Left,
}

impl TooOften {
    /// The time in whole seconds, as `Retry-After` gives it (RFC 9110, 10.2.3).
    pub fn seconds(self) -> u64 {
        in_seconds(self.wait)
    }
}

fn in_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// How much is left of what may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// How often it may happen at once.
    pub limit: u32,
    /// Within what time it may happen as often again.
    pub within: Duration,
    /// How often it may still happen now.
    pub remaining: u32,
}

impl Left {
    /// After how many seconds it may happen as often at once as ever.
    pub fn reset_seconds(self) -> u64 {
        let used = self.limit.saturating_sub(self.remaining);
        in_seconds(self.within / self.limit.max(1) * used)
    }

    /// Whether it is nearer to its end than another.
    pub fn is_closer_than(self, other: Self) -> bool {
        let share = |left: Self, of: Self| u64::from(left.remaining) * u64::from(of.limit);
        share(self, other) < share(other, self)
    }
}

/// Counts how often each thing happens. Cheap to clone.
pub struct Rate<K: Hash + Eq + Clone = Bucket>(Option<Arc<Counted<K>>>);

impl<K: Hash + Eq + Clone> Clone for Rate<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K: Hash + Eq + Clone> fmt::Debug for Rate<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rate").field(&self.0.is_some()).finish()
    }
}

impl<K: Hash + Eq + Clone> Rate<K> {
    /// Each thing may happen so many times at once, and as many times again within this time; none is no limit.
    pub fn new(store: &Store, times: u32, within: Duration) -> Self {
        let counted = NonZeroU32::new(times).and_then(|times| {
            let quota = Quota::with_period(within / times.get())?.allow_burst(times);
            let clock = StoreClock(store.clone());
            Some(Arc::new(Counted {
                limiter: RateLimiter::hashmap_with_clock(quota, clock.clone()).with_middleware(),
                clock,
                limit: times.get(),
                within,
                day: AtomicI64::new(0),
            }))
        });
        Self(counted)
    }

    /// Counts one thing, and says how much is left; nothing where there is no limit.
    pub(crate) fn take_of(&self, thing: &K) -> Result<Option<Left>, TooOften> {
        let Some(counted) = &self.0 else {
            return Ok(None);
        };
        let today = counted.clock.0.now().micros() / DAY_MICROS;
        if counted.day.swap(today, Ordering::Relaxed) != today {
            counted.limiter.retain_recent();
        }
        let left = |remaining| Left {
            limit: counted.limit,
            within: counted.within,
            remaining,
        };
        match counted.limiter.check_key(thing) {
            Ok(state) => Ok(Some(left(state.remaining_burst_capacity()))),
            Err(not_until) => Err(TooOften {
                wait: not_until.wait_time_from(counted.clock.now()),
                left: left(0),
            }),
        }
    }
}

impl Rate {
    /// Counts one thing, which is kept as a keyed hash that is another one each day.
    pub(crate) fn take(&self, thing: &[u8]) -> Result<(), TooOften> {
        let Some(counted) = &self.0 else { return Ok(()) };
        let store = &counted.clock.0;
        let today = store.now().micros() / DAY_MICROS;
        let bucket = store.keys().source_bucket(today, thing);
        self.take_of(&bucket).map(drop)
    }
}
