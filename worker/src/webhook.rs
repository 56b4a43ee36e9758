//! Telling endpoints of tenants what happens: where they may be, how an event is posted, and how many at a time.

mod post;
mod runners;

use assent_domain::webhook::EndpointUrl;

pub use crate::dial::reach::Unreachable;
use crate::dial::{Bounds, reach};
use crate::settings::WebhookSettings;

pub(crate) use post::Messenger;
pub(crate) use runners::{Begun, Runners, Running};

/// Where endpoints may be.
fn bounds(settings: &WebhookSettings) -> Bounds {
    Bounds {
        networks: settings.networks.clone(),
        takes_plain_http: settings.takes_plain_http,
        root_certificate: settings.root_certificate.clone(),
    }
}

/// Whether an address will do, as far as it can be told without asking anybody.
pub fn check(url: &EndpointUrl, settings: &WebhookSettings) -> Result<(), Unreachable> {
    reach::check(url, &bounds(settings))
}
