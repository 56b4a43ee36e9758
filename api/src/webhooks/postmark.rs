//! `POST /webhooks/postmark`. Postmark signs nothing: it shows the user name and password (RFC 7617) that stand in the
//! address it is given, as in `https://postmark:SECRET@mail.example.com/webhooks/postmark`.

use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, web};
use assent_worker::bounce::Provider;
use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::{not_set, take};
use crate::app::App;
use crate::bounces::refused;

pub(super) async fn receive(app: web::Data<App>, request: HttpRequest, body: String) -> HttpResponse {
    let Some(token) = &app.webhooks.postmark_token else {
        return not_set("Postmark is not listened to here: set ASSENT_POSTMARK_TOKEN");
    };
    if !is_shown(token, &request) {
        let mut answer = refused(
            StatusCode::UNAUTHORIZED,
            "the password in the address is not that of ASSENT_POSTMARK_TOKEN",
        );
        let scheme = HeaderValue::from_static("Basic realm=\"assent\"");
        answer.headers_mut().insert(WWW_AUTHENTICATE, scheme);
        return answer;
    }
    take(&app, Provider::Postmark, &body).await
}

/// Whether the password is the token, whatever the user name.
fn is_shown(token: &SecretString, request: &HttpRequest) -> bool {
    let shown = request.headers().get(AUTHORIZATION).and_then(|value| {
        let (scheme, encoded) = value.to_str().ok()?.split_once(' ')?;
        let is_basic = scheme.eq_ignore_ascii_case("basic");
        let shown = BASE64
            .decode(encoded.trim().as_bytes())
            .ok()
            .filter(|_| is_basic)?;
        let at = shown.iter().position(|octet| *octet == b':')?;
        Some(shown.get(at + 1..)?.to_vec())
    });
    shown.is_some_and(|shown| shown.ct_eq(token.expose_secret().as_bytes()).into())
}
