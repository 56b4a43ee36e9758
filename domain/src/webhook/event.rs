//! Events: what happened, in a closed list of types. They hold typed ids, codes and times, and nothing else: no address, no
//! name, no text that anybody wrote (P14). Whoever gets one looks the rest up with a token of their own.

use serde::Serialize;
use strum::{Display, EnumIter, EnumString, IntoStaticStr};

use crate::bounce::BounceClass;
use crate::clock::Timestamp;
use crate::consent::{ConsentSource, ConsentState};
use crate::id::{
    CampaignId, ConsentRecordId, DeliveryId, ImportId, MailingListId, PolicyVersionId, PurposeId,
    SubscriberId, TenantId, WebhookEndpointId,
};
use crate::import::ImportStatus;

/// What sort of thing happened. The codes are stable: receivers go by them.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Display, EnumIter, EnumString, IntoStaticStr,
)]
pub enum EventType {
    /// A person said yes to a purpose.
    #[strum(serialize = "consent.given")]
    ConsentGiven,
    /// A person said no to a purpose, without a yes before.
    #[strum(serialize = "consent.refused")]
    ConsentRefused,
    /// A person took a yes back.
    #[strum(serialize = "consent.withdrawn")]
    ConsentWithdrawn,
    /// A yes ran out.
    #[strum(serialize = "consent.expired")]
    ConsentExpired,
    /// A person is on a list.
    #[strum(serialize = "subscription.started")]
    SubscriptionStarted,
    /// A person left a list.
    #[strum(serialize = "subscription.ended")]
    SubscriptionEnded,
    /// A person was erased.
    #[strum(serialize = "subscriber.erased")]
    SubscriberErased,
    /// Two people turned out to be one.
    #[strum(serialize = "subscriber.merged")]
    SubscriberMerged,
    /// A message came back.
    #[strum(serialize = "delivery.bounced")]
    DeliveryBounced,
    /// A person told their provider that a message is spam.
    #[strum(serialize = "delivery.complained")]
    DeliveryComplained,
    /// A campaign went out.
    #[strum(serialize = "campaign.finished")]
    CampaignFinished,
    /// An import ended.
    #[strum(serialize = "import.finished")]
    ImportFinished,
    /// A policy version was posted.
    #[strum(serialize = "policy.posted")]
    PolicyPosted,
    /// A posted version takes effect later.
    #[strum(serialize = "policy.postponed")]
    PolicyPostponed,
    /// A posted version was taken back.
    #[strum(serialize = "policy.withdrawn")]
    PolicyWithdrawn,
    /// Somebody tries an endpoint out.
    #[strum(serialize = "webhook.test")]
    Test,
}

impl EventType {
    /// Whether an endpoint may subscribe to it. A test goes to the endpoint that is tried out, whatever it subscribed to.
    pub fn is_for_subscribing(self) -> bool {
        self != Self::Test
    }
}

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum EventData {
    /// A consent record.
    Consent {
        /// Whose.
        subscriber: SubscriberId,
        /// For what.
        purpose: PurposeId,
        /// The record in the ledger.
        consent_record: ConsentRecordId,
        /// The policy version that it counts under.
        policy_version: PolicyVersionId,
        /// How it came about.
        source: ConsentSource,
    },
    /// A subscription.
    Subscription {
        /// Whose.
        subscriber: SubscriberId,
        /// To which list.
        mailing_list: MailingListId,
    },
    /// An erasure.
    Erasure {
        /// The id that leads to nobody from now on.
        subscriber: SubscriberId,
    },
    /// One person who was two.
    Merge {
        /// The id that goes on.
        subscriber: SubscriberId,
        /// The id that leads to the other from now on.
        former: SubscriberId,
    },
    /// A report about a message.
    Report {
        /// Which message.
        delivery: DeliveryId,
        /// To whom it went.
        subscriber: SubscriberId,
        /// What it amounts to.
        class: BounceCode,
    },
    /// A campaign.
    Campaign {
        /// Which.
        campaign: CampaignId,
    },
    /// An import.
    Import {
        /// Which.
        import: ImportId,
        /// How it ended.
        status: ImportEnd,
    },
    /// A policy version.
    Policy {
        /// Which.
        policy_version: PolicyVersionId,
        /// When it takes effect, as RFC 3339 has it; nothing where it does not.
        #[serde(skip_serializing_if = "Option::is_none")]
        effective_at: Option<String>,
    },
    /// An endpoint.
    Endpoint {
        /// Which.
        webhook_endpoint: WebhookEndpointId,
    },
}

