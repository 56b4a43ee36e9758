//! `GET /exports/{ticket}`: a file that is written while it is read. The ticket comes from GraphQL, and opens it for whoever
//! asked, for a few minutes and only while they are signed in, or their token counts.

use std::time::Instant;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use assent_entity::StoreError;
use assent_entity::access::Access;
use assent_entity::export::{self, ExportFormat, Exported, Opened};
use futures::stream::{Stream, TryStreamExt, once, try_unfold};
use uuid::Uuid;

use crate::app::App;
use crate::graphql::access::may_ask;
use crate::places::{self, Whose};
use crate::visitor_address::visitor_address;

mod people;
mod permitted;
mod problems;

/// Puts the route in place.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.route("/exports/{ticket}", web::get().to(write));
}

async fn write(request: HttpRequest, app: web::Data<App>, ticket: web::Path<String>) -> HttpResponse {
    let opened = match export::open(&app.store, &ticket, visitor_address(&request)).await {
        Ok(Some(opened)) if may_have(opened.what, &opened.access) => opened,
        Ok(_) => {
            return told(
                HttpResponse::NotFound(),
                "This export is not open, or not any more: ask for it anew.\n",
            );
        }
        Err(StoreError::NetworkNotAllowed) => {
            return told(
                HttpResponse::Forbidden(),
                "The token by which this export was asked for does not count from this network.\n",
            );
        }
        Err(error) => {
            tracing::warn!(?error, "an export could not be opened");
            return told(
                HttpResponse::ServiceUnavailable(),
                "The server is busy: try again.\n",
            );
        }
    };
    let Some(place) = places::OUT.take(Whose::of(&opened.access)) else {
        return told(
            HttpResponse::ServiceUnavailable(),
            "Many exports are being read: try again in a minute.\n",
        );
    };
    let today = app.store.now().to_utc().date_naive();
    let (name, kind) = match (opened.what, opened.format) {
        (Exported::Subscribers { .. }, ExportFormat::JsonLines) => {
            (format!("subscribers-{today}.jsonl"), "application/jsonl")
        }
        (Exported::Subscribers { .. }, ExportFormat::Csv) => (
            format!("subscribers-{today}.csv"),
            "text/csv; charset=utf-8; header=present",
        ),
        (Exported::ImportProblems { .. }, _) => (
            format!("import-problems-{today}.csv"),
            "text/csv; charset=utf-8; header=present",
        ),
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, kind))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "no-referrer"))
        .streaming(held(place, parts(app, opened)))
}

/// Whether whoever asked may still have it: what they may do may be something else by now.
fn may_have(what: Exported, access: &Access) -> bool {
    let asked_by = match what {
        Exported::Subscribers { .. } => "exportSubscribers",
        Exported::ImportProblems { .. } => "import",
    };
    may_ask(access, asked_by)
}

fn told(mut answer: actix_web::HttpResponseBuilder, words: &'static str) -> HttpResponse {
    answer
        .insert_header((CACHE_CONTROL, "no-store"))
        .content_type("text/plain; charset=utf-8")
        .body(words)
}

/// Why a file broke off. Whoever reads it sees that it did: the answer ends without its end.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("whoever asked for it may not have it any more")]
    Ended,
    #[error("it was read for too long")]
    TooLong,
    #[error("the database failed: {0}")]
    Store(#[from] StoreError),
    #[error("a row could not be written: {0}")]
    Csv(#[from] csv::Error),
    #[error("a row could not be written: {0}")]
    Json(#[from] serde_json::Error),
    #[error("rows could not be put together: {0}")]
    Io(#[from] std::io::Error),
}

/// A part of a file, and where the next begins; nothing behind the last.
type Part<Next> = Option<(Vec<u8>, Next)>;

fn parts(app: web::Data<App>, opened: Opened) -> impl Stream<Item = Result<Bytes, Broken>> {
    let watch = Watch {
        app: app.clone(),
        opened,
        began: Instant::now(),
    };
    once(File::begin(watch.clone()))
        .map_ok(move |file| {
            try_unfold((file, watch.clone()), |(file, watch)| async move {
                watch.look().await?;
                let next = match file {
                    File::People(file) => file.next().await?.map(|(part, file)| (part, File::People(file))),
                    File::Permitted(file) => file
                        .next()
                        .await?
                        .map(|(part, file)| (part, File::Permitted(file))),
                    File::Problems(file) => file
                        .next()
                        .await?
                        .map(|(part, file)| (part, File::Problems(file))),
                };
                Ok(next.map(|(part, file)| (part, (file, watch))))
            })
        })
        .try_flatten()
        .map_ok(Bytes::from)
        .inspect_err(|error| tracing::warn!(%error, "an export broke off"))
}

/// A file that is being written.
enum File {
    People(Box<people::File>),
    Permitted(Box<permitted::File>),
    Problems(problems::File),
}

impl File {
    /// Whom it is for decides what can be in it: to an outside party there is no way but by the gate (P14).
    async fn begin(Watch { app, opened, .. }: Watch) -> Result<Self, Broken> {
        let (ctx, format) = (opened.access.ctx(), opened.format);
        match (opened.what, opened.access.outside_party()) {
            (Exported::Subscribers { .. }, Some(asker)) => {
                let file = permitted::File::begin(&app, ctx, asker, format).await?;
                Ok(Self::Permitted(Box::new(file)))
            }
            (Exported::ImportProblems { .. }, Some(_)) => Err(Broken::Ended),
            (Exported::Subscribers { list, segment }, None) => {
                let file = people::File::begin(&app, ctx, list, segment, format).await?;
                Ok(Self::People(Box::new(file)))
            }
            (Exported::ImportProblems { import }, None) => {
                Ok(Self::Problems(problems::File::begin(&app, ctx, import)))
            }
        }
    }
}

/// How far a file of people is.
enum Place {
    /// Nothing is written.
    Head,
    /// What stands before the people behind this one is.
    Behind(Option<Uuid>),
}

impl Place {
    /// Where a file begins: only a table has a head.
    fn first(format: ExportFormat) -> Self {
        match format {
            ExportFormat::Csv => Self::Head,
            ExportFormat::JsonLines => Self::Behind(None),
        }
    }
}

/// Rows end with CR and LF (RFC 4180, 2).
fn writer() -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new())
}

fn finished(csv: csv::Writer<Vec<u8>>) -> Result<Vec<u8>, Broken> {
    csv.into_inner().map_err(|error| error.into_error().into())
}

/// Sees to it that a file that is read for long still goes to somebody who may have it.
#[derive(Clone)]
struct Watch {
    app: web::Data<App>,
    opened: Opened,
    began: Instant,
}

impl Watch {
    async fn look(&self) -> Result<(), Broken> {
        if self.began.elapsed() > places::LONGEST {
            return Err(Broken::TooLong);
        }
        let access = self.opened.access_now(&self.app.store).await?;
        if access.is_some_and(|access| may_have(self.opened.what, &access)) {
            Ok(())
        } else {
            Err(Broken::Ended)
        }
    }
}

/// Keeps a place for as long as a file is read.
fn held<S: Stream<Item = Result<Bytes, Broken>>>(
    place: places::Place,
    parts: S,
) -> impl Stream<Item = Result<Bytes, Broken>> {
    parts.inspect_ok(move |_| {
        let _held = &place;
    })
}
