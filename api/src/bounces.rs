//! `POST /bounces`: a mail server hands over what came back, as it came in. Whoever does has the token of the setting.

use actix_web::http::StatusCode;
use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use assent_domain::bounce::{Consequence, SoftLimit};
use assent_domain::site::HostName;
use assent_entity::bounce::Taken;
use assent_worker::bounce::{Arrived, Inbox, READ_OCTETS};
use futures::StreamExt;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

use crate::app::App;
use crate::auth::Credential;

/// The largest mail that is taken, in octets. Its beginning is read; the rest is a returned message, and let go.
pub(crate) const MAX_OCTETS: usize = 64 * 1024 * 1024;

/// Whether, and how, mail that came back is taken in.
#[derive(Clone, Debug, Default)]
pub struct Bounces {
    /// What a mail server shows; without one, nothing is taken in.
    pub token: Option<SecretString>,
    /// The domain of our return paths.
    pub domain: Option<HostName>,
    /// How often mail may come back for now.
    pub limit: SoftLimit,
}

/// To whom the mail was sent, if its header does not say.
#[derive(Deserialize)]
struct Envelope {
    to: Option<String>,
}

/// Puts the route in place.
pub fn configure(config: &mut ServiceConfig) {
    let only_post = || async { refused(StatusCode::METHOD_NOT_ALLOWED, "send a mail with POST") };
    let route = web::resource("/bounces")
        .route(web::post().to(receive))
        .default_service(web::to(only_post));
    config.service(route);
}

async fn receive(
    app: web::Data<App>,
    request: HttpRequest,
    envelope: web::Query<Envelope>,
    body: Payload,
) -> HttpResponse {
    let Some(token) = &app.bounces.token else {
        return refused(
            StatusCode::NOT_FOUND,
            "nothing is taken in here: set ASSENT_BOUNCE_TOKEN",
        );
    };
    if !is_shown(token, &request) {
        return refused(
            StatusCode::UNAUTHORIZED,
            "show the token of ASSENT_BOUNCE_TOKEN as a bearer token",
        );
    }
    let raw = match start_of(body).await {
        Ok(raw) => raw,
        Err(answer) => return answer,
    };
    let inbox = Inbox::new(&app.store, app.bounces.domain.clone(), app.bounces.limit);
    match inbox.take(envelope.to.as_deref(), raw).await {
        Ok(arrived) => HttpResponse::Ok().json(told(arrived)),
        Err(error) => {
            tracing::error!(%error, "a mail that came back was not taken in");
            refused(
                StatusCode::SERVICE_UNAVAILABLE,
                "it could not be kept: send it again later",
            )
        }
    }
}

fn is_shown(token: &SecretString, request: &HttpRequest) -> bool {
    let Some(Credential::Bearer(shown, _)) = Credential::of(request) else {
        return false;
    };
    let (shown, token) = (shown.expose_secret().as_bytes(), token.expose_secret().as_bytes());
    shown.ct_eq(token).into()
}

/// The beginning of a mail. The rest is read and let go, so that the other side can finish.
async fn start_of(mut body: Payload) -> Result<Vec<u8>, HttpResponse> {
    let (mut start, mut octets) = (Vec::new(), 0_usize);
    while let Some(piece) = body.next().await {
        let piece =
            piece.map_err(|_| refused(StatusCode::BAD_REQUEST, "the mail broke off: send it again"))?;
        octets += piece.len();
        if octets > MAX_OCTETS {
            return Err(refused(
                StatusCode::PAYLOAD_TOO_LARGE,
                "a mail of at most 64 MB is taken in",
            ));
        }
        let room = READ_OCTETS.saturating_sub(start.len()).min(piece.len());
        start.extend_from_slice(piece.get(..room).unwrap_or_default());
    }
    Ok(start)
}

pub(crate) fn told(arrived: Arrived) -> Value {
    let (result, follows) = match arrived.taken {
        None => ("unknown", Consequence::Nothing),
        Some(Taken::Nothing) => ("nothing", Consequence::Nothing),
        Some(Taken::Known) => ("known", Consequence::Nothing),
        Some(Taken::Kept(follows)) => ("kept", follows),
    };
    let follows = match follows {
        Consequence::Nothing => "nothing",
        Consequence::CutOff => "cut_off",
        Consequence::Leave => "leave",
        Consequence::Complaint => "complaint",
    };
    json!({ "class": arrived.class, "result": result, "follows": follows })
}

pub(crate) fn refused(status: StatusCode, message: &str) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    if status == StatusCode::UNAUTHORIZED {
        answer.insert_header(("www-authenticate", "Bearer"));
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        answer.insert_header(("allow", "POST"));
    }
    answer.json(json!({ "error": message }))
}
