//! The one rule: may this message go to this person now?
//!
//! The database gathers facts, this file decides. A [`Permit`] comes from nowhere else, cannot be copied, and
//! is worth nothing a second later (P18).

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::address::EmailAddress;
use crate::clock::Timestamp;
use crate::consent::ConsentState;
use crate::id::{DeliveryId, InvitationId, MemberId, PurposeId, SubscriberId, TenantId};
use crate::mailing_list::SubscriptionState;
use crate::suppression::{MessageKind, SuppressionReason, Suppressions};
use crate::tenant::TenantStatus;
use crate::tenant_life::TenantLife;

/// How long after the decision a message may be handed over.
pub const PERMIT_LIFETIME: Duration = Duration::from_secs(1);

/// Why a message may not go to a person. The codes are stable: the API and the reports show them.
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
pub enum Refusal {
    /// The tenant is closed.
    TenantClosed,
    /// The tenant may not send.
    TenantSuspended,
    /// The person wants no mail of any sort.
    OptedOutOfAll,
    /// The person reported mail of this tenant as spam.
    Complained,
    /// The person had their data erased.
    Erased,
    /// The mailbox does not exist.
    HardBounced,
    /// The tenant put the address on a suppression list, of all its marketing or of what this is for.
    Suppressed,
    /// The operator holds the address back from every tenant.
    HeldByOperator,
    /// The person had the use of their data restricted (GDPR, article 18).
    Restricted,
    /// The policy in force, or the one the data was collected under, does not name the purpose (P10).
    PurposeNotInPolicy,
    /// The purpose is new since the person's data was collected, and they have not chosen (P11).
    ChoicePending,
    /// The person has not confirmed that it was they who signed up.
    NotConfirmed,
    /// The person left the lists the message is for.
    Unsubscribed,
    /// The person was never asked for this purpose, or said no.
    NoConsent,
    /// The person took their consent back.
    ConsentWithdrawn,
    /// The consent's time is over.
    Expired,
    /// This person has had this message.
    AlreadySent,
    /// The message would have left without a working way out: no unsubscribe link, or no postal address.
    NoWayOut,
    /// The message could not be made for this person: its template failed, or no server can take the address.
    NotRendered,
    /// The message loads content from a host of an outside party that the policy in force does not name (P13).
    OutsidePartyNotInPolicy,
    /// The time after which the message was not to go out any more has passed.
    TooLate,
    /// It is a test, or about a sign-in: that goes to members of the tenant, and an invitation to whom it names.
    NotAMember,
}

/// What is true of a message, whoever gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageFacts {
    /// Whose message it is.
    pub tenant: TenantId,
    /// Where the tenant is in its life: a closed one sends nothing.
    pub tenant_life: TenantLife,
    /// Whether the operator lets the tenant send.
    pub tenant_status: TenantStatus,
    /// What it is sent for.
    pub purpose: PurposeId,
    /// What it is to the person who gets it.
    pub kind: MessageKind,
    /// Whether the policy in force names the purpose.
    pub purpose_in_force: bool,
    /// Whether the policy in force names every outside party that its content brings in.
    pub content_in_policy: bool,
    /// Whether the time has passed after which it is not to go out any more.
    pub is_too_late: bool,
}

/// The newest consent record of a person for a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ConsentFact {
    /// What it says.
    pub state: ConsentState,
    /// Whether the policy version of the record names the purpose.
    pub named_by_its_version: bool,
    /// Whether its time is over, if it is a yes. The record that says so may come later.
    pub is_over: bool,
}

/// What is true of a person, seen from one message. Equal facts have equal answers, so a preview decides
/// once a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact that may go with any of the others"
)]
pub struct RecipientFacts {
    /// What holds their address back.
    pub suppressions: Suppressions,
    /// Whether they had the use of their data restricted.
    pub restricted: bool,
    /// Where they stand with the lists the message is for: the best state among them.
    pub subscription: Option<SubscriptionState>,
    /// Their newest consent record for the purpose.
    pub consent: Option<ConsentFact>,
    /// Whether the policy version their data was collected under names the purpose.
    pub collected_for_purpose: bool,
    /// Whether this mailing has reached them.
    pub already_sent: bool,
    /// Whether they have answered what it asks since it was made: it is not asked again.
    pub has_answered: bool,
}

