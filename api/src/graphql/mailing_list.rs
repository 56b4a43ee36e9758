//! Mailing lists and where people stand with them.

use assent_domain::id::MailingListId;
use assent_domain::mailing_list::{OptIn as DomainOptIn, SubscriptionState as DomainState};
use assent_entity::mailing_list::{self, MailingList as Row};
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::{ApiError, Result};
use super::id;
use super::loaders::PurposesOf;
use super::purpose::Purpose;
use super::time::Time;

/// How people get onto a list.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainOptIn")]
pub(crate) enum OptIn {
    /// They confirm from their own mailbox first.
    Double,
    /// Signing up is enough.
    Single,
}

/// Where a person stands with a list.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainState")]
pub(crate) enum SubscriptionState {
    /// Asked for, not confirmed.
    Pending,
    /// On the list.
    Active,
    /// Left by their own act.
    Ended,
}

/// A list that people subscribe to.
#[derive(Description)]
pub(crate) struct MailingList(pub(crate) Row);

#[Object(use_type_description)]
impl MailingList {
    /// The list's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Its name, which subscribers see.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// How people get onto it.
    async fn opt_in(&self) -> OptIn {
        self.0.opt_in.into()
    }

    /// What it is used for. A campaign to this list is for one of these.
    #[graphql(complexity = "5 + 3 * child_complexity")]
    async fn purposes(&self, ctx: &Context<'_>) -> Result<Vec<Purpose>> {
        let found = ctx.loader()?.load_one(PurposesOf(self.0.id)).await?;
        Ok(found.unwrap_or_default().into_iter().map(Purpose).collect())
    }

    /// When it was created.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }
}

/// Where a person stands with one list.
#[derive(SimpleObject)]
pub(crate) struct Subscription {
    /// The list.
    pub(crate) mailing_list: MailingList,
    /// Where they stand with it.
    pub(crate) state: SubscriptionState,
}

impl MailingList {
    /// The list that a row points to.
    pub(crate) async fn load(ctx: &Context<'_>, id: MailingListId) -> Result<Self> {
        let found = ctx.loader()?.load_one(id).await?;
        found
            .map(Self)
            .ok_or_else(|| ApiError::internal("a row points to no list"))
    }

    /// The lists that a row points to, in their order.
    pub(crate) async fn load_all(ctx: &Context<'_>, ids: &[MailingListId]) -> Result<Vec<Self>> {
        let mut found = ctx.loader()?.load_many(ids.iter().copied()).await?;
        Ok(ids.iter().filter_map(|id| found.remove(id).map(Self)).collect())
    }

    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        let id = id::parse("id", id)?;
        Ok(Self(mailing_list::by_id(&ctx.read().await?, id).await?))
    }
}

/// What can be asked about lists.
#[derive(Default)]
pub(crate) struct MailingListQuery;

#[Object]
impl MailingListQuery {
    /// One list. `NOT_FOUND` if the tenant has none with this id.
    async fn mailing_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with list_.")] id: ID,
    ) -> Option<Result<MailingList>> {
        Some(MailingList::find(ctx, &id).await)
    }

    /// The tenant's lists, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn mailing_lists(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<MailingList>> {
        let list = List::named("mailingLists");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = mailing_list::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, MailingList))
    }
}

/// A list to be created.
#[derive(InputObject)]
pub(crate) struct CreateMailingListInput {
    /// Its name, which subscribers see: one line of at most 200 characters.
    name: String,
    /// How people get onto it. `SINGLE` is the tenant's decision to answer for.
    #[graphql(default_with = "OptIn::Double")]
    opt_in: OptIn,
    /// The codes of what it is used for, at least one. A policy version has to name each.
    purposes: Vec<String>,
}

/// The list that was created.
#[derive(SimpleObject)]
pub(crate) struct CreateMailingListPayload {
    /// The list.
    mailing_list: MailingList,
}

/// What can be done with lists.
#[derive(Default)]
pub(crate) struct MailingListMutation;

#[Object]
impl MailingListMutation {
    /// Creates a list for purposes that the tenant's policies name.
    #[graphql(complexity = "50 + child_complexity")]
    async fn create_mailing_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The list to be created.")] input: CreateMailingListInput,
    ) -> Result<CreateMailingListPayload> {
        let mut tx = ctx.write().await?;
        let id = mailing_list::create(&mut tx, &input.name, input.opt_in.into(), &input.purposes).await?;
        let mailing_list = MailingList(mailing_list::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(CreateMailingListPayload { mailing_list })
    }
}
