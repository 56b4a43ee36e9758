//! Whether a page comes before a link of a mail leaves the site (P16).

use assent_entity::tenant;
use async_graphql::{Context, InputObject, Object, SimpleObject};

use super::context::World;
use super::error::Result;
use super::tenant::Tenant;

/// Whether people are told that they leave.
#[derive(InputObject)]
pub(crate) struct SetLeavingPageInput {
    /// Whether a page comes first, with the host that a measured link leads to and a link to go on. Without it the
    /// link leads on at once.
    shown: bool,
}

/// The tenant as it is since.
#[derive(SimpleObject)]
pub(crate) struct SetLeavingPagePayload {
    /// The tenant.
    tenant: Tenant,
}

/// Telling people that they leave.
#[derive(Default)]
pub(crate) struct LeavingPageMutation;

#[Object]
impl LeavingPageMutation {
    /// Says whether a page comes before a measured link of a mail leaves the site. For owners and privacy officers.
    async fn set_leaving_page(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whether there is such a page.")] input: SetLeavingPageInput,
    ) -> Result<SetLeavingPagePayload> {
        let mut tx = ctx.write().await?;
        tenant::set_leaving_page(&mut tx, input.shown).await?;
        let tenant = Tenant(tenant::current(&tx).await?);
        tx.commit().await?;
        Ok(SetLeavingPagePayload { tenant })
    }
}