/// Who gets a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// A person the tenant writes to.
    Subscriber(SubscriberId),
    /// A person who signs in for the tenant.
    Member(MemberId),
    /// Somebody who is invited to.
    Invitee(InvitationId),
}

/// Why the rule says no, or `None` where it says yes. Previews ask this; only [`may_send`] makes a permit.
pub fn refusal(message: &MessageFacts, person: RecipientFacts) -> Option<Refusal> {
    if !message.tenant_life.is_open() {
        return Some(Refusal::TenantClosed);
    }
    if message.tenant_status != TenantStatus::Active {
        return Some(Refusal::TenantSuspended);
    }
    suppression_refusal(message.kind, person)
        .or_else(|| purpose_refusal(message, person))
        .or_else(|| (!message.content_in_policy).then_some(Refusal::OutsidePartyNotInPolicy))
        .or_else(|| person.already_sent.then_some(Refusal::AlreadySent))
        .or_else(|| person.has_answered.then_some(Refusal::ConsentWithdrawn))
        .or_else(|| message.is_too_late.then_some(Refusal::TooLate))
}

fn suppression_refusal(kind: MessageKind, person: RecipientFacts) -> Option<Refusal> {
    use SuppressionReason as Reason;
    let reasons = [
        (Reason::OptedOutOfAll, Refusal::OptedOutOfAll),
        (Reason::Complained, Refusal::Complained),
        (Reason::Erased, Refusal::Erased),
        (Reason::HardBounced, Refusal::HardBounced),
        (Reason::HeldByOperator, Refusal::HeldByOperator),
        (Reason::Listed, Refusal::Suppressed),
    ];
    let held_back = reasons
        .into_iter()
        .find(|(reason, _)| person.suppressions.contains(*reason) && reason.holds_back(kind))
        .map(|(_, refusal)| refusal);
    let use_is_restricted = person.restricted
        && matches!(
            kind,
            MessageKind::Marketing | MessageKind::Essential | MessageKind::Confirmation
        );
    held_back.or(use_is_restricted.then_some(Refusal::Restricted))
}

fn purpose_refusal(message: &MessageFacts, person: RecipientFacts) -> Option<Refusal> {
    match message.kind {
        // The answer to a person's own request is owed whatever the policy says. Who works for the tenant sees what it is
        // about to send; that it goes to nobody else, [`may_send`] sees to.
        // So it is with what a sign-in takes.
        MessageKind::RequestAnswer | MessageKind::Test | MessageKind::Account => None,
        MessageKind::Essential | MessageKind::Confirmation | MessageKind::PolicyNotice => {
            if !(message.purpose_in_force && person.collected_for_purpose) {
                return Some(Refusal::PurposeNotInPolicy);
            }
            // Needing no consent, it still goes to a list only for those who are on it.
            let goes_to_lists = message.kind == MessageKind::Essential && person.subscription.is_some();
            goes_to_lists.then(|| subscription_refusal(person)).flatten()
        }
        MessageKind::Marketing if !message.purpose_in_force => Some(Refusal::PurposeNotInPolicy),
        MessageKind::Marketing => consent_refusal(person).or_else(|| subscription_refusal(person)),
    }
}

