//! Where somebody stands, as one number: a database counts a million numbers in a fraction of the time that it takes for
//! what they are made of.

use assent_domain::consent::ConsentState;
use assent_domain::permit::{ConsentFact, RecipientFacts};
use assent_domain::suppression::Suppressions;
use sea_orm::DeriveValueType;
use strum::IntoEnumIterator;

use crate::error::StoreError;
use crate::facts::standing;

/// The place of each part: three bits for the list and for what they said, one each for what is yes or no, and the rest for
/// what holds them back.
const SAID: u32 = 3;
const NAMED: u32 = 6;
const OVER: u32 = 7;
const COLLECTED: u32 = 8;
const RESTRICTED: u32 = 9;
const HELD_BACK: u32 = 10;

/// The answers, with the numbers that stand for them; 0 is for none.
fn answers() -> impl Iterator<Item = (i64, ConsentState)> {
    (1..).zip(ConsentState::iter())
}

/// One number for all that the rule asks about a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveValueType)]
pub(super) struct Position(i64);

impl Position {
    /// What SQL says for a person's answer, of a consent `c`: `named` are the versions that name the purpose, `$4` is the
    /// latest time of a yes that has run out.
    pub(super) fn sql_of_answer(named: &str) -> String {
        let said = answers().map(|(number, state)| format!("WHEN '{state}' THEN {}", number << SAID));
        format!(
            "(CASE c.state {} ELSE 0 END
              + CASE WHEN c.policy_version_id IN ({named}) THEN {} ELSE 0 END
              + CASE WHEN c.recorded_at <= $4 THEN {} ELSE 0 END)",
            said.collect::<Vec<_>>().join(" "),
            1 << NAMED,
            1 << OVER
        )
    }

    /// What SQL says for a subscriber `s` who is held back for `bits`.
    pub(super) fn sql_of_person(bits: &str, named: &str) -> String {
        format!(
            "({bits} * {}
              + CASE WHEN s.restricted_at IS NULL THEN 0 ELSE {} END
              + CASE WHEN s.collected_under IN ({named}) THEN {} ELSE 0 END)",
            1 << HELD_BACK,
            1 << RESTRICTED,
            1 << COLLECTED
        )
    }

    /// What [`Position::sql_of_person`] says for nearly everybody: nothing holds them back, and their data was collected for
    /// the purpose.
    pub(super) const SQL_OF_MOST: i64 = 1 << COLLECTED;

    /// Three bits from this place on.
    fn three_bits(self, place: u32) -> i64 {
        (self.0 >> place) & 0b111
    }

    fn holds(self, place: u32) -> bool {
        (self.0 >> place) & 1 != 0
    }

    /// What the rule asks.
    pub(super) fn facts(self) -> Result<RecipientFacts, StoreError> {
        let unknown = || StoreError::Corrupt(format!("position {}", self.0));
        let said = self.three_bits(SAID);
        let state = match said {
            0 => None,
            said => Some(
                answers()
                    .find(|(number, _)| *number == said)
                    .ok_or_else(unknown)?
                    .1,
            ),
        };
        let held_back = u8::try_from(self.0 >> HELD_BACK).map_err(|_| unknown())?;
        Ok(RecipientFacts {
            suppressions: Suppressions::from_bits(held_back),
            restricted: self.holds(RESTRICTED),
            subscription: Some(standing(self.three_bits(0))),
            consent: state.map(|state| ConsentFact {
                state,
                named_by_its_version: self.holds(NAMED),
                is_over: self.holds(OVER),
            }),
            collected_for_purpose: self.holds(COLLECTED),
            already_sent: false,
            has_answered: false,
        })
    }
}
