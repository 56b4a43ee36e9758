//! The templates of a campaign: checked before they are stored, and shown as a sample person would get them.

use std::collections::BTreeMap;

use assent_domain::campaign::BodyFormat;
use assent_domain::content::{ContentParty, is_own};
use assent_entity::campaign::Campaign;
use assent_entity::tenant::Tenant;
use assent_worker::render::{
    Footer, Rendered, SubscriberVariables, Template, TemplateError, TemplateField, TemplateSource,
    TenantVariables, Variables, host_of,
};
use async_graphql::SimpleObject;

use crate::graphql::error::{ApiError, ErrorCode, Result};

/// The mail as a sample person would get it.
#[derive(SimpleObject)]
pub(crate) struct CampaignPreview {
    /// The subject line.
    subject: String,
    /// The HTML part, a whole document. Show it in a sandboxed frame: it is what the author wrote.
    html: String,
    /// The plain text part.
    text: String,
}

impl From<Rendered> for CampaignPreview {
    fn from(rendered: Rendered) -> Self {
        Self {
            subject: rendered.subject,
            html: rendered.html,
            text: rendered.text,
        }
    }
}

/// Refuses templates that would not make a mail, and says what the content loads from where.
pub(super) async fn check(subject: &str, format: BodyFormat, body: &str) -> Result<Vec<ContentParty>> {
    let source = source(subject, format, body);
    off_thread(move || {
        Template::compile(&source, Footer::Marketing)
            .map(|template| template.content().to_vec())
            .map_err(refused)
    })
    .await?
}

/// What of it is loaded from hosts that are not the tenant's own.
pub(super) fn outside(found: Vec<ContentParty>, tenant: &Tenant, base_url: &str) -> Vec<ContentParty> {
    let base = host_of(base_url);
    let sender_domain = tenant.sender_address.domain();
    found
        .into_iter()
        .filter(|party| !is_own(&party.host, base.as_ref(), sender_domain))
        .collect()
}

/// Renders a campaign for a sample person.
pub(super) async fn preview(campaign: &Campaign, tenant: &Tenant, base_url: &str) -> Result<CampaignPreview> {
    let source = source(&campaign.subject, campaign.body_format, &campaign.body_source);
    let (tenant, base_url) = (tenant.clone(), base_url.to_owned());
    let outdated = |error: &dyn std::fmt::Display| {
        let message = format!("this campaign cannot be rendered any more, draft it anew: {error}");
        ApiError::new(ErrorCode::Conflict, message)
    };
    off_thread(move || {
        let template = Template::compile(&source, Footer::Marketing).map_err(|error| outdated(&error))?;
        let rendered = render(&template, &tenant, &base_url).map_err(|error| outdated(&error))?;
        Ok(rendered.into())
    })
    .await?
}

fn render(
    template: &Template,
    tenant: &Tenant,
    base_url: &str,
) -> Result<Rendered, assent_worker::render::RenderError> {
    template.render(&Variables {
        subscriber: SubscriberVariables {
            email: "sample@example.org",
            name: "Sample Person",
            company: "Sample Company",
        },
        tenant: TenantVariables {
            name: &tenant.name,
            postal_address: &tenant.postal_address,
        },
        unsubscribe_url: &format!("{base_url}/unsubscribe/sample"),
        preferences_url: &format!("{base_url}/preferences/sample"),
        policy_url: &format!("{base_url}/t/{}/policy", tenant.slug),
        data_url: &format!("{base_url}/t/{}/privacy", tenant.slug),
        extra: BTreeMap::new(),
    })
}

fn source(subject: &str, format: BodyFormat, body: &str) -> TemplateSource {
    TemplateSource {
        subject: subject.to_owned(),
        format,
        body: body.to_owned(),
        language: "en".to_owned(),
    }
}

fn refused(error: TemplateError) -> ApiError {
    let field = match error.field {
        TemplateField::Subject => "subject",
        TemplateField::Body => "body.source",
    };
    ApiError::bad_input(field, error.message).in_text(error.line, error.column)
}

/// A large body takes tens of milliseconds, in which the thread's other requests would wait.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| ApiError::internal("rendering a template ended early"))
}
