//! `/invitation/{token}`: reading it shows who invites to what, its form makes a member who chooses their own password.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_entity::invitation::{self, Opened, Standing};
use assent_entity::link::LinkError;
use assent_entity::{StoreError, TenantTx, TokenError, operator};
use secrecy::SecretString;

use super::error::PageError;
use super::flaw::Flaw;
use super::posted::Posted;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::views::{Chrome, Field, InvitationPage, MessagePage, OperatorPolicyRef};
use crate::app::App;
use crate::limits::Network;

/// The question.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    token: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let (opened, chrome) = open(&app, &reader, &token).await?;
    if let Some(answer) = over(&opened, &chrome) {
        return answer;
    }
    let page = empty(&app, &opened, chrome).await?;
    respond::page(StatusCode::OK, Keep::Never, &page)
}

/// The answer.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    token: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let (opened, chrome) = open(&app, &reader, &token).await?;
    let posted = Posted::read(&request, payload).await?;
    if app.limits.account_link(&Network::of(&request)).is_err() {
        return Err(PageError::too_many(chrome));
    }
    if let Some(answer) = over(&opened, &chrome) {
        return answer;
    }
    let words = chrome.tongue.words;
    let mut page = empty(&app, &opened, chrome.clone()).await?;
    posted.typed("name").trim().clone_into(&mut page.name.value);
    for (name, field) in [("name", &mut page.name), ("password", &mut page.password)] {
        match posted.one(name) {
            Err(_) => field.error = Some(Flaw::Twice.say(words)),
            Ok(value) if value.trim().is_empty() => field.error = Some(words.setup_needed()),
            Ok(_) => {}
        }
    }
    if !page.errors().is_empty() {
        return respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, &page);
    }
    let password = SecretString::from(posted.typed("password").to_owned());
    let language = Some(words.language());
    match invitation::accept(&app.store, &token, password, &page.name.value, language).await {
        Ok(_) => accepted(chrome),
        Err(LinkError::Store(StoreError::Invalid { field, message })) => {
            let wrong = if field == "name" {
                &mut page.name
            } else {
                &mut page.password
            };
            wrong.error = Some(Flaw::of_rule(message).say(words));
            respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, &page)
        }
        // Somebody was quicker, or whoever invited took it back in this moment.
        Err(LinkError::Store(StoreError::Conflict { field: "token", .. })) => {
            let (opened, chrome) = open(&app, &reader, &token).await?;
            over(&opened, &chrome).unwrap_or_else(|| Err(is_over(chrome)))
        }
        Err(error) => Err(error.into()),
    }
}

async fn open(app: &App, reader: &Reader, token: &str) -> Result<(Opened, Chrome), PageError> {
    let opened = match invitation::open(&app.store, token).await {
        Err(LinkError::Token(TokenError::Expired)) => return Err(is_over(reader.tongue())),
        opened => opened?,
    };
    let tx = TenantTx::read(&app.store, opened.ctx).await?;
    let tongue = reader.tongue_for(opened.invitation.language.as_ref());
    let chrome = tenant::chrome(&tx, tongue).await?;
    tenant::require_open(&chrome)?;
    Ok((opened, chrome))
}

/// What is said where there is nothing to accept any more.
fn over(opened: &Opened, chrome: &Chrome) -> Option<Result<HttpResponse, PageError>> {
    match opened.invitation.standing {
        Standing::Open => None,
        Standing::Accepted(_) => Some(accepted(chrome.clone())),
        Standing::Revoked | Standing::Expired => Some(Err(is_over(chrome.clone()))),
    }
}

fn is_over(around: impl Into<super::views::Around>) -> PageError {
    PageError::new(StatusCode::GONE, MessagePage::invitation_over(around))
}

fn accepted(chrome: Chrome) -> Result<HttpResponse, PageError> {
    respond::page(
        StatusCode::OK,
        Keep::Never,
        &MessagePage::invitation_accepted(chrome),
    )
}

async fn empty(app: &App, opened: &Opened, chrome: Chrome) -> Result<InvitationPage, PageError> {
    let policy = operator::policy_towards(&app.store, opened.ctx.tenant()).await?;
    Ok(InvitationPage {
        masked_address: opened.invitation.email.masked(),
        role: chrome.tongue.words.role(opened.invitation.role),
        expires_at: opened.invitation.expires_at.into(),
        name: Field::required(),
        password: Field::required(),
        operator_policy: policy.map(|policy| OperatorPolicyRef {
            path: policy.path(),
            version: policy.number,
            company: policy.company,
        }),
        chrome,
    })
}
