//! The questions about outside parties: who may get what of a person, field by field (P14).

use super::terms::OutsideParty;

/// The questions about one outside party.
pub struct PartyQuestion {
    /// Who would get what, and why.
    pub party: OutsideParty,
    /// One question for each thing it may get.
    pub fields: Vec<FieldQuestion>,
}

/// Whether an outside party may get one thing.
pub struct FieldQuestion {
    /// The name of its field.
    pub field: String,
    /// What it is, as the person calls it.
    pub what: String,
    /// What was answered; nothing is ticked before that.
    pub answer: Option<bool>,
}

impl FieldQuestion {
    /// Whether the answer was yes.
    pub fn is_yes(&self) -> bool {
        self.answer == Some(true)
    }

    /// Whether the answer was no.
    pub fn is_no(&self) -> bool {
        self.answer == Some(false)
    }
}
