//! Tests of campaigns, to members.

use assent_entity::{campaign, delivery, test_mail};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::Campaign;
use crate::graphql::context::World;
use crate::graphql::delivery::Delivery;
use crate::graphql::error::Result;
use crate::graphql::id;

/// A test to be sent.
#[derive(InputObject)]
pub(crate) struct SendTestMailInput {
    /// Of which campaign: an id that begins with campaign_.
    campaign_id: ID,
    /// To which members, at most 20: ids that begin with member_. Left out: to whoever asks.
    member_ids: Option<Vec<ID>>,
}

/// The test that was sent.
#[derive(SimpleObject)]
pub(crate) struct SendTestMailPayload {
    /// The campaign, as it was: a test changes nothing of it.
    campaign: Campaign,
    /// What becomes of it, member by member.
    deliveries: Vec<Delivery>,
}

/// Testing campaigns.
#[derive(Default)]
pub(crate) struct TestMailMutation;

#[Object]
impl TestMailMutation {
    /// Sends a campaign as it would look for a sample person to members of the tenant, and to nobody else. Its subject begins
    /// with `[Test]`, its links lead nowhere. `OUTSIDE_PARTY_NOT_IN_POLICY` as with `scheduleCampaign`.
    #[graphql(complexity = "100 + 20 * child_complexity")]
    async fn send_test_mail(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which campaign, and to whom.")] input: SendTestMailInput,
    ) -> Result<SendTestMailPayload> {
        ctx.access()?;
        let id = id::parse("campaignId", &input.campaign_id)?;
        let to = match &input.member_ids {
            Some(ids) => id::parse_all("memberIds", ids)?,
            None => vec![ctx.member()?.member],
        };
        let mut tx = ctx.write().await?;
        let sent = test_mail::send(&mut tx, id, &to).await?;
        let deliveries = delivery::by_ids(&tx, &sent).await?;
        let campaign = Campaign(campaign::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(SendTestMailPayload {
            campaign,
            deliveries: deliveries.into_iter().map(Delivery).collect(),
        })
    }
}
