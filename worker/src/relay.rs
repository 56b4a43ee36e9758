//! The relay: pushes what is due in the outbox to the queue. Several may run; each row is taken by one.

use std::sync::Arc;
use std::time::Duration;

use assent_entity::{Store, outbox};
use tokio_util::sync::CancellationToken;

use crate::queue::{Queue, Wakes};

/// Jobs taken at a time.
const BATCH: u32 = 100;

/// How often the outbox is looked at for jobs whose time has come, or that another process committed.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs until `stop`. `wake` is told when there is something in the queue.
pub(crate) async fn run(store: Store, queue: Queue, wake: Arc<Wakes>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let pushed = push_due(&store, &queue).await;
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

async fn push_due(store: &Store, queue: &Queue) -> usize {
    let jobs = match outbox::take_due(store, BATCH).await {
        Ok(jobs) => jobs,
        Err(error) => {
            tracing::error!(%error, "the outbox cannot be read; trying again");
            return 0;
        }
    };
    let mut pushed = 0;
    for job in &jobs {
        // A job that could not be pushed is due again before long.
        match queue.push(job).await {
            Ok(()) => pushed += 1,
            Err(error) => tracing::error!(job = %job.id, %error, "a job could not be pushed; trying again"),
        }
    }
    pushed
}
