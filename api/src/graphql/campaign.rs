//! Campaigns: what a marketer writes, whom it would reach, and how far it is.

use assent_domain::campaign::{BodyFormat as DomainFormat, CampaignStatus as DomainStatus};
use assent_domain::content::ContentKind as DomainKind;
use assent_entity::audience;
use assent_entity::campaign::{self, Campaign as Row};
use assent_entity::page::Page;
use async_graphql::{Context, Description, Enum, ID, Object, SimpleObject};

use super::connection::{Connection, List, page_cost};
use super::context::World;
use super::delivery::{CampaignProgress, Delivery};
use super::error::Result;
use super::id;
use super::loaders::{
    ContentOf, DeliveriesOf, LinksOf, ListsOf, ProgressOf, SegmentOf, SenderProblems, TrackedFor, WaitingOf,
};
use super::mailing_list::MailingList;
use super::permit::{RefusalCount, counts};
use super::purpose::Purpose;
use super::segment::{Segment, SegmentRule, shown as shown_rule};
use super::time::Time;

mod change;
mod create;
mod link;
mod preview;
mod sending;
mod summary;
pub(super) mod template;
mod test_mail;

pub(crate) use change::CampaignActMutation;
pub(crate) use create::CampaignMutation;
use link::CampaignLink;
use preview::{CampaignPreview, Reader};
pub(crate) use sending::CampaignSendingMutation;
use sending::{CampaignWaiting, IfUnknown};
use summary::CampaignSummary;
pub(crate) use test_mail::TestMailMutation;

/// Where a campaign stands.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainStatus")]
pub(crate) enum CampaignStatus {
    /// Being written.
    Draft,
    /// Waits for its time.
    Scheduled,
    /// Going out.
    Sending,
    /// Stopped for now.
    Paused,
    /// Every recipient has a final state.
    Finished,
    /// Stopped for good.
    Cancelled,
}

/// How the body of a campaign is written.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainFormat")]
pub(crate) enum BodyFormat {
    /// HTML, a document or a fragment.
    Html,
    /// CommonMark, with tables; HTML in it is kept.
    Markdown,
    /// MJML 4 (documentation.mjml.io), without `mj-include`. A template statement may stand around whole sections,
    /// columns and what is in them, and within text.
    Mjml,
}

/// The body of a campaign as its author wrote it.
#[derive(SimpleObject)]
pub(crate) struct CampaignBody {
    /// How it is written.
    format: BodyFormat,
    /// The body, a template.
    source: String,
}

/// Whom a campaign would reach if it were sent now.
#[derive(SimpleObject)]
pub(crate) struct CampaignAudience {
    /// Everybody who ever joined one of its lists, and is in its segment, if it goes to one.
    total: u64,
    /// Whom it would reach.
    allowed: u64,
    /// Whom not, by reason.
    refused: Vec<RefusalCount>,
}

/// What is loaded, or sent, when a mail is read.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "DomainKind")]
pub(crate) enum ContentKind {
    /// A picture.
    Image,
    /// A picture of one pixel or none, which is there to be counted.
    Pixel,
    /// A program.
    Script,
    /// A page within the page.
    Frame,
    /// A form: what is typed goes there.
    Form,
    /// A style sheet, a font, or a picture of a style.
    Style,
    /// Sound, film, an object, or whatever else is loaded.
    Other,
}

/// Somebody outside whom the content of a campaign brings in: who reads the mail makes their host known of it.
#[derive(SimpleObject)]
pub(crate) struct ContentParty {
    /// The host.
    host: String,
    /// What is loaded from it.
    kind: ContentKind,
    /// Where: a line of the body's source, from 1.
    line: u32,
    /// Whether the policy in force names an outside party with this host. While it does not, the campaign is not sent.
    named: bool,
}

/// A mailing that a marketer wrote.
#[derive(Description)]
pub(crate) struct Campaign(pub(crate) Row);

#[Object(use_type_description)]
impl Campaign {
    /// The campaign's id.
    pub(crate) async fn id(&self) -> ID {
        id::text(self.0.id)
    }

    /// Its name, for the tenant's own use.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Where it stands.
    async fn status(&self) -> CampaignStatus {
        self.0.status.into()
    }

    /// What it is sent for.
    async fn purpose(&self, ctx: &Context<'_>) -> Result<Purpose> {
        Purpose::load(ctx, self.0.purpose).await
    }

