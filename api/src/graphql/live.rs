//! What can be watched. It is looked at anew from time to time, by whichever server the watcher is connected to: who comes back
//! after a connection broke sees the latest state, and no server has to tell another.

use std::time::{Duration, Instant};

use assent_domain::campaign::CampaignStatus;
use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::CampaignId;
use assent_entity::access::Access;
use assent_entity::delivery::Progress;
use assent_entity::{TenantTx, campaign, delivery};
use async_graphql::{Context, ID};
use futures::Stream;
use futures::stream::unfold;

use super::context::World;
use super::delivery::CampaignProgress;
use super::error::{ApiError, Result};
use super::id;
use crate::app::App;
use crate::auth::Credential;

/// How long at least lies between two looks.
const PAUSE: Duration = Duration::from_secs(1);

/// A look is followed by a pause so many times as long as it took, so that watching never takes more than its share of the
/// database.
const SHARE: u32 = 10;

/// The root of what can be watched.
pub(crate) struct Subscription;

/// What can be watched, over a WebSocket by the protocol `graphql-transport-ws` at the address of queries; who is asking says
/// so in the payload of `connection_init`, as `{"authorization": "Bearer ..."}`. The latest state comes first, then each that
/// differs from the one before, at most once a second.
#[async_graphql::Subscription(name = "Subscriptions")]
impl Subscription {
    /// How far a campaign is, until it has ended. `NOT_FOUND` if the tenant has none with this id.
    #[graphql(complexity = "50 + child_complexity")]
    async fn campaign_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with campaign_.")] id: ID,
    ) -> Result<impl Stream<Item = Result<CampaignProgress>> + use<>> {
        let campaign: CampaignId = id::parse("id", &id)?;
        campaign::by_id(&ctx.read().await?, campaign).await?;
        let credential = ctx
            .data_opt::<Credential>()
            .ok_or_else(ApiError::unauthenticated)?;
        let watch = Watch {
            app: ctx.app()?.clone(),
            credential: credential.clone(),
            campaign,
            seen: None,
            pause: Duration::ZERO,
            is_over: false,
        };
        Ok(unfold(watch, Watch::next))
    }
}

/// Somebody who watches a campaign.
struct Watch {
    app: App,
    credential: Credential,
    campaign: CampaignId,
    seen: Option<Progress>,
    pause: Duration,
    is_over: bool,
}

impl Watch {
    /// The next state that differs.
    async fn next(mut self) -> Option<(Result<CampaignProgress>, Self)> {
        while !self.is_over {
            tokio::time::sleep(self.pause).await;
            let began = Instant::now();
            let looked = self.look().await;
            self.pause = PAUSE.max(began.elapsed() * SHARE);
            match looked {
                Ok((progress, has_ended)) => {
                    self.is_over = has_ended;
                    if self.seen.as_ref() != Some(&progress) {
                        self.seen = Some(progress.clone());
                        return Some((Ok(progress.into()), self));
                    }
                }
                Err(error) => {
                    self.is_over = true;
                    return Some((Err(error), self));
                }
            }
        }
        None
    }

    /// How far the campaign is, and whether that is the end, as long as whoever asked may still know.
    async fn look(&self) -> Result<(Progress, bool)> {
        let access: Option<Access> = self.credential.access(&self.app).await?;
        let access = access.ok_or_else(ApiError::unauthenticated)?;
        let tx = TenantTx::read(&self.app.store, access.ctx()).await?;
        let campaign = campaign::by_id(&tx, self.campaign).await?;
        let progress = match campaign::mailing_of(&tx, campaign.id).await? {
            Some(mailing) => delivery::progress(&tx, mailing).await?,
            None => Progress::default(),
        };
        let is_open = [
            DeliveryStatus::Queued,
            DeliveryStatus::Claimed,
            DeliveryStatus::Deferred,
        ]
        .iter()
        .any(|status| progress.of(*status) > 0);
        let has_ended = match campaign.status {
            CampaignStatus::Finished => true,
            CampaignStatus::Cancelled => !is_open,
            _ => false,
        };
        Ok((progress, has_ended))
    }
}
