//! Time zones by their IANA names: when a day of a tenant begins, and what its clocks show.

use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeZone as _, Timelike};
use chrono_tz::Tz;

use crate::clock::Timestamp;

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone(Tz);

/// What is no time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a time zone: use the name of one in the IANA database, as in Europe/Berlin or Etc/UTC")]
pub struct TimeZoneError(String);

/// A moment as the clocks of a time zone show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// When it is.
    pub now: Timestamp,
    /// Which day it is there, counted from 0001-01-01.
    pub today: i32,
    /// How many minutes of the day have passed there, as clocks show it.
    pub minute: u32,
    /// When the next day begins there.
    pub tomorrow: Timestamp,
}

impl TimeZone {
    /// Universal time.
    pub const UTC: Self = Self(Tz::Etc__UTC);

    /// Reads the name of a zone.
    pub fn parse(name: &str) -> Result<Self, TimeZoneError> {
        let known = Tz::from_str(name.trim()).map(Self);
        known.map_err(|_| TimeZoneError(name.chars().take(60).collect()))
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// What its clocks show.
    pub fn moment(self, now: Timestamp) -> Moment {
        let there = now.to_utc().with_timezone(&self.0);
        let date = there.date_naive();
        Moment {
            now,
            today: date.num_days_from_ce(),
            minute: there.hour() * 60 + there.minute(),
            tomorrow: self.at(next_day(date), NaiveTime::MIN),
        }
    }

    /// The first moment from `now` on at which its clocks show `minute` of a day.
    pub fn next(self, now: Timestamp, minute: u32) -> Timestamp {
        let date = now.to_utc().with_timezone(&self.0).date_naive();
        let time = NaiveTime::from_hms_opt(minute / 60 % 24, minute % 60, 0).unwrap_or_default();
        let today = self.at(date, time);
        if today >= now {
            today
        } else {
            self.at(next_day(date), time)
        }
    }

    /// When its clocks show this first. Where they leap over it, when they have leapt: at most a few hours later.
    fn at(self, date: NaiveDate, time: NaiveTime) -> Timestamp {
        let wanted = date.and_time(time);
        let first = (0..=48).find_map(|quarters| {
            let shown = wanted + chrono::Duration::minutes(quarters * 15);
            self.0.from_local_datetime(&shown).earliest()
        });
        let at = first.unwrap_or_else(|| self.0.from_utc_datetime(&wanted));
        Timestamp::from_micros(at.timestamp_micros())
    }
}

fn next_day(date: NaiveDate) -> NaiveDate {
    date.checked_add_days(Days::new(1)).unwrap_or(date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().into()
    }

    #[test]
    fn a_day_begins_when_the_clocks_there_show_midnight() {
        let berlin = TimeZone::parse("Europe/Berlin").unwrap();
        let moment = berlin.moment(at("2026-03-01T22:59:00Z"));
        assert_eq!(moment.minute, 23 * 60 + 59);
        assert_eq!(moment.tomorrow, at("2026-03-01T23:00:00Z"));
        let next = berlin.moment(moment.tomorrow);
        assert_eq!((next.today, next.minute), (moment.today + 1, 0));
    }

    #[test]
    fn where_clocks_leap_the_day_is_shorter_and_what_is_leapt_over_comes_at_once() {
        let berlin = TimeZone::parse("Europe/Berlin").unwrap();
        let moment = berlin.moment(at("2026-03-28T23:00:00Z"));
        assert_eq!(moment.tomorrow, at("2026-03-29T22:00:00Z"), "23 hours");
        assert_eq!(
            berlin.next(moment.now, 150),
            at("2026-03-29T01:00:00Z"),
            "half past two does not come"
        );
    }

    #[test]
    fn only_names_of_the_database_are_zones() {
        for name in ["", "CET+1", "Berlin", "Europe/Atlantis", "+02:00"] {
            assert!(TimeZone::parse(name).is_err(), "{name}");
        }
        assert_eq!(TimeZone::parse(" Etc/UTC ").unwrap(), TimeZone::UTC);
    }
}
