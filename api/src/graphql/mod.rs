//! GraphQL: a file a noun, and around them what they share: ids, errors, connections, loaders, limits, HTTP.

pub mod access;
mod allowed_origin;
mod api_token;
mod attempt;
mod audit;
mod bounce;
mod browser;
mod campaign;
mod collection_point;
mod connection;
mod consent;
mod context;
mod custom_field;
mod delivery;
mod disclosure;
mod error;
mod explorer;
mod http;
mod id;
mod import;
mod leaving_page;
mod legal_order;
mod limits;
mod live;
mod loaders;
mod mailing_list;
mod member;
mod node;
mod operator;
mod outside_party;
mod password;
mod permit;
mod person;
mod policy;
mod privacy;
mod purpose;
mod retention;
mod scans;
mod schema;
mod second_factor;
mod segment;
mod sending_domain;
mod sending_limit;
mod session;
mod subscriber;
mod suppression;
mod tenant;
mod tenant_life;
mod time;
mod transactional_mail;
mod transport;
mod tries;

pub use error::{ApiError, ErrorCode};
pub use schema::sdl;

/// Puts the routes of GraphQL in place.
pub fn configure(config: &mut actix_web::web::ServiceConfig) {
    http::configure(config);
}
