//! The templates of a campaign or a message: checked before they are stored.

use assent_domain::campaign::BodyFormat;
use assent_domain::content::{ContentParty, is_own};
use assent_entity::tenant::Tenant;
use assent_worker::render::{Footer, Template, TemplateError, TemplateField, TemplateSource, host_of};

use crate::graphql::error::{ApiError, Result};

/// What a mail is made of, as its author wrote it.
pub(in crate::graphql) fn source(
    subject: &str,
    preheader: &str,
    format: BodyFormat,
    body: &str,
) -> TemplateSource {
    TemplateSource {
        subject: subject.to_owned(),
        preheader: preheader.to_owned(),
        format,
        body: body.to_owned(),
        language: "en".to_owned(),
    }
}

/// Refuses templates that would not make a mail, and says what the content loads from where. `names` are those of values
/// beside those of every mail.
pub(in crate::graphql) async fn check(
    source: TemplateSource,
    footer: Footer,
    names: Vec<String>,
) -> Result<Vec<ContentParty>> {
    off_thread(move || {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        Template::compile_with(&source, footer, &names)
            .map(|template| template.content().to_vec())
            .map_err(refused)
    })
    .await?
}

/// What of it is loaded from hosts that are not the tenant's own.
pub(in crate::graphql) fn outside(
    found: Vec<ContentParty>,
    tenant: &Tenant,
    base_url: &str,
) -> Vec<ContentParty> {
    let base = host_of(base_url);
    let sender_domain = tenant.sender_address.domain();
    found
        .into_iter()
        .filter(|party| !is_own(&party.host, base.as_ref(), sender_domain))
        .collect()
}

fn refused(error: TemplateError) -> ApiError {
    let field = match error.field {
        TemplateField::Subject => "subject",
        TemplateField::Body => "body.source",
        TemplateField::Preheader => "preheader",
    };
    ApiError::bad_input(field, error.message).in_text(error.line, error.column)
}

/// A large body takes tens of milliseconds, in which the thread's other requests would wait.
pub(in crate::graphql) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| ApiError::internal("rendering a template ended early"))
}
