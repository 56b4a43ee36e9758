//! Reasons not to write to an address, and who still gets what: one truth table.

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::consent::ConsentSource;
use crate::id::{MailingListId, PurposeId};

/// Why an address is not written to. Kept under a keyed hash, so that a no survives erasure.
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
pub enum SuppressionReason {
    /// The person wants no mail of any sort (P03).
    OptedOutOfAll,
    /// The person told their provider that our mail is spam (RFC 5965).
    Complained,
    /// The person had their data erased.
    Erased,
    /// The mailbox does not exist.
    HardBounced,
    /// The tenant put the address on a suppression list: of all its marketing, of a mailing list, or of a purpose.
    Listed,
    /// The operator holds the address back from every tenant, after a complaint against the platform.
    HeldByOperator,
}

/// What of a tenant's mail a suppression holds back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SuppressionScope {
    /// Whatever goes to the address, as far as the reason holds it back.
    All,
    /// What goes to this list.
    List(MailingListId),
    /// What is sent for this purpose.
    Purpose(PurposeId),
}

/// What a message is to the person who gets it.
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
pub enum MessageKind {
    /// For a purpose that needs consent.
    Marketing,
    /// For an essential purpose of the tenant.
    Essential,
    /// Asks to confirm an opt-in.
    Confirmation,
    /// Tells of a new policy (P08).
    PolicyNotice,
    /// Answers what the person asked (P17).
    RequestAnswer,
    /// Shows a campaign to a member of the tenant before it goes out.
    Test,
    /// Lets somebody become a member, or tells a member of their sign-in.
    Account,
}

impl SuppressionReason {
    /// Whether a message of this kind is held back for this reason.
    ///
    /// Nobody who opted out of all or complained gets mail of any kind; they come back only through their own
    /// preferences link. An erased person who signs up anew, or one whom the tenant put on a list, has to be able to
    /// confirm. What a person asked for themselves is always answered.
    pub fn holds_back(self, kind: MessageKind) -> bool {
        match kind {
            MessageKind::RequestAnswer => false,
            // A test is for nobody of whom anything is suppressed.
            MessageKind::Marketing | MessageKind::Test => true,
            // Whom a tenant writes to and who works for it are two things; whoever wants no mail at all gets none of either.
            MessageKind::Confirmation | MessageKind::Account => !matches!(self, Self::Erased | Self::Listed),
            // A tenant's list is no way round what people must be told.
            MessageKind::Essential | MessageKind::PolicyNotice => self != Self::Listed,
        }
    }
}

impl SuppressionReason {
    /// Whether the person said it, so that it holds wherever they are reached. What an address has to say, that it does
    /// not exist, is of that address only.
    pub fn goes_with_the_person(self) -> bool {
        match self {
            Self::OptedOutOfAll | Self::Complained | Self::Listed | Self::HeldByOperator => true,
            // Whoever was erased is reached nowhere.
            Self::Erased | Self::HardBounced => false,
        }
    }

    /// Whether the tenant may say so of an address, as when it brings along the list of another provider.
    pub fn may_be_entered_by_tenant(self) -> bool {
        match self {
            Self::OptedOutOfAll | Self::Complained | Self::HardBounced | Self::Listed => true,
            Self::Erased | Self::HeldByOperator => false,
        }
    }

    /// Whether the tenant may take it back. What a person said, only they take back (a no is sticky).
    pub fn may_be_lifted_by_tenant(self) -> bool {
        match self {
            Self::HardBounced | Self::Listed => true,
            Self::OptedOutOfAll | Self::Complained | Self::Erased | Self::HeldByOperator => false,
        }
    }

    /// Whether it keeps somebody from joining. Who was erased may come back by a hosted form, where they are asked to
    /// confirm; whatever a tenant brings along, they stay out.
    pub fn holds_back_joining(self, through: ConsentSource) -> bool {
        self.holds_back(MessageKind::Confirmation) || through != ConsentSource::Form
    }
}

