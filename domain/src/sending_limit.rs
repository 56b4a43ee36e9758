//! How much may be sent in which time: limits of a tenant and of a receiving domain, as buckets of tokens that workers
//! share through the database.
//!
//! A bucket is one point in time: until when what was sent is paid for (the generic cell rate algorithm of ATM, ITU-T
//! I.371). So it fills up without anybody filling it, and a limit that changes takes effect at once.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::delivery::MailingKind;
use crate::time_zone::Moment;

/// The highest limit a second.
const MAX_PER_SECOND: u32 = 10_000;
/// The highest limit an hour or a day.
const MAX: u32 = 100_000_000;

/// Limits, in messages; nothing where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// A second.
    pub per_second: Option<u32>,
    /// An hour.
    pub per_hour: Option<u32>,
    /// A day of the tenant's time zone.
    pub per_day: Option<u32>,
}

/// What is no limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is a number of messages from 1 to {most}; without a number there is no limit")]
pub struct LimitError {
    /// Which limit, as clients name it.
    pub name: &'static str,
    /// The most it can be.
    pub most: u32,
}

impl Limits {
    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Refuses numbers that are no limits.
    pub fn check(&self) -> Result<(), LimitError> {
        for (name, limit, most) in [
            ("perSecond", self.per_second, MAX_PER_SECOND),
            ("perHour", self.per_hour, MAX),
            ("perDay", self.per_day, MAX),
        ] {
            if limit.is_some_and(|limit| !(1..=most).contains(&limit)) {
                return Err(LimitError { name, most });
            }
        }
        Ok(())
    }

    /// What counts where two set limits: the lower of each.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let lower = |one: Option<u32>, other: Option<u32>| one.into_iter().chain(other).min();
        Self {
            per_second: lower(self.per_second, other.per_second),
            per_hour: lower(self.per_hour, other.per_hour),
            per_day: lower(self.per_day, other.per_day),
        }
    }

    /// The first of these limits that lies above one of `ceiling`: its name, and what it can be at most.
    pub fn above(&self, ceiling: &Self) -> Option<LimitError> {
        let all = [
            ("perSecond", self.per_second, ceiling.per_second),
            ("perHour", self.per_hour, ceiling.per_hour),
            ("perDay", self.per_day, ceiling.per_day),
        ];
        all.into_iter().find_map(|(name, limit, most)| {
            let most = most?;
            (limit? > most).then_some(LimitError { name, most })
        })
    }
}

/// For what mail waits. All of it counts, so that what can wait makes room for what cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// For nothing: a person waits for it.
    Never,
    /// For the limits a second and an hour, which protect who receives: many are told, by a date.
    ForRates,
    /// For everything.
    ForAll,
}

impl MailingKind {
    /// For what mail of this kind waits.
    pub fn patience(self) -> Patience {
        if matches!(self, Self::Campaign) {
            Patience::ForAll
        } else if matches!(self, Self::PolicyNotice | Self::ConsentRenewal) {
            Patience::ForRates
        } else {
            Patience::Never
        }
    }
}

/// A bucket: so many tokens in so long a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bucket {
    /// Between one token and the next, in microseconds.
    gap: i64,
    /// How many it holds.
    depth: i64,
}

impl Bucket {
    /// It holds what comes in `reserve`, so that a worker that looks in now and then gets all.
    fn new(limit: u32, span: Duration, reserve: Duration) -> Self {
        let micros = |of: Duration| i64::try_from(of.as_micros()).unwrap_or(i64::MAX);
        let limit = i64::from(limit.max(1));
        // Rounded up: never a token too many.
        let gap = (micros(span) + limit - 1) / limit;
        Self {
            gap,
            depth: (micros(reserve) / gap).max(1),
        }
    }

