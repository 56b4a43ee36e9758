//! The reference model: what the promises say of one person, in plain words and without a line of the code
//! under test. The proofs compare the two over random histories.

use std::collections::{BTreeMap, BTreeSet};

/// What the policy said, version by version; the last one is in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) versions: Vec<BTreeSet<&'static str>>,
    /// Whether the tenant is closed now.
    pub(crate) closed: bool,
}

impl World {
    fn names(&self, version: usize, purpose: &str) -> bool {
        self.versions[version].contains(purpose)
    }

    pub(crate) fn in_force(&self) -> usize {
        self.versions.len() - 1
    }

    pub(crate) fn in_force_names(&self, purpose: &str) -> bool {
        self.names(self.in_force(), purpose)
    }
}

/// What a person has answered to a purpose, if they were asked at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Asked,
    /// Under which version.
    Yes(usize),
    No,
    TookBack,
    RanOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnList {
    Waiting,
    On,
    Left,
}

/// Everything that counts about a person.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the model is plain on purpose: each is a fact of its own"
)]
#[derive(Clone, Debug, Default)]
pub(crate) struct Person {
    /// The version in force when their data was collected.
    pub(crate) collected: usize,
    pub(crate) answers: BTreeMap<&'static str, Answer>,
    pub(crate) lists: BTreeMap<&'static str, OnList>,
    pub(crate) wants_no_mail: bool,
    pub(crate) complained: bool,
    pub(crate) erased: bool,
    pub(crate) bounced: bool,
    /// Held back by the operator.
    pub(crate) held: bool,
    /// On the tenant's list of those who get no marketing.
    pub(crate) listed: bool,
    pub(crate) restricted: bool,
}

impl Person {
    pub(crate) fn has_said_yes(&self, purpose: &str) -> bool {
        matches!(self.answers.get(purpose), Some(Answer::Yes(_)))
    }

    /// Somebody, perhaps a stranger, asks for a purpose in this person's name: it counts only where nothing
    /// has ever been said.
    pub(crate) fn is_asked(&mut self, purpose: &'static str) {
        if matches!(self.answers.get(purpose), None | Some(Answer::RanOut)) {
            self.answers.insert(purpose, Answer::Asked);
        }
    }

    /// Somebody, perhaps a stranger, leaves a box empty.
    pub(crate) fn is_left_out(&mut self, purpose: &'static str) {
        self.answers.entry(purpose).or_insert(Answer::No);
    }

    /// Somebody, perhaps a stranger, says yes where that is enough: no turns into yes by their doing.
    pub(crate) fn is_signed_up(&mut self, purpose: &'static str, version: usize) {
        if matches!(
            self.answers.get(purpose),
            None | Some(Answer::Asked | Answer::RanOut)
        ) {
            self.answers.insert(purpose, Answer::Yes(version));
        }
    }

    /// The person says yes, through their own mailbox.
    pub(crate) fn says_yes(&mut self, purpose: &'static str, version: usize) {
        if !self.has_said_yes(purpose) {
            self.answers.insert(purpose, Answer::Yes(version));
        }
    }

    /// The person says no, through their own mailbox.
    pub(crate) fn says_no(&mut self, purpose: &'static str) {
        match self.answers.get(purpose) {
            Some(Answer::Yes(_)) => self.answers.insert(purpose, Answer::TookBack),
            None | Some(Answer::Asked | Answer::RanOut) => self.answers.insert(purpose, Answer::No),
            Some(Answer::No | Answer::TookBack) => None,
        };
    }

    /// The person says once more what they have said.
    pub(crate) fn says_yes_once_more(&mut self, purpose: &'static str, version: usize) {
        self.answers.insert(purpose, Answer::Yes(version));
    }

    /// The time of a yes is over.
    pub(crate) fn runs_out(&mut self, purpose: &'static str) {
        if self.has_said_yes(purpose) {
            self.answers.insert(purpose, Answer::RanOut);
        }
    }

    fn best(&self, lists: &[&str]) -> Option<OnList> {
        let standing: Vec<_> = lists.iter().filter_map(|list| self.lists.get(list)).collect();
        [OnList::On, OnList::Waiting, OnList::Left]
            .into_iter()
            .find(|wanted| standing.contains(&wanted))
    }

    /// Why a message for `purpose` to these lists may not reach the person now, or `None` where it may.
    pub(crate) fn why_not(
        &self,
        world: &World,
        purpose: &str,
        needs_consent: bool,
        lists: &[&str],
    ) -> Option<&'static str> {
        for (holds, code) in [
            (world.closed, "TENANT_CLOSED"),
            (self.wants_no_mail, "OPTED_OUT_OF_ALL"),
            (self.complained, "COMPLAINED"),
            (self.erased, "ERASED"),
            (self.bounced, "HARD_BOUNCED"),
            (self.held, "HELD_BY_OPERATOR"),
            (self.listed && needs_consent, "SUPPRESSED"),
            (self.restricted, "RESTRICTED"),
            (!world.in_force_names(purpose), "PURPOSE_NOT_IN_POLICY"),
        ] {
            if holds {
                return Some(code);
            }
        }
        let standing = self.best(lists);
        let collected_for_it = world.names(self.collected, purpose);
        if needs_consent {
            match self.answers.get(purpose) {
                Some(Answer::Yes(version)) if !world.names(*version, purpose) => {
                    return Some("PURPOSE_NOT_IN_POLICY");
                }
                Some(Answer::Yes(_)) => {}
                Some(Answer::TookBack) => return Some("CONSENT_WITHDRAWN"),
                Some(Answer::RanOut) => return Some("EXPIRED"),
                Some(Answer::Asked) | None if !collected_for_it => return Some("CHOICE_PENDING"),
                Some(Answer::Asked) => return Some("NOT_CONFIRMED"),
                None if standing == Some(OnList::Waiting) => return Some("NOT_CONFIRMED"),
                Some(Answer::No) | None => return Some("NO_CONSENT"),
            }
        } else if !collected_for_it {
            return Some("PURPOSE_NOT_IN_POLICY");
        }
        match standing {
            Some(OnList::Waiting) => Some("NOT_CONFIRMED"),
            Some(OnList::Left) => Some("UNSUBSCRIBED"),
            None if needs_consent => Some("UNSUBSCRIBED"),
            // What people must get reaches them without a list.
            Some(OnList::On) | None => None,
        }
    }
}
