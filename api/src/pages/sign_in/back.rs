//! `/t/{tenant}/sign-in/callback`: where the provider sends a member back to. The one address whose reading changes something,
//! since the protocol has it so: it needs the cookie of a browser in which the button was pressed, the state that went with
//! it, and counts once.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use assent_entity::identity_provider::arrival::{self, Account, Arrived, Vouched};
use assent_entity::identity_provider::sign_in::{self, Words};
use assent_worker::identity_provider::{Identity, ProviderError, describe};
use secrecy::SecretString;

use super::{Place, secret_of, set};
use crate::app::App;
use crate::auth::{session_cookie, sign_in_cookie};
use crate::pages::error::PageError;
use crate::pages::posted::Posted;
use crate::pages::reader::Reader;
use crate::pages::respond;
use crate::pages::views::MessagePage;

/// What the provider says when somebody breaks off, or may not (RFC 6749, 4.1.2.1; Core, 3.1.2.6). All else is about how it
/// was asked.
const DENIALS: [&str; 5] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "login_required",
];

/// Who comes back.
pub(in crate::pages) async fn show(
    app: web::Data<App>,
    reader: Reader,
    request: HttpRequest,
    tenant: web::Path<String>,
) -> Result<HttpResponse, PageError> {
    let place = Place::open(&app, &reader, &tenant).await?;
    place.count(&app, &request)?;
    let over = || place.over();
    let query = Posted::parse(request.query_string().as_bytes()).ok_or_else(over)?;
    let said = |name: &str| query.one(name).map_err(|_| place.over());
    let (state, code, error) = (said("state")?, said("code")?, said("error")?);
    let issuer = Some(said("iss")?).filter(|issuer| !issuer.is_empty());
    let secret = secret_of(&request).ok_or_else(over)?;
    // From here on it is spent, whatever becomes of it.
    let taken = sign_in::take(&app.store, place.ctx, &secret, state).await?;
    let words = taken.ok_or_else(over)?;
    if !error.is_empty() {
        return Err(denied(&place, error));
    }
    let code = SecretString::from(code.to_owned());
    let identity = match ask(&app, &place, &code, &words, issuer).await {
        Ok(identity) => identity,
        Err(why) => {
            place.count_failure(&app);
            return Err(why);
        }
    };
    let vouched = Vouched {
        account: Account::new(&place.provider, &identity.subject),
        verified_address: identity.verified_address(),
        way: identity.way,
    };
    let arrived = arrival::arrive(&app.store, place.ctx, &place.provider, vouched).await?;
    answer(&app, &place, arrived)
}

fn denied(place: &Place, error: &str) -> PageError {
    if DENIALS.contains(&error) {
        let page = MessagePage::sign_in_denied(place.chrome.clone(), &place.host());
        return PageError::new(StatusCode::FORBIDDEN, page);
    }
    let is_code = error.len() <= 64
        && error
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || octet == b'_');
    let words = if is_code { error } else { "an error without a name" };
    place.failed(&ProviderError::Code(words.to_owned()))
}

/// Whom the provider vouches for; with their address, where the account is nobody's yet.
async fn ask(
    app: &App,
    place: &Place,
    code: &SecretString,
    words: &Words,
    issuer: Option<&str>,
) -> Result<Identity, PageError> {
    let failed = |error: ProviderError| place.failed(&error);
    let registered = place.registered();
    let described = describe(&app.identity, &place.provider.issuer)
        .await
        .map_err(failed)?;
    if !described.may_have_answered(issuer) {
        let why = "another issuer says that it sends this answer (iss)";
        return Err(failed(ProviderError::Code(why.to_owned())));
    }
    let now = app.store.now();
    let redeemed = described
        .redeem(&app.identity, &registered, code, words, now)
        .await;
    let mut identity = redeemed.map_err(failed)?;
    let account = Account::new(&place.provider, &identity.subject);
    if identity.address.is_none() && !arrival::is_known(&app.store, place.ctx, &account).await? {
        let asked = described
            .ask_address(&app.identity, &registered, &mut identity)
            .await;
        asked.map_err(failed)?;
    }
    Ok(identity)
}

/// The answer to whoever came back, or showed a code.
pub(super) fn answer(app: &App, place: &Place, arrived: Arrived) -> Result<HttpResponse, PageError> {
    let path = place.chrome.sign_in_path();
    match arrived {
        Arrived::In(signed_in) => {
            let mut answer = respond::leading_on(&format!("{path}/done"));
            set(&mut answer, &session_cookie(app, &signed_in.cookie))?;
            set(&mut answer, &sign_in_cookie(app, &place.chrome.slug, None))?;
            Ok(answer)
        }
        Arrived::CodeNeeded(secret) => {
            let mut answer = respond::leading_on(&format!("{path}/code"));
            set(
                &mut answer,
                &sign_in_cookie(app, &place.chrome.slug, Some(&secret)),
            )?;
            Ok(answer)
        }
        Arrived::Not(why) => {
            place.count_failure(app);
            let page = MessagePage::sign_in_refused(place.chrome.clone(), &place.host(), why);
            Err(PageError::new(StatusCode::FORBIDDEN, page))
        }
        Arrived::Over => Err(place.over()),
    }
}
