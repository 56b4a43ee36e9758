//! `PUT /imports/{ticket}`: the table of an import, streamed. The ticket comes from GraphQL (`prepareImport`), and opens the
//! door to whoever asked, for an hour and only while they are signed in. The same table may be sent again: it is taken once.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use actix_web::web::{self, Payload, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use assent_domain::id::ImportId;
use assent_entity::import::{self, Opened, Reception};
use assent_entity::session::SignedInMember;
use assent_entity::{StoreError, TenantTx};
use serde_json::json;

use crate::app::App;
use crate::graphql::access::allowed;
use crate::graphql::{ApiError, ErrorCode};
use crate::places::{self, Whose};

mod body;

use body::Body;

/// Puts the route in place.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.route("/imports/{ticket}", web::put().to(put));
}

/// Why a table is not taken.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("this upload is not open, or not any more: ask for a new address with `prepareImport`")]
    NotOpen,
    #[error(
        "the time of this address is over: ask for a new one with `prepareImport`, and the same idempotency key"
    )]
    Expired,
    #[error("many files are coming in: try again in a minute")]
    NoPlace,
    #[error("send the table as it is, or packed with Content-Encoding: gzip")]
    Encoding,
    #[error("the table is larger than {0} MiB: bring it along in parts")]
    TooLarge(u64),
    #[error("the body broke off: nothing of it was kept, send it again")]
    BrokenOff,
    #[error("the body is not what gzip writes, or not all of it: nothing of it was kept")]
    NotGzip,
    #[error(
        "less than 60 KiB of it came within a minute, or all of it took more than an hour: nothing of it was kept; send it again \
         over a faster line, packed, or in parts"
    )]
    TooSlow,
    #[error(transparent)]
    Store(#[from] StoreError),
}

async fn put(
    request: HttpRequest,
    payload: Payload,
    app: web::Data<App>,
    ticket: web::Path<String>,
) -> HttpResponse {
    // In a task of its own: whoever goes away in the middle does not keep what they began from being cleared away.
    let task = actix_web::rt::spawn(async move {
        let body = Body::of(&request, payload, &app.uploads);
        receive(&app, &ticket, body).await
    });
    match task.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(refused)) => refused.answer(),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

async fn receive(app: &App, ticket: &str, body: Result<Body, Refused>) -> Result<HttpResponse, Refused> {
    let (member, import) = match import::open(&app.store, ticket).await? {
        Opened::For(member, import)
            if allowed("prepareImport").includes(member.role) && !member.must_enrol =>
        {
            (member, import)
        }
        Opened::Expired => return Err(Refused::Expired),
        Opened::For(..) | Opened::No => return Err(Refused::NotOpen),
    };
    let body = body?;
    let _place = places::IN
        .take(Whose::Tenant(member.ctx.tenant()))
        .ok_or(Refused::NoPlace)?;
    let mut reception = Reception::begin(&app.store, member.ctx, import).await?;
    match body.pour(&mut reception).await {
        Ok(()) => {
            reception.finish("table").await?;
            shown(app, member, import).await
        }
        Err(refused) => {
            reception.abandon().await?;
            Err(refused)
        }
    }
}

async fn shown(app: &App, member: SignedInMember, id: ImportId) -> Result<HttpResponse, Refused> {
    let tx = TenantTx::read(&app.store, member.ctx).await?;
    let import = import::by_id(&tx, id).await?;
    let mut answer = with_headers(StatusCode::OK);
    Ok(answer.json(json!({ "id": id.to_string(), "status": import.status.to_string() })))
}

fn with_headers(status: StatusCode) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"));
    answer
}

impl Refused {
    /// The answer (RFC 9457); its `code` is one of those of GraphQL.
    fn answer(self) -> HttpResponse {
        let status = match &self {
            Self::NotOpen | Self::Store(StoreError::NotFound(_)) => StatusCode::NOT_FOUND,
            Self::Expired => StatusCode::GONE,
            Self::NoPlace | Self::Store(StoreError::Busy) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BrokenOff | Self::NotGzip => StatusCode::BAD_REQUEST,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Store(StoreError::Invalid { .. }) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Store(StoreError::Conflict { .. } | StoreError::Closed(_)) => StatusCode::CONFLICT,
            Self::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let detail = self.to_string();
        let error = match self {
            Self::Store(error) => ApiError::from(error),
            Self::NotOpen | Self::Expired => ApiError::new(ErrorCode::NotFound, detail),
            Self::NoPlace => ApiError::new(ErrorCode::Unavailable, detail),
            _ => ApiError::new(ErrorCode::BadUserInput, detail),
        };
        let problem = json!({
            "title": status.canonical_reason(),
            "status": status.as_u16(),
            "detail": error.message(),
            "code": error.code().as_str(),
        });
        with_headers(status)
            .content_type("application/problem+json")
            .body(problem.to_string())
    }
}
