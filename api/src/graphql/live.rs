//! What can be watched. It is looked at anew when there is word that it has moved on, and from time to time without: who comes
//! back after a connection broke sees the latest state, whichever server they are connected to.

use std::time::{Duration, Instant};

use assent_domain::id::{CampaignId, ImportId, PolicyVersionId, TenantId};
use assent_entity::access::Access;
use assent_entity::live::Watching;
use assent_entity::{Read, TenantTx, campaign, import, policy};
use async_graphql::{Context, ID};
use futures::Stream;
use futures::stream::unfold;
use tokio::time::{sleep, timeout};

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

/// How long at most, whatever the pause: word may get lost, and whoever watched may have lost the right to.
const LOOK_ANYWAY: Duration = Duration::from_secs(10);

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
        let tx = ctx.read().await?;
        campaign::by_id(&tx, campaign).await?;
        watch(ctx, tx.tenant(), campaign)
    }

    /// How far an import is, until it has ended. `NOT_FOUND` if the tenant has none with this id.
    #[graphql(complexity = "50 + child_complexity")]
    async fn import_progress(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with import_.")] id: ID,
    ) -> Result<impl Stream<Item = Result<Import>> + use<>> {
        let import: ImportId = id::parse("id", &id)?;
        let tx = ctx.read().await?;
        import::by_id(&tx, import).await?;
        watch(ctx, tx.tenant(), import)
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
        let tx = ctx.read().await?;
        policy::by_id(&tx, version).await?;
        watch(ctx, tx.tenant(), version)
    }
}

fn watch<W: Watched>(
    ctx: &Context<'_>,
    tenant: TenantId,
    of: W,
) -> Result<impl Stream<Item = Result<W::Shown>> + use<W>> {
    let credential = ctx
        .data_opt::<Credential>()
        .ok_or_else(ApiError::unauthenticated)?;
    let app = ctx.app()?;
    let watch = Watch {
        word: app.store.watch(tenant, of.subject()),
        app: app.clone(),
        credential: credential.clone(),
        of,
        seen: None,
        pause: None,
        is_over: false,
    };
    Ok(unfold(watch, Watch::next))
}

/// Somebody who watches something.
struct Watch<W: Watched> {
    app: App,
    credential: Credential,
    of: W,
    /// Word that it has moved on.
    word: Watching,
    seen: Option<W::State>,
    /// How long to leave the database alone, after the first look.
    pause: Option<Duration>,
    is_over: bool,
}

impl<W: Watched> Watch<W> {
    /// The next state that differs.
    async fn next(mut self) -> Option<(Result<W::Shown>, Self)> {
        while !self.is_over {
            self.wait().await;
            let began = Instant::now();
            let looked = self.look().await;
            self.pause = Some(PAUSE.max(began.elapsed() * SHARE));
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

    /// Waits until it is time to look: at once at first, then after a pause, when it has moved on.
    async fn wait(&mut self) {
        let Some(pause) = self.pause else { return };
        sleep(pause).await;
        let rest = LOOK_ANYWAY.saturating_sub(pause);
        // Without word it is time all the same.
        let _ = timeout(rest, self.word.changed()).await;
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
