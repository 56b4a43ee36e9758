//! When what an endpoint did not take is tried again: with growing waits, as Standard Webhooks suggests, each of them
//! somewhat longer or shorter by chance, so that what failed together does not come back together.

use std::time::Duration;

use rand::RngExt;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;

/// The waits after each attempt that failed, in seconds. There is one attempt more than waits.
const WAITS: [u64; 7] = [
    5,
    5 * MINUTE,
    30 * MINUTE,
    2 * HOUR,
    5 * HOUR,
    10 * HOUR,
    10 * HOUR,
];

/// How many attempts there are in all.
pub const MAX_ATTEMPTS: u32 = 8;

/// The longest wait that an endpoint may ask for with `Retry-After` (RFC 9110, 10.2.3).
pub const MAX_ASKED_WAIT: Duration = Duration::from_hours(24);

/// By how much a wait is longer or shorter, in parts of a hundred.
const JITTER: u64 = 10;

/// How long to wait after so many attempts, of which the last asked for so long a wait; `None` where it is given up.
pub fn wait_after(attempts: u32, asked: Option<Duration>) -> Option<Duration> {
    let place = usize::try_from(attempts.checked_sub(1)?).ok()?;
    let usual = Duration::from_secs(*WAITS.get(place)?);
    let percent = rand::rng().random_range(100 - JITTER..=100 + JITTER);
    let jittered = usual * u32::try_from(percent).unwrap_or(100) / 100;
    let asked = asked.unwrap_or_default().min(MAX_ASKED_WAIT);
    Some(jittered.max(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(seconds: u64) -> std::ops::RangeInclusive<Duration> {
        Duration::from_millis(seconds * 900)..=Duration::from_millis(seconds * 1100)
    }

    #[test]
    fn waits_grow_and_end() {
        for (attempts, seconds) in (1..).zip(WAITS) {
            let wait = wait_after(attempts, None).unwrap();
            assert!(about(seconds).contains(&wait), "{attempts}: {wait:?}");
        }
        assert_eq!(wait_after(MAX_ATTEMPTS, None), None);
        assert_eq!(wait_after(MAX_ATTEMPTS, Some(Duration::from_secs(1))), None);
        assert_eq!(wait_after(0, None), None);
        assert_eq!(wait_after(u32::MAX, None), None);
    }

    #[test]
    fn a_wait_that_is_asked_for_is_honoured_within_bounds() {
        let asked = |seconds| wait_after(1, Some(Duration::from_secs(seconds))).unwrap();
        assert_eq!(asked(120), Duration::from_mins(2));
        assert_eq!(asked(u64::MAX), MAX_ASKED_WAIT);
        assert!(about(5).contains(&asked(0)));
    }
}
