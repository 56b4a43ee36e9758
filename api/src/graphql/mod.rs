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
pub mod documents;
mod error;
mod explorer;
mod export;
mod http;
mod id;
mod identity_provider;
mod import;
mod invitation;
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
mod password_reset;
mod permit;
mod person;
mod policy;
mod privacy;
mod purpose;
mod reader;
mod reference;
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
mod upload;
mod webhook;

pub use error::{ApiError, ErrorCode};
pub use schema::sdl;

/// The operations that clients rely on, in the order of the main job: they stay as they are.
pub const OPERATIONS: &str = include_str!("../../operations.graphql");

/// Puts the routes of GraphQL in place.
pub fn configure(config: &mut actix_web::web::ServiceConfig) {
    http::configure(config);
}