    /// `spent_until` as it counts now: a bucket is never emptier than empty.
    fn debt(self, spent_until: Timestamp, now: Timestamp) -> i64 {
        let ahead = spent_until.micros().saturating_sub(now.micros());
        ahead.clamp(0, self.depth * self.gap)
    }

    fn tokens(self, spent_until: Timestamp, now: Timestamp) -> u32 {
        let room = self.depth * self.gap - self.debt(spent_until, now);
        u32::try_from(room / self.gap).unwrap_or(u32::MAX)
    }

    /// When there is a token again; `None` where there is one.
    fn next_at(self, spent_until: Timestamp, now: Timestamp) -> Option<Timestamp> {
        let wait = self.debt(spent_until, now) - (self.depth - 1) * self.gap;
        (wait > 0).then(|| Timestamp::from_micros(now.micros() + wait))
    }

    fn spend(self, spent_until: Timestamp, tokens: i32, now: Timestamp) -> Timestamp {
        let debt = self.debt(spent_until, now) + i64::from(tokens) * self.gap;
        Timestamp::from_micros(now.micros() + debt.clamp(0, self.depth * self.gap))
    }
}

/// Limits, and how much of them is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Meter {
    /// The limits.
    pub limits: Limits,
    /// Until when the bucket of the second is spent.
    pub second_spent_until: Timestamp,
    /// Until when the bucket of the hour is.
    pub hour_spent_until: Timestamp,
    /// The last day on which something was sent, see [`Moment::today`].
    pub day: i32,
    /// How much was sent on that day.
    pub sent: u32,
}

impl Meter {
    fn second(&self) -> Option<Bucket> {
        let second = Duration::from_secs(1);
        let limit = self.limits.per_second?;
        Some(Bucket::new(limit, second, second))
    }

    fn hour(&self) -> Option<Bucket> {
        let limit = self.limits.per_hour?;
        Some(Bucket::new(
            limit,
            Duration::from_hours(1),
            Duration::from_mins(1),
        ))
    }

    /// How much was sent today.
    pub fn sent_on(&self, moment: &Moment) -> u32 {
        if moment.today > self.day { 0 } else { self.sent }
    }

    /// How much of the day's limit is left, if there is one.
    pub fn left_today(&self, moment: &Moment) -> Option<u32> {
        let most = self.limits.per_day?;
        Some(most.saturating_sub(self.sent_on(moment)))
    }

    /// How many messages may go now that wait for so much; `None` where nothing holds them.
    pub fn left(&self, patience: Patience, moment: &Moment) -> Option<u32> {
        let second = self
            .second()
            .map(|bucket| bucket.tokens(self.second_spent_until, moment.now));
        let hour = self
            .hour()
            .map(|bucket| bucket.tokens(self.hour_spent_until, moment.now));
        match patience {
            Patience::Never => None,
            Patience::ForRates => second.into_iter().chain(hour).min(),
            Patience::ForAll => second
                .into_iter()
                .chain(hour)
                .chain(self.left_today(moment))
                .min(),
        }
    }

    /// From when on one may go; `None` where one may now.
    pub fn next_at(&self, patience: Patience, moment: &Moment) -> Option<Timestamp> {
        if self.left(patience, moment) != Some(0) {
            return None;
        }
        let second = self
            .second()
            .and_then(|bucket| bucket.next_at(self.second_spent_until, moment.now));
        let hour = self
            .hour()
            .and_then(|bucket| bucket.next_at(self.hour_spent_until, moment.now));
        let is_day_over = patience == Patience::ForAll && self.left_today(moment) == Some(0);
        let day = is_day_over.then_some(moment.tomorrow);
        second.into_iter().chain(hour).chain(day).max()
    }

