//! Purposes: why a message is sent, and whether that needs consent.

use assent_domain::id::PurposeId;
use assent_domain::purpose::PurposeKind as DomainKind;
use assent_entity::purpose::{self, Purpose as Row};
use async_graphql::{Context, Description, Enum, ID, Object};

use super::context::World;
use super::error::{ApiError, Result};
use super::id;

/// Whether people have to agree to a purpose.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainKind")]
pub(crate) enum PurposeKind {
    /// Needed for what the person asked for: no consent, but the policy has to name it.
    Essential,
    /// Information on products and the like: only after opting in.
    Marketing,
    /// Measuring what people do with mail: only after opting in.
    Analytics,
    /// Passing data on to an outside party: only after opting in.
    Disclosure,
}

/// Why messages are sent. A code and a kind for good; name and description stand in each policy version.
#[derive(Description)]
pub(crate) struct Purpose(pub(crate) Row);

#[Object(use_type_description)]
impl Purpose {
    /// The purpose's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Its short name within the tenant, by which operations name it.
    async fn code(&self) -> &str {
        &self.0.code
    }

    /// Whether people have to agree to it.
    async fn kind(&self) -> PurposeKind {
        self.0.kind.into()
    }
}

impl Purpose {
    /// The purpose that a row points to.
    pub(crate) async fn load(ctx: &Context<'_>, id: PurposeId) -> Result<Self> {
        let found = ctx.loader()?.load_one(id).await?;
        found
            .map(Self)
            .ok_or_else(|| ApiError::internal("a row points to no purpose"))
    }
}

/// What can be asked about purposes.
#[derive(Default)]
pub(crate) struct PurposeQuery;

#[Object]
impl PurposeQuery {
    /// Every purpose that a policy version of the tenant has named, by code.
    #[graphql(complexity = "20 + 10 * child_complexity")]
    async fn purposes(&self, ctx: &Context<'_>) -> Result<Vec<Purpose>> {
        let found = purpose::all(&ctx.read().await?).await?;
        Ok(found.into_iter().map(Purpose).collect())
    }
}
