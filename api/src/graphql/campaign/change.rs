//! Scheduling campaigns, stopping them and letting them go on.

use assent_domain::clock::Timestamp;
use assent_domain::id::CampaignId;
use assent_entity::campaign::Schedule;
use assent_entity::{StoreError, TenantTx, Write, campaign, sending_domain};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::Campaign;
use crate::graphql::context::World;
use crate::graphql::error::Result;
use crate::graphql::id;
use crate::graphql::time::Time;

/// A campaign to be scheduled.
#[derive(InputObject)]
pub(crate) struct ScheduleCampaignInput {
    /// Which: an id that begins with campaign_.
    id: ID,
    /// When it is to go out. Left out, or a time that has passed: now.
    at: Option<Time>,
    /// The time after which nothing of it is to go out any more. Left out: it takes as long as it takes. Not before `at`.
    not_after: Option<Time>,
}

/// The campaign that was scheduled.
#[derive(SimpleObject)]
pub(crate) struct ScheduleCampaignPayload {
    /// The campaign.
    campaign: Campaign,
}

/// A campaign to be paused.
#[derive(InputObject)]
pub(crate) struct PauseCampaignInput {
    /// Which: an id that begins with campaign_.
    id: ID,
}

/// The campaign that was paused.
#[derive(SimpleObject)]
pub(crate) struct PauseCampaignPayload {
    /// The campaign.
    campaign: Campaign,
}

/// A campaign to go on.
#[derive(InputObject)]
pub(crate) struct ResumeCampaignInput {
    /// Which: an id that begins with campaign_.
    id: ID,
}

/// The campaign that goes on.
#[derive(SimpleObject)]
pub(crate) struct ResumeCampaignPayload {
    /// The campaign.
    campaign: Campaign,
}

/// A campaign to be cancelled.
#[derive(InputObject)]
pub(crate) struct CancelCampaignInput {
    /// Which: an id that begins with campaign_.
    id: ID,
}

/// The campaign that was cancelled.
#[derive(SimpleObject)]
pub(crate) struct CancelCampaignPayload {
    /// The campaign.
    campaign: Campaign,
}

/// Does one thing to a campaign, and gives it as it is then.
async fn act(
    ctx: &Context<'_>,
    id: &ID,
    act: impl AsyncFnOnce(&mut TenantTx<Write>, CampaignId) -> Result<(), StoreError>,
) -> Result<Campaign> {
    let id = id::parse("id", id)?;
    let mut tx = ctx.write().await?;
    act(&mut tx, id).await?;
    let campaign = campaign::by_id(&tx, id).await?;
    tx.commit().await?;
    Ok(Campaign(campaign))
}

/// In production, a campaign goes out only from a domain that receivers can check.
async fn require_sender(tx: &TenantTx<Write>, demands: bool) -> Result<(), StoreError> {
    if demands {
        sending_domain::require_verified(tx).await?;
    }
    Ok(())
}

/// What can be done with a campaign that has been drafted. An act that does not fit where the campaign stands
/// is a `CONFLICT` on the field `id`.
#[derive(Default)]
pub(crate) struct CampaignActMutation;

#[Object]
impl CampaignActMutation {
    /// Sets the time at which a draft goes out. `OUTSIDE_PARTY_NOT_IN_POLICY` where its content brings in somebody whom
    /// the policy in force does not name. `SENDING_DOMAIN_UNVERIFIED` in production, where the sender's domain is not verified.
    #[graphql(complexity = "50 + child_complexity")]
    async fn schedule_campaign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign, and when.")] input: ScheduleCampaignInput,
    ) -> Result<ScheduleCampaignPayload> {
        let at: Timestamp = input.at.map_or(ctx.now()?, |at| at.0);
        let schedule = Schedule {
            at,
            not_after: input.not_after.map(|last| last.0),
        };
        let demands = ctx.app()?.sender.requires_verified;
        let campaign = act(ctx, &input.id, async |tx, id| {
            campaign::schedule(tx, id, schedule).await?;
            require_sender(tx, demands).await
        })
        .await?;
        Ok(ScheduleCampaignPayload { campaign })
    }

    /// Stops a scheduled campaign, or one that is going out, for now. What is in the hands of the mail server is
    /// beyond recall.
    #[graphql(complexity = "50 + child_complexity")]
    async fn pause_campaign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign.")] input: PauseCampaignInput,
    ) -> Result<PauseCampaignPayload> {
        let campaign = act(ctx, &input.id, campaign::pause).await?;
        Ok(PauseCampaignPayload { campaign })
    }

    /// Lets a paused campaign go on where it stopped: its status is `SCHEDULED` until a worker takes it up. A mail server
    /// that refused everything is tried at once.
    /// `SENDING_DOMAIN_UNVERIFIED` as with `scheduleCampaign`.
    #[graphql(complexity = "50 + child_complexity")]
    async fn resume_campaign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign.")] input: ResumeCampaignInput,
    ) -> Result<ResumeCampaignPayload> {
        let demands = ctx.app()?.sender.requires_verified;
        let campaign = act(ctx, &input.id, async |tx, id| {
            campaign::resume(tx, id).await?;
            require_sender(tx, demands).await
        })
        .await?;
        Ok(ResumeCampaignPayload { campaign })
    }

    /// Stops a campaign for good: whoever has not got it will not.
    #[graphql(complexity = "50 + child_complexity")]
    async fn cancel_campaign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign.")] input: CancelCampaignInput,
    ) -> Result<CancelCampaignPayload> {
        let campaign = act(ctx, &input.id, campaign::cancel).await?;
        Ok(CancelCampaignPayload { campaign })
    }
}
