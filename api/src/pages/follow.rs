//! `/l/{token}`: a measured link of a mail (P16). It leads nowhere but where the message leads: the token names a row
//! of the campaign's links, and holds no address.
//!
//! Reading it counts, which no other page does: that is what the person agreed to, and what they take back counts at
//! once. Of everybody else nothing is kept. Mail scanners read links too; those that say so are not counted, the others
//! are, as everywhere in the trade.

use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::browser::BrowserFamily;
use assent_domain::id::CampaignId;
use assent_entity::link::{self, Act, Opened};
use assent_entity::{Store, TenantTx, campaign_link, tenant as tenants};
use url::Url;

use super::error::PageError;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::views::LeavingPage;
use crate::app::App;
use crate::visits;

async fn open(store: &Store, token: &str) -> Result<(Opened, CampaignId, i32), PageError> {
    let opened = link::open(store, token).await?;
    match opened.act {
        Act::Follow { campaign, link } => Ok((opened, campaign, link)),
        _ => Err(PageError::link_altered()),
    }
}

/// Leads on, or says first where to.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (opened, campaign, number) = open(&app.store, &token).await?;
    let tx = TenantTx::read(&app.store, opened.ctx).await?;
    let link = campaign_link::find(&tx, campaign, number).await?;
    let (asks_first, chrome) = (
        tenants::current(&tx).await?.leaving_page,
        tenant::chrome_for(&tx, &reader, opened.subscriber).await?,
    );
    drop(tx);
    let target = Url::parse(&link.url).map_err(PageError::internal)?;
    let is_read = request.method() == Method::GET && !visits::is_fetched_ahead(&request);
    // In a mailbox that the person has left, somebody else reads.
    if is_read && opened.is_current && visits::browser(&request) != BrowserFamily::Program {
        let tx = TenantTx::write(&app.store, opened.ctx).await?;
        campaign_link::follow(&tx, campaign, number, opened.subscriber).await?;
        tx.commit().await?;
    }
    if !asks_first {
        return Ok(respond::leading_on(target.as_str()));
    }
    let page = LeavingPage {
        chrome,
        host: target.host_str().unwrap_or_default().to_owned(),
        url: target.into(),
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}
