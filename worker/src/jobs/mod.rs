//! The jobs: what is done with a row of the outbox, and what becomes of the row when it fails.

mod deliver_webhooks;
mod import_people;
mod send_mailing;
mod sender_check;

use std::sync::Arc;
use std::time::Duration;

use assent_domain::id::JobId;
use assent_domain::job::Job;
use assent_entity::StoreError;
use assent_entity::outbox::{self, OpenJob};

use crate::run::World;

/// Why a job did not get through. Whoever returns one decides whether it is tried again.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    /// Something that passes.
    #[error("{0}")]
    Retry(String),
    /// Something that stays: the job stops, for the operator to see.
    #[error("{0}")]
    Stop(String),
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Corrupt(_) | StoreError::NotFound(_) | StoreError::Invalid { .. } => {
                Self::Stop(error.to_string())
            }
            _ => Self::Retry(error.to_string()),
        }
    }
}

/// How long a job waits after so many failures: growing to ten minutes.
fn wait_after(failures: i32) -> Duration {
    let doubled = 1_u64
        .checked_shl(u32::try_from(failures).unwrap_or(0))
        .unwrap_or(u64::MAX);
    Duration::from_secs(doubled.saturating_mul(2).min(600))
}

/// Works off one row of the outbox.
pub(crate) async fn work_off(world: &Arc<World>, id: JobId) {
    let _under_way = world.under_way.token();
    if world.stopping.is_cancelled() {
        return;
    }
    match outbox::open(&world.store, id).await {
        Ok(Some(job)) => run(world, &job).await,
        Ok(None) => {}
        Err(error) => tracing::error!(job = %id, %error, "a job cannot be opened"),
    }
    // Its place is free.
    world.store.wake_relay();
}

async fn run(world: &Arc<World>, job: &OpenJob) {
    let result = match job.job {
        // The largest of them by far: the others need not carry its size.
        Job::SendMailing { mailing, .. } => Box::pin(send_mailing::slice(world, job, mailing)).await,
        Job::ImportPeople { import, .. } => import_people::slice(world, job, import).await,
        Job::DeliverWebhooks { endpoint, .. } => deliver_webhooks::begin(world, job, endpoint).await,
    };
    let Err(error) = result else { return };
    let again_at = match &error {
        JobError::Retry(_) => Some(world.store.now().after(wait_after(job.failures))),
        JobError::Stop(_) => None,
    };
    tracing::warn!(job = %job.id, %error, ?again_at, "a job failed");
    if let Err(error) = outbox::record_failure(&world.store, job.id, &error.to_string(), again_at).await {
        tracing::error!(job = %job.id, %error, "a failure could not be recorded; the job is pushed again");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_wait_longer_and_longer_up_to_ten_minutes() {
        assert_eq!(wait_after(0), Duration::from_secs(2));
        assert_eq!(wait_after(3), Duration::from_secs(16));
        assert_eq!(wait_after(1000), Duration::from_mins(10));
    }
}
