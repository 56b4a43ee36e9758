//! How an answer leaves the server: rendered, and with the headers that every one carries.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use assent_entity::preferences::Taken;

use super::error::PageError;
use super::views::Page;

/// What a page may load: its own styles and icon, nothing else, and no script at all.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                           base-uri 'none'; frame-ancestors 'none'";

/// The same for a page whose form leads to another site: a browser holds each step of the way against `form-action`, and a
/// provider may lead on to where it likes. The form is the page's own, and holds nothing.
const LEAVING_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; \
                              form-action 'self' https: http:; base-uri 'none'; frame-ancestors 'none'";

/// The same for a page that shows a mail in a frame.
const FRAMING_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; frame-src 'self'; \
                              form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What somebody's mail may do when a browser shows it: look as it was meant to, and lead away by its links.
const LETTER_POLICY: &str = "sandbox allow-top-navigation-by-user-activation; default-src 'none'; \
                             style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; \
                             frame-ancestors 'self'";

/// For how long a browser may keep an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// Not at all, and no search engine may list it: it belongs to one person, or to nobody.
    Never,
    /// It has to ask each time: what is in force follows from the clock.
    Ask,
    /// For five minutes, and anybody may keep it: it is the same for all, and changes when the operator says so.
    Minutes,
    /// For ever: its address changes with its content.
    ForEver,
}

impl Keep {
    fn cache_control(self) -> &'static str {
        match self {
            Self::Never => "no-store",
            Self::Ask => "no-cache",
            Self::Minutes => "public, max-age=300",
            Self::ForEver => "public, max-age=31536000, immutable",
        }
    }
}

/// A page.
pub(super) fn page(status: StatusCode, keep: Keep, view: &impl Page) -> Result<HttpResponse, PageError> {
    html(status, keep, PAGE_POLICY, view)
}

/// A page that shows a mail in a frame.
pub(super) fn framing_page(view: &impl Page) -> Result<HttpResponse, PageError> {
    html(StatusCode::OK, Keep::Never, FRAMING_POLICY, view)
}

/// A page whose form leads to another site.
pub(super) fn leaving_page(view: &impl Page) -> Result<HttpResponse, PageError> {
    html(StatusCode::OK, Keep::Never, LEAVING_POLICY, view)
}

/// The HTML part of a mail, as it came.
pub(super) fn letter(body: String) -> HttpResponse {
    let mut answer = builder(StatusCode::OK, Keep::Never, LETTER_POLICY);
    answer.content_type("text/html; charset=utf-8").body(body)
}

/// Leads on to another site. It is not told where its visitor comes from: the address names a person.
pub(super) fn leading_on(url: &str) -> HttpResponse {
    let mut answer = builder(StatusCode::SEE_OTHER, Keep::Never, PAGE_POLICY);
    answer.insert_header((header::LOCATION, url)).finish()
}

/// Leads from what was sent to the page as it stands now, so that nothing is sent anew when that is loaded once more
/// (RFC 9110, 15.4.4).
pub(super) fn taken(request: &HttpRequest, taken: Taken) -> HttpResponse {
    let name = match taken {
        Taken::All => SAVED,
        Taken::OnlyNoes => ONLY_NOES,
    };
    leading_on(&format!("{}?{name}", request.path()))
}

/// What became of what was sent, where [`taken`] led to this page.
pub(super) fn outcome_of(request: &HttpRequest) -> Option<Taken> {
    match request.query_string() {
        SAVED => Some(Taken::All),
        ONLY_NOES => Some(Taken::OnlyNoes),
        _ => None,
    }
}

const SAVED: &str = "saved";
const ONLY_NOES: &str = "only-noes";

/// Anything that is no page.
pub(super) fn file(
    status: StatusCode,
    keep: Keep,
    content_type: &'static str,
    body: impl Into<Vec<u8>>,
) -> HttpResponse {
    let mut answer = builder(status, keep, PAGE_POLICY);
    answer.content_type(content_type).body(body.into())
}

/// Data for programs.
pub(super) fn json(status: StatusCode, keep: Keep, value: &serde_json::Value) -> HttpResponse {
    file(status, keep, "application/json", value.to_string())
}

fn html(
    status: StatusCode,
    keep: Keep,
    policy: &'static str,
    view: &impl Page,
) -> Result<HttpResponse, PageError> {
    let body = view.render()?;
    let mut answer = builder(status, keep, policy);
    answer
        .insert_header((header::CONTENT_LANGUAGE, view.words().language().as_str()))
        .insert_header((header::VARY, "accept-language"));
    Ok(answer.content_type("text/html; charset=utf-8").body(body))
}

fn builder(status: StatusCode, keep: Keep, policy: &'static str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "same-origin"))
        .insert_header((
            header::PERMISSIONS_POLICY,
            "camera=(), geolocation=(), microphone=()",
        ))
        .insert_header((header::CACHE_CONTROL, keep.cache_control()));
    if keep == Keep::Never {
        let robots = HeaderName::from_static("x-robots-tag");
        answer.insert_header((robots, HeaderValue::from_static("noindex")));
    }
    answer
}