    /// Counts messages; fewer than none where some were not sent after all.
    pub fn count(&mut self, messages: i32, moment: &Moment) {
        if let Some(bucket) = self.second() {
            self.second_spent_until = bucket.spend(self.second_spent_until, messages, moment.now);
        }
        if let Some(bucket) = self.hour() {
            self.hour_spent_until = bucket.spend(self.hour_spent_until, messages, moment.now);
        }
        self.sent = self.sent_on(moment).saturating_add_signed(messages);
        self.day = moment.today.max(self.day);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time_zone::TimeZone;

    fn meter(per_second: Option<u32>, per_hour: Option<u32>, per_day: Option<u32>) -> Meter {
        let limits = Limits {
            per_second,
            per_hour,
            per_day,
        };
        Meter {
            limits,
            second_spent_until: Timestamp::from_micros(0),
            hour_spent_until: Timestamp::from_micros(0),
            day: 0,
            sent: 0,
        }
    }

    fn at(micros: i64) -> Moment {
        TimeZone::UTC.moment(Timestamp::from_micros(1_772_442_000_000_000 + micros))
    }

    #[test]
    fn a_bucket_gives_what_it_holds_and_then_one_at_a_time() {
        let mut meter = meter(Some(10), None, None);
        assert_eq!(meter.left(Patience::ForAll, &at(0)), Some(10));
        meter.count(10, &at(0));
        assert_eq!(meter.left(Patience::ForAll, &at(99_999)), Some(0));
        assert_eq!(meter.next_at(Patience::ForAll, &at(0)), Some(at(100_000).now));
        assert_eq!(meter.left(Patience::ForAll, &at(100_000)), Some(1));
        assert_eq!(
            meter.left(Patience::ForAll, &at(9_000_000)),
            Some(10),
            "no more than it holds"
        );
        assert_eq!(meter.left(Patience::Never, &at(0)), None);
    }

    #[test]
    fn no_hour_has_more_than_its_limit_and_a_minutes_worth() {
        let mut meter = meter(None, Some(600), None);
        let mut sent = 0;
        for second in 0..3600 {
            let moment = at(second * 1_000_000);
            let now = meter.left(Patience::ForRates, &moment).unwrap();
            meter.count(i32::try_from(now).unwrap(), &moment);
            sent += now;
        }
        assert!((600..=610).contains(&sent), "{sent}");
    }

    #[test]
    fn a_limit_that_changes_takes_effect_at_once() {
        let mut slow = meter(None, Some(1), None);
        slow.count(1, &at(0));
        assert_eq!(
            slow.next_at(Patience::ForAll, &at(0)),
            Some(at(3_600_000_000).now)
        );
        slow.limits.per_hour = Some(3600);
        let wait = slow.next_at(Patience::ForAll, &at(0)).unwrap();
        assert_eq!(
            wait,
            at(1_000_000).now,
            "what it owes is no more than an empty bucket"
        );
    }

    #[test]
    fn what_cannot_wait_counts_and_what_can_makes_room() {
        let mut meter = meter(Some(5), None, Some(7));
        meter.count(50, &at(0));
        assert_eq!(meter.left(Patience::ForAll, &at(0)), Some(0));
        assert_eq!(
            meter.left(Patience::ForRates, &at(1_000_000)),
            Some(5),
            "debts are not kept"
        );
        assert_eq!(
            meter.next_at(Patience::ForAll, &at(2_000_000)),
            Some(at(0).tomorrow)
        );
        meter.count(-45, &at(0));
        assert_eq!(meter.left_today(&at(0)), Some(2), "those were not sent after all");
    }

    #[test]
    fn the_lower_of_two_limits_counts() {
        let own = meter(Some(5), Some(100), None).limits;
        let operator = meter(Some(10), None, Some(9)).limits;
        assert_eq!(own.and(operator), meter(Some(5), Some(100), Some(9)).limits);
        assert_eq!(own.above(&operator), None);
        let error = operator.above(&own).unwrap();
        assert_eq!((error.name, error.most), ("perSecond", 5));
        assert!(meter(Some(0), None, None).limits.check().is_err());
        assert!(meter(Some(10_001), None, None).limits.check().is_err());
    }
}
