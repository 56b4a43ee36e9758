//! What can be watched. It is looked at anew from time to time, by whichever server the watcher is connected to: who comes back
//! after a connection broke sees the latest state, and no server has to tell another.

use std::time::{Duration, Instant};

use assent_domain::id::{CampaignId, ImportId, PolicyVersionId};
use assent_entity::access::Access;
use assent_entity::{Read, TenantTx, campaign, import, policy};
use async_graphql::{Context, ID};
use futures::Stream;
use futures::stream::unfold;

use super::access::enrol_first;
use super::context::World;
use super::delivery::CampaignProgress;
use super::error::{ApiError, Result};
use super::id;
use super::import::Import;
use super::policy::PolicyNotices;
use crate::app::App;
use crate::auth::Credential;

mod watched;

use watched::Watched;

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
        watch(ctx, campaign)
    }

    /// How far an import is, until it has ended. `NOT_FOUND` if the tenant has none with this id.
    #[graphql(complexity = "50 + child_complexity")]
    async fn import_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with import_.")] id: ID,
    ) -> Result<impl Stream<Item = Result<Import>> + use<>> {
        let import: ImportId = id::parse("id", &id)?;
        import::by_id(&ctx.read().await?, import).await?;
        watch(ctx, import)
    }

    /// How far the notices of a policy version are, until it waits for them no longer. `NOT_FOUND` if the tenant has none with
    /// this id.
    #[graphql(complexity = "50 + child_complexity")]
    async fn policy_notices_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with policy_.")] id: ID,
    ) -> Result<impl Stream<Item = Result<PolicyNotices>> + use<>> {
        let version: PolicyVersionId = id::parse("id", &id)?;
        policy::by_id(&ctx.read().await?, version).await?;
        watch(ctx, version)
    }
}

fn watch<W: Watched>(ctx: &Context<'_>, of: W) -> Result<impl Stream<Item = Result<W::Shown>> + use<W>> {
    let credential = ctx
        .data_opt::<Credential>()
        .ok_or_else(ApiError::unauthenticated)?;
    let watch = Watch {
        app: ctx.app()?.clone(),
        credential: credential.clone(),
        of,
        seen: None,
        pause: Duration::ZERO,
        is_over: false,
    };
    Ok(unfold(watch, Watch::next))
}

/// Somebody who watches something.
struct Watch<W: Watched> {
    app: App,
    credential: Credential,
    of: W,
    seen: Option<W::State>,
    pause: Duration,
    is_over: bool,
}

impl<W: Watched> Watch<W> {
    /// The next state that differs.
    async fn next(mut self) -> Option<(Result<W::Shown>, Self)> {
        while !self.is_over {
            tokio::time::sleep(self.pause).await;
            let began = Instant::now();
            let looked = self.look().await;
            self.pause = PAUSE.max(began.elapsed() * SHARE);
            match looked {
                Ok((state, has_ended)) => {
                    self.is_over = has_ended;
                    if self.seen.as_ref() != Some(&state) {
                        self.seen = Some(state.clone());
                        return Some((Ok(state.into()), self));
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

    /// Where it stands, and whether that is the end, as long as whoever asked may still know.
    async fn look(&self) -> Result<(W::State, bool)> {
        let access: Option<Access> = self.credential.access(&self.app).await?;
        let access = access.ok_or_else(ApiError::unauthenticated)?;
        if matches!(&access, Access::Member(member) if member.must_enrol) {
            return Err(enrol_first());
        }
        let tx: TenantTx<Read> = TenantTx::read(&self.app.store, access.ctx()).await?;
        self.of.look(&tx).await
    }
}
