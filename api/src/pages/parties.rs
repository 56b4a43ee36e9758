//! The questions about outside parties, as two pages ask them, and the answers as they are posted.

use std::collections::BTreeMap;

use assent_domain::consent::ConsentState;
use assent_domain::disclosure::PersonField;
use assent_domain::id::OutsidePartyId;
use assent_entity::permission::Permissions;
use assent_entity::policy::NamedParty;
use assent_worker::words::Words;

use super::posted::Posted;
use super::terms::outside_party;
use super::views::{FieldQuestion, PartyQuestion};

/// The names of the fields begin so; the party's id, a full stop and the code of what it would get follow.
const FIELD: &str = "party_";

/// A yes or a no, and nothing else.
pub(super) fn yes_or_no(value: &str) -> Option<bool> {
    match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// What an outside party may get, as the person calls it.
pub(super) fn in_words(field: PersonField, words: Words) -> String {
    match field {
        PersonField::Email => words.field_email(),
        PersonField::Name => words.field_name(),
        PersonField::Company => words.field_company(),
    }
}

/// What a page shows beside a party, in one text: the proof of what a person answered to.
pub(super) fn statement(party: &NamedParty, words: Words) -> String {
    let fields: Vec<_> = party.fields.iter().map(|field| in_words(*field, words)).collect();
    words.party_statement(&party.name, fields.join(", "), &party.why, &party.what)
}

/// What is asked about a party, and what the person said.
pub(super) fn question(party: NamedParty, said: &Permissions, words: Words) -> PartyQuestion {
    let question = |field: &PersonField| FieldQuestion {
        field: format!("{FIELD}{}.{field}", party.id),
        what: in_words(*field, words),
        answer: match said.get(field).map(|said| said.state) {
            Some(ConsentState::Given) => Some(true),
            Some(ConsentState::Refused | ConsentState::Withdrawn) => Some(false),
            Some(ConsentState::Requested | ConsentState::Expired) | None => None,
        },
    };
    PartyQuestion {
        fields: party.fields.iter().map(question).collect(),
        party: outside_party(party),
    }
}

/// The answers by party and field, or nothing where one is neither yes nor no, or both, or about nothing we asked.
pub(super) fn answers(posted: &Posted) -> Option<BTreeMap<OutsidePartyId, BTreeMap<PersonField, bool>>> {
    let mut answers: BTreeMap<OutsidePartyId, BTreeMap<PersonField, bool>> = BTreeMap::new();
    for (name, value) in posted.with_prefix(FIELD) {
        let (party, field) = name.split_once('.')?;
        let of_party = answers.entry(party.parse().ok()?).or_default();
        if of_party.insert(field.parse().ok()?, yes_or_no(value)?).is_some() {
            return None;
        }
    }
    Some(answers)
}
