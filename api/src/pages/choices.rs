//! `/choices/{token}`: what a policy version adds, one question each, nothing ticked, silence is no (P11).

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::consent::ConsentState;
use assent_domain::id::PolicyVersionId;
use assent_domain::policy::PolicyStatus;
use assent_entity::choice::{self, Answers};
use assent_entity::link::{self, Act, Opened};
use assent_entity::policy::NamedParty;
use assent_entity::preferences::Taken;
use assent_entity::{Store, TenantTx};

use super::error::PageError;
use super::parties;
use super::posted::Posted;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::terms::{number, purpose_text};
use super::views::{ChoicesPage, Question};
use crate::app::App;

/// The names of the questions' fields begin so; the code of the purpose follows.
const FIELD: &str = "choice_";

async fn open(store: &Store, token: &str) -> Result<(Opened, PolicyVersionId), PageError> {
    let link = link::open(store, token).await?;
    match link.act {
        Act::Choices { version } => Ok((link, version)),
        _ => Err(PageError::link_altered()),
    }
}

/// The questions, and what was answered.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (link, version) = open(&app.store, &token).await?;
    page(&app.store, &reader, &link, version, respond::outcome_of(&request)).await
}

/// The answers.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (link, version) = open(&app.store, &token).await?;
    let posted = Posted::read(&request, payload).await?;
    let answers = Answers {
        purposes: purposes(&posted).ok_or_else(|| PageError::unreadable(StatusCode::BAD_REQUEST))?,
        parties: parties::answers(&posted).ok_or_else(|| PageError::unreadable(StatusCode::BAD_REQUEST))?,
    };
    let mut tx = TenantTx::write(&app.store, link.ctx).await?;
    let words = tenant::chrome_for(&tx, &reader, link.subscriber)
        .await?
        .tongue
        .words;
    let words = |party: &NamedParty| parties::statement(party, words);
    let shown = posted.one("shown").unwrap_or_default();
    let outcome = choice::answer(&mut tx, link.subscriber, version, shown, answers, words).await?;
    tx.commit().await?;
    Ok(respond::taken(&request, outcome))
}

/// The answers by purpose, or nothing where one is neither yes nor no, or both.
fn purposes(posted: &Posted) -> Option<BTreeMap<String, bool>> {
    let mut answers = BTreeMap::new();
    for (name, value) in posted.with_prefix(FIELD) {
        if answers
            .insert(name.to_owned(), parties::yes_or_no(value)?)
            .is_some()
        {
            return None;
        }
    }
    Some(answers)
}

async fn page(
    store: &Store,
    reader: &Reader,
    link: &Opened,
    version: PolicyVersionId,
    outcome: Option<Taken>,
) -> Result<HttpResponse, PageError> {
    let tx = TenantTx::read(store, link.ctx).await?;
    let asked = choice::view(&tx, link.subscriber, version).await?;
    let questions = asked.added.purposes.iter().zip(&asked.answers);
    let questions = questions.map(|(purpose, answer)| Question {
        field: format!("{FIELD}{}", purpose.code),
        text: purpose_text(purpose),
        answer: match answer {
            Some(ConsentState::Given) => Some(true),
            Some(ConsentState::Refused | ConsentState::Withdrawn) => Some(false),
            Some(ConsentState::Requested | ConsentState::Expired) | None => None,
        },
    });
    let times = &asked.version.times;
    let chrome = tenant::chrome_for(&tx, reader, link.subscriber).await?;
    let words = chrome.tongue.words;
    let page = ChoicesPage {
        chrome,
        shown: asked.mark(),
        masked_address: asked.subscriber.email.masked(),
        version: number(times),
        effective_at: times.effective_at.unwrap_or(asked.version.created_at).into(),
        in_force: asked.version.status == PolicyStatus::InForce,
        is_open: matches!(asked.version.status, PolicyStatus::InForce | PolicyStatus::Posted),
        summary: Some(asked.version.summary).filter(|summary| !summary.is_empty()),
        questions: questions.collect(),
        parties: asked
            .added
            .parties
            .into_iter()
            .zip(&asked.permissions)
            .map(|(party, said)| parties::question(party, said, words))
            .collect(),
        outcome,
    };
    respond::page(StatusCode::OK, Keep::Never, &page)
}
