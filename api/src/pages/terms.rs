//! Stored facts as the views print them.

use assent_domain::policy::VersionTimes;
use assent_entity::mailing_list::MailingList;
use assent_entity::policy::{NamedParty, NamedPurpose, PolicyVersion};

use super::views::{ListName, OutsideParty, PolicyPurpose, PolicyRef, PurposeText};

/// A version's number as it stands in addresses; stored numbers begin at 1.
pub(super) fn number(times: &VersionTimes) -> u32 {
    u32::try_from(times.number).unwrap_or_default()
}

/// The version in force, named.
pub(super) fn policy_ref(version: &PolicyVersion) -> PolicyRef {
    let since = version.times.takes_effect_at().unwrap_or(version.created_at);
    PolicyRef {
        number: number(&version.times),
        in_force_since: since.into(),
    }
}

/// A purpose in the words of a policy version.
pub(super) fn purpose_text(purpose: &NamedPurpose) -> PurposeText {
    PurposeText {
        name: purpose.name.clone(),
        statement: purpose.description.trim().to_owned(),
    }
}

/// The purposes that need no consent.
pub(super) fn essential(purposes: &[NamedPurpose]) -> Vec<PurposeText> {
    let essential = purposes.iter().filter(|purpose| !purpose.kind.needs_consent());
    essential.map(purpose_text).collect()
}

/// A purpose as the policy page lists it.
pub(super) fn policy_purpose(purpose: &NamedPurpose) -> PolicyPurpose {
    PolicyPurpose {
        text: purpose_text(purpose),
        essential: !purpose.kind.needs_consent(),
    }
}

/// An outside party as the policy page lists it.
pub(super) fn outside_party(party: NamedParty) -> OutsideParty {
    OutsideParty {
        name: party.name,
        receives: party.what,
        reason: party.why,
        policy_url: None,
    }
}

/// Lists, named.
pub(super) fn list_names(lists: &[MailingList]) -> Vec<ListName> {
    let name = |list: &MailingList| ListName {
        name: list.name.clone(),
        description: None,
    };
    lists.iter().map(name).collect()
}

/// A message of the rules, which are written to stand after a field's name, as a sentence.
pub(super) fn sentence(message: impl std::fmt::Display) -> String {
    let message = message.to_string();
    let mut chars = message.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
