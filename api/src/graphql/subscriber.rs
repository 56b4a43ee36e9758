//! Subscribers: the people a tenant writes to.

use assent_domain::address::EmailAddress;
use assent_domain::api_token::Scope;
use assent_domain::id::SubscriberId;
use assent_entity::access::Access;
use assent_entity::disclosure::Disclosed;
use assent_entity::mailing_list;
use assent_entity::page::Page;
use assent_entity::subscriber::{
    self, Subscriber as Row, SubscriberFilter as Filter, SubscriberStatus as RowStatus,
};
use async_graphql::{Context, Description, Enum, ID, InputObject, Object};

use super::bounce::Bounce;
use super::connection::{Connection, List, page_cost};
use super::consent::ConsentRecord;
use super::context::World;
use super::custom_field::CustomValue;
use super::disclosure::Disclosure;
use super::error::{ApiError, ErrorCode, Result};
use super::id;
use super::loaders::{BouncesTo, ConsentsOf, DisclosuresOf, KeptOf, StatusOf, SubscriptionsOf};
use super::mailing_list::{MailingList, Subscription};
use super::person;
use super::policy::PolicyVersion;
use super::segment;
use super::time::Time;

mod partner;
mod subscribe;

pub(crate) use subscribe::SubscriberMutation;

/// Where a subscriber stands as a whole.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "RowStatus")]
pub(crate) enum SubscriberStatus {
    /// Has not confirmed.
    Pending,
    /// Confirmed.
    Confirmed,
    /// Wants no mail of any sort.
    OptedOut,
    /// Reported mail as spam.
    Complained,
    /// The mailbox does not exist.
    Bounced,
    /// Had their data erased.
    Erased,
    /// Is on a suppression list of the tenant's marketing, or of the operator.
    Suppressed,
}

/// A person the tenant writes to. An outside party sees of them what they permitted it, and nothing else.
#[derive(Description)]
pub(crate) struct Subscriber(Seen);

/// A person as who asks may see them.
enum Seen {
    /// By one of the tenant.
    Known(Row),
    /// By an outside party: this much was released, and is in the ledger.
    Disclosed(Disclosed),
}

#[Object(use_type_description)]
impl Subscriber {
    /// The subscriber's id.
    pub(crate) async fn id(&self) -> ID {
        match &self.0 {
            Seen::Known(person) => id::text(person.id),
            Seen::Disclosed(person) => id::text(person.person()),
        }
    }

    /// Where they are reached. Masked for roles that do not need it, and where it is shown in clear, that is noted
    /// in the audit log; `extensions.reason` of the request says there what it was for. Null for an outside party
    /// that may not have it.
    async fn email(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &self.0 {
            Seen::Known(known) => person::email(ctx, known).await.map(Some),
            Seen::Disclosed(person) => Ok(person.email().map(EmailAddress::expose)),
        }
    }

    /// Their name; null if they gave none. Masked and noted as `email` is.
    async fn name(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &self.0 {
            Seen::Known(known) => person::name(ctx, known).await,
            Seen::Disclosed(person) => Ok(person.name().map(str::to_owned)),
        }
    }

    /// Their company; null if they gave none. Masked and noted as `email` is.
    async fn company(&self, ctx: &Context<'_>) -> Result<Option<String>> {
        match &self.0 {
            Seen::Known(known) => person::company(ctx, known).await,
            Seen::Disclosed(person) => Ok(person.company().map(str::to_owned)),
        }
    }

    /// Where they stand as a whole. What they may be sent depends on the purpose: see consentDecision.
    async fn status(&self, ctx: &Context<'_>) -> Result<SubscriberStatus> {
        let status = ctx.loader()?.load_one(StatusOf(self.as_known()?.id)).await?;
        status
            .map(SubscriberStatus::from)
            .ok_or_else(|| ApiError::internal("a subscriber has no status"))
    }

