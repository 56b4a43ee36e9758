//! A campaign as somebody would get it.

use assent_domain::api_token::Scope;
use assent_entity::access::Access;
use assent_entity::campaign::Campaign;
use assent_entity::subscriber;
use assent_entity::tenant::Tenant;
use assent_worker::render::{Footer, RenderError, Template, TemplateSource, Warning};
use assent_worker::sample::{Sample, SampleLinks};
use assent_worker::words::Words;
use async_graphql::{Context, ID, SimpleObject};

use super::template::{off_thread, source};
use crate::graphql::context::World;
use crate::graphql::error::{ApiError, ErrorCode, Result};
use crate::graphql::{id, person};

/// The mail as somebody would get it.
#[derive(SimpleObject, Clone)]
pub(crate) struct CampaignPreview {
    /// The subject line.
    subject: String,
    /// What mail programs show beside it; null where that is whatever the mail begins with.
    preheader: Option<String>,
    /// The HTML part, a whole document. Show it in a sandboxed frame: it is what the author wrote.
    html: String,
    /// The plain text part.
    text: String,
    /// How large the HTML part is. Gmail shows no more than 104,448 bytes of it.
    html_bytes: u64,
    /// How large the text part is.
    text_bytes: u64,
}

/// Whom a mail is shown for. What is shown of a person who is known is as their fields are: in clear, or masked.
pub(super) struct Reader {
    email: String,
    name: String,
    company: String,
    words: Words,
}

impl Reader {
    /// Nobody in particular.
    pub(super) fn sample() -> Self {
        let sample = Sample::person();
        Self {
            email: sample.email.to_owned(),
            name: sample.name.to_owned(),
            company: sample.company.to_owned(),
            words: Words::english(),
        }
    }

    /// One of the tenant's people.
    pub(super) async fn subscriber(ctx: &Context<'_>, id: &ID) -> Result<Self> {
        let access = ctx.access()?;
        if matches!(access, Access::Token(..)) && !access.sees_persons() {
            let scope = Scope::ReadSubscribers;
            let message = format!("this token may not read people: that needs the scope {scope}");
            return Err(ApiError::new(ErrorCode::Forbidden, message).at("subscriberId"));
        }
        let id = id::parse("subscriberId", id)?;
        let known = subscriber::by_id(&ctx.read().await?, id).await?;
        Ok(Self {
            email: person::email(ctx, &known).await?,
            name: person::name(ctx, &known).await?.unwrap_or_default(),
            company: person::company(ctx, &known).await?.unwrap_or_default(),
            words: Words::of(known.language.as_ref()),
        })
    }
}

/// Renders a campaign for somebody.
pub(super) async fn show(
    campaign: &Campaign,
    tenant: &Tenant,
    base_url: &str,
    reader: Reader,
) -> Result<CampaignPreview> {
    Ok(shown(campaign, tenant, base_url, reader).await?.0)
}

/// The same, with what its author should know.
pub(super) async fn shown(
    campaign: &Campaign,
    tenant: &Tenant,
    base_url: &str,
    reader: Reader,
) -> Result<(CampaignPreview, Vec<Warning>)> {
    let source = TemplateSource {
        language: reader.words.language().to_string(),
        ..source(
            &campaign.subject,
            &campaign.preheader,
            campaign.body_format,
            &campaign.body_source,
        )
    };
    let (tenant, links) = (tenant.clone(), SampleLinks::new(base_url, &tenant.slug));
    off_thread(move || {
        let template = Template::compile(&source, Footer::Marketing).map_err(outdated)?;
        let shown = render(&template, &tenant, &links, &reader).map_err(outdated)?;
        Ok((shown, template.warnings().to_vec()))
    })
    .await?
}

fn outdated(error: impl std::fmt::Display) -> ApiError {
    let message = format!("this campaign cannot be rendered any more, draft it anew: {error}");
    ApiError::new(ErrorCode::Conflict, message)
}

fn render(
    template: &Template,
    tenant: &Tenant,
    links: &SampleLinks,
    reader: &Reader,
) -> std::result::Result<CampaignPreview, RenderError> {
    let sample = Sample {
        email: &reader.email,
        name: &reader.name,
        company: &reader.company,
    };
    let variables = sample.variables(tenant, links);
    let (rendered, preheader) = (template.render(&variables)?, template.preheader(&variables)?);
    let bytes = |part: &str| u64::try_from(part.len()).unwrap_or(u64::MAX);
    Ok(CampaignPreview {
        subject: rendered.subject,
        preheader: Some(preheader).filter(|preheader| !preheader.is_empty()),
        html_bytes: bytes(&rendered.html),
        text_bytes: bytes(&rendered.text),
        html: rendered.html,
        text: rendered.text,
    })
}
