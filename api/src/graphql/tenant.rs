//! The tenant of who is asking.

use assent_domain::tenant::TenantStatus as DomainStatus;
use assent_entity::allowed_origin;
use assent_entity::tenant::Tenant as Row;
use async_graphql::{Context, Description, Enum, ID, Object};

use super::context::World;
use super::error::Result;
use super::id;
use super::tenant_life::TenantClosing;
use super::time::Time;

/// Whether a tenant may send.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainStatus")]
pub(crate) enum TenantStatus {
    /// In business.
    Active,
    /// Stopped by the operator: nothing is sent, pages and opt-outs work.
    Suspended,
}

/// A company that writes to subscribers.
#[derive(Description)]
pub(crate) struct Tenant(pub(crate) Row);

#[Object(use_type_description)]
impl Tenant {
    /// The tenant's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Its name in addresses, and in signIn.
    async fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Its name as people read it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Since when it is closed and when it is deleted, if it is closed.
    async fn closing(&self) -> Option<TenantClosing> {
        self.0.life.closing().map(TenantClosing::from)
    }

    /// Whether the operator lets it send. A tenant that is closed sends nothing, whatever this says.
    async fn status(&self) -> TenantStatus {
        self.0.status.into()
    }

    /// The name that its mail comes from.
    async fn sender_name(&self) -> &str {
        &self.0.sender_name
    }

    /// The address that its mail comes from.
    async fn sender_address(&self) -> String {
        self.0.sender_address.expose()
    }

    /// Where questions about privacy go.
    async fn privacy_contact(&self) -> String {
        self.0.privacy_contact.expose()
    }

    /// The postal address that every marketing mail carries; may have several lines.
    async fn postal_address(&self) -> &str {
        &self.0.postal_address
    }

    /// The colour of its pages, as `#rrggbb`.
    async fn accent(&self) -> &str {
        &self.0.accent
    }

    /// The origins whose pages may read and send its forms by script.
    #[graphql(complexity = 10)]
    async fn allowed_origins(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        Ok(allowed_origin::all(&ctx.read().await?).await?)
    }

    /// Whether a page comes before a measured link of a mail leaves the site.
    async fn leaving_page(&self) -> bool {
        self.0.leaving_page
    }

    /// Whether every member needs a second factor. Who has none can do nothing but set it up:
    /// `SECOND_FACTOR_SETUP_REQUIRED`. Tokens are not asked for one.
    async fn second_factor_required(&self) -> bool {
        self.0.second_factor_required
    }

    /// Where an identity provider is to send members back to who sign in: register it there before setIdentityProvider.
    #[expect(clippy::unused_async, reason = "fields are asynchronous")]
    async fn identity_redirect_url(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.app()?.redirect_address(&self.0.slug))
    }

    /// When it was created.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}
