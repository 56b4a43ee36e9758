//! Consent: its states, who may move it, and what a record of it says.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::clock::Timestamp;
use crate::id::{CollectionPointId, OutsidePartyId, PolicyVersionId, PurposeId};
use crate::language::Language;

/// Where a person's consent to one purpose stands. Today's state is that of the newest record.
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
    EnumIter,
    EnumString,
    IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum ConsentState {
    /// Asked for, not answered.
    Requested,
    /// Yes.
    Given,
    /// No, when asked.
    Refused,
    /// No, after a yes.
    Withdrawn,
    /// A yes whose time is over.
    Expired,
}

impl ConsentState {
    /// Whether the person said no.
    pub fn is_no(self) -> bool {
        matches!(self, Self::Refused | Self::Withdrawn)
    }

    /// Whether somebody has answered, so that nobody else's word changes it.
    pub fn is_settled(self) -> bool {
        matches!(self, Self::Given | Self::Refused | Self::Withdrawn)
    }

    /// Whether it keeps something from being done, and asks for nothing.
    pub fn grants_nothing(self) -> bool {
        match self {
            Self::Refused | Self::Withdrawn | Self::Expired => true,
            Self::Requested | Self::Given => false,
        }
    }
}

/// How a record came about.
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
pub enum ConsentSource {
    /// A hosted form, which anyone can fill in with anyone's address.
    Form,
    /// The link in a confirmation mail.
    Confirmation,
    /// A list that a tenant brought along, with evidence.
    Import,
    /// A tenant's own integration.
    Api,
    /// The person's preferences page.
    PreferencePage,
    /// The unsubscribe link or the one-click header (RFC 8058) of a mail.
    Unsubscribe,
    /// The notice of a policy version, which asks for what the version adds.
    PolicyNotice,
    /// The page to which that notice leads.
    ChoicePage,
    /// The page on which the person objects to every use (P17).
    PrivacyPage,
    /// The page to which the question leads whether a yes still stands.
    RenewalPage,
    /// The person told their provider that our mail is spam (RFC 5965).
    Complaint,
    /// Time: the yes ran out.
    Expiry,
    /// Two people turned out to be one.
    Merge,
    /// The operator, after a restore: the person had said no since that backup.
    Restore,
}

impl ConsentSource {
    /// Whether the act proves that it is the person's own: it came through a link that only their mailbox
    /// was given.
    pub fn is_own_act(self) -> bool {
        matches!(
            self,
            Self::Confirmation
                | Self::PreferencePage
                | Self::Unsubscribe
                | Self::ChoicePage
                | Self::PrivacyPage
                | Self::RenewalPage
        )
    }
}

impl ConsentSource {
    /// Whether a yes that comes so answers a question that was `asked` so. Silence to a policy notice is no (P11): nobody
    /// but the person, by their own link, makes a yes of it. What was merged may have been asked so.
    pub fn answers(self, asked: Self) -> bool {
        !matches!(asked, Self::PolicyNotice | Self::Merge) || self.is_own_act()
    }

    /// Whether a yes that comes so, without one of the person's own, counts where a list is single opt-in (P04). A tenant's
    /// integration has to say how it came by the permission.
    pub fn may_speak_for_them(self, with_evidence: bool) -> bool {
        self == Self::Form || with_evidence
    }

    /// Whether a no is the person's own. Their provider tells of a complaint, which is no way to a yes.
    fn is_own_no(self) -> bool {
        self.is_own_act() || self == Self::Complaint
    }
}

/// What an act makes of the state, or `None` where it changes nothing.
///
/// No is sticky: whoever is not proven to be the person can ask, and can say yes or no where nothing has been
/// said, but turns neither a no into a yes nor a yes into a no (P18).
pub fn transition(
    current: Option<ConsentState>,
    wanted: ConsentState,
    source: ConsentSource,
) -> Option<ConsentState> {
    use ConsentState::{Expired, Given, Refused, Requested, Withdrawn};
    let next = match (wanted, current) {
        (Requested, None | Some(Expired)) => Requested,
        (Given, None | Some(Requested | Expired)) => Given,
        (Given, Some(Refused | Withdrawn)) if source.is_own_act() => Given,
        // Said once more, a yes counts from then.
        (Given, Some(Given)) if source == ConsentSource::RenewalPage => Given,
        (Refused | Withdrawn, None) => Refused,
        (Refused | Withdrawn, Some(Requested | Expired)) if source.is_own_no() => Refused,
        (Refused | Withdrawn, Some(Given)) if source.is_own_no() => Withdrawn,
        (Expired, Some(Given)) => Expired,
        _ => return None,
    };
    Some(next)
}

