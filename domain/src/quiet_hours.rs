//! Quiet hours: no campaign goes out while people sleep. What is due meanwhile is due when they end.

use crate::clock::Timestamp;
use crate::time_zone::TimeZone;

/// Minutes of a day.
const DAY: u32 = 24 * 60;

/// From when to when no campaign goes out, by the clocks of a time zone; over midnight, if it ends before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: u32,
    until: u32,
}

/// What are no quiet hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuietHoursError {
    /// Not a time of the day.
    #[error("a time of the day is written as in 22:00")]
    Time,
    /// Nothing, or the whole day.
    #[error("quiet hours end at another time than they begin, and leave an hour a day at least to send in")]
    Length,
}

impl QuietHours {
    /// Reads two times of the day, such as `22:00` and `07:00`.
    pub fn parse(from: &str, until: &str) -> Result<Self, QuietHoursError> {
        Self::new(minute_of(from)?, minute_of(until)?)
    }

    /// From one minute of the day to another.
    pub fn new(from: u32, until: u32) -> Result<Self, QuietHoursError> {
        if from >= DAY || until >= DAY {
            return Err(QuietHoursError::Time);
        }
        let length = (until + DAY - from) % DAY;
        if length == 0 || length > DAY - 60 {
            return Err(QuietHoursError::Length);
        }
        Ok(Self { from, until })
    }

    /// The minutes of the day at which they begin and end.
    pub fn minutes(self) -> (u32, u32) {
        (self.from, self.until)
    }

    /// When they begin and end, as `22:00`.
    pub fn texts(self) -> (String, String) {
        let text = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
        (text(self.from), text(self.until))
    }

    /// When they end, if they are now.
    pub fn end(self, now: Timestamp, zone: TimeZone) -> Option<Timestamp> {
        let minute = zone.moment(now).minute;
        let is_quiet = if self.from < self.until {
            (self.from..self.until).contains(&minute)
        } else {
            minute >= self.from || minute < self.until
        };
        is_quiet.then(|| zone.next(now, self.until))
    }
}

fn minute_of(text: &str) -> Result<u32, QuietHoursError> {
    let time = chrono::NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| QuietHoursError::Time)?;
    Ok(chrono::Timelike::num_seconds_from_midnight(&time) / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().into()
    }

    #[test]
    fn they_go_over_midnight_by_the_clocks_of_the_zone() {
        let night = QuietHours::parse("22:00", "07:00").unwrap();
        let berlin = TimeZone::parse("Europe/Berlin").unwrap();
        assert_eq!(night.end(at("2026-03-02T20:59:59Z"), berlin), None);
        let end = Some(at("2026-03-03T06:00:00Z"));
        assert_eq!(night.end(at("2026-03-02T21:00:00Z"), berlin), end);
        assert_eq!(night.end(at("2026-03-03T05:59:59Z"), berlin), end);
        assert_eq!(night.end(at("2026-03-03T06:00:00Z"), berlin), None);
        let noon = QuietHours::parse("12:00", "13:30").unwrap();
        assert_eq!(
            noon.end(at("2026-03-02T12:10:00Z"), TimeZone::UTC),
            Some(at("2026-03-02T13:30:00Z"))
        );
        assert_eq!(noon.end(at("2026-03-02T13:30:00Z"), TimeZone::UTC), None);
    }

    #[test]
    fn they_leave_an_hour_a_day() {
        assert_eq!(QuietHours::parse("22:00", "22:00"), Err(QuietHoursError::Length));
        assert_eq!(QuietHours::parse("22:00", "21:30"), Err(QuietHoursError::Length));
        assert!(QuietHours::parse("22:00", "21:00").is_ok());
        for text in ["", "24:00", "7", "7 pm", "07:60"] {
            assert_eq!(
                QuietHours::parse(text, "08:00"),
                Err(QuietHoursError::Time),
                "{text}"
            );
        }
    }
}
