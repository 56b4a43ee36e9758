//! GraphQL.

use actix_web::web::ServiceConfig;

/// Puts the routes of GraphQL in place.
pub fn configure(_config: &mut ServiceConfig) {}
