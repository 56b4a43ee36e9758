//! `/unsubscribe/{token}`: reading it shows one button; sending anything to it opts out, as a mail program does
//! for its reader (RFC 8058). Who asks, with which body and how often makes no difference, and it never expires.

use actix_web::http::StatusCode;
use actix_web::rt::spawn;
use actix_web::{HttpResponse, web};
use assent_domain::consent::ConsentState;
use assent_domain::id::MailingId;
use assent_domain::mailing_list::SubscriptionState;
use assent_entity::link::{self, Act, Opened};
use assent_entity::mailing_list::MailingList;
use assent_entity::preferences::{self, Preferences};
use assent_entity::{Store, StoreError, TenantTx, mailing, purpose, subscriber};

use super::error::PageError;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::terms::{list_names, purpose_text};
use super::views::{Chrome, MessagePage, UnsubscribeDonePage, UnsubscribePage};
use super::{posted, tenant};
use crate::app::App;

async fn open(store: &Store, token: &str) -> Result<(Opened, MailingId), PageError> {
    let link = link::open(store, token).await?;
    match link.act {
        Act::Unsubscribe { mailing } => Ok((link, mailing)),
        _ => Err(PageError::link_altered()),
    }
}

/// The question.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (link, mailing) = open(&app.store, &token).await?;
    let tx = TenantTx::read(&app.store, link.ctx).await?;
    let person = subscriber::by_id(&tx, link.subscriber).await?;
    let lists = preferences::lists_of_mailing(&tx, mailing).await?;
    if lists.is_empty() && !sent_by_consent(&tx, mailing).await? {
        return nothing_to_end(tenant::chrome_for(&tx, &reader, link.subscriber).await?);
    }
    let page = UnsubscribePage {
        chrome: tenant::chrome_for(&tx, &reader, link.subscriber).await?,
        masked_address: person.email.masked(),
        lists: list_names(&lists),
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// The button, and the one click. What has been said counts before the body has been read, and even if whoever
/// said it does not wait for the answer.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (link, mailing) = match open(&app.store, &token).await {
        Ok(opened) => opened,
        // Nobody is written to from there: what was asked for is so, and whoever asked has to be told that it is.
        Err(error) if error.status() == StatusCode::GONE => {
            posted::drain(payload).await;
            return respond::page(
                StatusCode::OK,
                Keep::Never,
                &MessagePage::tenant_gone(reader.tongue()),
            );
        }
        Err(error) => return Err(error),
    };
    let ending = spawn(end(app.store.clone(), link, mailing));
    let ended = ending.await.map_err(PageError::internal)??;
    posted::drain(payload).await;
    done(&app.store, &reader, &link, mailing, &ended).await
}

async fn end(store: Store, link: Opened, mailing: MailingId) -> Result<Vec<MailingList>, StoreError> {
    let mut tx = TenantTx::write(&store, link.ctx).await?;
    let ended = preferences::unsubscribe(&mut tx, link.subscriber, mailing).await?;
    tx.commit().await?;
    Ok(ended)
}

async fn done(
    store: &Store,
    reader: &Reader,
    link: &Opened,
    mailing: MailingId,
    ended: &[MailingList],
) -> Result<HttpResponse, PageError> {
    let tx = TenantTx::read(store, link.ctx).await?;
    if ended.is_empty() && !sent_by_consent(&tx, mailing).await? {
        return nothing_to_end(tenant::chrome_for(&tx, reader, link.subscriber).await?);
    }
    // Two may have turned out to be one since the link was opened.
    let person = subscriber::by_any_id(&tx, link.subscriber).await?;
    let now = preferences::view(&tx, person.id).await?;
    let sent_for = mailing::by_id(&tx, mailing).await?.purpose;
    let withdrawn = now.purposes.iter().filter(|of| {
        let no = matches!(of.state, Some(ConsentState::Withdrawn | ConsentState::Refused));
        of.purpose.id == sent_for && no
    });
    let remaining = now
        .lists
        .iter()
        .filter(|of| of.state == SubscriptionState::Active);
    let page = UnsubscribeDonePage {
        chrome: tenant::chrome_for(&tx, reader, person.id).await?,
        masked_address: now.subscriber.email.masked(),
        ended: ended.iter().map(|list| list.name.clone()).collect(),
        withdrawn: withdrawn.map(|of| of.purpose.name.clone()).collect(),
        remaining: remaining.map(|of| of.list.name.clone()).collect(),
        still_possible: still_possible(&now),
        is_current: link.is_current,
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

fn still_possible(now: &Preferences) -> Vec<super::views::PurposeText> {
    let essential = now.purposes.iter().filter(|of| !of.purpose.kind.needs_consent());
    match now.no_mail {
        Some(_) => Vec::new(),
        None => essential.map(|of| purpose_text(&of.purpose)).collect(),
    }
}

async fn sent_by_consent<M>(tx: &TenantTx<M>, id: MailingId) -> Result<bool, PageError> {
    let sent_for = mailing::by_id(tx, id).await?.purpose;
    Ok(purpose::by_id(tx, sent_for).await?.kind.needs_consent())
}

/// A mail that is sent whether or not somebody agreed, such as the news of a policy: there is no subscription
/// behind it, and it would be wrong to say that one has ended.
fn nothing_to_end(chrome: Chrome) -> Result<HttpResponse, PageError> {
    respond::page(StatusCode::OK, Keep::Never, &MessagePage::no_subscription(chrome))
}
