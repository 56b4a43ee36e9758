//! How a campaign is sent, what it waits for, and another chance for those whom it did not reach.

use assent_domain::campaign::IfUnknown as DomainIfUnknown;
use assent_entity::campaign::{self, sending};
use assent_entity::circuit::Waiting;
use assent_entity::mailing::RETRIED_AT_ONCE;
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject};

use super::Campaign;
use crate::graphql::context::World;
use crate::graphql::error::Result;
use crate::graphql::id;
use crate::graphql::time::Time;

/// What is done about a message of which nobody knows whether it arrived: its worker died, or the line broke, while it was
/// handed over.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainIfUnknown")]
pub(crate) enum IfUnknown {
    /// Nothing: rather not at all than twice.
    Leave,
    /// It is sent again, with the same `Message-ID`: rather twice than not at all.
    SendAgain,
}

/// Why a campaign waits.
#[derive(SimpleObject)]
pub(crate) struct CampaignWaiting {
    /// The mail server's words, without addresses, or what keeps us from reaching it.
    reason: String,
    /// Since when.
    since: Time,
    /// When a message is tried again; if it is taken, all go on.
    next_try_at: Time,
}

impl From<Waiting> for CampaignWaiting {
    fn from(waiting: Waiting) -> Self {
        Self {
            reason: waiting.reason,
            since: waiting.since.into(),
            next_try_at: waiting.next_try_at.into(),
        }
    }
}

/// What is to be done about messages of which nobody knows.
#[derive(InputObject)]
pub(crate) struct SetIfUnknownInput {
    /// Of which campaign: an id that begins with campaign_.
    id: ID,
    /// What is done.
    if_unknown: IfUnknown,
}

/// The campaign that was changed.
#[derive(SimpleObject)]
pub(crate) struct SetIfUnknownPayload {
    /// The campaign.
    campaign: Campaign,
}

/// A campaign whose failed deliveries get another chance.
#[derive(InputObject)]
pub(crate) struct RetryFailedDeliveriesInput {
    /// Which: an id that begins with campaign_.
    id: ID,
}

/// The campaign whose failed deliveries got another chance.
#[derive(SimpleObject)]
pub(crate) struct RetryFailedDeliveriesPayload {
    /// The campaign.
    campaign: Campaign,
    /// How many people got another chance.
    retried: u64,
}

/// Changing how a campaign is sent, whenever that is.
#[derive(Default)]
pub(crate) struct CampaignSendingMutation;

#[Object]
impl CampaignSendingMutation {
    /// Says what is done about messages of a campaign of which nobody knows whether they arrived. It counts from now on;
    /// those of which that is so already are sent again with `retryFailedDeliveries`. `CONFLICT` on the field `id` where
    /// the campaign was cancelled.
    #[graphql(complexity = "50 + child_complexity")]
    async fn set_if_unknown(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign, and what is done.")] input: SetIfUnknownInput,
    ) -> Result<SetIfUnknownPayload> {
        let id = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        sending::set_if_unknown(&mut tx, id, input.if_unknown.into()).await?;
        let campaign = campaign::by_id(&tx, id).await?;
        tx.commit().await?;
        Ok(SetIfUnknownPayload {
            campaign: Campaign(campaign),
        })
    }

    /// Gives another chance to everybody whom a campaign failed to reach for a reason that may have passed: all failures
    /// but `REJECTED`, and with `ifUnknown: SEND_AGAIN` those of whom nobody knows. Whether they may be written to is
    /// decided anew for each. Asked twice, it does nothing more. They are taken some thousands at a time: if it breaks off,
    /// ask again. `CONFLICT` on the field `id` for a campaign that was not sent yet, was cancelled, or whose `notAfter` has
    /// passed.
    #[graphql(complexity = "50 + child_complexity")]
    async fn retry_failed_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign.")] input: RetryFailedDeliveriesInput,
    ) -> Result<RetryFailedDeliveriesPayload> {
        let id = id::parse("id", &input.id)?;
        let mut retried = 0;
        loop {
            let mut tx = ctx.write().await?;
            let some = sending::retry_failed(&mut tx, id).await?;
            let campaign = campaign::by_id(&tx, id).await?;
            tx.commit().await?;
            retried += some;
            if some < u64::from(RETRIED_AT_ONCE) {
                let campaign = Campaign(campaign);
                return Ok(RetryFailedDeliveriesPayload { campaign, retried });
            }
        }
    }
}
