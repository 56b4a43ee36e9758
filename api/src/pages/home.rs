//! `/`: what this server is. Only a demonstration names its tenants.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use assent_entity::page::{MAX_ROWS, PageRequest};
use assent_entity::{Store, StoreError, TenantTx, collection_point, tenant};

use super::error::PageError;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::views::{HomePage, JoinLink, TenantLink};
use crate::app::App;

/// The front page.
pub(super) async fn show(app: web::Data<App>, reader: Reader) -> Result<HttpResponse, PageError> {
    let demo_tenants = if app.lists_tenants {
        tenants(&app.store).await?
    } else {
        Vec::new()
    };
    let page = HomePage {
        tongue: reader.tongue(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        needs_setup: app.setup.is_open(),
        graphiql: app.explorer,
        mailbox: app.mailbox.is_some(),
        demo_tenants,
    };
    respond::page(StatusCode::OK, Keep::Ask, &page)
}

async fn tenants(store: &Store) -> Result<Vec<TenantLink>, StoreError> {
    let forms = PageRequest {
        first: MAX_ROWS,
        after: None,
        count: false,
    };
    let mut links = Vec::new();
    for (ctx, tenant) in tenant::all(store).await? {
        let tx = TenantTx::read(store, ctx).await?;
        let points = collection_point::page(&tx, forms).await?.rows;
        let join = points.into_iter().map(|(_, point)| JoinLink {
            path: format!("/t/{}/join/{}", tenant.slug, point.slug),
            title: point.name,
        });
        links.push(TenantLink {
            join: join.collect(),
            name: tenant.name,
            slug: tenant.slug,
        });
    }
    Ok(links)
}