/// The reasons that hold for one address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Suppressions(u8);

impl Suppressions {
    /// None.
    pub const NONE: Self = Self(0);

    /// These and `reason`.
    #[must_use]
    pub fn with(self, reason: SuppressionReason) -> Self {
        Self(self.0 | reason.bit())
    }

    /// Whether `reason` is among them.
    pub fn contains(self, reason: SuppressionReason) -> bool {
        self.0 & reason.bit() != 0
    }

    /// The set that [`Suppressions::bits`] made.
    pub fn from_bits(bits: u8) -> Self {
        Self(bits & 0b11_1111)
    }

    /// The set as a number: a bit a reason.
    pub fn bits(self) -> u8 {
        self.0
    }
}

impl SuppressionReason {
    /// The reason's bit in [`Suppressions::bits`].
    pub fn bit(self) -> u8 {
        match self {
            Self::OptedOutOfAll => 1,
            Self::Complained => 2,
            Self::Erased => 4,
            Self::HardBounced => 8,
            Self::Listed => 16,
            Self::HeldByOperator => 32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::IntoEnumIterator;

    #[test]
    fn p03_who_still_gets_what_a_test_a_cell() {
        use MessageKind::{Account, Confirmation, Essential, Marketing, PolicyNotice, RequestAnswer, Test};
        use SuppressionReason::{Complained, Erased, HardBounced, HeldByOperator, Listed, OptedOutOfAll};
        let held_back = [
            (OptedOutOfAll, Marketing, true),
            (OptedOutOfAll, Essential, true),
            (OptedOutOfAll, Confirmation, true),
            (OptedOutOfAll, PolicyNotice, true),
            (OptedOutOfAll, RequestAnswer, false),
            (OptedOutOfAll, Test, true),
            (OptedOutOfAll, Account, true),
            (Complained, Marketing, true),
            (Complained, Essential, true),
            (Complained, Confirmation, true),
            (Complained, PolicyNotice, true),
            (Complained, RequestAnswer, false),
            (Complained, Test, true),
            (Complained, Account, true),
            (Erased, Marketing, true),
            (Erased, Essential, true),
            (Erased, Confirmation, false),
            (Erased, PolicyNotice, true),
            (Erased, RequestAnswer, false),
            (Erased, Test, true),
            (Erased, Account, false),
            (HardBounced, Marketing, true),
            (HardBounced, Essential, true),
            (HardBounced, Confirmation, true),
            (HardBounced, PolicyNotice, true),
            (HardBounced, RequestAnswer, false),
            (HardBounced, Test, true),
            (HardBounced, Account, true),
            (Listed, Marketing, true),
            (Listed, Essential, false),
            (Listed, Confirmation, false),
            (Listed, PolicyNotice, false),
            (Listed, RequestAnswer, false),
            (Listed, Test, true),
            (Listed, Account, false),
            (HeldByOperator, Marketing, true),
            (HeldByOperator, Essential, true),
            (HeldByOperator, Confirmation, true),
            (HeldByOperator, PolicyNotice, true),
            (HeldByOperator, RequestAnswer, false),
            (HeldByOperator, Test, true),
            (HeldByOperator, Account, true),
        ];
        assert_eq!(
            held_back.len(),
            SuppressionReason::iter().count() * MessageKind::iter().count()
        );
        for (reason, kind, expected) in held_back {
            assert_eq!(reason.holds_back(kind), expected, "{reason} {kind}");
        }
    }

    #[test]
    fn every_reason_has_a_bit_of_its_own() {
        let all = SuppressionReason::iter().fold(Suppressions::NONE, Suppressions::with);
        assert_eq!(
            usize::try_from(all.bits().count_ones()).unwrap(),
            SuppressionReason::iter().count()
        );
        assert!(SuppressionReason::iter().all(|reason| all.contains(reason)));
    }
}
