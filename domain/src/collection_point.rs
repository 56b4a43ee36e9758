//! Collection points: what a form may ask for, and which choices it has to offer.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr};

use crate::clock::Timestamp;
use crate::purpose::{PurposeCode, PurposeKind};

/// How long after a form has changed an answer to its earlier words still counts, as one to those words: people had it
/// open. Later it is shown again.
pub const EARLIER_WORDS_COUNT_FOR: Duration = Duration::from_hours(24);

/// Whether an answer at `now` to a version that was followed by another at `followed_at` still counts.
pub fn still_counts(followed_at: Option<Timestamp>, now: Timestamp) -> bool {
    followed_at.is_none_or(|at| now.since(at) <= EARLIER_WORDS_COUNT_FOR)
}

/// A piece of information that a form can ask for. The address is always asked for and not listed.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum FieldName {
    /// The person's name.
    Name,
    /// The company they work for.
    Company,
}

/// Why a collection point may not be opened (P12).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoicesError {
    /// A purpose of its lists without a choice.
    #[error(
        "the lists of this collection point are used for {0:?}, but it offers no choice for that: add one to `choices`"
    )]
    Missing(String),
    /// A choice for a purpose that none of its lists has.
    #[error(
        "there is a choice for {0:?}, but none of its lists is used for that: remove it, or add a list that is"
    )]
    NotOfItsLists(String),
    /// Two choices for one purpose.
    #[error("there are two choices for {0:?}: each purpose is asked for once")]
    Twice(String),
    /// A choice for a purpose nobody has to agree to.
    #[error("{0:?} is an essential purpose: it is stated on the form, not offered as a choice")]
    Essential(String),
}

/// Checks that a form offers exactly one choice for each purpose its lists are used for (P12).
pub fn check_choices<'a>(
    of_its_lists: &[(PurposeCode, PurposeKind)],
    choices: impl IntoIterator<Item = &'a PurposeCode>,
) -> Result<(), ChoicesError> {
    let mut offered = BTreeSet::new();
    for code in choices {
        let name = || code.as_str().to_owned();
        match of_its_lists.iter().find(|(of_list, _)| of_list == code) {
            None => return Err(ChoicesError::NotOfItsLists(name())),
            Some((_, kind)) if !kind.needs_consent() => return Err(ChoicesError::Essential(name())),
            Some(_) if !offered.insert(code) => return Err(ChoicesError::Twice(name())),
            Some(_) => {}
        }
    }
    let missing = of_its_lists
        .iter()
        .find(|(code, kind)| kind.needs_consent() && !offered.contains(code));
    missing.map_or(Ok(()), |(code, _)| {
        Err(ChoicesError::Missing(code.as_str().to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> PurposeCode {
        PurposeCode::parse(text).unwrap()
    }

    #[test]
    fn p12_every_purpose_of_the_lists_is_offered_exactly_once() {
        let lists = [
            (code("news"), PurposeKind::Marketing),
            (code("offers"), PurposeKind::Marketing),
            (code("bill"), PurposeKind::Essential),
        ];
        assert_eq!(check_choices(&lists, [&code("news"), &code("offers")]), Ok(()));
        assert_eq!(
            check_choices(&lists, [&code("news")]),
            Err(ChoicesError::Missing("offers".into()))
        );
        assert_eq!(
            check_choices(&lists, [&code("news"), &code("offers"), &code("news")]),
            Err(ChoicesError::Twice("news".into()))
        );
        assert_eq!(
            check_choices(&lists, [&code("news"), &code("offers"), &code("bill")]),
            Err(ChoicesError::Essential("bill".into()))
        );
        assert_eq!(
            check_choices(&lists, [&code("news"), &code("offers"), &code("other")]),
            Err(ChoicesError::NotOfItsLists("other".into()))
        );
    }
}
