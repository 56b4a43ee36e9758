//! The one rule's answers as clients see them: why a message may not go to a person.

use assent_domain::permit;
use async_graphql::{Enum, SimpleObject};

/// Why a message may not go to a person. The codes are stable.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "permit::Refusal")]
pub(crate) enum Refusal {
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
    /// The policy in force, or the one the data was collected under, does not name the purpose.
    PurposeNotInPolicy,
    /// The purpose is new since the person's data was collected, and they have not chosen.
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
    /// The message loads content from a host of an outside party that the policy in force does not name.
    OutsidePartyNotInPolicy,
    /// The time after which the message was not to go out any more has passed.
    TooLate,
    /// It is a test, which goes to members of the tenant and to nobody else.
    NotAMember,
}

/// How many people are refused for one reason.
#[derive(SimpleObject)]
pub(crate) struct RefusalCount {
    /// The reason.
    reason: Refusal,
    /// How many people.
    count: u64,
}

/// Counts by reason, as clients see them.
pub(crate) fn counts(refused: Vec<(permit::Refusal, u64)>) -> Vec<RefusalCount> {
    refused
        .into_iter()
        .map(|(reason, count)| RefusalCount {
            reason: reason.into(),
            count,
        })
        .collect()
}
