//! A resolver's whole world: who is asking, the door to their data, and the loaders.

use std::sync::Arc;

use assent_domain::clock::Timestamp;
use assent_domain::id::TenantId;
use assent_entity::access::Access;
use assent_entity::keyed_change::Wish;
use assent_entity::session::SignedInMember;
use assent_entity::tenant::Tenant;
use assent_entity::{Read, TenantTx, Write};
use async_graphql::Context;

use super::error::{ApiError, Result};
use super::loaders::Loader;
use super::person::Readings;
use super::reader::Reader;
use crate::app::App;
use crate::limits::Network;

/// What resolvers ask of their context.
///
/// In a mutation a loader opens a transaction of its own: close yours first, or a busy pool waits for itself.
pub(crate) trait World {
    /// The server.
    fn app(&self) -> Result<&App>;

    /// Who is asking, or `UNAUTHENTICATED`.
    fn access(&self) -> Result<&Access>;

    /// The member who is asking. What only members may ask for is refused to tokens before it comes to this.
    fn member(&self) -> Result<SignedInMember> {
        match self.access()? {
            Access::Member(member) => Ok(*member),
            Access::Token(..) => Err(ApiError::internal("a token where only members may ask")),
        }
    }

    /// What the request has read, or was refused.
    fn readings(&self) -> Result<&Readings>;

    /// Where the request comes from.
    fn network(&self) -> Result<&Network>;

    /// Loads many things of one sort with one query.
    fn loader(&self) -> Result<&Loader>;

    /// The tables of the tenant of who is asking, see [`Reader`].
    async fn read(&self) -> Result<TenantTx<Read>>;

    /// Opens them for a change. In a closed tenant: `TENANT_CLOSED`.
    async fn write(&self) -> Result<TenantTx<Write>>;

    /// Opens them for one of the few changes that a closed tenant lets a member make too.
    async fn write_although_closed(&self) -> Result<TenantTx<Write>>;

    /// The tenant of who is asking; read once a request at most.
    async fn tenant(&self) -> Result<Tenant>;

    /// The time now.
    fn now(&self) -> Result<Timestamp> {
        Ok(self.app()?.store.now())
    }
}

/// The transaction of a change that is to be made once holds its key too.
async fn claimed(ctx: &Context<'_>, tx: TenantTx<Write>) -> Result<TenantTx<Write>> {
    if let Some(wish) = ctx.data_opt::<Arc<Wish>>() {
        wish.claim(&tx).await?;
    }
    Ok(tx)
}

impl World for Context<'_> {
    fn app(&self) -> Result<&App> {
        self.data_opt()
            .ok_or_else(|| ApiError::internal("a request without its server"))
    }

    fn readings(&self) -> Result<&Readings> {
        let found = self.data_opt::<Arc<Readings>>().map(AsRef::as_ref);
        found.ok_or_else(|| ApiError::internal("a request that notes no readings"))
    }

    fn network(&self) -> Result<&Network> {
        self.data_opt()
            .ok_or_else(|| ApiError::internal("a request from nowhere"))
    }

    fn access(&self) -> Result<&Access> {
        self.data_opt().ok_or_else(ApiError::unauthenticated)
    }

    fn loader(&self) -> Result<&Loader> {
        self.data_opt().ok_or_else(ApiError::unauthenticated)
    }

    async fn read(&self) -> Result<TenantTx<Read>> {
        let reader = self.data_opt::<Arc<Reader>>();
        reader.ok_or_else(ApiError::unauthenticated)?.read().await
    }

    async fn write(&self) -> Result<TenantTx<Write>> {
        let ctx = self.access()?.ctx();
        claimed(self, TenantTx::write(&self.app()?.store, ctx).await?).await
    }

    async fn write_although_closed(&self) -> Result<TenantTx<Write>> {
        let ctx = self.access()?.ctx();
        claimed(
            self,
            TenantTx::write_although_closed(&self.app()?.store, ctx).await?,
        )
        .await
    }

    async fn tenant(&self) -> Result<Tenant> {
        let id: TenantId = self.access()?.ctx().tenant();
        let tenant = self.loader()?.load_one(id).await?;
        tenant.ok_or_else(|| ApiError::internal("the tenant of a session is gone"))
    }
}
