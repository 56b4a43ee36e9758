//! What people ask about their data (P17), as those who answer for it see it.

use assent_domain::privacy as domain;
use assent_entity::privacy::{self, PrivacyRequest as Row, RequestFilter, Step};
use async_graphql::{Context, Description, Enum, ID, InputObject, Object, SimpleObject};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::Result;
use super::id;
use super::loaders::HistoryOf;
use super::person;
use super::subscriber::Subscriber;
use super::time::Time;

mod change;

pub(crate) use change::PrivacyMutation;

/// What a person asks for.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::RequestKind")]
pub(crate) enum PrivacyRequestKind {
    /// A copy of what is held (GDPR, articles 15 and 20).
    Copy,
    /// That something be put right (article 16).
    Correction,
    /// That their data be kept and not used (article 18).
    Restriction,
    /// That it may be used again.
    RestrictionLift,
    /// That it be erased (article 17).
    Erasure,
    /// No mail of any sort, and no use for anything they once agreed to (article 21).
    Objection,
    /// Anything else, in their own words.
    Question,
    /// The link to the page on which they can do all this themselves (article 12(2)). It was sent at once.
    Link,
}

/// Where a request stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::RequestState")]
pub(crate) enum PrivacyRequestState {
    /// It has come in.
    Received,
    /// Somebody is at it.
    InProgress,
    /// It was done.
    Done,
    /// It was refused, for a reason that the person was given.
    Refused,
}

/// How a request came.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::RequestChannel")]
pub(crate) enum PrivacyRequestChannel {
    /// Through the person's own link.
    Link,
    /// Through the form that is open to all.
    Form,
    /// In a mail to the privacy contact.
    Mail,
    /// In a letter.
    Post,
    /// By telephone.
    Phone,
}

/// Whether it is known that a request comes from the person whom it is about.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::IdentityCheck")]
pub(crate) enum IdentityCheck {
    /// It came through a link that only their mailbox was given, or a member made sure.
    Verified,
    /// Anybody may have written it.
    Unverified,
}

/// A step in the life of a request.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "domain::RequestStep")]
pub(crate) enum PrivacyRequestStep {
    /// It came in.
    Received,
    /// A link to the person's own page was sent to the address it names.
    LinkSent,
    /// It is known to be the person's own.
    Verified,
    /// The answer was put off, once.
    Extended,
    /// It was done.
    Done,
    /// It was refused.
    Refused,
    /// What was personal in it was erased.
    Erased,
}

/// A step in the life of a request: never changed.
#[derive(SimpleObject)]
pub(crate) struct PrivacyRequestEvent {
    /// What happened.
    step: PrivacyRequestStep,
    /// Who did it: the id of a member or a subscriber, or `operator`, `visitor` or `job`.
    by: String,
    /// When.
    at: Time,
}

impl From<Step> for PrivacyRequestEvent {
    fn from(step: Step) -> Self {
        Self {
            step: step.step.into(),
            by: step.by,
            at: step.at.into(),
        }
    }
}

/// What a person asked about their data.
#[derive(Description)]
pub(crate) struct PrivacyRequest(pub(crate) Row);

#[Object(use_type_description)]
impl PrivacyRequest {
    /// The request's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// What is asked for.
    async fn kind(&self) -> PrivacyRequestKind {
        self.0.kind.into()
    }

    /// Where it stands.
    async fn state(&self) -> PrivacyRequestState {
        self.0.state.into()
    }

    /// How it came.
    async fn channel(&self) -> PrivacyRequestChannel {
        self.0.channel.into()
    }

    /// Whether it is known to come from the person.
    async fn identity(&self) -> IdentityCheck {
        self.0.identity.into()
    }

    /// Whom it is about; null where they are not known, or were erased.
    async fn subscriber(&self, ctx: &Context<'_>) -> Result<Option<Subscriber>> {
        match self.0.subscriber {
            Some(id) => Subscriber::load(ctx, id).await,
            None => Ok(None),
        }
    }

