//! Who is asking: the credential of a request, and whether a browser was talked into sending it.

use actix_web::HttpRequest;
use actix_web::cookie::time::Duration;
use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{AUTHORIZATION, ORIGIN};
use assent_entity::StoreError;
use assent_entity::access::{self, Access, Asking};
use assent_entity::identity_provider::sign_in::SIGN_IN_WITHIN;
use assent_entity::session::SESSION_LIFETIME;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::app::App;
use crate::visitor_address::Visitor;

/// The name of the session cookie, the only cookie there is (P05), but for [`SIGN_IN_COOKIE`].
pub const SESSION_COOKIE: &str = "assent_session";

/// The name of the cookie by which a browser is known again that was sent to an identity provider: it is part of signing in,
/// set when a member asks for that, seen by the pages of it alone, and gone in ten minutes.
pub const SIGN_IN_COOKIE: &str = "assent_sign_in";

/// What a request shows to say who is asking. Of two, the bearer token counts.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A token from the `Authorization` header (RFC 6750), and where it is shown.
    Bearer(SecretString, Visitor),
    /// The session cookie, which a browser adds on its own.
    Cookie(SecretString),
}

impl Credential {
    /// The credential of a request, if it has one.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let bearer = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| Self::Bearer(token.trim().to_owned().into(), Visitor::of(request)));
        bearer.or_else(|| {
            let cookie = request.cookie(SESSION_COOKIE)?;
            Some(Self::Cookie(cookie.value().to_owned().into()))
        })
    }

    /// Whose it is, if it is ours, in time, and its session lasts.
    pub async fn access(&self, app: &App) -> Result<Option<Access>, StoreError> {
        Ok(self.asking(app).await?.map(|asking| asking.access))
    }

    /// The same, with the transaction in which that was found, for what is asked.
    pub async fn asking(&self, app: &App) -> Result<Option<Asking>, StoreError> {
        match self {
            Self::Bearer(token, visitor) => {
                access::by_bearer(&app.store, &app.base_url, token, visitor.address()).await
            }
            Self::Cookie(cookie) => access::by_cookie(&app.store, cookie).await,
        }
    }

    /// Whether a foreign page made a browser send this: only a browser says where a request comes from, and
    /// only a cookie is sent without the page knowing it.
    pub fn is_abused(&self, request: &HttpRequest, app: &App) -> bool {
        matches!(self, Self::Cookie(_)) && comes_from_elsewhere(request, &app.base_url)
    }
}

fn comes_from_elsewhere(request: &HttpRequest, base_url: &str) -> bool {
    let Some(origin) = request.headers().get(ORIGIN) else {
        return false;
    };
    let origin_of = |text: &str| Url::parse(text).ok().map(|url| url.origin());
    let own = origin_of(base_url);
    let theirs = origin.to_str().ok().and_then(origin_of);
    own.is_none() || own != theirs
}

/// Whether a browser says that another site's page made it send this. One that says nothing of it is no browser of today.
pub fn is_sent_from_elsewhere(request: &HttpRequest, app: &App) -> bool {
    match request.headers().get("sec-fetch-site") {
        Some(site) => site.as_bytes() != b"same-origin",
        None => comes_from_elsewhere(request, &app.base_url),
    }
}

/// The cookie of a sign-in at the identity provider of a tenant; without a secret, the one that makes a browser forget it.
/// The provider leads back from another site, so it is `Lax`.
pub fn sign_in_cookie(app: &App, slug: &str, secret: Option<&SecretString>) -> Cookie<'static> {
    let value = secret.map(|secret| secret.expose_secret().to_owned());
    let lifetime = secret.map_or(Duration::ZERO, |_| {
        Duration::try_from(SIGN_IN_WITHIN).unwrap_or(Duration::ZERO)
    });
    Cookie::build(SIGN_IN_COOKIE, value.unwrap_or_default())
        .path(format!("/t/{slug}/sign-in"))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(app.secure_cookies)
        .max_age(lifetime)
        .finish()
}

/// The cookie that a sign-in sets.
pub fn session_cookie(app: &App, secret: &SecretString) -> Cookie<'static> {
    let lifetime = i64::try_from(SESSION_LIFETIME.as_secs()).unwrap_or(0);
    cookie(
        app,
        secret.expose_secret().to_owned(),
        Duration::seconds(lifetime),
    )
}

/// The cookie that makes a browser forget the session.
pub fn forget_cookie(app: &App) -> Cookie<'static> {
    cookie(app, String::new(), Duration::ZERO)
}

fn cookie(app: &App, value: String, lifetime: Duration) -> Cookie<'static> {
    Cookie::build(SESSION_COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.secure_cookies)
        .max_age(lifetime)
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn request(headers: &[(&'static str, &'static str)]) -> HttpRequest {
        let request = headers.iter().fold(TestRequest::post(), |request, header| {
            request.append_header(*header)
        });
        request.to_http_request()
    }

    #[test]
    fn a_bearer_token_counts_before_a_cookie() {
        let both = request(&[("authorization", "bearer abc"), ("cookie", "assent_session=def")]);
        assert!(
            matches!(Credential::of(&both), Some(Credential::Bearer(token, _)) if token.expose_secret() == "abc")
        );
        let cookie = request(&[("authorization", "Basic abc"), ("cookie", "assent_session=def")]);
        assert!(
            matches!(Credential::of(&cookie), Some(Credential::Cookie(value)) if value.expose_secret() == "def")
        );
        assert!(Credential::of(&request(&[])).is_none());
    }

    #[test]
    fn a_page_of_another_origin_is_known_by_its_origin() {
        let from = |origin| comes_from_elsewhere(&request(&[("origin", origin)]), "https://mail.example.org");
        assert!(!from("https://mail.example.org"));
        assert!(!from("https://mail.example.org:443"));
        for origin in [
            "https://example.org",
            "http://mail.example.org",
            "null",
            "https://mail.example.org.evil.example",
        ] {
            assert!(from(origin), "{origin}");
        }
        assert!(!comes_from_elsewhere(&request(&[]), "https://mail.example.org"));
    }
}
