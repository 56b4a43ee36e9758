//! `/t/{tenant}/sign-in`: where a member begins to sign in by the tenant's identity provider. Reading it changes nothing; its
//! button sends them there.
//!
//! It is a button, and not the address alone, so that no other page can begin a sign-in in somebody's browser: a tenant whose
//! provider lets anybody in would otherwise sign them in as one of its own.

use actix_web::cookie::Cookie;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_domain::tenant::Slug;
use assent_entity::identity_provider::sign_in::{self, Words};
use assent_entity::identity_provider::{self, IdentityProvider};
use assent_entity::{TenantCtx, TenantTx};
use assent_worker::identity_provider::{ProviderError, Registered, describe};
use secrecy::SecretString;

use super::error::PageError;
use super::posted;
use super::reader::Reader;
use super::respond::{self, Keep};
use super::tenant;
use super::views::{Chrome, MessagePage, SignInPage};
use crate::app::App;
use crate::auth::{self, SIGN_IN_COOKIE};
use crate::limits::Network;

pub(super) mod back;
pub(super) mod code;

/// A tenant whose members may sign in here.
struct Place {
    ctx: TenantCtx,
    chrome: Chrome,
    provider: IdentityProvider,
    secret: SecretString,
    /// Where the provider sends people back to.
    redirect: String,
}

impl Place {
    async fn open(app: &App, reader: &Reader, name: &str) -> Result<Self, PageError> {
        let ctx = tenant::find(&app.store, name).await?;
        let tx = TenantTx::read(&app.store, ctx).await?;
        let chrome = tenant::chrome(&tx, reader.tongue()).await?;
        let found = identity_provider::with_secret(&tx).await?;
        let (provider, secret) = found.ok_or_else(PageError::not_found)?;
        Ok(Self {
            ctx,
            redirect: app.redirect_address(&chrome.slug),
            chrome,
            provider,
            secret,
        })
    }

    fn registered(&self) -> Registered<'_> {
        Registered {
            provider: &self.provider,
            secret: &self.secret,
            redirect: &self.redirect,
        }
    }

    fn host(&self) -> String {
        self.provider.issuer.host()
    }

    fn over(&self) -> PageError {
        PageError::new(StatusCode::GONE, MessagePage::sign_in_over(self.chrome.clone()))
    }

    /// The provider did not vouch for anybody. Why is for the log, and for whoever set it up.
    fn failed(&self, error: &ProviderError) -> PageError {
        let tenant = self.ctx.tenant();
        tracing::warn!(%tenant, %error, "a sign-in by an identity provider failed");
        let page = MessagePage::sign_in_failed(self.chrome.clone(), &self.host());
        PageError::new(StatusCode::BAD_GATEWAY, page)
    }

    /// Counts a sign-in that failed, as one by password is.
    fn count_failure(&self, app: &App) {
        if let Ok(slug) = Slug::parse(&self.chrome.slug) {
            app.failed_sign_ins.count_at(app.store.now(), &slug);
        }
    }

    /// Refuses what comes too often from one network.
    fn count(&self, app: &App, request: &HttpRequest) -> Result<(), PageError> {
        let counted = app.limits.provider_sign_in(&Network::of(request));
        counted.map_err(|_| PageError::too_many(self.chrome.clone()))
    }
}

/// The secret of the sign-in that this browser began, if it did.
fn secret_of(request: &HttpRequest) -> Option<SecretString> {
    let cookie: Cookie<'_> = request.cookie(SIGN_IN_COOKIE)?;
    Some(cookie.value().to_owned().into())
}

/// The button.
pub(super) async fn show(
    app: web::Data<App>,
    reader: Reader,
    tenant: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let place = Place::open(&app, &reader, &tenant).await?;
    let provider = place.host();
    let chrome = place.chrome;
    respond::leaving_page(&SignInPage { chrome, provider })
}

/// Sends the browser to the provider, with words that have to come back in it.
pub(super) async fn send(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    tenant: web::Path<String>,
    payload: web::Payload,
) -> Result<HttpResponse, PageError> {
    posted::drain(payload).await;
    let place = Place::open(&app, &reader, &tenant).await?;
    if auth::is_sent_from_elsewhere(&request, &app) {
        let page = MessagePage::sign_in_over(place.chrome);
        return Err(PageError::new(StatusCode::FORBIDDEN, page));
    }
    place.count(&app, &request)?;
    let described = describe(&app.identity, &place.provider.issuer).await;
    let described = described.map_err(|error| place.failed(&error))?;
    let secret = sign_in::begin(&app.store, place.ctx).await?;
    let address = described.address(&place.registered(), &Words::of(&secret));
    let address = address.map_err(|error| place.failed(&error))?;
    let mut answer = respond::leading_on(address.as_str());
    set(
        &mut answer,
        &auth::sign_in_cookie(&app, &place.chrome.slug, Some(&secret)),
    )?;
    Ok(answer)
}

/// What whoever was signed in sees. It is the same for all.
pub(super) async fn done(
    app: web::Data<App>,
    reader: Reader,
    tenant: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let place = Place::open(&app, &reader, &tenant).await?;
    respond::page(
        StatusCode::OK,
        Keep::Never,
        &MessagePage::sign_in_done(place.chrome),
    )
}

fn set(answer: &mut HttpResponse, cookie: &Cookie<'_>) -> Result<(), PageError> {
    answer.add_cookie(cookie).map_err(PageError::internal)
}
