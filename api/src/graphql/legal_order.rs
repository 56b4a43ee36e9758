//! Legal orders: entered by one member, approved by another (P14).

use assent_entity::legal_order::{self, LegalOrder as Row, NewLegalOrder};
use async_graphql::{Context, Description, ID, Object};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::Result;
use super::id;
use super::loaders::PeopleOf;
use super::outside_party::{OutsideParty, PersonField, fields};
use super::time::Time;

mod change;

pub(crate) use change::LegalOrderMutation;

/// An order of an authority that demands fields of named people for a time.
#[derive(Description)]
pub(crate) struct LegalOrder(pub(crate) Row);

#[Object(use_type_description)]
impl LegalOrder {
    /// The order's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// The authority, as an outside party: a token can be made for it.
    async fn authority(&self, ctx: &Context<'_>) -> Result<OutsideParty> {
        OutsideParty::load(ctx, self.0.authority).await
    }

    /// The authority's file number.
    async fn reference(&self) -> &str {
        &self.0.reference
    }

    /// What it demands, in its words.
    async fn scope(&self) -> &str {
        &self.0.scope
    }

    /// Whom it names: ids of subscribers.
    #[graphql(complexity = "20 + child_complexity")]
    async fn subscriber_ids(&self, ctx: &Context<'_>) -> Result<Vec<ID>> {
        let people = ctx.loader()?.load_one(PeopleOf(self.0.id)).await?;
        Ok(people.unwrap_or_default().into_iter().map(id::text).collect())
    }

    /// Which of their fields it demands.
    async fn fields(&self) -> Vec<PersonField> {
        fields(&self.0.fields)
    }

    /// From when on it counts.
    async fn valid_from(&self) -> Time {
        self.0.valid_from.into()
    }

    /// When it ends.
    async fn valid_until(&self) -> Time {
        self.0.valid_until.into()
    }

    /// The member who entered it.
    async fn entered_by_id(&self) -> ID {
        id::text(self.0.entered_by)
    }

    /// When it was entered.
    async fn entered_at(&self) -> Time {
        self.0.entered_at.into()
    }

    /// The member who approved it; null before that.
    async fn approved_by_id(&self) -> Option<ID> {
        self.0.approved_by.map(id::text)
    }

    /// When it was approved; null before that. Until then it allows nothing.
    async fn approved_at(&self) -> Option<Time> {
        self.0.approved_at.map(Time)
    }

    /// When it was taken back; null if it was not.
    async fn revoked_at(&self) -> Option<Time> {
        self.0.revoked_at.map(Time)
    }
}

/// What can be asked of legal orders.
#[derive(Default)]
pub(crate) struct LegalOrderQuery;

impl LegalOrder {
    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        let id = id::parse("id", id)?;
        Ok(Self(legal_order::by_id(&ctx.read().await?, id).await?))
    }
}

#[Object]
impl LegalOrderQuery {
    /// One order. `NOT_FOUND` if the tenant has none with this id.
    async fn legal_order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with order_.")] id: ID,
    ) -> Option<Result<LegalOrder>> {
        Some(LegalOrder::find(ctx, &id).await)
    }

    /// The tenant's orders, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn legal_orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<LegalOrder>> {
        let list = List::named("legalOrders");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = legal_order::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, LegalOrder))
    }
}

impl TryFrom<change::EnterLegalOrderInput> for NewLegalOrder {
    type Error = super::error::ApiError;

    fn try_from(input: change::EnterLegalOrderInput) -> Result<Self> {
        let people = input.subscriber_ids.iter();
        Ok(Self {
            people: people
                .map(|id| id::parse("subscriberIds", id))
                .collect::<Result<_>>()?,
            fields: input.fields.into_iter().map(Into::into).collect(),
            authority: input.authority,
            reference: input.reference,
            scope: input.scope,
            valid_from: input.valid_from.0,
            valid_until: input.valid_until.0,
        })
    }
}
