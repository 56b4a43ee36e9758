//! Rows by whom they are about, and what becomes of them: the same whether it is done or only foretold.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};

use assent_domain::consent::ConsentState;
use assent_domain::import::{Brought, Flaw, Holds, ImportField, RowProblem};
use assent_domain::keys::AddressHash;
use assent_domain::mailing_list::SubscriptionState;

use super::Problem;
use crate::error::StoreError;
use crate::tx::{TenantTx, Write};

/// What became of some rows.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) imported: u64,
    pub(super) held: u64,
    /// How many people are new.
    pub(super) new: u64,
    pub(super) problems: Vec<Problem>,
}

/// What became of one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Imported,
    Held,
    Refused(RowProblem),
}

/// Rows by whom they are about: an address that stands there more than once is one person.
pub(super) struct Rows {
    lines: Vec<(u64, AddressHash)>,
    pub(super) people: BTreeMap<AddressHash, Brought>,
}

impl Rows {
    pub(super) fn of(tx: &TenantTx<Write>, rows: Vec<(u64, Brought)>) -> Self {
        let hasher = tx.address_hasher();
        let mut people: BTreeMap<AddressHash, Brought> = BTreeMap::new();
        let mut lines = Vec::with_capacity(rows.len());
        for (line, row) in rows {
            let hash = hasher.hash(&row.email);
            lines.push((line, hash));
            match people.entry(hash) {
                Entry::Vacant(place) => {
                    place.insert(row);
                }
                Entry::Occupied(mut known) if known.get().evidence.is_none() && row.evidence.is_some() => {
                    known.insert(row);
                }
                Entry::Occupied(_) => {}
            }
        }
        Self { lines, people }
    }

    /// Counts the rows by what became of the person that each is about.
    pub(super) fn count(
        lines: Vec<(u64, AddressHash)>,
        fates: &HashMap<AddressHash, Fate>,
    ) -> Result<Taken, StoreError> {
        let mut taken = Taken::default();
        for (line, hash) in lines {
            match fates.get(&hash) {
                Some(Fate::Imported) => taken.imported += 1,
                Some(Fate::Held) => taken.held += 1,
                Some(Fate::Refused(problem)) => {
                    let is_about_address = matches!(problem, RowProblem::HeldBack | RowProblem::SaidNo);
                    let flaw = Flaw {
                        problem: *problem,
                        field: is_about_address.then_some(Holds::Field(ImportField::Email)),
                    };
                    taken.problems.push(Problem { line, flaw });
                }
                None => return Err(StoreError::NotFound("subscriber")),
            }
        }
        Ok(taken)
    }

    pub(super) fn split(self) -> (Vec<(u64, AddressHash)>, BTreeMap<AddressHash, Brought>) {
        (self.lines, self.people)
    }
}

/// What is to be done about somebody who is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing: they have said no, or there is nothing to ask them by.
    Refuse(RowProblem),
    /// Nothing: they are on the list.
    Nothing,
    /// They are asked.
    Ask,
    /// They are put on the list.
    PutOnList,
}

impl Step {
    /// For somebody who stands so with the list and, after what the row says, with the purposes. No is sticky, and what they
    /// were asked and have not answered stays asked (P11).
    pub(super) fn of(
        standing: Option<SubscriptionState>,
        states: &[Option<ConsentState>],
        has_evidence: bool,
        can_ask: bool,
    ) -> Self {
        if standing == Some(SubscriptionState::Ended) {
            return Self::Refuse(RowProblem::SaidNo);
        }
        let is_given = states.contains(&Some(ConsentState::Given));
        if !is_given && states.iter().flatten().any(|state| state.is_no()) {
            return Self::Refuse(RowProblem::SaidNo);
        }
        if is_given && standing == Some(SubscriptionState::Active) {
            return Self::Nothing;
        }
        if has_evidence && is_given {
            return Self::PutOnList;
        }
        if can_ask {
            Self::Ask
        } else {
            Self::Refuse(RowProblem::NothingToAskBy)
        }
    }
}