/// A class of report, by the code that the API has for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct BounceCode(String);

/// How an import ended, by the code that the API has for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ImportEnd(String);

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What sort of thing.
    pub event_type: EventType,
    /// What it is about.
    pub data: EventData,
}

impl Event {
    /// What a consent record tells, if anything: that somebody was asked is nothing yet.
    pub fn consent(
        state: ConsentState,
        subscriber: SubscriberId,
        purpose: PurposeId,
        consent_record: ConsentRecordId,
        policy_version: PolicyVersionId,
        source: ConsentSource,
    ) -> Option<Self> {
        let event_type = match state {
            ConsentState::Requested => return None,
            ConsentState::Given => EventType::ConsentGiven,
            ConsentState::Refused => EventType::ConsentRefused,
            ConsentState::Withdrawn => EventType::ConsentWithdrawn,
            ConsentState::Expired => EventType::ConsentExpired,
        };
        Some(Self {
            event_type,
            data: EventData::Consent {
                subscriber,
                purpose,
                consent_record,
                policy_version,
                source,
            },
        })
    }

    /// That somebody is on a list from now on, or is not.
    pub fn subscription(is_on: bool, subscriber: SubscriberId, mailing_list: MailingListId) -> Self {
        let event_type = if is_on {
            EventType::SubscriptionStarted
        } else {
            EventType::SubscriptionEnded
        };
        Self {
            event_type,
            data: EventData::Subscription {
                subscriber,
                mailing_list,
            },
        }
    }

    /// That somebody was erased.
    pub fn erased(subscriber: SubscriberId) -> Self {
        Self {
            event_type: EventType::SubscriberErased,
            data: EventData::Erasure { subscriber },
        }
    }

    /// That one person was two.
    pub fn merged(subscriber: SubscriberId, former: SubscriberId) -> Self {
        Self {
            event_type: EventType::SubscriberMerged,
            data: EventData::Merge { subscriber, former },
        }
    }

    /// What a report tells, if anything: a message that was refused for its sender or content says nothing of its recipient,
    /// and who asked to be taken off has left lists, which is told as that.
    pub fn report(class: BounceClass, delivery: DeliveryId, subscriber: SubscriberId) -> Option<Self> {
        let event_type = match class {
            BounceClass::Soft | BounceClass::Hard => EventType::DeliveryBounced,
            BounceClass::Complaint => EventType::DeliveryComplained,
            _ => return None,
        };
        Some(Self {
            event_type,
            data: EventData::Report {
                delivery,
                subscriber,
                class: BounceCode(class.to_string()),
            },
        })
    }

    /// That a campaign went out.
    pub fn campaign_finished(campaign: CampaignId) -> Self {
        Self {
            event_type: EventType::CampaignFinished,
            data: EventData::Campaign { campaign },
        }
    }

    /// That an import ended.
    pub fn import_finished(import: ImportId, status: ImportStatus) -> Self {
        Self {
            event_type: EventType::ImportFinished,
            data: EventData::Import {
                import,
                status: ImportEnd(status.to_string()),
            },
        }
    }

    /// That a version was posted, to take effect then.
    pub fn policy_posted(policy_version: PolicyVersionId, at: Timestamp) -> Self {
        Self::policy(EventType::PolicyPosted, policy_version, Some(at))
    }

