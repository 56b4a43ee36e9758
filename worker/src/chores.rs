//! The round of chores, done from time to time for every tenant: see [`chore`].

use std::time::Duration;

use assent_entity::{Store, chore};
use tokio_util::sync::CancellationToken;

/// How long after the start, or after one round, the next begins.
const REST: Duration = Duration::from_mins(10);

/// Runs until `stop`. A round that fails for one tenant goes on with the next.
pub(crate) async fn run(store: Store, request_log_days: u32, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(REST)).await.is_some() {
        let _ = stop.run_until_cancelled(round(&store, request_log_days)).await;
    }
}

async fn round(store: &Store, request_log_days: u32) {
    if let Err(error) = chore::of_platform(store, request_log_days).await {
        tracing::error!(%error, "the request log could not be shortened; trying again later");
    }
    let tenants = match chore::tenants(store).await {
        Ok(tenants) => tenants,
        Err(error) => return tracing::error!(%error, "chores cannot begin; trying again later"),
    };
    for ctx in tenants {
        let tenant = ctx.tenant();
        if let Err(error) = chore::of_tenant(store, ctx).await {
            tracing::error!(%tenant, %error, "a chore failed; trying again later");
        }
    }
}
