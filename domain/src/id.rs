//! Typed, opaque, sortable ids: a type prefix and a UUIDv7, written as the TypeID specification says.

use rand::Rng;
use type_safe_id::{StaticType, TypeSafeId};
use uuid::{Builder, Uuid};

use crate::clock::Timestamp;

/// An id of one kind of thing: `subscriber_01h455vb4pex5vsknk084sn02q`.
pub type Id<T> = TypeSafeId<T>;

/// Makes a new id whose order follows `at`. Ids made in the same millisecond are in no order.
pub fn new_id<T: StaticType>(at: Timestamp) -> Id<T> {
    let millis = u64::try_from(at.micros() / 1000).unwrap_or(0);
    let mut random = [0_u8; 10];
    rand::rng().fill_bytes(&mut random);
    Id::from_uuid(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
}

/// The id that a stored UUID stands for.
pub fn stored<T: StaticType>(uuid: Uuid) -> Id<T> {
    Id::from_uuid(uuid)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $kind:ident, $id:ident = $prefix:literal;)+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $kind;
            impl StaticType for $kind {
                const TYPE: &'static str = $prefix;
            }
            #[doc = concat!("Id of a `", $prefix, "`.")]
            pub type $id = Id<$kind>;
        )+
        /// Every prefix an id can have, for a clear answer to an id of the wrong type.
        pub const PREFIXES: &[&str] = &[$($prefix),+];
    };
}

ids! {
    /// A company that writes to subscribers.
    Tenant, TenantId = "tenant";
    /// A person who signs in for a tenant.
    Member, MemberId = "member";
    /// An invitation to become a member.
    Invitation, InvitationId = "invitation";
    /// A member's wish for a new password, whose link is in a mail.
    PasswordReset, PasswordResetId = "reset";
    /// A change that is made once.
    KeyedChange, KeyedChangeId = "change";
    /// One sign-in of a member.
    Session, SessionId = "session";
    /// A list that people subscribe to.
    MailingList, MailingListId = "list";
    /// A form or integration through which people join.
    CollectionPoint, CollectionPointId = "form";
    /// A person a tenant writes to.
    Subscriber, SubscriberId = "subscriber";
    /// What somebody asked for at a collection point and has yet to confirm.
    OptIn, OptInId = "optin";
    /// A person's wish to be reached at another address.
    AddressChange, AddressChangeId = "address";
    /// One entry of a tenant's ledger; a consent record is such an entry.
    ConsentRecord, ConsentRecordId = "consent";
    /// One entry of the audit log, which is an entry of the ledger too.
    AuditEntry, AuditEntryId = "audit";
    /// Why a message is sent.
    Purpose, PurposeId = "purpose";
    /// One version of a tenant's policy.
    PolicyVersion, PolicyVersionId = "policy";
    /// Somebody who is neither tenant nor subscriber.
    OutsideParty, OutsidePartyId = "party";
    /// What somebody agreed that an outside party may get, or did not.
    Permission, PermissionId = "permission";
    /// Something of a person that went to an outside party.
    Disclosure, DisclosureId = "disclosure";
    /// An order of an authority that binds a tenant.
    LegalOrder, LegalOrderId = "order";
    /// A long-lived token of a partner.
    ApiToken, ApiTokenId = "token";
    /// A list of people that a tenant brings along.
    Import, ImportId = "import";
    /// What a tenant keeps of people beside their address, name and company.
    CustomField, CustomFieldId = "field";
    /// Some of a tenant's people, by a rule.
    Segment, SegmentId = "segment";
    /// A domain that mail comes from.
    SendingDomain, SendingDomainId = "domain";
    /// A key that signs mail for such a domain.
    DkimKey, DkimKeyId = "dkim";
    /// A mail server of a tenant's own.
    Transport, TransportId = "transport";
    /// Where a tenant's own programs are told what happens.
    WebhookEndpoint, WebhookEndpointId = "webhook";
    /// Something that such programs are told.
    WebhookEvent, WebhookEventId = "event";
    /// What becomes of telling one of them.
    WebhookDelivery, WebhookDeliveryId = "hookdelivery";
    /// Something that is mailed to one or many.
    Mailing, MailingId = "mailing";
    /// A mailing that a marketer wrote.
    Campaign, CampaignId = "campaign";
    /// One recipient of one mailing.
    Delivery, DeliveryId = "delivery";
    /// A report about a message that was sent.
    Bounce, BounceId = "bounce";
    /// A reason not to write to an address.
    Suppression, SuppressionId = "suppression";
    /// What a person asked about their data.
    PrivacyRequest, PrivacyRequestId = "request";
    /// A job that waits in the outbox.
    Job, JobId = "job";
    /// One worker process, as it names itself in leases.
    Worker, WorkerId = "worker";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_sort_by_time() {
        let early: SubscriberId = new_id(Timestamp::from_micros(1_700_000_000_000_000));
        let late: SubscriberId = new_id(Timestamp::from_micros(1_700_000_001_000_000));
        assert!(early.to_string() < late.to_string());
        assert_eq!(early.to_string().parse::<SubscriberId>().unwrap(), early);
        assert_eq!(early.uuid().get_version_num(), 7);
    }

    #[test]
    fn an_id_of_another_type_is_not_accepted() {
        let list: MailingListId = new_id(Timestamp::from_micros(0));
        assert!(list.to_string().parse::<SubscriberId>().is_err());
    }
}
