//! Deliveries: what became of a mailing, recipient by recipient, and in numbers.

use assent_domain::delivery::{DeliveryStatus as DomainStatus, Failure as DomainFailure};
use assent_domain::message_id::MessageIds;
use assent_domain::permit::Recipient;
use assent_entity::delivery::{Delivery as Row, Progress};
use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};

use super::attempt::DeliveryAttempt;
use super::bounce::Bounce;
use super::context::World;
use super::error::Result;
use super::id;
use super::loaders::{AttemptsOf, BouncesOf};
use super::permit::{Refusal, RefusalCount, counts};
use super::subscriber::Subscriber;
use super::time::Time;

/// Where one recipient of a mailing stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainStatus")]
pub(crate) enum DeliveryStatus {
    /// Waits for its turn.
    Queued,
    /// A worker is at it.
    Claimed,
    /// The recipient's server took it.
    Sent,
    /// The recipient's server asked to try later.
    Deferred,
    /// The recipient's server said no for good, or too often.
    Bounced,
    /// The rule said no; `refusal` says why.
    Refused,
    /// The line broke after the message may have been handed over. A campaign repeats it only with `ifUnknown: SEND_AGAIN`.
    Unknown,
    /// The mailing was cancelled before its turn came.
    Cancelled,
}

/// Why a message was given up.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainFailure")]
pub(crate) enum DeliveryFailure {
    /// The server said no to the recipient for good: there is no such mailbox, say.
    Rejected,
    /// The server said no to the recipient for a reason that may pass: a full mailbox, say.
    NotNow,
    /// The server refused the sender or the message at every attempt, until the time for them was over. The recipient is
    /// not to blame.
    Blocked,
    /// The server asked to try later, or the line was lost, until the time for that was over.
    PutOff,
}

/// How many were given up for one reason.
#[derive(SimpleObject)]
pub(crate) struct FailureCount {
    /// The reason.
    reason: DeliveryFailure,
    /// How many people.
    count: u64,
}

/// Counts by reason, as clients see them.
pub(crate) fn failure_counts(failed: Vec<(DomainFailure, u64)>) -> Vec<FailureCount> {
    let counts = failed.into_iter().map(|(reason, count)| FailureCount {
        reason: reason.into(),
        count,
    });
    counts.collect()
}

/// One recipient of one mailing.
#[derive(Description)]
pub(crate) struct Delivery(pub(crate) Row);

#[Object(use_type_description)]
impl Delivery {
    /// The delivery's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Where it stands.
    async fn status(&self) -> DeliveryStatus {
        self.0.status.into()
    }

    /// Why the rule said no, if it did.
    async fn refusal(&self) -> Option<Refusal> {
        self.0.refusal.map(Refusal::from)
    }

    /// Why it was given up, if it was.
    async fn failure(&self) -> Option<DeliveryFailure> {
        self.0.failure.map(DeliveryFailure::from)
    }

    /// Each attempt that has ended, in order: when, with which server, and what it answered.
    #[graphql(complexity = "3 + 3 * child_complexity")]
    async fn attempt_log(&self, ctx: &Context<'_>) -> Result<Vec<DeliveryAttempt>> {
        let found = ctx.loader()?.load_one(AttemptsOf(self.0.id)).await?;
        let attempts = found.unwrap_or_default().into_iter();
        Ok(attempts
            .map(|attempt| DeliveryAttempt::new(attempt, self.0.recipient))
            .collect())
    }

    /// How often it was tried.
    async fn attempts(&self) -> i32 {
        self.0.attempts
    }

    /// When its status changed last.
    async fn changed_at(&self) -> Time {
        self.0.changed_at.into()
    }

    /// The `Message-ID` header, with its angle brackets: the same on every attempt. Null before the first, and for those
    /// who see people masked: whoever has it can report that the message came back.
    async fn message_id(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        if self.0.attempts == 0 {
            return None;
        }
        self.message_id_for(ctx).await.transpose()
    }

    /// What was reported about it since it was sent, oldest first.
    #[graphql(complexity = "3 + 3 * child_complexity")]
    async fn bounces(&self, ctx: &Context<'_>) -> Result<Vec<Bounce>> {
        let found = ctx.loader()?.load_one(BouncesOf(self.0.id)).await?;
        Ok(found.unwrap_or_default().into_iter().map(Bounce).collect())
    }

    /// Who gets it; null where it is for a member or somebody who is invited to become one, or for somebody who was erased since. For a token it needs the scope
    /// `READ_SUBSCRIBERS`.
    async fn subscriber(&self, ctx: &Context<'_>) -> Option<Result<Subscriber>> {
        match self.0.recipient {
            Recipient::Subscriber(id) => Subscriber::load(ctx, id).await.transpose(),
            Recipient::Member(_) | Recipient::Invitee(_) => None,
        }
    }
}

impl Delivery {
    async fn message_id_for(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        if !ctx.access()?.sees_persons() {
            return Ok(None);
        }
        let ids = MessageIds::new(ctx.app()?.store.keys());
        let id = assent_worker::message_id(&ids, self.0.id, &ctx.tenant().await?);
        Ok(Some(format!("<{id}>")))
    }
}

/// How far a campaign is, in numbers of recipients. Zeros before its sending is planned.
#[derive(SimpleObject)]
pub(crate) struct CampaignProgress {
    /// How many recipients there are, the refused ones included; growing while the campaign is planned.
    total: u64,
    /// Waiting for their turn, or in a worker's hands.
    queued: u64,
    /// Taken by the recipient's server.
    sent: u64,
    /// To be tried again.
    deferred: u64,
    /// Given up; `failed` says why.
    bounced: u64,
    /// May have been handed over when the line broke.
    unknown: u64,
    /// Not sent because the campaign was cancelled.
    cancelled: u64,
    /// Not sent because the person may not be written to, by reason.
    refused: Vec<RefusalCount>,
    /// Given up, by reason.
    failed: Vec<FailureCount>,
}

impl From<Progress> for CampaignProgress {
    fn from(progress: Progress) -> Self {
        Self {
            total: progress.total(),
            queued: progress.of(DomainStatus::Queued) + progress.of(DomainStatus::Claimed),
            sent: progress.of(DomainStatus::Sent),
            deferred: progress.of(DomainStatus::Deferred),
            bounced: progress.of(DomainStatus::Bounced),
            unknown: progress.of(DomainStatus::Unknown),
            cancelled: progress.of(DomainStatus::Cancelled),
            refused: counts(progress.refused),
            failed: failure_counts(progress.failed),
        }
    }
}