fn consent_refusal(person: RecipientFacts) -> Option<Refusal> {
    let unanswered = if person.collected_for_purpose {
        Refusal::NotConfirmed
    } else {
        Refusal::ChoicePending
    };
    match person.consent {
        None if !person.collected_for_purpose => Some(Refusal::ChoicePending),
        None if person.subscription == Some(SubscriptionState::Pending) => Some(Refusal::NotConfirmed),
        None => Some(Refusal::NoConsent),
        Some(consent) => match consent.state {
            ConsentState::Requested => Some(unanswered),
            ConsentState::Refused => Some(Refusal::NoConsent),
            ConsentState::Withdrawn => Some(Refusal::ConsentWithdrawn),
            ConsentState::Expired => Some(Refusal::Expired),
            ConsentState::Given if consent.is_over => Some(Refusal::Expired),
            ConsentState::Given if !consent.named_by_its_version => Some(Refusal::PurposeNotInPolicy),
            ConsentState::Given => None,
        },
    }
}

fn subscription_refusal(person: RecipientFacts) -> Option<Refusal> {
    match person.subscription {
        Some(SubscriptionState::Active) => None,
        Some(SubscriptionState::Pending) => Some(Refusal::NotConfirmed),
        Some(SubscriptionState::Ended) | None => Some(Refusal::Unsubscribed),
    }
}

/// Decides, and on a yes gives the permit that the mailer asks for.
///
/// `decided_at` is the time at which the facts began to be read.
pub fn may_send(
    message: &MessageFacts,
    person: RecipientFacts,
    addressee: Addressee,
    decided_at: Timestamp,
) -> Result<Permit, Refusal> {
    let fits = match message.kind {
        MessageKind::Test => matches!(addressee.recipient, Recipient::Member(_)),
        MessageKind::Account => !matches!(addressee.recipient, Recipient::Subscriber(_)),
        _ => !matches!(addressee.recipient, Recipient::Invitee(_)),
    };
    let stranger = (!fits).then_some(Refusal::NotAMember);
    match stranger.or_else(|| refusal(message, person)) {
        Some(refusal) => Err(refusal),
        None => Ok(Permit {
            tenant: message.tenant,
            purpose: message.purpose,
            addressee,
            decided_at,
            made: Instant::now(),
        }),
    }
}

/// The person and mailbox a decision is about, and the row that tells of it.
#[derive(Debug)]
pub struct Addressee {
    /// The delivery that the outcome is recorded on.
    pub delivery: DeliveryId,
    /// Who gets it.
    pub recipient: Recipient,
    /// Where it goes.
    pub address: EmailAddress,
}

/// Leave to send one message to one person, for a second.
///
/// ```compile_fail
/// # fn copy(permit: assent_domain::permit::Permit) {
/// let twice = (permit.clone(), permit);
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a permit that nobody uses is a message that nobody gets"]
pub struct Permit {
    tenant: TenantId,
    purpose: PurposeId,
    addressee: Addressee,
    decided_at: Timestamp,
    /// The same moment on a clock that nobody sets back.
    made: Instant,
}

/// A permit that was kept too long: decide again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the decision for {delivery} is older than a second")]
pub struct StalePermit {
    /// The delivery it was for.
    pub delivery: DeliveryId,
}

impl Permit {
    /// The tenant it was given for.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The purpose it was given for.
    pub fn purpose(&self) -> PurposeId {
        self.purpose
    }

    /// The delivery it was given for.
    pub fn delivery(&self) -> DeliveryId {
        self.addressee.delivery
    }

    /// Who and where, to make the message from. Using the address to hand over takes [`Permit::redeem`].
    pub fn addressee(&self) -> &Addressee {
        &self.addressee
    }

    /// Spends the permit at the moment of handing over. `now` may not be earlier than the decision, nor more
    /// than [`PERMIT_LIFETIME`] later; nor may that much time have passed whatever the clock of the machine was set to.
    pub fn redeem(self, now: Timestamp) -> Result<Addressee, StalePermit> {
        let by_clock = now >= self.decided_at && now.since(self.decided_at) <= PERMIT_LIFETIME;
        let fresh = by_clock && self.made.elapsed() <= PERMIT_LIFETIME;
        if fresh {
            Ok(self.addressee)
        } else {
            Err(StalePermit {
                delivery: self.addressee.delivery,
            })
        }
    }
}
