//! Purposes: why a message is sent, and whether that needs consent.

use assent_domain::id::PurposeId;
use assent_domain::purpose::PurposeKind as DomainKind;
use assent_entity::expiry;
use assent_entity::purpose::{self, Purpose as Row};
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject};

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

    /// For how many days a yes to it lasts; null where it does not run out.
    async fn expires_after_days(&self) -> Option<i32> {
        self.0.expiry.map(|expiry| expiry.days().into())
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

/// How long a yes to a purpose is to last.
#[derive(InputObject)]
pub(crate) struct SetConsentExpiryInput {
    /// The code of the purpose; not of an essential one.
    purpose: String,
    /// For how many days a yes lasts: 7 to 3650, or null, and it does not run out.
    expires_after_days: Option<i32>,
}

/// The purpose as it is then.
#[derive(SimpleObject)]
pub(crate) struct SetConsentExpiryPayload {
    /// The purpose.
    purpose: Purpose,
}

/// What can be done with purposes.
#[derive(Default)]
pub(crate) struct PurposeMutation;

#[Object]
impl PurposeMutation {
    /// Sets how long a yes to a purpose lasts, for those who have said it too. 30 days before it runs out, or a quarter
    /// of the time if that is shorter, people are asked once, by mail, whether it still stands; silence lets it run
    /// out. Nobody's yes ends sooner than that time after this is set.
    #[graphql(complexity = "50 + child_complexity")]
    async fn set_consent_expiry(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which purpose, and how long.")] input: SetConsentExpiryInput,
    ) -> Result<SetConsentExpiryPayload> {
        let mut tx = ctx.write().await?;
        let days = input.expires_after_days.map(i64::from);
        let purpose = Purpose(expiry::set(&mut tx, &input.purpose, days).await?);
        tx.commit().await?;
        Ok(SetConsentExpiryPayload { purpose })
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
