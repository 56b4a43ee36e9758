//! Browser types, in families so wide that one says nothing about a person (P02).

use strum::{Display, EnumIter, EnumString, IntoStaticStr};

/// What a hosted page was read with. The codes are stable: counts are kept under them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumIter, EnumString, IntoStaticStr,
)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum BrowserFamily {
    /// Google's, and Chromium under its name.
    Chrome,
    /// Microsoft's.
    Edge,
    /// Mozilla's.
    Firefox,
    /// Apple's.
    Safari,
    /// Samsung's.
    SamsungInternet,
    /// Opera's.
    Opera,
    /// Any other browser: too few people use it to name it.
    Other,
    /// No browser: search engines, mail scanners, previews, programs.
    Program,
}
