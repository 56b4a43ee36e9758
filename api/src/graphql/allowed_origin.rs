//! The sites whose pages may send a tenant's forms by script.

use assent_domain::site::Origin;
use assent_entity::{allowed_origin, tenant};
use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::context::World;
use super::error::{ApiError, Result};
use super::tenant::Tenant;

/// The origins that are to be allowed.
#[derive(InputObject)]
pub(crate) struct SetAllowedOriginsInput {
    /// All of them, in place of those before: `https://www.example.com`, or `http://localhost:3000` to try things out.
    /// No path, no wildcard; at most 100.
    origins: Vec<String>,
}

/// The tenant whose origins were set.
#[derive(SimpleObject)]
pub(crate) struct SetAllowedOriginsPayload {
    /// The tenant.
    tenant: Tenant,
}

/// What can be done with origins.
#[derive(Default)]
pub(crate) struct AllowedOriginMutation;

#[Object]
impl AllowedOriginMutation {
    /// Sets the origins whose pages may read and send the tenant's forms by script.
    #[graphql(complexity = "50 + child_complexity")]
    async fn set_allowed_origins(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The origins that are to be allowed.")] input: SetAllowedOriginsInput,
    ) -> Result<SetAllowedOriginsPayload> {
        ctx.access()?;
        let origins = input.origins.iter().map(|text| Origin::parse(text));
        let origins: Vec<_> = origins
            .collect::<std::result::Result<_, _>>()
            .map_err(|error| ApiError::bad_input("origins", error))?;
        let mut tx = ctx.write().await?;
        allowed_origin::set(&mut tx, &origins).await?;
        let tenant = Tenant(tenant::current(&tx).await?);
        tx.commit().await?;
        Ok(SetAllowedOriginsPayload { tenant })
    }
}
