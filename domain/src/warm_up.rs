//! Warming a new sending domain up: mailbox providers trust a domain that nobody knows with little, and with more from day
//! to day. A schedule says how much on which day.

use std::str::FromStr;

use crate::clock::Timestamp;
use crate::time_zone::Moment;

/// Messages a day of those who set none: hardly more than twice the day before, which is what receivers take for growth and
/// not for somebody who stole the domain.
const CUSTOMARY: &[u32] = &[
    50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 400_000,
];

/// The longest schedule, in days.
const MAX_DAYS: usize = 90;

/// The most messages a day that a schedule can name.
const MAX_A_DAY: u32 = 100_000_000;

/// How many messages a day, from the first day on. After the last, as many as one likes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule(Vec<u32>);

/// What is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// No day, or too many.
    #[error("a schedule has between one day and {MAX_DAYS}: leave it out for the customary one")]
    Length,
    /// A day with no more than the one before.
    #[error("day {day}: each day allows more messages than the one before, up to {MAX_A_DAY}")]
    NoGrowth {
        /// Which day, from 1.
        day: usize,
    },
}

impl Default for Schedule {
    fn default() -> Self {
        Self(CUSTOMARY.to_vec())
    }
}

impl Schedule {
    /// Reads the numbers of the days.
    pub fn new(days: Vec<u32>) -> Result<Self, ScheduleError> {
        if days.is_empty() || days.len() > MAX_DAYS {
            return Err(ScheduleError::Length);
        }
        let mut before = 0;
        for (index, messages) in days.iter().enumerate() {
            if *messages <= before || *messages > MAX_A_DAY {
                return Err(ScheduleError::NoGrowth { day: index + 1 });
            }
            before = *messages;
        }
        Ok(Self(days))
    }

    /// The numbers of the days.
    pub fn days(&self) -> &[u32] {
        &self.0
    }
}

impl std::fmt::Display for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let days: Vec<_> = self.0.iter().map(u32::to_string).collect();
        f.write_str(&days.join(","))
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let days: Result<_, _> = text.split(',').map(str::parse).collect();
        Self::new(days.map_err(|_| ScheduleError::Length)?)
    }
}

/// How far a domain is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WarmUp {
    /// What it follows.
    pub schedule: Schedule,
    /// On which of its days it is, from 0.
    pub step: usize,
    /// The last day on which something was sent, see [`Moment::today`].
    pub day: i32,
    /// How much was sent on that day.
    pub sent: u32,
}

impl WarmUp {
    /// On which day of its schedule it is now, from 0. A day counts on which half of what it allows was sent: who has not
    /// written to anybody is not known any better for it.
    pub fn step_on(&self, moment: &Moment) -> usize {
        let is_over = moment.today > self.day;
        let half = self.schedule.0.get(self.step).map_or(0, |most| most.div_ceil(2));
        self.step + usize::from(is_over && self.sent >= half)
    }

    fn sent_on(&self, moment: &Moment) -> u32 {
        if moment.today > self.day { 0 } else { self.sent }
    }

    /// How much it allows today; `None` where it is over.
    pub fn today(&self, moment: &Moment) -> Option<u32> {
        self.schedule.0.get(self.step_on(moment)).copied()
    }

    /// How much of that is left; `None` where it is over.
    pub fn left(&self, moment: &Moment) -> Option<u32> {
        let most = self.today(moment)?;
        Some(most.saturating_sub(self.sent_on(moment)))
    }

    /// From when on something is left; `None` where something is.
    pub fn next_at(&self, moment: &Moment) -> Option<Timestamp> {
        (self.left(moment) == Some(0)).then_some(moment.tomorrow)
    }

    /// Counts messages; fewer than none where some were not sent after all.
    pub fn count(&mut self, messages: i32, moment: &Moment) {
        let (step, sent) = (self.step_on(moment), self.sent_on(moment));
        self.step = step;
        self.sent = sent.saturating_add_signed(messages);
        self.day = moment.today.max(self.day);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(today: i32) -> Moment {
        Moment {
            now: Timestamp::from_micros(0),
            today,
            minute: 0,
            tomorrow: Timestamp::from_micros(1),
        }
    }

    #[test]
    fn it_grows_with_each_day_on_which_half_was_sent_and_ends() {
        let schedule = "10,20".parse().unwrap();
        let mut warm_up = WarmUp {
            schedule,
            step: 0,
            day: 0,
            sent: 0,
        };
        assert_eq!(warm_up.left(&day(5)), Some(10), "idle days do not count");
        warm_up.count(4, &day(5));
        assert_eq!(warm_up.left(&day(6)), Some(10), "too little was sent to grow");
        warm_up.count(10, &day(6));
        assert_eq!(warm_up.left(&day(6)), Some(0));
        assert_eq!(warm_up.next_at(&day(6)), Some(Timestamp::from_micros(1)));
        warm_up.count(-1, &day(6));
        assert_eq!(warm_up.left(&day(6)), Some(1), "one was not sent after all");
        assert_eq!(warm_up.left(&day(7)), Some(20));
        warm_up.count(20, &day(7));
        assert_eq!(warm_up.left(&day(8)), None);
    }

    #[test]
    fn a_schedule_grows() {
        assert_eq!(Schedule::new(vec![]), Err(ScheduleError::Length));
        assert_eq!(
            Schedule::new(vec![10, 10]),
            Err(ScheduleError::NoGrowth { day: 2 })
        );
        assert_eq!(Schedule::new(vec![0]), Err(ScheduleError::NoGrowth { day: 1 }));
        let customary = Schedule::default();
        assert_eq!(customary.to_string().parse(), Ok(customary));
    }
}
