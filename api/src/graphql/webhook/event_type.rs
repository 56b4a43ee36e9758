//! The types of events, each with what its `data` holds.

use assent_domain::webhook::event::EventType;
use async_graphql::Enum;

/// What sort of thing happened. The `type` of a body is its name in lower case with a dot: `consent.given`. What a person does by
/// a link or form, a member or a program by the API, and a mail server by a report, makes an event each. What an import brings in makes
/// one event when it has ended, and none a person; a campaign makes one when all of it is over, and none for what was sent. That a posted policy version takes effect is no
/// event: it follows from the date that `policy.posted` names, and from its notices; ask `policyInForce`.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "EventType")]
pub(crate) enum WebhookEventType {
    /// `consent.given`: a person said yes to a purpose. `{"subscriber": "subscriber_...", "purpose": "purpose_...", "consentRecord":
    /// "consent_...", "policyVersion": "policy_...", "source": "CONFIRMATION"}`
    ConsentGiven,
    /// `consent.refused`: a person said no to a purpose, without a yes before. The data is that of `consent.given`.
    ConsentRefused,
    /// `consent.withdrawn`: a person took a yes back. The data is that of `consent.given`.
    ConsentWithdrawn,
    /// `consent.expired`: a yes ran out. The data is that of `consent.given`. Many may come at a time.
    ConsentExpired,
    /// `subscription.started`: a person is on a list. `{"subscriber": "subscriber_...", "mailingList": "list_..."}`
    SubscriptionStarted,
    /// `subscription.ended`: a person left a list. `{"subscriber": "subscriber_...", "mailingList": "list_..."}`
    SubscriptionEnded,
    /// `subscriber.erased`: a person's data was erased; the id leads to nobody. `{"subscriber": "subscriber_..."}`
    SubscriberErased,
    /// `subscriber.merged`: two people turned out to be one; the former id leads to the other. `{"subscriber": "subscriber_...",
    /// "former": "subscriber_..."}`
    SubscriberMerged,
    /// `delivery.bounced`: a message came back, for good (`HARD`) or for now (`SOFT`). `{"delivery": "delivery_...", "subscriber":
    /// "subscriber_...", "class": "HARD"}`
    DeliveryBounced,
    /// `delivery.complained`: a person told their provider that a message is spam. `{"delivery": "delivery_...", "subscriber":
    /// "subscriber_...", "class": "COMPLAINT"}`
    DeliveryComplained,
    /// `campaign.finished`: nothing of a campaign is open any more; again where it was retried. `{"campaign": "campaign_..."}`
    CampaignFinished,
    /// `import.finished`: an import ended. `{"import": "import_...", "status": "FINISHED"}`, or `CANCELLED`, or `FAILED`
    ImportFinished,
    /// `policy.posted`: a policy version was posted. `{"policyVersion": "policy_...", "effectiveAt": "2026-03-09T09:00:00Z"}`
    PolicyPosted,
    /// `policy.postponed`: a posted version takes effect later. `{"policyVersion": "policy_...", "effectiveAt": "2026-04-01T09:00:00Z"}`
    PolicyPostponed,
    /// `policy.withdrawn`: a posted version was taken back before it counted. `{"policyVersion": "policy_..."}`
    PolicyWithdrawn,
    /// `webhook.test`: somebody tries the endpoint out (`testWebhookEndpoint`). It cannot be subscribed to.
    /// `{"webhookEndpoint": "webhook_..."}`
    #[graphql(name = "WEBHOOK_TEST")]
    Test,
}
