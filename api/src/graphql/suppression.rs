//! Suppressions: addresses that the tenant does not write to, and why.

use assent_domain::address::EmailAddress;
use assent_domain::suppression::{SuppressionReason as DomainReason, SuppressionScope};
use assent_entity::suppression::{Suppression as Row, list};
use async_graphql::{Context, Description, Enum, ID, InputObject, Object};
use data_encoding::HEXLOWER;

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::{ApiError, ErrorCode, Result};
use super::id;
use super::loaders::PersonAt;
use super::mailing_list::MailingList;
use super::purpose::Purpose;
use super::subscriber::Subscriber;
use super::time::Time;

mod change;
mod csv;
mod export;

pub(crate) use change::SuppressionMutation;

/// Why an address is not written to.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainReason")]
pub(crate) enum SuppressionReason {
    /// The person wants no mail of any sort. Only they take it back.
    OptedOutOfAll,
    /// The person reported mail as spam. Only they take it back.
    Complained,
    /// The person had their data erased. Only they take it back.
    Erased,
    /// The mailbox does not exist.
    HardBounced,
    /// The tenant put it on a suppression list. It holds back marketing, not what people must be told.
    Listed,
    /// The operator holds it back from every tenant.
    HeldByOperator,
}

/// An address that is not written to. The address itself is not kept: its keyed hash is.
#[derive(Description)]
pub(crate) struct Suppression(pub(crate) Row);

#[Object(use_type_description)]
impl Suppression {
    /// The suppression's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Why.
    async fn reason(&self) -> SuppressionReason {
        self.0.reason.into()
    }

    /// The keyed hash of the address, in hexadecimal digits: the same for the same mailbox of this tenant.
    async fn address_hash(&self) -> String {
        HEXLOWER.encode(&self.0.address_hash.0)
    }

    /// The list whose mail is held back; null where it is not about a list.
    async fn mailing_list(&self, ctx: &Context<'_>) -> Result<Option<MailingList>> {
        let SuppressionScope::List(id) = self.0.scope else {
            return Ok(None);
        };
        MailingList::load(ctx, id).await.map(Some)
    }

    /// The purpose whose mail is held back; null where it is not about a purpose.
    async fn purpose(&self, ctx: &Context<'_>) -> Result<Option<Purpose>> {
        let SuppressionScope::Purpose(id) = self.0.scope else {
            return Ok(None);
        };
        Purpose::load(ctx, id).await.map(Some)
    }

    /// Since when.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// Who is reached at the address; null where that is nobody, as after an erasure.
    async fn subscriber(&self, ctx: &Context<'_>) -> Result<Option<Subscriber>> {
        let found = ctx.loader()?.load_one(PersonAt(self.0.address_hash)).await?;
        Ok(found.map(Subscriber::known))
    }
}

/// Which suppressions are wanted. Conditions that are given all have to hold.
#[derive(InputObject)]
pub(crate) struct SuppressionFilter {
    /// Those of exactly this address, in any spelling.
    email: Option<String>,
    /// Those for this reason.
    reason: Option<SuppressionReason>,
}

impl TryFrom<SuppressionFilter> for list::Filter {
    type Error = ApiError;

    fn try_from(filter: SuppressionFilter) -> Result<Self> {
        let email = filter.email.as_deref().map(EmailAddress::parse).transpose();
        Ok(Self {
            email: email.map_err(|error| ApiError::bad_input("filter.email", error))?,
            reason: filter.reason.map(Into::into),
        })
    }
}

/// What can be asked about suppressions.
#[derive(Default)]
pub(crate) struct SuppressionQuery;

#[Object]
impl SuppressionQuery {
    /// Everything that holds addresses back, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn suppressions(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which are wanted: all, if not said.")] filter: Option<SuppressionFilter>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Suppression>> {
        let rows = List::named("suppressions");
        let request = rows.request(ctx, first, after.as_deref())?;
        let filter = filter
            .map(list::Filter::try_from)
            .transpose()?
            .unwrap_or_default();
        if filter.email.is_some() && !ctx.access()?.sees_persons() {
            // Guessing an address is reading it.
            let message = "your role sees people masked, and so cannot look for an address";
            return Err(ApiError::new(ErrorCode::Forbidden, message).at("filter.email"));
        }
        let page = list::page(&ctx.read().await?, &filter, request).await?;
        Ok(rows.page(request, page, Suppression))
    }

    /// Suppressions as a CSV text that `importSuppressions` reads, a thousand at a time, oldest first. Addresses stand in it
    /// where somebody is reached there and your role sees people; that is noted in the audit log.
    #[graphql(complexity = "1000 + child_complexity")]
    async fn suppression_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The last suppression of the part before; null for the first part.")] suppression_id: Option<
            ID,
        >,
    ) -> Result<export::SuppressionExport> {
        export::part(ctx, suppression_id.as_ref()).await
    }
}
