//! When a yes runs out: the period that a purpose may have, and the time before its end in which people are asked
//! whether their yes still stands.

use std::time::Duration;

use crate::clock::Timestamp;

/// The shortest period, in days.
pub const MIN_DAYS: u16 = 7;

/// The longest period, in days: ten years.
pub const MAX_DAYS: u16 = 3650;

/// How long before the end people are asked, at most.
const MAX_NOTICE: Duration = Duration::from_hours(30 * 24);

/// A period that no yes can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a yes lasts from {MIN_DAYS} to {MAX_DAYS} days: choose a period within that, or none, and it does not run out"
)]
pub struct BadPeriod;

/// How long a yes to one purpose lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsentExpiry {
    days: u16,
    set_at: Timestamp,
}

impl ConsentExpiry {
    /// A period of [`MIN_DAYS`] to [`MAX_DAYS`] days, set at `set_at`.
    pub fn new(days: i64, set_at: Timestamp) -> Result<Self, BadPeriod> {
        let days = u16::try_from(days).map_err(|_| BadPeriod)?;
        if (MIN_DAYS..=MAX_DAYS).contains(&days) {
            Ok(Self { days, set_at })
        } else {
            Err(BadPeriod)
        }
    }

    /// The period in days.
    pub fn days(self) -> u16 {
        self.days
    }

    fn period(self) -> Duration {
        Duration::from_hours(u64::from(self.days) * 24)
    }

    /// How long before the end people are asked: 30 days, or a quarter of the period if that is shorter.
    pub fn notice(self) -> Duration {
        MAX_NOTICE.min(self.period() / 4)
    }

    /// When a yes of `given_at` runs out. Nobody's does before there was time to ask them: a period that is set when
    /// a yes is older than it leaves as long as any other.
    pub fn expires_at(self, given_at: Timestamp) -> Timestamp {
        given_at
            .after(self.period())
            .max(self.set_at.after(self.notice()))
    }

    /// Whether a yes of `given_at` has run out.
    pub fn is_over(self, given_at: Timestamp, now: Timestamp) -> bool {
        self.expires_at(given_at) <= now
    }

    /// The latest time of a yes that has run out by `now`; none where none has. For a database, which compares.
    pub fn over_up_to(self, now: Timestamp) -> Option<Timestamp> {
        let had_notice = self.set_at.after(self.notice()) <= now;
        had_notice.then(|| now.before(self.period()))
    }

    /// The latest time of a yes that is to be asked about by `now`.
    pub fn ask_up_to(self, now: Timestamp) -> Timestamp {
        now.before(self.period().saturating_sub(self.notice()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: i64 = 24 * 3600 * 1_000_000;

    #[test]
    fn people_are_asked_thirty_days_before_or_a_quarter_of_the_period() {
        let notice = |days| {
            ConsentExpiry::new(days, Timestamp::from_micros(0))
                .unwrap()
                .notice()
        };
        assert_eq!(notice(365), MAX_NOTICE);
        assert_eq!(notice(120), MAX_NOTICE);
        assert_eq!(notice(60), Duration::from_hours(15 * 24));
        assert_eq!(notice(7), Duration::from_hours(42));
    }

    #[test]
    fn a_period_has_its_bounds() {
        for bad in [i64::MIN, -1, 0, 6, 3651, 65_536 + 30, i64::MAX] {
            assert_eq!(
                ConsentExpiry::new(bad, Timestamp::from_micros(0)),
                Err(BadPeriod),
                "{bad}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_a_database_compares_is_what_the_rule_says(
            days in 7_i64..=3650,
            set_at in 0..9000 * DAY,
            given_at in 0..9000 * DAY,
            now in 0..12_000 * DAY,
        ) {
            let at = Timestamp::from_micros;
            let expiry = ConsentExpiry::new(days, at(set_at)).unwrap();
            let (given_at, now) = (at(given_at), at(now));
            let over = expiry.over_up_to(now).is_some_and(|up_to| given_at <= up_to);
            prop_assert_eq!(over, expiry.is_over(given_at, now));
            // Whoever's yes runs out could have been asked `notice` before.
            let ahead = expiry.expires_at(given_at).before(expiry.notice());
            prop_assert!(ahead >= at(set_at) && given_at <= expiry.ask_up_to(ahead));
        }
    }
}
