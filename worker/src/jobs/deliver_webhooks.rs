//! Telling an endpoint what is due. The job only sees to it that a task is at it, and gives its place back.

use std::sync::Arc;
use std::time::Duration;

use assent_domain::id::{JobId, WebhookEndpointId};
use assent_entity::outbox::{self, OpenJob};
use assent_entity::webhook::turn::{Claim, Ended, Terms, turn};
use assent_entity::{StoreError, TenantCtx, TenantTx};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use tokio::time::Instant;

use crate::jobs::JobError;
use crate::run::World;
use crate::webhook::{Begun, Running};

/// Attempts that are under way at one endpoint at a time.
const AT_ONCE: usize = 4;

/// After how long an endpoint is looked at again for which there was no room.
const NO_ROOM: Duration = Duration::from_secs(1);

/// After how long an endpoint is looked at again that could not be told for a reason of ours.
const AFTER_TROUBLE: Duration = Duration::from_secs(30);

/// Begins to tell an endpoint, unless a task of this process is at it.
pub(crate) async fn begin(world: &Arc<World>, job: &OpenJob, id: WebhookEndpointId) -> Result<(), JobError> {
    match world.runners.begin(job.ctx.tenant(), id) {
        Begun::Yes(running) => {
            let task = Task {
                world: Arc::clone(world),
                ctx: job.ctx,
                job: job.id,
                endpoint: id,
                running,
            };
            world.under_way.spawn(task.run());
            Ok(())
        }
        // Its next turn puts the job off, or ends it.
        Begun::Already => Ok(()),
        Begun::Full => {
            let mut tx = TenantTx::write(&world.store, job.ctx).await?;
            let again = tx.now().after(NO_ROOM);
            outbox::put_off(&mut tx, job.id, again).await?;
            Ok(tx.commit().await?)
        }
    }
}

/// How long a task goes on before it lets others have its place, if more is due.
const SLICE: Duration = Duration::from_secs(30);

struct Task {
    world: Arc<World>,
    ctx: TenantCtx,
    job: JobId,
    endpoint: WebhookEndpointId,
    running: Running,
}

impl Task {
    /// Goes on until nothing is due, or its slice is over. Where the database fails, the job is tried again before long, and what was under way is
    /// attempted again when its time is over.
    async fn run(self) {
        let Err(error) = self.work().await else { return };
        let (endpoint, store) = (self.endpoint, &self.world.store);
        tracing::warn!(%endpoint, %error, "an endpoint could not be told what is due; trying again");
        let again = store.now().after(AFTER_TROUBLE);
        if let Err(error) = outbox::record_failure(store, self.job, &error.to_string(), Some(again)).await {
            tracing::error!(%endpoint, %error, "a failure could not be recorded; the job is pushed again");
        }
    }

    async fn work(&self) -> Result<(), StoreError> {
        let mut sending = FuturesUnordered::new();
        let mut ended: Vec<Ended> = Vec::new();
        let until = Instant::now() + SLICE;
        loop {
            self.running.looks();
            let claims = self.turn(&ended, Instant::now() < until).await?;
            ended.clear();
            sending.extend(claims.into_iter().map(|claim| self.post(claim)));
            if sending.is_empty() {
                if self.running.end() {
                    return Ok(());
                }
                continue;
            }
            tokio::select! {
                end = sending.next() => ended.extend(end),
                () = self.running.news() => {}
            }
            while let Some(Some(end)) = sending.next().now_or_never() {
                ended.push(end);
            }
        }
    }

    async fn turn(&self, ended: &[Ended], takes: bool) -> Result<Vec<Claim>, StoreError> {
        let terms = Terms {
            at_once: AT_ONCE,
            patience: self.world.settings.webhooks.patience,
            takes: takes && !self.world.stopping.is_cancelled(),
        };
        let mut tx = TenantTx::write(&self.world.store, self.ctx).await?;
        let claims = turn(&mut tx, self.job, self.endpoint, ended, terms).await?;
        tx.commit().await?;
        Ok(claims)
    }

    async fn post(&self, claim: Claim) -> Ended {
        self.world.messenger.post(&self.world.store, &claim).await
    }
}
