//! The job of an endpoint: there is one in the outbox while something waits to be told. Whoever adds something and whoever
//! finds nothing left both hold the endpoint, so that neither misses the other.

use assent_domain::clock::Timestamp;
use assent_domain::id::{JobId, WebhookEndpointId, stored};
use assent_domain::job::Job;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::error::StoreError;
use crate::outbox::{self, Lane};
use crate::row::webhook_endpoint as row;
use crate::tx::{TenantTx, Write};

/// Lets a worker look at once what is to be told. The endpoint has to be held.
pub(super) async fn wake(tx: &mut TenantTx<Write>, endpoint: WebhookEndpointId) -> Result<(), StoreError> {
    match tx.get::<row::Entity>(endpoint.uuid()).await?.job_id {
        Some(job) => outbox::hasten(tx, stored(job)).await,
        None => begin(tx, endpoint, tx.now()).await,
    }
}

async fn begin(
    tx: &mut TenantTx<Write>,
    endpoint: WebhookEndpointId,
    due_at: Timestamp,
) -> Result<(), StoreError> {
    let job = Job::DeliverWebhooks {
        tenant: tx.tenant(),
        endpoint,
    };
    // The handler gives its place back at once, so that it keeps nobody from those of mail that is waited for.
    let id = tx.enqueue_in(Lane::Urgent, &job, due_at).await?;
    set(tx, endpoint, Some(id)).await
}

async fn set(
    tx: &TenantTx<Write>,
    endpoint: WebhookEndpointId,
    job: Option<JobId>,
) -> Result<(), StoreError> {
    let sql = "UPDATE webhook_endpoint SET job_id = $3 WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [endpoint.uuid().into(), job.map(|id| id.uuid()).into()])
        .await?;
    Ok(())
}

/// Puts the job of an endpoint off until something is due, or ends it where nothing will be.
pub(super) async fn settle(
    tx: &mut TenantTx<Write>,
    endpoint: &row::Model,
    due_at: Option<Timestamp>,
) -> Result<(), StoreError> {
    let id: WebhookEndpointId = stored(endpoint.id);
    match (endpoint.job_id.map(stored), due_at) {
        (Some(job), Some(due_at)) => outbox::put_off(tx, job, due_at).await,
        (Some(job), None) => {
            outbox::close(tx, job).await?;
            set(tx, id, None).await
        }
        (None, Some(due_at)) => begin(tx, id, due_at).await,
        (None, None) => Ok(()),
    }
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

/// Gives jobs to endpoints that have something to be told and lost theirs: it stopped, or is gone.
pub(super) async fn mend(tx: &mut TenantTx<Write>) -> Result<(), StoreError> {
    let sql = "SELECT e.id FROM webhook_endpoint e
               WHERE e.tenant_id = $1
                 AND EXISTS (SELECT 1 FROM webhook_delivery d
                             WHERE d.tenant_id = $1 AND d.endpoint_id = e.id AND d.state = 'PENDING')
                 AND NOT EXISTS (SELECT 1 FROM outbox o
                                 WHERE o.tenant_id = $1 AND o.id = e.job_id AND o.stopped_at IS NULL)
               ORDER BY e.id";
    let without: Vec<Found> = tx.all(sql, []).await?;
    let now = tx.now();
    for Found { id } in without {
        tx.lock::<row::Entity>(id).await?;
        begin(tx, stored(id), now).await?;
    }
    Ok(())
}