    /// The policy version in force when they first gave information.
    async fn collected_under(&self, ctx: &Context<'_>) -> Result<PolicyVersion> {
        let found = ctx.loader()?.load_one(self.as_known()?.collected_under).await?;
        found
            .map(PolicyVersion)
            .ok_or_else(|| ApiError::internal("a subscriber points to no policy version"))
    }

    /// When they first gave information.
    #[expect(clippy::unused_async, reason = "fields are asynchronous")]
    async fn created_at(&self) -> Result<Time> {
        Ok(self.as_known()?.created_at.into())
    }

    /// When they first confirmed; null if they have not.
    #[expect(clippy::unused_async, reason = "fields are asynchronous")]
    async fn confirmed_at(&self) -> Result<Option<Time>> {
        Ok(self.as_known()?.confirmed_at.map(Time))
    }

    /// Since when the use of their data is restricted; null where it is not.
    #[expect(clippy::unused_async, reason = "fields are asynchronous")]
    async fn restricted_at(&self) -> Result<Option<Time>> {
        Ok(self.as_known()?.restricted_at.map(Time))
    }

    /// Where they stand with every list they ever joined.
    #[graphql(complexity = "10 + 3 * child_complexity")]
    async fn subscriptions(&self, ctx: &Context<'_>) -> Result<Vec<Subscription>> {
        let loader = ctx.loader()?;
        let states = loader.load_one(SubscriptionsOf(self.as_known()?.id)).await?;
        let states = states.unwrap_or_default();
        let mut lists = loader.load_many(states.iter().map(|(list, _)| *list)).await?;
        let subscriptions = states.into_iter().filter_map(|(list, state)| {
            Some(Subscription {
                state: state.into(),
                mailing_list: MailingList(lists.remove(&list)?),
            })
        });
        Ok(subscriptions.collect())
    }

    /// What else is kept of them, in the order of the fields' keys.
    #[graphql(complexity = "10 + 5 * child_complexity")]
    async fn custom_values(&self, ctx: &Context<'_>) -> Result<Vec<CustomValue>> {
        let person = self.as_known()?;
        let kept = ctx
            .loader()?
            .load_one(KeptOf(person.id))
            .await?
            .unwrap_or_default();
        let values = kept.into_iter().map(|kept| CustomValue {
            person: person.clone(),
            kept,
        });
        Ok(values.collect())
    }

    /// Everything they ever said to a purpose, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn consents(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<ConsentRecord>> {
        let of = self.as_known()?.id;
        let list = List::of("consents", of.uuid());
        let request = list.request(ctx, first, after.as_deref())?;
        let page = ctx.loader()?.load_one(ConsentsOf(of, request)).await?;
        Ok(list.page(request, page.unwrap_or_else(Page::empty), ConsentRecord))
    }

    /// What came back of messages to them, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn bounces(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Bounce>> {
        let of = self.as_known()?.id;
        let list = List::of("bounces", of.uuid());
        let request = list.request(ctx, first, after.as_deref())?;
        let page = ctx.loader()?.load_one(BouncesTo(of, request)).await?;
        Ok(list.page(request, page.unwrap_or_else(Page::empty), Bounce))
    }

    /// What of them went to outside parties, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn disclosures(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Disclosure>> {
        let of = self.as_known()?.id;
        let list = List::of("disclosures", of.uuid());
        let request = list.request(ctx, first, after.as_deref())?;
        let page = ctx.loader()?.load_one(DisclosuresOf(of, request)).await?;
        Ok(list.page(request, page.unwrap_or_else(Page::empty), Disclosure))
    }
}

/// Which subscribers are wanted. Conditions that are given all have to hold.
#[derive(InputObject)]
pub(crate) struct SubscriberFilter {
    /// With exactly this address, in any spelling.
    email: Option<String>,
    /// Who ever joined this list: an id that begins with list_.
    mailing_list_id: Option<ID>,
    /// Who is in this segment now: an id that begins with segment_.
    segment_id: Option<ID>,
}