    /// What people have to have agreed to for their clicks on its links to be measured; null where nobody's are.
    #[graphql(complexity = "10 + child_complexity")]
    async fn links_tracked_for(&self, ctx: &Context<'_>) -> Result<Option<Purpose>> {
        match ctx.loader()?.load_one(TrackedFor(self.0.id)).await? {
            Some(purpose) => Purpose::load(ctx, purpose).await.map(Some),
            None => Ok(None),
        }
    }

    /// Its measured links, in the order of the message; none before it is sent.
    #[graphql(complexity = "10 + 20 * child_complexity")]
    async fn links(&self, ctx: &Context<'_>) -> Result<Vec<CampaignLink>> {
        let found = ctx.loader()?.load_one(LinksOf(self.0.id)).await?;
        Ok(found.unwrap_or_default().into_iter().map(CampaignLink).collect())
    }

    /// The lists it goes to.
    #[graphql(complexity = "10 + 3 * child_complexity")]
    async fn mailing_lists(&self, ctx: &Context<'_>) -> Result<Vec<MailingList>> {
        let lists = ctx.loader()?.load_one(ListsOf(self.0.id)).await?;
        MailingList::load_all(ctx, &lists.unwrap_or_default()).await
    }

    /// Whom of its lists it goes to; null where it goes to everybody on them, or the segment is gone.
    #[graphql(complexity = "10 + child_complexity")]
    async fn segment(&self, ctx: &Context<'_>) -> Result<Option<Segment>> {
        let loader = ctx.loader()?;
        let narrowed = loader.load_one(SegmentOf(self.0.id)).await?;
        match narrowed.and_then(|of| of.segment) {
            Some(id) => Ok(loader.load_one(id).await?.map(Segment)),
            None => Ok(None),
        }
    }

    /// The rule by which they are found: the one that it was scheduled with, whatever became of the segment, or, of a draft,
    /// the one that the segment has now. Null where it goes to everybody on its lists.
    #[graphql(complexity = "10 + child_complexity")]
    async fn segment_rule(&self, ctx: &Context<'_>) -> Result<Option<SegmentRule>> {
        let narrowed = ctx.loader()?.load_one(SegmentOf(self.0.id)).await?;
        narrowed.map(|of| shown_rule(ctx, &of.rule)).transpose()
    }

    /// The subject line, a template.
    async fn subject(&self) -> &str {
        &self.0.subject
    }

    /// What is shown beside the subject where mails are listed, a template; null where there is none, or where MJML says it
    /// in an `mj-preview`.
    async fn preheader(&self) -> Option<&str> {
        Some(self.0.preheader.as_str()).filter(|preheader| !preheader.is_empty())
    }

    /// The body, a template.
    async fn body(&self) -> CampaignBody {
        CampaignBody {
            format: self.0.body_format.into(),
            source: self.0.body_source.clone(),
        }
    }

    /// Whom its content brings in from outside: images, pixels, styles, frames, scripts and forms of hosts that are not
    /// the tenant's own. Links are not among them.
    #[graphql(complexity = "20 + child_complexity")]
    async fn content_parties(&self, ctx: &Context<'_>) -> Result<Vec<ContentParty>> {
        let found = ctx.loader()?.load_one(ContentOf(self.0.id)).await?;
        let parties = found
            .unwrap_or_default()
            .into_iter()
            .map(|brought_in| ContentParty {
                host: brought_in.party.host.to_string(),
                kind: brought_in.party.kind.into(),
                line: brought_in.party.line,
                named: brought_in.named,
            });
        Ok(parties.collect())
    }

    /// When it is meant to go out; null for a draft.
    async fn scheduled_at(&self) -> Option<Time> {
        self.0.scheduled_at.map(Time)
    }

    /// The time after which nothing of it goes out any more; null where it takes as long as it takes. Who has not got it by
    /// then is refused with `TOO_LATE`.
    async fn not_after(&self) -> Option<Time> {
        self.0.not_after.map(Time)
    }

    /// What is done about messages of which nobody knows whether they arrived.
    async fn if_unknown(&self) -> IfUnknown {
        self.0.if_unknown.into()
    }

    /// Why it waits: its mail server refuses all that the tenant sends, or cannot be reached. Null while it does not.
    #[graphql(complexity = "10 + child_complexity")]
    async fn waiting(&self, ctx: &Context<'_>) -> Result<Option<CampaignWaiting>> {
        let waiting = ctx.loader()?.load_one(WaitingOf(self.0.id)).await?;
        Ok(waiting.map(CampaignWaiting::from))
    }

