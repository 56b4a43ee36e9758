//! The relay: pushes what is due in the outbox to the queue. Several may run; each row is taken by one.
//!
//! The queue is worked off in its order, so no more is pushed than is soon begun: what waits, waits in the outbox, which
//! is fair between tenants.

use std::sync::Arc;
use std::time::Duration;

use assent_domain::id::JobId;
use assent_entity::outbox::Lane;
use assent_entity::{Store, StoreError, outbox};
use tokio_util::sync::CancellationToken;

use crate::queue::{Queue, URGENT_AT_ONCE, Wakes};

/// Jobs in the queue for each that is worked on at a time: one under way and one to follow.
const JOBS_A_PLACE: usize = 2;

/// How often the outbox is looked at for jobs whose time has come, or that another process committed.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs until `stop`. `wake` is told when there is something in the queue.
pub(crate) async fn run(
    store: Store,
    queue: Queue,
    wake: Arc<Wakes>,
    stop: CancellationToken,
    at_once: usize,
) {
    let mut lanes = [
        OnTheWay::new(Lane::Urgent, URGENT_AT_ONCE),
        OnTheWay::new(Lane::Ordinary, at_once),
    ];
    while !stop.is_cancelled() {
        let mut pushed = 0;
        for lane in &mut lanes {
            pushed += lane.push_due(&store, &queue).await.unwrap_or_else(|error| {
                tracing::error!(%error, "the outbox cannot be read; trying again");
                0
            });
        }
        if pushed > 0 {
            wake.notify();
            continue;
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = store.jobs_waiting() => {}
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// What this relay has pushed to a lane and is not done.
struct OnTheWay {
    lane: Lane,
    jobs: Vec<JobId>,
    most: usize,
}

impl OnTheWay {
    fn new(lane: Lane, places: usize) -> Self {
        Self {
            lane,
            jobs: Vec::new(),
            most: places * JOBS_A_PLACE,
        }
    }

    /// Pushes as much as there is room for.
    async fn push_due(&mut self, store: &Store, queue: &Queue) -> Result<usize, StoreError> {
        self.jobs = outbox::still_out(store, &self.jobs).await?;
        let room = u32::try_from(self.most.saturating_sub(self.jobs.len())).unwrap_or(u32::MAX);
        if room == 0 {
            return Ok(0);
        }
        let mut pushed = 0;
        for job in outbox::take_due(store, self.lane, room).await? {
            // A job that could not be pushed is due again before long.
            match queue.push(&job).await {
                Ok(()) => {
                    self.jobs.push(job.id);
                    pushed += 1;
                }
                Err(error) => {
                    tracing::error!(job = %job.id, %error, "a job could not be pushed; trying again");
                }
            }
        }
        Ok(pushed)
    }
}