impl SubscriberFilter {
    async fn read(self, ctx: &Context<'_>) -> Result<Filter> {
        let email = self.email.as_deref().map(EmailAddress::parse).transpose();
        let list = self.mailing_list_id.as_ref();
        let segment = match &self.segment_id {
            Some(id) => {
                let segment = id::parse("filter.segmentId", id)?;
                Some(segment::to_list_by(ctx, "filter.segmentId", segment).await?)
            }
            None => None,
        };
        Ok(Filter {
            email: email.map_err(|error| ApiError::bad_input("filter.email", error))?,
            mailing_list: list.map(|id| id::parse("filter.mailingListId", id)).transpose()?,
            segment,
        })
    }
}

impl Subscriber {
    /// A person as the tenant knows them. For an outside party there is no way to this.
    pub(crate) fn known(person: Row) -> Self {
        Self(Seen::Known(person))
    }

    fn disclosed(person: Disclosed) -> Self {
        Self(Seen::Disclosed(person))
    }

    /// The subscriber that a row points to. `FORBIDDEN` to a token that may not read people by a field of their own.
    pub(crate) async fn load(ctx: &Context<'_>, id: SubscriberId) -> Result<Option<Self>> {
        let access = ctx.access()?;
        if matches!(access, Access::Token(..)) && !access.sees_persons() {
            let scope = Scope::ReadSubscribers;
            let message = format!("this token may not read people: that needs the scope {scope}");
            return Err(ApiError::new(ErrorCode::Forbidden, message));
        }
        Ok(ctx.loader()?.load_one(id).await?.map(Self::known))
    }

    /// The subscriber with this id, as far as who asks may know them.
    pub(crate) async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        let id = id::parse("id", id)?;
        if let Some(asker) = ctx.access()?.outside_party() {
            return partner::find(ctx, asker, id).await;
        }
        Ok(Self::known(subscriber::by_id(&ctx.read().await?, id).await?))
    }

    /// What only the tenant's own may ask for.
    fn as_known(&self) -> Result<&Row> {
        match &self.0 {
            Seen::Known(person) => Ok(person),
            Seen::Disclosed(_) => Err(ApiError::new(
                ErrorCode::Forbidden,
                "an outside party may ask for id, email, name and company of a person, and for nothing else",
            )),
        }
    }
}

/// What can be asked about subscribers.
#[derive(Default)]
pub(crate) struct SubscriberQuery;

#[Object]
impl SubscriberQuery {
    /// One subscriber. `NOT_FOUND` if the tenant has none with this id.
    async fn subscriber(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with subscriber_.")] id: ID,
    ) -> Option<Result<Subscriber>> {
        Some(Subscriber::find(ctx, &id).await)
    }

    /// The tenant's subscribers, oldest first. An outside party gets those who permitted it anything, and its pages are full
    /// up to the last.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn subscribers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which are wanted: all, if not said.")] filter: Option<SubscriberFilter>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Subscriber>> {
        let list = List::named("subscribers");
        let request = list.request(ctx, first, after.as_deref())?;
        if let Some(asker) = ctx.access()?.outside_party() {
            let page = partner::page(ctx, asker, filter.is_some(), request).await?;
            return Ok(list.page(request, page, Subscriber::disclosed));
        }
        let filter = match filter {
            Some(filter) => filter.read(ctx).await?,
            None => Filter::default(),
        };
        if filter.email.is_some() && !ctx.access()?.sees_persons() {
            // Guessing an address is reading it.
            let message = "your role sees people masked, and so cannot look for an address";
            return Err(ApiError::new(ErrorCode::Forbidden, message).at("filter.email"));
        }
        let tx = ctx.read().await?;
        if let Some(list) = filter.mailing_list {
            // A list that the tenant does not have is not found, rather than empty.
            mailing_list::by_id(&tx, list).await?;
        }
        let page = subscriber::page(&tx, &filter, request).await?;
        Ok(list.page(request, page, Subscriber::known))
    }
}
