//! The tenant of a page: found by its published name or by a signed link, and shown around every page of it.

use actix_web::http::StatusCode;
use assent_domain::id::SubscriberId;
use assent_domain::tenant::Slug;
use assent_entity::tenant::{self, Tenant};
use assent_entity::{Store, TenantCtx, TenantTx, subscriber};

use super::error::PageError;
use super::reader::Reader;
use super::views::{Chrome, Closed, MessagePage, Rgb, Tongue};

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
    let page = MessagePage::tenant_closed(chrome.clone());
    Err(PageError::new(StatusCode::CONFLICT, page))
}

/// What surrounds the page of a person, in the language in which they signed up, unless its address asks for another.
pub(super) async fn chrome_for<M>(
    tx: &TenantTx<M>,
    reader: &Reader,
    of: SubscriberId,
) -> Result<Chrome, PageError> {
    let language = subscriber::language(tx, of).await?;
    chrome(tx, reader.tongue_for(language.as_ref())).await
}

/// What surrounds the pages of the tenant whose tables are open.
pub(super) async fn chrome<M>(tx: &TenantTx<M>, tongue: Tongue) -> Result<Chrome, PageError> {
    let tenant = tenant::current(tx).await?;
    Ok(Chrome {
        tongue,
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
