//! What a transaction may change in a tenant that is closed. `assent_domain::tenant_life` decides; [`TenantTx::write`]
//! asks, so nothing is written past it.

use assent_domain::audit::Actor;
use assent_domain::tenant_life::{Leave, NoLeave};

use super::link::Access;
use super::{TenantCtx, TenantTx, Write};
use crate::error::StoreError;
use crate::store::Store;
use crate::tenant_life;

impl TenantTx<Write> {
    /// Opens the tenant's tables for what a member may do in a closed one too: to sign in and out and to say who else is signed in, to note that they have read who
    /// people are, and to carry out what a person asked about their data.
    pub async fn write_although_closed(store: &Store, ctx: TenantCtx) -> Result<Self, StoreError> {
        let tx = Self::open(store, ctx, Access::Writes, false).await?;
        match tx.leave_of_actor().await? {
            Ok(leave) => Ok(Self { leave, ..tx }),
            Err(NoLeave::Closed(closing)) => Ok(Self {
                leave: Leave::NoesOnly(closing),
                ..tx
            }),
            Err(NoLeave::Gone) => Err(StoreError::Gone),
        }
    }

    /// What the actor may change, as the tenant's life stands. Workers and the operator are not asked: a worker asks
    /// the one rule before it sends, which is given the same facts.
    pub(super) async fn leave_of_actor(&self) -> Result<Result<Leave, NoLeave>, StoreError> {
        match self.ctx.actor {
            Actor::Operator | Actor::Job => Ok(Ok(Leave::Everything)),
            actor => Ok(tenant_life::of(self).await?.leave_for(actor)),
        }
    }

    /// Whether a yes counts here: not in a closed tenant.
    pub(crate) fn takes_yes(&self) -> bool {
        self.leave == Leave::Everything
    }

    /// Refuses what goes towards yes in a closed tenant.
    pub(crate) fn require_open(&self) -> Result<(), StoreError> {
        match self.leave {
            Leave::Everything => Ok(()),
            Leave::NoesOnly(closing) => Err(StoreError::Closed(closing)),
        }
    }
}
