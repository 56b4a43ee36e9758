//! The HTTP server: which face answers under which path, and what every answer carries.

use actix_web::web::{self, ServiceConfig};

use crate::app::App;

/// The longest body of any request that is not a GraphQL operation, in octets.
pub const MAX_FORM_OCTETS: usize = 64 * 1024;

/// Puts all routes in place.
pub fn configure(app: App) -> impl Fn(&mut ServiceConfig) + Clone {
    move |config| {
        config
            .app_data(web::Data::new(app.clone()))
            .app_data(web::FormConfig::default().limit(MAX_FORM_OCTETS))
            .configure(crate::graphql::configure)
            .configure(crate::pages::configure);
    }
}
