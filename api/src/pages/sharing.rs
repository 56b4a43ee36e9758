//! `/sharing/{token}`: who gets what of a person, to change at any time, and what went out (P14). The link is that of
//! the preferences page.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::disclosure::Basis;
use assent_entity::disclosure::Disclosure;
use assent_entity::link::Opened;
use assent_entity::outside_party::OutsideParty;
use assent_entity::policy::NamedParty;
use assent_entity::preferences::Taken;
use assent_entity::{Store, TenantTx, sharing};
use assent_worker::words::Words;

use super::error::PageError;
use super::parties;
use super::posted::Posted;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::views::{SentOut, SharingPage};
use super::{preferences, tenant};
use crate::app::App;

/// The page.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let link = preferences::open(&app.store, &token).await?;
    let outcome = respond::outcome_of(&request);
    page(&app.store, &reader, &link, &token, outcome).await
}

/// The answers.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let link = preferences::open(&app.store, &token).await?;
    let posted = Posted::read(&request, payload).await?;
    let answers = parties::answers(&posted).ok_or_else(|| PageError::unreadable(StatusCode::BAD_REQUEST))?;
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    let words = tenant::chrome_for(&tx, &reader, link.subscriber)
        .await?
        .tongue
        .words;
    let words = |party: &NamedParty| parties::statement(party, words);
    let shown = posted.one("shown").unwrap_or_default();
    let outcome = sharing::answer(&mut tx, link.subscriber, shown, answers, words).await?;
    tx.commit().await?;
    Ok(respond::taken(&request, outcome))
}

async fn page(
    store: &Store,
    reader: &Reader,
    link: &Opened,
    token: &str,
    outcome: Option<Taken>,
) -> Result<HttpResponse, PageError> {
    let tx = TenantTx::read(store, link.ctx).await?;
    let chrome = tenant::chrome_for(&tx, reader, link.subscriber).await?;
    let words = chrome.tongue.words;
    let sharing = sharing::view(&tx, link.subscriber).await?;
    let sent_out = sharing
        .disclosures
        .iter()
        .map(|row| sent_out(row, &sharing.recipients, words));
    let page = SharingPage {
        chrome,
        masked_address: sharing.subscriber.email.masked(),
        preferences_path: format!("/preferences/{token}"),
        shown: sharing.mark(),
        sent_out: sent_out.collect(),
        parties: sharing
            .parties
            .into_iter()
            .map(|(party, said)| parties::question(party, &said, words))
            .collect(),
        outcome,
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

fn sent_out(row: &Disclosure, recipients: &[OutsideParty], words: Words) -> SentOut {
    let to = recipients.iter().find(|party| party.id == row.facts.party);
    let fields = row.facts.fields.iter();
    SentOut {
        at: row.disclosed_at.into(),
        to: to.map(|party| party.name.clone()).unwrap_or_default(),
        what: fields.map(|field| parties::in_words(*field, words)).collect(),
        by_order: matches!(row.facts.basis, Basis::LegalOrder { .. }),
    }
}
