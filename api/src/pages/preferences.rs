//! `/preferences/{token}`: everything a person has agreed to, and the one place where they take back a no.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::consent::ConsentState;
use assent_domain::mailing_list::SubscriptionState;
use assent_entity::link::{self, Act, Opened};
use assent_entity::preferences::{
    self, Choices, ListStanding, NoMail, Preference, Preferences, Taken, statement_for,
};
use assent_entity::purpose::Purpose;
use assent_entity::{Store, TenantTx, policy, purpose};

use super::error::PageError;
use super::posted::Posted;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::terms::{policy_ref, purpose_text};
use super::views::{
    ListChoice, ListName, PreferencesPage, PreferencesState, PurposeStanding, Said, Standing, Subscription,
    When,
};
use super::{said, tenant};
use crate::app::App;

/// Opens a link to a person's preferences, and to the pages that belong to them.
pub(super) async fn open(store: &Store, token: &str) -> Result<Opened, PageError> {
    let link = link::open(store, token).await?;
    match link.act {
        Act::Preferences => Ok(link),
        _ => Err(PageError::link_altered()),
    }
}

/// How things stand.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let link = open(&app.store, &token).await?;
    let outcome = respond::outcome_of(&request);
    page(&app.store, &reader, &link, &token, outcome).await
}

/// What a person wants from now on.
pub(super) async fn send(
    app: web::Data<App>,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let link = open(&app.store, &token).await?;
    let posted = Posted::read(&request, payload).await?;
    let choices = choices(&posted);
    let shown = posted.one("shown").unwrap_or_default();
    if shown.is_empty() && !choices.no_mail_of_any_sort {
        return Err(PageError::unreadable(StatusCode::BAD_REQUEST));
    }
    let comes_back = posted.one("act").ok() == Some("come_back");
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    let outcome = preferences::answer(&mut tx, link.subscriber, &choices, shown, comes_back).await?;
    tx.commit().await?;
    Ok(respond::taken(&request, outcome))
}

fn choices(posted: &Posted) -> Choices {
    Choices {
        purposes: posted.all("purpose").map(str::to_owned).collect(),
        lists: posted.all("list").filter_map(|id| id.parse().ok()).collect(),
        no_mail_of_any_sort: posted.is_ticked("no_mail"),
    }
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
    let now = preferences::view(&tx, link.subscriber).await?;
    let version = policy::in_force(&tx).await?;
    let (asked, essential): (Vec<_>, Vec<_>) = now
        .purposes
        .iter()
        .partition(|of| of.purpose.kind.needs_consent());
    let ids: Vec<_> = now.lists.iter().map(|standing| standing.list.id).collect();
    let of_lists = purpose::of_lists(&tx, &ids).await?;
    let lists = now.lists.iter().map(|standing| {
        let purposes = of_lists.get(&standing.list.id).map_or(&[][..], Vec::as_slice);
        list_choice(standing, purposes, &now)
    });
    let standing = |of: &Preference| {
        let said = of.record.as_ref();
        let said = said.map(|record| said::said(store, link, record, words));
        purpose_standing(of, said)
    };
    let page = PreferencesPage {
        chrome,
        masked_address: now.subscriber.email.masked(),
        policy: version.as_ref().map(policy_ref),
        state: state(now.no_mail),
        outcome,
        essential: essential
            .into_iter()
            .map(|of| purpose_text(&of.purpose))
            .collect(),
        purposes: asked.into_iter().map(standing).collect(),
        earlier: now.earlier.iter().map(standing).collect(),
        lists: lists.collect(),
        shown: now.mark(),
        privacy_link_path: format!("/preferences/{token}/privacy"),
        sharing_path: format!("/sharing/{token}"),
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}

fn state(no_mail: Option<NoMail>) -> PreferencesState {
    match no_mail {
        None => PreferencesState::Open,
        Some(NoMail::Chosen { since }) => PreferencesState::NoMail { since: since.into() },
        Some(NoMail::Complained { since }) => PreferencesState::Complained { since: since.into() },
    }
}

fn purpose_standing(of: &Preference, said: Option<Said>) -> PurposeStanding {
    let text = purpose_text(&of.purpose);
    let at = of.since.map(When::from);
    let standing = match (of.state, at) {
        (Some(ConsentState::Given), Some(at)) => Standing::Given {
            at,
            // The page prints name and description apart, but it is the same words that were agreed to.
            wording: match &of.statement {
                Some(agreed) if *agreed != statement_for(&of.purpose) => agreed.clone(),
                _ => text.statement.clone(),
            },
        },
        (Some(ConsentState::Refused), Some(at)) => Standing::Refused { at },
        (Some(ConsentState::Withdrawn), Some(at)) => Standing::Withdrawn { at },
        (Some(ConsentState::Requested), Some(at)) => Standing::Requested { at },
        (Some(ConsentState::Expired), Some(at)) => Standing::Expired { at },
        (_, None) | (None, _) => Standing::NeverAsked,
    };
    PurposeStanding {
        code: of.purpose.code.clone(),
        text,
        standing,
        said,
    }
}

fn list_choice(of: &ListStanding, purposes: &[Purpose], now: &Preferences) -> ListChoice {
    let named = now
        .purposes
        .iter()
        .filter(|named| purposes.iter().any(|purpose| purpose.id == named.purpose.id));
    let since = When::from(of.since);
    ListChoice {
        id: of.list.id.to_string(),
        text: ListName {
            name: of.list.name.clone(),
            description: None,
        },
        purposes: named.map(|named| named.purpose.name.clone()).collect(),
        subscription: match of.state {
            SubscriptionState::Active => Subscription::Active { since },
            SubscriptionState::Pending => Subscription::Unconfirmed { since },
            SubscriptionState::Ended => Subscription::Ended { at: since },
        },
    }
}
