//! The transaction in which an operation reads: one for all of a query, begun when it was found who asks, so that a request
//! costs one beginning and one end, and its levels do not wait for a connection each.

use assent_entity::access::Asking;
use assent_entity::{Read, Store, TenantCtx, TenantTx};
use tokio::sync::Mutex;

use super::error::Result;

/// The door through which one operation reads.
#[derive(Debug)]
pub(crate) struct Reader {
    store: Store,
    ctx: TenantCtx,
    /// The transaction that is shared; `None` where each reading has one of its own.
    shared: Option<Mutex<Option<TenantTx<Read>>>>,
}

impl Reader {
    /// For a query: all that it reads, it reads in the transaction of who asks.
    pub(crate) fn for_query(store: Store, asking: Asking) -> Self {
        Self {
            store,
            ctx: asking.access.ctx(),
            shared: Some(Mutex::new(Some(asking.tx))),
        }
    }

    /// For what changes something between two readings, or goes on for long: each reading sees what is then.
    pub(crate) fn anew(store: Store, ctx: TenantCtx) -> Self {
        Self {
            store,
            ctx,
            shared: None,
        }
    }

    /// Whether all that it reads is as if read at once.
    pub(crate) fn sees_one_moment(&self) -> bool {
        self.shared.is_some()
    }

    /// The tables of the tenant. After a statement that failed, the next reading begins anew: PostgreSQL answers nothing
    /// more in a transaction where one did.
    pub(crate) async fn read(&self) -> Result<TenantTx<Read>> {
        let Some(shared) = &self.shared else {
            return Ok(TenantTx::read(&self.store, self.ctx).await?);
        };
        let mut held = shared.lock().await;
        let tx = match held.take() {
            Some(tx) if !tx.is_broken() => tx,
            broken => {
                // Its connection is let go of first: where all wait for a second one, nobody gets any.
                drop(broken);
                TenantTx::read(&self.store, self.ctx).await?
            }
        };
        Ok(held.insert(tx).share())
    }
}
