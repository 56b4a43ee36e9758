//! Points in time as people read them: the day in the way of their language (Unicode CLDR, by ICU4X), the time in UTC.

use chrono::{DateTime, Datelike, Utc};
use icu_calendar::{Date, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::YMD;
use icu_locale_core::Locale;

use super::Words;

impl Words {
    /// `3 March 2026`.
    pub fn day(self, at: DateTime<Utc>) -> String {
        self.by_language(at)
            .unwrap_or_else(|| at.format("%-d %B %Y").to_string())
    }

    /// `3 March 2026, 10:05 UTC`.
    pub fn minute(self, at: DateTime<Utc>) -> String {
        self.date_minute(self.day(at), at.format("%H:%M"))
    }

    /// `3 March 2026, 10:05:09 UTC`.
    pub fn second(self, at: DateTime<Utc>) -> String {
        self.date_minute(self.day(at), at.format("%H:%M:%S"))
    }

    /// Nothing where nobody has told how the language writes a date.
    fn by_language(self, at: DateTime<Utc>) -> Option<String> {
        let locale: Locale = self.date_locale().parse().ok()?;
        let formatter =
            FixedCalendarDateTimeFormatter::<Gregorian, _>::try_new(locale.into(), YMD::long()).ok()?;
        let (month, day) = (u8::try_from(at.month()).ok()?, u8::try_from(at.day()).ok()?);
        let date = Date::try_new_gregorian(at.year(), month, day).ok()?;
        Some(formatter.format(&date).to_string())
    }
}