    /// The address that was given, where it is nobody's who is known. Reading it is noted in the audit log.
    async fn email(&self, ctx: &Context<'_>) -> Option<String> {
        let email = self
            .0
            .email
            .as_ref()
            .map(assent_domain::address::EmailAddress::expose);
        person::of_request(ctx, &self.0, "email", email).await
    }

    /// What was written, as text; null where nothing was, and after an erasure. Reading it is noted in the audit log.
    async fn message(&self, ctx: &Context<'_>) -> Option<String> {
        person::of_request(ctx, &self.0, "message", self.0.message.clone()).await
    }

    /// What was answered, or why it was refused; null before that, and after an erasure.
    async fn answer(&self, ctx: &Context<'_>) -> Option<String> {
        person::of_request(ctx, &self.0, "answer", self.0.answer.clone()).await
    }

    /// When it came.
    async fn received_at(&self) -> Time {
        self.0.times.received_at.into()
    }

    /// When the answer is owed: one calendar month after it came, or the time to which it was put off.
    async fn due_at(&self) -> Time {
        self.0.times.due_at.into()
    }

    /// Whether the answer should have been given by now.
    async fn overdue(&self, ctx: &Context<'_>) -> bool {
        let is_late = |now| self.0.times.is_overdue(self.0.state, now);
        ctx.now().is_ok_and(is_late)
    }

    /// When the answer was put off; null if it was not.
    async fn extended_at(&self) -> Option<Time> {
        self.0.times.extended_at.map(Time)
    }

    /// Why the answer was put off. Reading it is noted in the audit log.
    async fn extension_reason(&self, ctx: &Context<'_>) -> Option<String> {
        let reason = self.0.extension_reason.clone();
        person::of_request(ctx, &self.0, "extensionReason", reason).await
    }

    /// When it was answered; null while it is open.
    async fn closed_at(&self) -> Option<Time> {
        self.0.closed_at.map(Time)
    }

    /// What happened to it, from its first step.
    #[graphql(complexity = "10 + 5 * child_complexity")]
    async fn history(&self, ctx: &Context<'_>) -> Result<Vec<PrivacyRequestEvent>> {
        let steps = ctx.loader()?.load_one(HistoryOf(self.0.id)).await?;
        Ok(steps
            .unwrap_or_default()
            .into_iter()
            .map(PrivacyRequestEvent::from)
            .collect())
    }
}

/// Which requests are wanted. Conditions that are given all have to hold.
#[derive(InputObject, Default)]
pub(crate) struct PrivacyRequestFilter {
    /// Of this kind.
    kind: Option<PrivacyRequestKind>,
    /// In this state.
    state: Option<PrivacyRequestState>,
    /// Whether an answer is owed and late.
    overdue: Option<bool>,
}

/// What can be asked about requests.
#[derive(Default)]
pub(crate) struct PrivacyQuery;

impl PrivacyRequest {
    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        let id = id::parse("id", id)?;
        Ok(Self(privacy::by_id(&ctx.read().await?, id).await?))
    }
}

#[Object]
impl PrivacyQuery {
    /// One request. `NOT_FOUND` if the tenant has none with this id.
    async fn privacy_request(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with request_.")] id: ID,
    ) -> Option<Result<PrivacyRequest>> {
        Some(PrivacyRequest::find(ctx, &id).await)
    }

    /// What people asked about their data, in the order in which it came. For owners and privacy officers.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn privacy_requests(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which are wanted: all, if not said.")] filter: Option<PrivacyRequestFilter>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<PrivacyRequest>> {
        let list = List::named("privacyRequests");
        let request = list.request(ctx, first, after.as_deref())?;
        let filter = filter.unwrap_or_default();
        let filter = RequestFilter {
            kind: filter.kind.map(domain::RequestKind::from),
            state: filter.state.map(domain::RequestState::from),
            overdue: filter.overdue,
        };
        let page = privacy::page(&ctx.read().await?, &filter, request).await?;
        Ok(list.page(request, page, PrivacyRequest))
    }
}
