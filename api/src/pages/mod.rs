//! Hosted pages.

use actix_web::web::ServiceConfig;

pub mod views;

/// Puts the routes of the hosted pages in place.
pub fn configure(_config: &mut ServiceConfig) {}