    /// Why it is paused, where no member paused it: after a restore, say. Null otherwise, and as soon as it goes on.
    async fn paused_reason(&self) -> Option<&str> {
        self.0.paused_reason.as_deref()
    }

    /// What keeps receivers from checking who it comes from, in words; none where the sender's domain is verified. In
    /// production it is not sent while there is something; elsewhere this is a warning.
    #[graphql(complexity = 20)]
    async fn sender_problems(&self, ctx: &Context<'_>) -> Result<Vec<String>> {
        let problems = ctx.loader()?.load_one(SenderProblems).await?;
        Ok(problems.unwrap_or_default())
    }

    /// When it was drafted.
    async fn created_at(&self) -> Time {
        self.0.created_at.into()
    }

    /// Whom it would reach if it were sent now. Everybody on its lists is counted, which takes a while for a
    /// large audience.
    #[graphql(complexity = "200 + child_complexity")]
    async fn audience(&self, ctx: &Context<'_>) -> Result<CampaignAudience> {
        CampaignAudience::of(ctx, &self.0).await
    }

    /// The mail as a sample person would get it, or as one of the tenant's would, with links that lead nowhere. What it shows
    /// of a person is masked and noted as it is where a subscriber is read.
    #[graphql(complexity = "200 + child_complexity")]
    async fn preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For whom: an id that begins with subscriber_. Left out: a sample person.")]
        subscriber_id: Option<ID>,
    ) -> Result<CampaignPreview> {
        let reader = match subscriber_id {
            Some(id) => Reader::subscriber(ctx, &id).await?,
            None => Reader::sample(),
        };
        preview::show(&self.0, &ctx.tenant().await?, &ctx.app()?.base_url, reader).await
    }

    /// What to look at before it is sent: to how many, from whom, what it looks like, and what is missing.
    #[graphql(complexity = "300 + child_complexity")]
    async fn summary(&self, ctx: &Context<'_>) -> Result<CampaignSummary> {
        CampaignSummary::of(ctx, &self.0).await
    }

    /// How far it is.
    #[graphql(complexity = "50 + child_complexity")]
    async fn progress(&self, ctx: &Context<'_>) -> Result<CampaignProgress> {
        let progress = ctx.loader()?.load_one(ProgressOf(self.0.id)).await?;
        Ok(progress.unwrap_or_default().into())
    }

    /// What became of it, recipient by recipient.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Delivery>> {
        let list = List::of("deliveries", self.0.id.uuid());
        let request = list.request(ctx, first, after.as_deref())?;
        let page = ctx.loader()?.load_one(DeliveriesOf(self.0.id, request)).await?;
        Ok(list.page(request, page.unwrap_or_else(Page::empty), Delivery))
    }
}

impl CampaignAudience {
    async fn of(ctx: &Context<'_>, campaign: &Row) -> Result<Self> {
        let audience = audience::of(&ctx.read().await?, campaign.id, campaign.purpose).await?;
        Ok(Self {
            total: audience.total,
            allowed: audience.allowed,
            refused: counts(audience.refused),
        })
    }
}

impl Campaign {
    async fn find(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        let id = id::parse("id", id)?;
        Ok(Self(campaign::by_id(&ctx.read().await?, id).await?))
    }
}

/// What can be asked about campaigns.
#[derive(Default)]
pub(crate) struct CampaignQuery;

#[Object]
impl CampaignQuery {
    /// One campaign. `NOT_FOUND` if the tenant has none with this id.
    async fn campaign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An id that begins with campaign_.")] id: ID,
    ) -> Option<Result<Campaign>> {
        Some(Campaign::find(ctx, &id).await)
    }

    /// The tenant's campaigns, oldest first.
    #[graphql(complexity = "page_cost(first, child_complexity)")]
    async fn campaigns(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many rows: 20 if not said, at most 100.")] first: Option<i32>,
        #[graphql(desc = "The cursor to begin behind.")] after: Option<String>,
    ) -> Result<Connection<Campaign>> {
        let list = List::named("campaigns");
        let request = list.request(ctx, first, after.as_deref())?;
        let page = campaign::page(&ctx.read().await?, request).await?;
        Ok(list.page(request, page, Campaign))
    }
}
