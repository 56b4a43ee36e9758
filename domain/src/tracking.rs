//! Whether the links of a person's mail may be measured: the one rule, asked for another purpose.

use crate::id::{PurposeId, SubscriberId};
use crate::mailing_list::SubscriptionState;
use crate::permit::{MessageFacts, RecipientFacts, Refusal, refusal};

/// Leave to learn which links of one message one person follows. Only [`may_track`] gives it, so a link is not made
/// for measuring, nor a click recorded, without a decision.
///
/// ```compile_fail
/// # fn copy(leave: assent_domain::tracking::TrackingLeave) {
/// let twice = (leave.clone(), leave);
/// # }
/// ```
#[derive(Debug)]
#[must_use = "leave that nobody uses measures nothing"]
pub struct TrackingLeave {
    of: SubscriberId,
    purpose: PurposeId,
}

impl TrackingLeave {
    /// Whose clicks may be known.
    pub fn of(&self) -> SubscriberId {
        self.of
    }

    /// The purpose they agreed to.
    pub fn purpose(&self) -> PurposeId {
        self.purpose
    }
}

/// Decides as for a message of the purpose `measuring`, but that no list has to be joined to be measured, and that
/// having been measured is no reason against it.
pub fn may_track(
    measuring: &MessageFacts,
    person: RecipientFacts,
    of: SubscriberId,
) -> Result<TrackingLeave, Refusal> {
    let facts = RecipientFacts {
        subscription: Some(SubscriptionState::Active),
        already_sent: false,
        has_answered: false,
        ..person
    };
    match refusal(measuring, facts) {
        Some(refusal) => Err(refusal),
        None => Ok(TrackingLeave {
            of,
            purpose: measuring.purpose,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::ConsentState;
    use crate::id::stored;
    use crate::permit::ConsentFact;
    use crate::suppression::{MessageKind, SuppressionReason, Suppressions};
    use crate::tenant::TenantStatus;
    use crate::tenant_life::TenantLife;
    use uuid::Uuid;

    fn decide(
        state: Option<ConsentState>,
        suppressions: Suppressions,
        in_force: bool,
    ) -> Result<(), Refusal> {
        let measuring = MessageFacts {
            tenant: stored(Uuid::nil()),
            tenant_life: TenantLife::Open,
            tenant_status: TenantStatus::Active,
            purpose: stored(Uuid::nil()),
            kind: MessageKind::Marketing,
            purpose_in_force: in_force,
            content_in_policy: true,
            is_too_late: false,
        };
        let person = RecipientFacts {
            suppressions,
            restricted: false,
            subscription: None,
            consent: state.map(|state| ConsentFact {
                state,
                is_over: false,
                named_by_its_version: true,
            }),
            collected_for_purpose: true,
            already_sent: true,
            has_answered: false,
        };
        may_track(&measuring, person, stored(Uuid::nil())).map(|_| ())
    }

    #[test]
    fn p16_only_a_yes_that_stands_lets_clicks_be_known() {
        let none = Suppressions::NONE;
        assert_eq!(decide(Some(ConsentState::Given), none, true), Ok(()));
        assert_eq!(decide(None, none, true), Err(Refusal::NoConsent));
        for state in [
            ConsentState::Requested,
            ConsentState::Refused,
            ConsentState::Withdrawn,
            ConsentState::Expired,
        ] {
            assert!(decide(Some(state), none, true).is_err(), "{state:?}");
        }
        let not_in_policy = decide(Some(ConsentState::Given), none, false);
        assert_eq!(not_in_policy, Err(Refusal::PurposeNotInPolicy));
        let opted_out = none.with(SuppressionReason::OptedOutOfAll);
        let refused = decide(Some(ConsentState::Given), opted_out, true);
        assert_eq!(refused, Err(Refusal::OptedOutOfAll));
    }
}
