//! Segments: some of a tenant's people, by a rule.

use assent_domain::id::SegmentId;
use assent_domain::segment::Rule;
use assent_entity::segment::{self, Segment as Row};
use async_graphql::{Context, Description, ID, InputObject, Object, SimpleObject};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::error::{ApiError, ErrorCode, Result};
use super::id;
use super::time::Time;

mod rule;

pub(super) use rule::SegmentRule;
use rule::SegmentRuleInput;

/// Some of the tenant's people, by a rule. Who is in it is found out whenever that is asked.
#[derive(Description)]
pub(crate) struct Segment(pub(crate) Row);

#[Object(use_type_description)]
impl Segment {
    /// The segment's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Its name, for the tenant's own use.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Who is in it. The words that it compares people with are hidden from roles that see people masked.
    #[expect(clippy::unused_async, reason = "fields are asynchronous")]
    async fn rule(&self, ctx: &Context<'_>) -> Result<SegmentRule> {
        shown(ctx, &self.0.rule)
    }

    /// How many people are in it now, whether or not they may be written to. Everybody is looked at, which takes a while where
    /// there are many. Null for roles that see people masked, where it picks them by who they are.
    #[graphql(complexity = 200)]
    async fn people(&self, ctx: &Context<'_>) -> Result<Option<u64>> {
        if self.0.rule.asks_who() && !ctx.access()?.sees_persons() {
            return Ok(None);
        }
        Ok(Some(segment::count(&ctx.read().await?, &self.0.rule).await?))
    }

    /// When it was saved first.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// When it was saved last.
    async fn changed_at(&self) -> Time {
        self.0.changed_at.into()
    }
}

/// A rule, as who asks may see it.
pub(super) fn shown(ctx: &Context<'_>, rule: &Rule) -> Result<SegmentRule> {
    let rule = if ctx.access()?.sees_persons() {
        rule.clone()
    } else {
        rule.without_words()
    };
    Ok(SegmentRule(rule))
}

/// The rule of a segment by which people are to be listed. Who sees people masked may not have them picked by who they are.
pub(super) async fn to_list_by(ctx: &Context<'_>, field: &'static str, segment: SegmentId) -> Result<Rule> {
    let rule = segment::by_id(&ctx.read().await?, segment).await?.rule;
    if rule.asks_who() && !ctx.access()?.sees_persons() {
        let message = "your role sees people masked, and this segment picks them by who they are";
        return Err(ApiError::new(ErrorCode::Forbidden, message).at(field));
    }
    Ok(rule)
}

/// A segment to be saved.
#[derive(InputObject)]
pub(crate) struct CreateSegmentInput {
    /// Its name, for the tenant's own use: one line of at most 200 characters.
    name: String,
    /// Who is in it.
    rule: SegmentRuleInput,
}

/// The segment that was saved.
#[derive(SimpleObject)]
pub(crate) struct CreateSegmentPayload {
    /// The segment.
    segment: Segment,
}

/// How a segment is to be from now on.
#[derive(InputObject)]
pub(crate) struct UpdateSegmentInput {
    /// The segment's id.
    id: ID,
    /// Its name; as it was, if not said.
    name: Option<String>,
    /// Who is in it; as it was, if not said.
    rule: Option<SegmentRuleInput>,
}

/// The segment as it is now.
#[derive(SimpleObject)]
pub(crate) struct UpdateSegmentPayload {
    /// The segment.
    segment: Segment,
}

/// Which segment is to go.
#[derive(InputObject)]
pub(crate) struct DeleteSegmentInput {
    /// The segment's id.
    id: ID,
}

/// The segment that went.
#[derive(SimpleObject)]
pub(crate) struct DeleteSegmentPayload {
    /// The segment as it was.
    segment: Segment,
}

/// Whom a rule means.
#[derive(SimpleObject)]
pub(crate) struct SegmentSize {
    /// How many people, whether or not they may be written to.
    people: u64,
}

/// What can be asked about segments.
#[derive(Default)]
pub(crate) struct SegmentQuery;

#[Object]
impl SegmentQuery {
    /// One segment. `NOT_FOUND` if the tenant has none with this id.
    async fn segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with segment_.")] id: ID,
    ) -> Option<Result<Segment>> {
        Some(Segment::find(ctx, &id).await)
    }

    /// The tenant's segments, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn segments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Segment>> {
        let list = List::named("segments");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = segment::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, Segment))
    }

    /// How many people a rule means now, before it is saved.
    #[graphql(complexity = "1000 + child_complexity")]
    async fn segment_size(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The rule.")] rule: SegmentRuleInput,
    ) -> Result<SegmentSize> {
        let rule = Rule::try_from(rule)?;
        let people = segment::count(&ctx.read().await?, &rule).await?;
        Ok(SegmentSize { people })
    }
}

impl Segment {
    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        let id = id::parse("id", id)?;
        Ok(Self(segment::by_id(&ctx.read().await?, id).await?))
    }
}

/// What can be done with segments.
#[derive(Default)]
pub(crate) struct SegmentMutation;

#[Object]
impl SegmentMutation {
    /// Saves a segment: 1,000 of them at most. `CONFLICT` where another has its name.
    #[graphql(complexity = "50 + child_complexity")]
    async fn create_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The segment to be saved.")] input: CreateSegmentInput,
    ) -> Result<CreateSegmentPayload> {
        let rule = Rule::try_from(input.rule)?;
        let mut tx = ctx.write().await?;
        let id = segment::create(&mut tx, &input.name, &rule).await?;
        let segment = Segment(segment::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(CreateSegmentPayload { segment })
    }

    /// Gives a segment another name or rule. Campaigns that have been scheduled go to those whom the rule meant that they were
    /// scheduled with; drafts go by the new one.
    #[graphql(complexity = "50 + child_complexity")]
    async fn update_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How it is to be.")] input: UpdateSegmentInput,
    ) -> Result<UpdateSegmentPayload> {
        let id = id::parse("id", &input.id)?;
        let rule = input.rule.map(Rule::try_from).transpose()?;
        let mut tx = ctx.write().await?;
        segment::change(&mut tx, id, input.name.as_deref(), rule).await?;
        let segment = Segment(segment::by_id(&tx, id).await?);
        tx.commit().await?;
        Ok(UpdateSegmentPayload { segment })
    }

    /// Deletes a segment; people and campaigns stay. `CONFLICT` while a draft is to go to it.
    #[graphql(complexity = "50 + child_complexity")]
    async fn delete_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which segment.")] input: DeleteSegmentInput,
    ) -> Result<DeleteSegmentPayload> {
        let id: SegmentId = id::parse("id", &input.id)?;
        let mut tx = ctx.write().await?;
        let segment = Segment(segment::by_id(&tx, id).await?);
        segment::delete(&mut tx, id).await?;
        tx.commit().await?;
        Ok(DeleteSegmentPayload { segment })
    }
}
