//! The round of chores, done from time to time for every tenant: see [`chore`]; and what no transaction can do about an
//! erasure: copies of mail, and what a database file holds beside its rows.

use std::time::Duration;

use assent_entity::erasure::settle;
use assent_entity::tenant_end::Ending;
use assent_entity::{Store, StoreError, chore, tenant_end};
use tokio_util::sync::CancellationToken;

use crate::mailbox::Mailbox;
use crate::queue::{Queue, QueueError};
use crate::sending_domain::check_due;
use crate::settings::{SenderSettings, Transport, WorkerSettings};

/// How long after the start, or after one round, the next begins.
const REST: Duration = Duration::from_mins(10);

/// Whoever does the chores of a process.
#[derive(Clone, Debug)]
pub struct Chores {
    store: Store,
    queue: Queue,
    mailbox: Option<Mailbox>,
    request_log_days: u32,
    sender: SenderSettings,
}

/// Why a chore was not done.
#[derive(Debug, thiserror::Error)]
enum ChoreError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Queue(#[from] QueueError),
    #[error("the mailbox: {0}")]
    Mailbox(#[from] std::io::Error),
}

impl Chores {
    /// Opens what the chores need, for a round outside of a worker.
    pub async fn open(store: Store, settings: &WorkerSettings) -> Result<Self, QueueError> {
        let queue = Queue::open(&settings.queue).await?;
        Ok(Self::new(store, queue, settings))
    }

    pub(crate) fn new(store: Store, queue: Queue, settings: &WorkerSettings) -> Self {
        let mailbox = match &settings.transport {
            Transport::Mailbox(mailbox) => Some(mailbox.clone()),
            Transport::Smtp(_) => None,
        };
        Self {
            store,
            queue,
            mailbox,
            request_log_days: settings.request_log_days,
            sender: settings.sender.clone(),
        }
    }

    /// Runs until `stop`.
    pub(crate) async fn run(self, stop: CancellationToken) {
        while stop.run_until_cancelled(tokio::time::sleep(REST)).await.is_some() {
            let _ = stop.run_until_cancelled(self.round()).await;
        }
    }

    /// Does what is due. A round that fails for one tenant goes on with the next.
    pub async fn round(&self) {
        if let Err(error) = chore::of_platform(&self.store, self.request_log_days).await {
            tracing::error!(%error, "the request log could not be shortened; trying again later");
        }
        let tenants = match chore::tenants(&self.store).await {
            Ok(tenants) => tenants,
            Err(error) => return tracing::error!(%error, "chores cannot begin; trying again later"),
        };
        for ctx in tenants {
            let tenant = ctx.tenant();
            if let Err(error) = chore::of_tenant(&self.store, ctx).await {
                tracing::error!(%tenant, %error, "a chore failed; trying again later");
            }
            if let Err(error) = check_due(&self.store, ctx, &self.sender).await {
                tracing::error!(%tenant, %error, "sending domains were not looked at; trying again later");
            }
        }
        if let Err(error) = self.end_tenants().await {
            tracing::error!(%error, "a tenant could not be deleted; trying again later");
        }
        if let Err(error) = self.settle_erasures().await {
            tracing::error!(%error, "erasures could not be settled; trying again later");
        }
        if let Err(error) = self.store.vacuum_weekly().await {
            tracing::error!(%error, "the database file could not be written anew; trying again later");
        }
    }

    /// Sees to what erasures left outside the tables. What does not succeed is tried again in the next round.
    async fn settle_erasures(&self) -> Result<(), ChoreError> {
        let open = settle::open(&self.store).await?;
        if open.is_empty() {
            return Ok(());
        }
        let mut batches = Vec::with_capacity(open.len());
        for of_tenant in open {
            batches.push(settle::forget_mentions(&self.store, of_tenant).await?);
        }
        if !self.clean_outside().await? {
            tracing::info!("a reader holds the database's log; erasures are settled in the next round");
            return Ok(());
        }
        for batch in batches {
            settle::finish(&self.store, batch).await?;
        }
        Ok(())
    }

    /// Takes away what lies outside the tables about rows that are gone: copies of mail, and old pages of the database
    /// files. `false` where a reader was in the way.
    async fn clean_outside(&self) -> Result<bool, ChoreError> {
        if let Some(mailbox) = &self.mailbox {
            let kept = mailbox.deliveries()?;
            let known = settle::still_known(&self.store, &kept).await?;
            mailbox.retain(|delivery| known.contains(&delivery))?;
        }
        self.store.vacuum_if_small().await.map_err(StoreError::from)?;
        let is_empty = self.store.empty_log().await.map_err(StoreError::from)?;
        Ok(is_empty && self.queue.empty_log().await?)
    }

    /// Deletes the tenants whose day has come. One is over only when nothing is left outside the tables either.
    async fn end_tenants(&self) -> Result<(), ChoreError> {
        let due = tenant_end::due(&self.store).await?;
        let mut empty = Vec::with_capacity(due.len());
        for ending in due {
            let tenant = ending.tenant();
            match self.delete_rows(ending).await {
                Ok(rows) => {
                    tracing::info!(%tenant, rows, "a closed tenant's day has come: its rows are deleted");
                    empty.push(ending);
                }
                Err(error) => {
                    tracing::error!(%tenant, %error, "a tenant could not be deleted; trying again later");
                }
            }
        }
        if empty.is_empty() || !self.clean_outside().await? {
            return Ok(());
        }
        for ending in empty {
            tenant_end::finish(&self.store, ending).await?;
        }
        Ok(())
    }

    async fn delete_rows(&self, ending: Ending) -> Result<u64, StoreError> {
        tenant_end::begin(&self.store, ending).await?;
        tenant_end::delete_rows(&self.store, ending).await
    }
}