/// What becomes of the state where a no is known to have been said elsewhere: under another id of the same person, or
/// after the backup that was restored. It wins over whatever stands (P18); `None` where a no does already.
pub fn denied(current: Option<ConsentState>) -> Option<ConsentState> {
    use ConsentState::{Expired, Given, Refused, Requested, Withdrawn};
    match current {
        Some(Given) => Some(Withdrawn),
        None | Some(Requested | Expired) => Some(Refused),
        Some(Refused | Withdrawn) => None,
    }
}

/// What a form showed to whoever answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormShown {
    /// The version of the form.
    pub version: i32,
    /// The language it was shown in.
    pub language: Language,
    /// SHA-256, in hex, of all its words together, where they were ours to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// The outside parties that it named before any field (P13), in the words of the policy version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outside_parties: Vec<OutsidePartyId>,
}

/// Where a person stands with one purpose whom two rows turn out to be: no wins over yes, and what was not answered
/// over what was (P18). Only where one was never asked does the other's answer stand alone.
pub fn merged(one: Option<ConsentState>, other: Option<ConsentState>) -> Option<ConsentState> {
    let restriction = |state: &ConsentState| match state {
        ConsentState::Given => 0,
        ConsentState::Requested => 1,
        ConsentState::Expired => 2,
        ConsentState::Refused => 3,
        ConsentState::Withdrawn => 4,
    };
    one.into_iter().chain(other).max_by_key(restriction)
}

/// What a consent record says without naming anybody: ids, codes and the hash of the words shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentFacts {
    /// What the consent is for.
    pub purpose: PurposeId,
    /// The state from now on.
    pub state: ConsentState,
    /// The policy version in force.
    pub policy_version: PolicyVersionId,
    /// The form or integration it came through, if it was one.
    pub collection_point: Option<CollectionPointId>,
    /// SHA-256, in hex, of the exact words shown, if there were any.
    pub wording: Option<String>,
    /// How it came about.
    pub source: ConsentSource,
    /// What the form showed, if it came through one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<FormShown>,
    /// When the yes was said, where the record only carries it over: the time from which it runs out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use ConsentState::{Expired, Given, Refused, Requested, Withdrawn};
    use strum::IntoEnumIterator;

    #[test]
    fn p18_nobody_but_the_person_turns_a_no_into_a_yes_or_a_yes_into_a_no() {
        for source in ConsentSource::iter().filter(|source| !source.is_own_act()) {
            for no in [Refused, Withdrawn] {
                for wanted in ConsentState::iter() {
                    assert_eq!(
                        transition(Some(no), wanted, source),
                        None,
                        "{no} {wanted} {source}"
                    );
                }
            }
            for wanted in [Requested, Refused, Withdrawn] {
                // A complaint is a no of their own, told by their provider.
                let told = wanted != Requested && source == ConsentSource::Complaint;
                let expected = told.then_some(Withdrawn);
                assert_eq!(
                    transition(Some(Given), wanted, source),
                    expected,
                    "{wanted} {source}"
                );
            }
        }
    }

    #[test]
    fn p04_the_person_can_always_change_their_mind() {
        for source in ConsentSource::iter().filter(|source| source.is_own_act()) {
            for current in [
                None,
                Some(Requested),
                Some(Refused),
                Some(Withdrawn),
                Some(Expired),
            ] {
                assert_eq!(transition(current, Given, source), Some(Given));
            }
            assert_eq!(transition(Some(Given), Withdrawn, source), Some(Withdrawn));
            assert_eq!(transition(Some(Requested), Refused, source), Some(Refused));
        }
    }

    #[test]
    fn p11_only_the_person_answers_what_a_policy_notice_asked() {
        for source in ConsentSource::iter() {
            for asked in [ConsentSource::PolicyNotice, ConsentSource::Merge] {
                assert_eq!(source.answers(asked), source.is_own_act());
            }
            assert!(source.answers(ConsentSource::Form));
        }
    }

    #[test]
    fn a_second_request_changes_nothing() {
        for state in [Requested, Given, Refused, Withdrawn] {
            assert_eq!(transition(Some(state), Requested, ConsentSource::Form), None);
        }
        assert_eq!(
            transition(Some(Given), Given, ConsentSource::PreferencePage),
            None
        );
    }
}
