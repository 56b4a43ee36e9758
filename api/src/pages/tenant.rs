//! The tenant of a page: found by its published name or by a signed link, and shown around every page of it.

use actix_web::http::StatusCode;
use assent_domain::tenant::Slug;
use assent_entity::tenant::{self, Tenant};
use assent_entity::{Store, TenantCtx, TenantTx};

use super::error::PageError;
use super::views::{Chrome, Closed, MessagePage, Rgb};

/// The tenant with this name in addresses.
pub(super) async fn find(store: &Store, name: &str) -> Result<TenantCtx, PageError> {
    let slug = Slug::parse(name).map_err(|_| PageError::not_found())?;
    match tenant::by_slug(store, slug.as_str()).await? {
        Some(found) => Ok(found),
        None if tenant::gone_by_slug(store, slug.as_str()).await?.is_some() => Err(PageError::gone()),
        None => Err(PageError::not_found()),
    }
}

/// Refuses, in a closed tenant, what is there to take people in.
pub(super) fn require_open(chrome: &Chrome) -> Result<(), PageError> {
    if chrome.closed.is_none() {
        return Ok(());
    }
    let page = MessagePage::tenant_closed(Some(chrome.clone()));
    Err(PageError::new(StatusCode::CONFLICT, page))
}

/// What surrounds the pages of the tenant whose tables are open.
pub(super) async fn chrome<M>(tx: &TenantTx<M>) -> Result<Chrome, PageError> {
    let tenant = tenant::current(tx).await?;
    Ok(Chrome {
        lang: "en".to_owned(),
        accent: accent(&tenant),
        closed: tenant.life.closing().map(|closing| Closed {
            since: closing.since.into(),
            delete_at: closing.delete_at.into(),
        }),
        privacy_contact: tenant.privacy_contact.expose(),
        tenant_name: tenant.name,
        slug: tenant.slug,
        postal_address: tenant.postal_address,
    })
}

/// The tenant's colour.
pub(super) fn accent(tenant: &Tenant) -> Rgb {
    Rgb::parse(&tenant.accent).unwrap_or(Rgb::DEFAULT_ACCENT)
}
