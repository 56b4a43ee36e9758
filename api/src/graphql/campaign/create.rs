//! Drafting campaigns.

use assent_entity::campaign::{self, NewCampaign};
use assent_entity::content::{self, BroughtIn};
use assent_entity::tracking;
use assent_worker::render::Footer;
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::{BodyFormat, Campaign, IfUnknown, template};
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, Result};
use crate::graphql::id;

/// The body of a campaign to be drafted.
#[derive(InputObject)]
pub(crate) struct CampaignBodyInput {
    /// How it is written.
    format: BodyFormat,
    /// The body, a template of at most 1 MiB. Unsubscribe link, preferences link and postal address are added
    /// at its end where it leaves them out.
    source: String,
}

/// A campaign to be drafted.
#[derive(InputObject)]
pub(crate) struct CreateCampaignInput {
    /// Its name, for the tenant's own use: one line of at most 200 characters.
    name: String,
    /// The code of what it is sent for; all its lists have to be used for that.
    purpose: String,
    /// The lists it goes to, at least one.
    mailing_list_ids: Vec<ID>,
    /// Whom of its lists it goes to: an id that begins with segment_. Everybody on them, if not said.
    segment: Option<ID>,
    /// The subject line, a template of at most 998 octets.
    subject: String,
    /// What is shown beside the subject where mails are listed, a template of at most 500 octets; nobody sees it in the
    /// mail. MJML may say it in an `mj-preview` instead.
    preheader: Option<String>,
    /// The body.
    body: CampaignBodyInput,
    /// Whether its links are measured: rewritten to lead through this server, for those who agreed to an analytics
    /// purpose of the policy in force, and for nobody else. There is no pixel.
    #[graphql(default)]
    track_links: bool,
    /// The code of that analytics purpose, where the policy in force names several.
    analytics_purpose: Option<String>,
    /// What is done about messages of which nobody knows whether they arrived: a worker died, or the line broke, while they
    /// were handed over.
    #[graphql(default_with = "IfUnknown::Leave")]
    if_unknown: IfUnknown,
}

/// The campaign that was drafted.
#[derive(SimpleObject)]
pub(crate) struct CreateCampaignPayload {
    /// The campaign.
    campaign: Campaign,
    /// What stands in the way of sending it, for a person to read: outside parties in its content that the policy in
    /// force does not name.
    warnings: Vec<String>,
}

impl TryFrom<CreateCampaignInput> for NewCampaign {
    type Error = ApiError;

    fn try_from(input: CreateCampaignInput) -> Result<Self> {
        let segment = input.segment.as_ref();
        Ok(Self {
            segment: segment.map(|id| id::parse("segment", id)).transpose()?,
            lists: id::parse_all("mailingListIds", &input.mailing_list_ids)?,
            name: input.name,
            purpose: input.purpose,
            subject: input.subject,
            preheader: input.preheader.unwrap_or_default(),
            body_format: input.body.format.into(),
            body_source: input.body.source,
            content: Vec::new(),
            if_unknown: input.if_unknown.into(),
        })
    }
}

/// Drafting campaigns.
#[derive(Default)]
pub(crate) struct CampaignMutation;

#[Object]
impl CampaignMutation {
    /// Drafts a campaign. A template that would not make a mail is `BAD_USER_INPUT` on the field `subject`,
    /// `preheader` or `body.source`, with `line` and `column` in the error's extensions.
    #[graphql(complexity = "500 + child_complexity")]
    async fn create_campaign(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The campaign to be drafted.")] input: CreateCampaignInput,
    ) -> Result<CreateCampaignPayload> {
        ctx.access()?;
        if input.analytics_purpose.is_some() && !input.track_links {
            let message = "this says for what links are measured: set trackLinks too, or leave it out";
            return Err(ApiError::bad_input("analyticsPurpose", message));
        }
        let tracks = input.track_links.then(|| input.analytics_purpose.clone());
        let mut new = NewCampaign::try_from(input)?;
        let (tenant, base_url) = (ctx.tenant().await?, &ctx.app()?.base_url);
        let source = template::source(&new.subject, &new.preheader, new.body_format, &new.body_source);
        let found = template::check(source, Footer::Marketing, Vec::new()).await?;
        new.content = template::outside(found, &tenant, base_url);
        let mut tx = ctx.write().await?;
        let id = campaign::create(&mut tx, new).await?;
        if let Some(purpose) = tracks {
            tracking::begin(&mut tx, id, purpose.as_deref()).await?;
        }
        let campaign = Campaign(campaign::by_id(&tx, id).await?);
        let brought_in = content::of_campaign(&tx, id).await?;
        tx.commit().await?;
        Ok(CreateCampaignPayload {
            campaign,
            warnings: brought_in.iter().filter_map(warning).collect(),
        })
    }
}

/// What to do about an outside party that the policy in force does not name.
pub(super) fn warning(brought_in: &BroughtIn) -> Option<String> {
    let party = &brought_in.party;
    let warning = || {
        format!(
            "line {}: this loads from {}, an outside party that the policy in force does not name; the campaign \
             cannot be sent before a version names it",
            party.line, party.host
        )
    };
    (!brought_in.named).then(warning)
}
