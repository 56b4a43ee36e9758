//! A policy's versions and their clock: what counts follows from the time and stored facts, never from a job
//! having run (P07).

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

use crate::clock::Timestamp;
use crate::purpose::{PurposeCode, PurposeKind, STANDING_PURPOSES};

/// How long before it counts a version has to be posted (P07).
pub const NOTICE_PERIOD: Duration = Duration::from_hours(7 * 24);

/// The longest text of a version, in octets.
pub const MAX_BODY_OCTETS: usize = 1024 * 1024;

/// Where a version stands. Derived, never stored.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PolicyStatus {
    /// Being written.
    Draft,
    /// Posted and announced; it does not count yet.
    Posted,
    /// The one that counts.
    InForce,
    /// A later one counts.
    Superseded,
    /// Taken back before it counted.
    Withdrawn,
}

/// The stored times of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionTimes {
    /// Versions are numbered from 1 within a tenant.
    pub number: i32,
    /// When it was posted.
    pub posted_at: Option<Timestamp>,
    /// When it is meant to take effect.
    pub effective_at: Option<Timestamp>,
    /// When it was taken back.
    pub withdrawn_at: Option<Timestamp>,
    /// When the last of its notices had a final state.
    pub notices_settled_at: Option<Timestamp>,
    /// When a member with the right said that it need not wait for its notices.
    pub overridden_at: Option<Timestamp>,
}

impl VersionTimes {
    /// When the version takes effect, as far as is known: not before its date, nor before its notices are out
    /// or somebody took it on themselves not to wait for them.
    pub fn takes_effect_at(&self) -> Option<Timestamp> {
        let released = [self.notices_settled_at, self.overridden_at]
            .into_iter()
            .flatten()
            .min()?;
        match (self.posted_at, self.withdrawn_at) {
            (Some(_), None) => Some(self.effective_at?.max(released)),
            _ => None,
        }
    }

    fn has_taken_effect(&self, now: Timestamp) -> bool {
        self.takes_effect_at().is_some_and(|at| at <= now)
    }
}

/// The number of the version in force: the highest that has taken effect.
pub fn in_force<'a>(versions: impl IntoIterator<Item = &'a VersionTimes>, now: Timestamp) -> Option<i32> {
    versions
        .into_iter()
        .filter(|version| version.has_taken_effect(now))
        .map(|version| version.number)
        .max()
}

/// Where `version` stands while `in_force` is the number of the version that counts.
pub fn status(version: &VersionTimes, in_force: Option<i32>) -> PolicyStatus {
    match (version.posted_at, version.withdrawn_at) {
        (None, _) => PolicyStatus::Draft,
        (_, Some(_)) => PolicyStatus::Withdrawn,
        _ if in_force == Some(version.number) => PolicyStatus::InForce,
        _ if in_force.is_some_and(|number| number > version.number) => PolicyStatus::Superseded,
        _ => PolicyStatus::Posted,
    }
}

/// What people are told of a version.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, Display, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PolicyNews {
    /// That it is coming.
    Posted,
    /// That it is coming later than was said.
    Postponed,
    /// That it is not coming.
    Withdrawn,
}

/// A date to which a version cannot be put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a version can only be put off: choose a time after {after}")]
pub struct NotLater {
    /// The time that has to be passed: the version's date, or now.
    pub after: Timestamp,
}

/// The new date of a version that is put off at `now`: later than the one that was announced, and yet to come.
pub fn postponed(version: &VersionTimes, wanted: Timestamp, now: Timestamp) -> Result<Timestamp, NotLater> {
    let after = version.effective_at.map_or(now, |date| date.max(now));
    if wanted > after {
        Ok(wanted)
    } else {
        Err(NotLater { after })
    }
}

/// Somebody wants a version to count before people have had a week to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a new policy is posted at least 7 days before it takes effect: choose {earliest} or later")]
pub struct NoticePeriodTooShort {
    /// The earliest time that would do.
    pub earliest: Timestamp,
}

/// Checks the date of a version that is posted now, and gives the time it is meant to take effect.
///
/// `binds_nobody` is true for a tenant's first version while it holds no subscribers: it may take effect at
/// once, and a date that has just passed means now.
pub fn effective_at(
    posted_at: Timestamp,
    wanted: Timestamp,
    binds_nobody: bool,
) -> Result<Timestamp, NoticePeriodTooShort> {
    let earliest = posted_at.after(NOTICE_PERIOD);
    match (wanted >= earliest, binds_nobody) {
        (true, _) => Ok(wanted),
        (false, true) => Ok(wanted.max(posted_at)),
        (false, false) => Err(NoticePeriodTooShort { earliest }),
    }
}

/// A purpose as a draft names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurposeDraft {
    /// Its code within the tenant.
    pub code: PurposeCode,
    /// Its name, as people read it.
    pub name: String,
    /// What it covers, in plain words.
    pub description: String,
    /// Whether it needs consent.
    pub kind: PurposeKind,
}

/// Why a list of purposes does not make a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PurposesError {
    /// No purpose at all.
    #[error("a policy names at least one purpose: say what people's information is used for")]
    None,
    /// A code stands twice.
    #[error("the purpose {0:?} is named twice")]
    Twice(String),
    /// A standing purpose was given another kind.
    #[error("{0:?} is a purpose the service itself cannot do without: its kind is ESSENTIAL")]
    StandingKind(String),
}

