//! What a person may ask about their data (GDPR, articles 15 to 21), until when it is owed, and what may become of it.

use chrono::Months;
use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::clock::Timestamp;

/// What a person asks for.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RequestKind {
    /// A copy of what is held (articles 15 and 20).
    Copy,
    /// That something be put right (article 16).
    Correction,
    /// That their data be kept and not used (article 18).
    Restriction,
    /// That it may be used again.
    RestrictionLift,
    /// That it be erased (article 17).
    Erasure,
    /// No mail of any sort, and no use for anything they once agreed to (article 21).
    Objection,
    /// Anything else, in their own words.
    Question,
    /// The link to the page on which they can do all this themselves (article 12(2)).
    Link,
}

impl RequestKind {
    /// Whether a member can have the software carry it out. A copy is the person's own to take, by their link; a
    /// correction says in words what is wrong.
    pub fn can_be_carried_out(self) -> bool {
        matches!(
            self,
            Self::Restriction | Self::RestrictionLift | Self::Erasure | Self::Objection
        )
    }
}

/// Where a request stands.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RequestState {
    /// It has come in.
    Received,
    /// Somebody is at it.
    InProgress,
    /// It was done.
    Done,
    /// It was refused, for a reason that the person was given.
    Refused,
}

impl RequestState {
    /// Whether an answer is still owed.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Received | Self::InProgress)
    }
}

/// How a request came.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RequestChannel {
    /// Through the person's own link.
    Link,
    /// Through the form that is open to all.
    Form,
    /// In a mail to the privacy contact.
    Mail,
    /// In a letter.
    Post,
    /// By telephone.
    Phone,
}

/// Whether it is known that the request comes from the person whom it is about (article 12(6)).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum IdentityCheck {
    /// It came through a link that only their mailbox was given, or a member made sure.
    Verified,
    /// Anybody may have written it.
    Unverified,
}

/// A step in the life of a request. The codes are stable: they stand in its history.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum RequestStep {
    /// It came in.
    Received,
    /// A link to the person's own page was sent to the address it names.
    LinkSent,
    /// It is known to be the person's own.
    Verified,
    /// The answer was put off, once.
    Extended,
    /// It was done.
    Done,
    /// It was refused.
    Refused,
    /// What was personal in it was erased.
    Erased,
}

/// When the answer to a request is owed: one calendar month after it came (article 12(3)). Where that month has no
/// such day, on its last (Regulation 1182/71, article 3(2)(c)).
pub fn due_at(received_at: Timestamp) -> Timestamp {
    months_after(received_at, 1)
}

/// The latest time to which an answer may be put off: two further months (article 12(3)).
pub fn latest_due_at(received_at: Timestamp) -> Timestamp {
    months_after(received_at, 3)
}

fn months_after(at: Timestamp, months: u32) -> Timestamp {
    let later = at.to_utc().checked_add_months(Months::new(months));
    later.map_or(at, Timestamp::from)
}

/// Why an answer cannot be put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotExtend {
    /// It is answered.
    #[error("the request has been answered")]
    Closed,
    /// It was put off before.
    #[error("the answer has been put off before, and that goes once")]
    Again,
    /// The person has to hear of it within the first month.
    #[error("the answer was due on {0}: it can be put off only before that")]
    Overdue(Timestamp),
    /// The new date is not behind the old one.
    #[error("the answer is due on {0} as it is: give a later date")]
    NoLater(Timestamp),
    /// More than two further months.
    #[error("an answer can be put off by two months at most, here until {0}")]
    TooLate(Timestamp),
}

/// Where a request stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestTimes {
    /// When it came.
    pub received_at: Timestamp,
    /// When the answer is owed.
    pub due_at: Timestamp,
    /// When the answer was put off, if it was.
    pub extended_at: Option<Timestamp>,
}

impl RequestTimes {
    /// The times of a request that came at `received_at`.
    pub fn of(received_at: Timestamp) -> Self {
        Self {
            received_at,
            due_at: due_at(received_at),
            extended_at: None,
        }
    }

    /// Puts the answer off to `until`.
    pub fn extend(self, state: RequestState, until: Timestamp, now: Timestamp) -> Result<Self, CannotExtend> {
        let latest = latest_due_at(self.received_at);
        match self.extended_at {
            _ if !state.is_open() => Err(CannotExtend::Closed),
            Some(_) => Err(CannotExtend::Again),
            None if now > self.due_at => Err(CannotExtend::Overdue(self.due_at)),
            None if until <= self.due_at => Err(CannotExtend::NoLater(self.due_at)),
            None if until > latest => Err(CannotExtend::TooLate(latest)),
            None => Ok(Self {
                due_at: until,
                extended_at: Some(now),
                ..self
            }),
        }
    }

    /// Whether the answer should have been given by now.
    pub fn is_overdue(self, state: RequestState, now: Timestamp) -> bool {
        state.is_open() && now > self.due_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        let at = chrono::DateTime::parse_from_rfc3339(text).expect("a time");
        at.to_utc().into()
    }

    #[test]
    fn p17_an_answer_is_owed_within_a_calendar_month() {
        for (received, due) in [
            ("2026-03-02T09:00:00Z", "2026-04-02T09:00:00Z"),
            ("2026-01-31T23:59:59Z", "2026-02-28T23:59:59Z"),
            ("2028-01-30T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("2026-12-15T12:00:00Z", "2027-01-15T12:00:00Z"),
        ] {
            assert_eq!(due_at(at(received)), at(due));
        }
        let times = RequestTimes::of(at("2026-03-02T09:00:00Z"));
        let late = at("2026-04-02T09:00:01Z");
        assert!(!times.is_overdue(RequestState::Received, times.due_at));
        assert!(times.is_overdue(RequestState::InProgress, late));
        assert!(!times.is_overdue(RequestState::Done, late));
    }

    #[test]
    fn p17_an_answer_is_put_off_once_in_time_and_by_two_months_at_most() {
        use RequestState::{Done, Received};
        let times = RequestTimes::of(at("2026-01-31T09:00:00Z"));
        let (now, latest) = (at("2026-02-10T09:00:00Z"), at("2026-04-30T09:00:00Z"));
        let put_off = times.extend(Received, latest, now).unwrap();
        assert_eq!((put_off.due_at, put_off.extended_at), (latest, Some(now)));
        assert_eq!(put_off.extend(Received, latest, now), Err(CannotExtend::Again));
        assert_eq!(times.extend(Done, latest, now), Err(CannotExtend::Closed));
        let too_late = at("2026-04-30T09:00:01Z");
        assert_eq!(
            times.extend(Received, too_late, now),
            Err(CannotExtend::TooLate(latest))
        );
        assert_eq!(
            times.extend(Received, times.due_at, now),
            Err(CannotExtend::NoLater(times.due_at))
        );
        let overdue = at("2026-03-01T09:00:00Z");
        assert_eq!(
            times.extend(Received, latest, overdue),
            Err(CannotExtend::Overdue(times.due_at))
        );
    }
}
