//! `/confirm/{token}`: reading it shows what would be agreed to, its one button agrees.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use assent_domain::id::OptInId;
use assent_entity::link::{self, Act, Opened};
use assent_entity::opt_in::{self, Confirmed, OptInView};
use assent_entity::policy::NamedPurpose;
use assent_entity::{Store, TenantTx, collection_point, policy};

use super::error::PageError;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::terms::{list_names, outside_party, policy_ref};
use super::views::{Chrome, ConfirmDonePage, ConfirmPage, MessagePage, PurposeText, When};
use super::{join_form, posted, tenant};
use crate::app::App;

async fn open(store: &Store, token: &str) -> Result<(Opened, OptInId), PageError> {
    let link = link::open(store, token).await?;
    match link.act {
        Act::Confirm { opt_in } => Ok((link, opt_in)),
        _ => Err(PageError::link_altered()),
    }
}

/// The question, or the answer where it has been given.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (link, id) = open(&app.store, &token).await?;
    let tx = TenantTx::read(&app.store, link.ctx).await?;
    let asked = opt_in::view(&tx, id, link.subscriber).await?;
    let chrome = tenant::chrome(&tx, reader.tongue_for(Some(&asked.point.language))).await?;
    if asked.confirmed_at.is_some() {
        return done(&tx, chrome, asked).await;
    }
    if asked.expires_at < app.store.now() {
        return Err(too_late(chrome, &asked));
    }
    tenant::require_open(&chrome)?;
    let version = policy::require_in_force(&tx, "token").await?;
    let parties = collection_point::parties_named(&tx, &asked.point, version.id).await?;
    let page = ConfirmPage {
        outside_parties: parties.into_iter().flatten().map(outside_party).collect(),
        chrome,
        masked_address: asked.subscriber.email.masked(),
        requested_at: asked.requested_at.into(),
        lists: list_names(&asked.lists),
        purposes: agreed(&asked, &policy::purposes_of(&tx, version.id).await?),
        policy: policy_ref(&version),
        expires_at: Some(asked.expires_at.into()),
        collection_point: asked.point.name,
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// The button.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (link, id) = open(&app.store, &token).await?;
    posted::drain(payload).await;
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    let confirmed = opt_in::confirm(&mut tx, id, link.subscriber).await?;
    tx.commit().await?;
    let tx = TenantTx::read(&app.store, link.ctx).await?;
    let asked = opt_in::view(&tx, id, link.subscriber).await?;
    let chrome = tenant::chrome(&tx, reader.tongue_for(Some(&asked.point.language))).await?;
    match confirmed {
        Confirmed::Now | Confirmed::Before => done(&tx, chrome, asked).await,
        Confirmed::TooLate => Err(too_late(chrome, &asked)),
        Confirmed::OptedOut => Err(opted_out(chrome)),
    }
}

async fn done<M>(tx: &TenantTx<M>, chrome: Chrome, asked: OptInView) -> Result<HttpResponse, PageError> {
    let version = policy::require_in_force(tx, "token").await?;
    let page = ConfirmDonePage {
        chrome,
        masked_address: asked.subscriber.email.masked(),
        confirmed_at: When::from(asked.confirmed_at.unwrap_or_else(|| tx.now())),
        lists: list_names(&asked.lists),
        purposes: agreed(&asked, &policy::purposes_of(tx, version.id).await?),
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// What pressing the button agrees to: what was ticked, as far as the policy in force still names it.
fn agreed(asked: &OptInView, named: &[NamedPurpose]) -> Vec<PurposeText> {
    let text = |choice: &collection_point::Choice| {
        let named = named.iter().find(|named| named.id == choice.purpose.id)?;
        Some(PurposeText {
            name: named.name.clone(),
            statement: choice.statement.clone(),
        })
    };
    asked.choices.iter().filter_map(text).collect()
}

fn too_late(chrome: Chrome, asked: &OptInView) -> PageError {
    let form = join_form::path(&chrome, &asked.point);
    let to_form = chrome.tongue.words.link_expired_to_form();
    let page = MessagePage::link_expired(chrome).with_link(to_form, form);
    PageError::new(StatusCode::GONE, page)
}

fn opted_out(chrome: Chrome) -> PageError {
    PageError::new(StatusCode::CONFLICT, MessagePage::opted_out(chrome))
}
