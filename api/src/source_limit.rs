//! How much one source may send: forms that cause mail, for a form is no weapon, and mails to the listener. Sources are
//! counted in memory, under a keyed hash of their network that changes daily, so that no address is kept (P02).

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use actix_web::HttpRequest;
use assent_entity::Store;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::visitor_address::visitor_address;

/// The time in which a source may send as many forms as are allowed at once.
const FORMS_WITHIN: Duration = Duration::from_mins(10);

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

type Limiter = RateLimiter<u32, HashMapStateStore<u32>, StoreClock, NoOpMiddleware<Nanos>>;

struct Counted {
    limiter: Limiter,
    store: Store,
    /// The day that the buckets are of.
    day: AtomicI64,
}

/// Counts the forms of each source. Cheap to clone.
#[derive(Clone)]
pub struct SourceLimit(Option<Arc<Counted>>);

impl fmt::Debug for SourceLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SourceLimit").field(&self.0.is_some()).finish()
    }
}

impl SourceLimit {
    /// A source may send `posts` forms at once, and as many again within ten minutes; none is no limit.
    pub fn new(store: &Store, posts: u32) -> Self {
        Self::within(FORMS_WITHIN, store, posts)
    }

    /// A source may send `number` things at once, and as many again within `time`; none is no limit.
    pub fn within(time: Duration, store: &Store, number: u32) -> Self {
        let counted = NonZeroU32::new(number).and_then(|number| {
            let quota = Quota::with_period(time / number.get())?.allow_burst(number);
            Some(Arc::new(Counted {
                limiter: RateLimiter::hashmap_with_clock(quota, StoreClock(store.clone())),
                store: store.clone(),
                day: AtomicI64::new(0),
            }))
        });
        Self(counted)
    }

    /// Counts a form, and says whether it may be taken.
    pub fn takes(&self, request: &HttpRequest) -> bool {
        self.counts(|| visitor_address(request).map(network).unwrap_or_default())
    }

    /// Counts what comes from an address, and says whether it may be taken.
    pub fn takes_from(&self, address: IpAddr) -> bool {
        self.counts(|| network(address))
    }

    fn counts(&self, network: impl FnOnce() -> Vec<u8>) -> bool {
        let Some(counted) = &self.0 else {
            return true;
        };
        let today = counted.store.now().micros() / DAY_MICROS;
        if counted.day.swap(today, Ordering::Relaxed) != today {
            counted.limiter.retain_recent();
        }
        let bucket = counted.store.keys().source_bucket(today, &network());
        counted.limiter.check_key(&bucket).is_ok()
    }
}

/// What one subscriber of a provider has at least: a /24 of IPv4, a /48 of IPv6.
pub(crate) fn network(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().into_iter().take(3).collect(),
        IpAddr::V6(address) => address.octets().into_iter().take(6).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_source_however_they_come() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("192.0.2.1"), of("192.0.2.254"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.9"));
        assert_ne!(of("192.0.2.1"), of("192.0.3.1"));
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:ffff::"));
        assert_ne!(of("2001:db8:1::"), of("2001:db8:2::"));
    }
}
