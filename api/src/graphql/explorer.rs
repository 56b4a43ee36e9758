//! The `GraphiQL` page: for trying operations in a browser where it is switched on. It comes with a policy of its
//! own, because it loads its program from a public mirror.

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use async_graphql::http::{Credentials, GraphiQLSource};

const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' https://unpkg.com; \
    style-src 'unsafe-inline' https://unpkg.com; font-src data: https://unpkg.com; \
    img-src 'self' data: https://graphql.org; connect-src 'self'; worker-src blob:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// The page.
pub(crate) fn page() -> HttpResponse {
    let source = GraphiQLSource::build()
        .endpoint("/graphql")
        .title("Assent: GraphQL")
        .credentials(Credentials::SameOrigin)
        .finish();
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(source)
}
