//! `/t/{tenant}/sign-in/code`: where a member with a second factor shows a code of it, for whom the provider has vouched
//! without saying that it asked for two factors.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_entity::StoreError;
use assent_entity::identity_provider::arrival;
use assent_entity::member::Member;
use secrecy::SecretString;

use super::{Place, back, secret_of};
use crate::app::App;
use crate::limits::Network;
use crate::pages::error::PageError;
use crate::pages::flaw::Flaw;
use crate::pages::posted::Posted;
use crate::pages::reader::Reader;
use crate::pages::respond::{self, Keep};
use crate::pages::views::{Field, SignInCodePage};

/// The question.
pub(in crate::pages) async fn show(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    tenant: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let place = Place::open(&app, &reader, &tenant).await?;
    let (member, _) = awaited(&app, &place, &request).await?;
    respond::page(StatusCode::OK, Keep::Never, &empty(&place, &member))
}

/// The code.
pub(in crate::pages) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    tenant: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    let place = Place::open(&app, &reader, &tenant).await?;
    let posted = Posted::read(&request, payload).await?;
    let (member, secret) = awaited(&app, &place, &request).await?;
    // Each try counts as one to sign in as this member.
    let (from, slug) = (Network::of(&request), &place.chrome.slug);
    if app.limits.sign_in(&from, slug, &member.email.expose()).is_err() {
        return Err(PageError::too_many(place.chrome));
    }
    let words = place.chrome.tongue.words;
    let again = |wrong: String| {
        let mut page = empty(&place, &member);
        page.code.error = Some(wrong);
        respond::page(StatusCode::UNPROCESSABLE_ENTITY, Keep::Never, &page)
    };
    let code = match posted.one("code") {
        Err(_) => return again(Flaw::Twice.say(words)),
        Ok(code) if code.trim().is_empty() => return again(words.setup_needed()),
        Ok(code) => SecretString::from(code.to_owned()),
    };
    match arrival::show_code(&app.store, place.ctx, &secret, &code).await {
        Err(StoreError::SecondFactor(_)) => {
            place.count_failure(&app);
            again(words.sign_in_code_wrong())
        }
        arrived => back::answer(&app, &place, arrived?),
    }
}

/// Whose code this browser may show, and its secret.
async fn awaited(
    app: &App,
    place: &Place,
    request: &HttpRequest,
) -> Result<(Member, SecretString), PageError> {
    let secret = secret_of(request).ok_or_else(|| place.over())?;
    let member = arrival::awaited(&app.store, place.ctx, &secret).await?;
    Ok((member.ok_or_else(|| place.over())?, secret))
}

fn empty(place: &Place, member: &Member) -> SignInCodePage {
    SignInCodePage {
        provider: place.host(),
        masked_address: member.email.masked(),
        code: Field::required(),
        chrome: place.chrome.clone(),
    }
}
