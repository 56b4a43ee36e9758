//! `/sharing/{token}`: who gets what of a person, to change at any time, and what went out (P14). The link is that of
//! the preferences page.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::disclosure::Basis;
use assent_entity::disclosure::Disclosure;
use assent_entity::link::{self, Act, Opened};
use assent_entity::outside_party::OutsideParty;
use assent_entity::{Store, TenantTx, sharing};

use super::error::PageError;
use super::parties;
use super::posted::Posted;
use super::respond::{self, Keep};
use super::tenant;
use super::views::{SentOut, SharingPage};
use crate::app::App;

async fn open(store: &Store, token: &str) -> Result<Opened, PageError> {
    let link = link::open(store, token).await?;
    match link.act {
        Act::Preferences => Ok(link),
        _ => Err(PageError::link_altered()),
    }
}

/// The page.
pub(super) async fn show(app: web::Data<App>, token: web::Path<String>) -> Result<HttpResponse, PageError> {
    let link = open(&app.store, &token).await?;
    page(&app.store, &link, &token, false).await
}

/// The answers.
pub(super) async fn send(
    app: web::Data<App>,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let link = open(&app.store, &token).await?;
    let posted = Posted::read(&request, payload).await?;
    let answers = parties::answers(&posted).ok_or_else(|| PageError::unreadable(StatusCode::BAD_REQUEST))?;
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    let shown = posted.one("shown").ok().and_then(|text| text.parse().ok());
    sharing::answer(&mut tx, link.subscriber, shown, &answers).await?;
    tx.commit().await?;
    page(&app.store, &link, &token, true).await
}

async fn page(store: &Store, link: &Opened, token: &str, saved: bool) -> Result<HttpResponse, PageError> {
    let tx = TenantTx::read(store, link.ctx).await?;
    let sharing = sharing::view(&tx, link.subscriber).await?;
    let sent_out = sharing
        .disclosures
        .iter()
        .map(|row| sent_out(row, &sharing.recipients));
    let page = SharingPage {
        chrome: tenant::chrome(&tx).await?,
        masked_address: sharing.subscriber.email.masked(),
        preferences_path: format!("/preferences/{token}"),
        shown: sharing.version.map(|id| id.to_string()).unwrap_or_default(),
        sent_out: sent_out.collect(),
        parties: sharing
            .parties
            .into_iter()
            .map(|(party, said)| parties::question(party, &said))
            .collect(),
        saved,
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

fn sent_out(row: &Disclosure, recipients: &[OutsideParty]) -> SentOut {
    let to = recipients.iter().find(|party| party.id == row.facts.party);
    SentOut {
        at: row.disclosed_at.into(),
        to: to.map(|party| party.name.clone()).unwrap_or_default(),
        what: row.facts.fields.iter().map(|field| field.in_words()).collect(),
        by_order: matches!(row.facts.basis, Basis::LegalOrder { .. }),
    }
}