    /// That a version was put off until then.
    pub fn policy_postponed(policy_version: PolicyVersionId, at: Timestamp) -> Self {
        Self::policy(EventType::PolicyPostponed, policy_version, Some(at))
    }

    /// That a version was taken back.
    pub fn policy_withdrawn(policy_version: PolicyVersionId) -> Self {
        Self::policy(EventType::PolicyWithdrawn, policy_version, None)
    }

    fn policy(event_type: EventType, policy_version: PolicyVersionId, at: Option<Timestamp>) -> Self {
        Self {
            event_type,
            data: EventData::Policy {
                policy_version,
                effective_at: at.map(|at| at.to_string()),
            },
        }
    }

    /// That somebody tries an endpoint out.
    pub fn test(webhook_endpoint: WebhookEndpointId) -> Self {
        Self {
            event_type: EventType::Test,
            data: EventData::Endpoint { webhook_endpoint },
        }
    }

    /// The body that is posted: `type`, `timestamp` and `data`, as Standard Webhooks says, and whose event it is.
    pub fn body(&self, tenant: TenantId, at: Timestamp) -> Result<String, serde_json::Error> {
        let body = Body {
            event_type: self.event_type.into(),
            timestamp: at.to_string(),
            tenant,
            data: &self.data,
        };
        serde_json::to_string(&body)
    }
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    event_type: &'static str,
    timestamp: String,
    tenant: TenantId,
    data: &'a EventData,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{Id, stored};
    use type_safe_id::StaticType;

    fn id<T: StaticType>(number: u128) -> Id<T> {
        stored(uuid::Uuid::from_u128(number))
    }

    fn body(event: &Event) -> String {
        event
            .body(id(1), Timestamp::from_micros(1_772_442_000_000_000))
            .unwrap()
    }

    #[test]
    fn p14_payloads_hold_ids_codes_and_times_and_keep_their_form() {
        let source = ConsentSource::Confirmation;
        let given = Event::consent(ConsentState::Given, id(2), id(3), id(4), id(5), source).unwrap();
        insta::assert_snapshot!(body(&given), @r#"{"type":"consent.given","timestamp":"2026-03-02T09:00:00Z","tenant":"tenant_00000000000000000000000001","data":{"subscriber":"subscriber_00000000000000000000000002","purpose":"purpose_00000000000000000000000003","consentRecord":"consent_00000000000000000000000004","policyVersion":"policy_00000000000000000000000005","source":"CONFIRMATION"}}"#);
        let bounced = Event::report(BounceClass::Hard, id(2), id(3)).unwrap();
        insta::assert_snapshot!(body(&bounced), @r#"{"type":"delivery.bounced","timestamp":"2026-03-02T09:00:00Z","tenant":"tenant_00000000000000000000000001","data":{"delivery":"delivery_00000000000000000000000002","subscriber":"subscriber_00000000000000000000000003","class":"HARD"}}"#);
        let posted = Event::policy_posted(id(2), Timestamp::from_micros(1_772_442_000_000_000));
        insta::assert_snapshot!(body(&posted), @r#"{"type":"policy.posted","timestamp":"2026-03-02T09:00:00Z","tenant":"tenant_00000000000000000000000001","data":{"policyVersion":"policy_00000000000000000000000002","effectiveAt":"2026-03-02T09:00:00Z"}}"#);
        let finished = Event::import_finished(id(2), ImportStatus::Finished);
        insta::assert_snapshot!(body(&finished), @r#"{"type":"import.finished","timestamp":"2026-03-02T09:00:00Z","tenant":"tenant_00000000000000000000000001","data":{"import":"import_00000000000000000000000002","status":"FINISHED"}}"#);
    }

    #[test]
    fn that_somebody_was_asked_is_no_event() {
        let source = ConsentSource::Form;
        let asked = Event::consent(ConsentState::Requested, id(2), id(3), id(4), id(5), source);
        assert_eq!(asked, None);
        assert_eq!(Event::report(BounceClass::Block, id(2), id(3)), None);
    }
}