/// Checks a draft's purposes and adds the standing ones it leaves out.
pub fn complete_purposes(mut purposes: Vec<PurposeDraft>) -> Result<Vec<PurposeDraft>, PurposesError> {
    if purposes.is_empty() {
        return Err(PurposesError::None);
    }
    let mut codes = BTreeSet::new();
    for purpose in &purposes {
        let code = || purpose.code.as_str().to_owned();
        if !codes.insert(purpose.code.as_str().to_owned()) {
            return Err(PurposesError::Twice(code()));
        }
        let standing = STANDING_PURPOSES
            .iter()
            .any(|standing| standing.code == purpose.code.as_str());
        if standing && purpose.kind != PurposeKind::Essential {
            return Err(PurposesError::StandingKind(code()));
        }
    }
    for standing in STANDING_PURPOSES
        .iter()
        .filter(|standing| !codes.contains(standing.code))
    {
        if let Ok(code) = PurposeCode::parse(standing.code) {
            purposes.push(PurposeDraft {
                code,
                name: standing.name.to_owned(),
                description: standing.description.to_owned(),
                kind: PurposeKind::Essential,
            });
        }
    }
    Ok(purposes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn version(number: i32, effective: i64, settled: Option<i64>) -> VersionTimes {
        VersionTimes {
            number,
            posted_at: Some(at(0)),
            effective_at: Some(at(effective)),
            withdrawn_at: None,
            notices_settled_at: settled.map(at),
            overridden_at: None,
        }
    }

    #[test]
    fn p07_a_version_takes_effect_no_sooner_than_seven_days_after_posting() {
        let posted = at(1_000);
        let exact = posted.after(7 * DAY);
        assert_eq!(effective_at(posted, exact, false), Ok(exact));
        let second_early = exact.before(Duration::from_secs(1));
        assert_eq!(
            effective_at(posted, second_early, false),
            Err(NoticePeriodTooShort { earliest: exact })
        );
        let micro_early = exact.before(Duration::from_micros(1));
        assert!(effective_at(posted, micro_early, false).is_err());
    }

    #[test]
    fn p07_a_first_version_that_binds_nobody_may_take_effect_at_once() {
        assert_eq!(effective_at(at(1_000), at(1_000), true), Ok(at(1_000)));
        assert_eq!(effective_at(at(1_000), at(5), true), Ok(at(1_000)));
    }

    #[test]
    fn p07_what_counts_follows_from_the_clock_and_the_notices() {
        let (old, new) = (version(1, 0, Some(0)), version(2, 100, Some(50)));
        assert_eq!(in_force(&[old, new], at(99)), Some(1));
        assert_eq!(in_force(&[old, new], at(100)), Some(2));
        let waiting = version(2, 100, None);
        assert_eq!(in_force(&[old, waiting], at(1_000)), Some(1));
        let overridden = VersionTimes {
            overridden_at: Some(at(70)),
            ..waiting
        };
        assert_eq!(in_force(&[old, overridden], at(100)), Some(2));
        let withdrawn = VersionTimes {
            withdrawn_at: Some(at(60)),
            ..new
        };
        assert_eq!(in_force(&[old, withdrawn], at(1_000)), Some(1));
        assert_eq!(status(&withdrawn, Some(1)), PolicyStatus::Withdrawn);
        assert_eq!(status(&old, Some(2)), PolicyStatus::Superseded);
        assert_eq!(status(&new, Some(1)), PolicyStatus::Posted);
    }

    #[test]
    fn p07_a_version_can_be_put_off_but_not_brought_forward() {
        let posted = version(2, 100, None);
        for (wanted, now, expected) in [
            (101, 50, Ok(at(101))),
            (100, 50, Err(NotLater { after: at(100) })),
            (99, 50, Err(NotLater { after: at(100) })),
            (150, 200, Err(NotLater { after: at(200) })),
            (201, 200, Ok(at(201))),
        ] {
            assert_eq!(
                postponed(&posted, at(wanted), at(now)),
                expected,
                "{wanted} at {now}"
            );
        }
    }

    #[test]
    fn every_version_names_the_standing_purposes() {
        let draft = |code: &str, kind| PurposeDraft {
            code: PurposeCode::parse(code).unwrap(),
            name: code.into(),
            description: String::new(),
            kind,
        };
        let complete = complete_purposes(vec![draft("news", PurposeKind::Marketing)]).unwrap();
        assert_eq!(complete.len(), 1 + STANDING_PURPOSES.len());
        assert_eq!(complete_purposes(vec![]), Err(PurposesError::None));
        let twice = vec![
            draft("news", PurposeKind::Marketing),
            draft("news", PurposeKind::Marketing),
        ];
        assert_eq!(complete_purposes(twice), Err(PurposesError::Twice("news".into())));
        let wrong = vec![draft("confirmation", PurposeKind::Marketing)];
        assert_eq!(
            complete_purposes(wrong),
            Err(PurposesError::StandingKind("confirmation".into()))
        );
    }
}
