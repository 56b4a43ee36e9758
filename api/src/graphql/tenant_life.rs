//! Closing the tenant of who is asking.

use assent_domain::tenant_life::Closing;
use assent_entity::{tenant, tenant_life};
use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::context::World;
use super::error::Result;
use super::tenant::Tenant;
use super::time::Time;

/// That a tenant is closed, and for how long it is kept.
#[derive(SimpleObject)]
pub(crate) struct TenantClosing {
    /// Since when it is closed: it sends nothing, takes nobody in, and can be read but not changed.
    since: Time,
    /// When all that it holds is deleted. Whoever runs the server can reopen it until then.
    delete_at: Time,
}

impl From<Closing> for TenantClosing {
    fn from(closing: Closing) -> Self {
        Self {
            since: closing.since.into(),
            delete_at: closing.delete_at.into(),
        }
    }
}

/// What it takes to close a tenant.
#[derive(InputObject)]
pub(crate) struct CloseTenantInput {
    /// The tenant's name as people read it, to make sure that it is this one that is meant.
    name: String,
    /// Why. It goes on the record.
    reason: String,
}

/// A tenant that is closed.
#[derive(SimpleObject)]
pub(crate) struct CloseTenantPayload {
    /// The tenant, with `closing`.
    tenant: Tenant,
}

/// Closing.
#[derive(Default)]
pub(crate) struct TenantLifeMutation;

#[Object]
impl TenantLifeMutation {
    /// Closes the tenant of who is asking, and so everything: from now on nothing is sent, campaigns are paused, forms
    /// take nobody in, and whatever would change something is refused with `TENANT_CLOSED`. Members can sign in and
    /// read; people can say no and have a say about their data. After a period that the operator has set, 30 days unless
    /// they chose otherwise, all that the tenant holds is deleted; until then the operator can reopen it. For owners.
    #[graphql(complexity = "50 + child_complexity")]
    async fn close_tenant(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The name once more, and why.")] input: CloseTenantInput,
    ) -> Result<CloseTenantPayload> {
        let mut tx = ctx.write().await?;
        tenant_life::close(&mut tx, &input.name, &input.reason, ctx.app()?.tenant_grace).await?;
        let tenant = Tenant(tenant::current(&tx).await?);
        tx.commit().await?;
        Ok(CloseTenantPayload { tenant })
    }
}
