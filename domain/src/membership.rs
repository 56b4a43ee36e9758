//! Members of tenants, as the operator's own tenant knows them: whoever is a member is told of the operator's policy,
//! and is forgotten there when nothing but a membership kept them.

use crate::clock::Timestamp;
use crate::policy::{self, VersionTimes};
use crate::suppression::{SuppressionReason, Suppressions};

/// What becomes in the operator's tenant of somebody who became a member of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// They are a subscriber, whatever holds their address back: that is not undone, but it is theirs to take back on
    /// a page of their own, and those who are not told are counted by reason (P08).
    TakenIn,
    /// They had their data erased there. A membership is somebody else's act, and so no reason to hold it again: they
    /// find the policy where they sign in, and come back by a form, as anybody does.
    StaysOut,
}

/// What becomes of a new member whose address is held back so in the operator's tenant.
pub fn arrival(held_back: Suppressions) -> Arrival {
    if held_back.contains(SuppressionReason::Erased) {
        Arrival::StaysOut
    } else {
        Arrival::TakenIn
    }
}

/// The number of the version under which a member's data is collected (P10): the one in force when they became a
/// member, or, where none was, the one in force now. Nobody is taken in before there is one.
///
/// `member_since` is not before the tenant became the operator's: until then its policy was not towards them.
pub fn collected_under(versions: &[VersionTimes], member_since: Timestamp, now: Timestamp) -> Option<i32> {
    policy::in_force(versions, member_since.min(now)).or_else(|| policy::in_force(versions, now))
}

/// What keeps somebody in the operator's tenant who is not a member any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ties {
    /// They are a member of another tenant too.
    pub other_membership: bool,
    /// They joined a list there, or said yes to a purpose or an outside party: that is theirs, not the membership's.
    pub own_doing: bool,
    /// They asked something about their data that is not answered yet.
    pub answer_owed: bool,
}

/// What becomes in the operator's tenant of somebody who is not a member any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Departure {
    /// They stay, as whatever else they are.
    Stays,
    /// They are erased once they have their answer.
    Waits,
    /// They are erased.
    Goes,
}

impl Ties {
    /// What follows from them.
    pub fn departure(self) -> Departure {
        if self.other_membership || self.own_doing {
            Departure::Stays
        } else if self.answer_owed {
            Departure::Waits
        } else {
            Departure::Goes
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    fn day(number: i64) -> Timestamp {
        Timestamp::from_micros(number * 24 * 60 * 60 * 1_000_000)
    }

    fn version(number: i32, takes_effect: i64) -> VersionTimes {
        VersionTimes {
            number,
            posted_at: Some(day(0)),
            effective_at: Some(day(takes_effect)),
            withdrawn_at: None,
            notices_settled_at: Some(day(0)),
            overridden_at: None,
        }
    }

    #[test]
    fn p10_a_member_is_taken_in_under_the_version_of_the_day_they_became_one() {
        let versions = [version(1, 10), version(2, 20)];
        for (member_since, now, expected) in [
            (5, 9, None),
            (5, 10, Some(1)),
            (5, 20, Some(2)),
            (10, 30, Some(1)),
            (19, 20, Some(1)),
            (20, 20, Some(2)),
            (25, 20, Some(2)),
        ] {
            let found = collected_under(&versions, day(member_since), day(now));
            assert_eq!(found, expected, "a member since {member_since}, on {now}");
        }
    }

    #[test]
    fn a_membership_brings_nobody_back_who_was_erased_and_everybody_else_in() {
        for reason in SuppressionReason::iter() {
            let held_back = Suppressions::NONE.with(reason);
            let stays_out = reason == SuppressionReason::Erased;
            assert_eq!(arrival(held_back) == Arrival::StaysOut, stays_out, "{reason}");
        }
        assert_eq!(arrival(Suppressions::NONE), Arrival::TakenIn);
    }

    #[test]
    fn who_was_there_by_membership_alone_goes_with_it() {
        let ties = |bits: u8| Ties {
            other_membership: bits & 1 != 0,
            own_doing: bits & 2 != 0,
            answer_owed: bits & 4 != 0,
        };
        for bits in 0..8 {
            let expected = match bits {
                0 => Departure::Goes,
                4 => Departure::Waits,
                _ => Departure::Stays,
            };
            assert_eq!(ties(bits).departure(), expected, "{bits:03b}");
        }
    }
}
