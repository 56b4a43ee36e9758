//! The settings for the domains that mail comes from, and for how long it is tried.

use std::net::{IpAddr, SocketAddr};

use assent_domain::delivery::RetryFor;
use assent_domain::sending_domain::Surroundings;
use assent_domain::site::HostName;
use assent_worker::settings::SenderSettings;

use super::{Options, SettingsError, wrong};

/// Where name servers listen (RFC 1035, 4.2).
const DNS_PORT: u16 = 53;

impl Options {
    /// For how long what the mail server puts off is tried again.
    pub(super) fn retry_for(&self) -> Result<RetryFor, SettingsError> {
        let given = self.retry_hours.map(RetryFor::hours);
        let hours = given.unwrap_or_else(|| Ok(RetryFor::default()));
        hours.map_err(|error| wrong("ASSENT_RETRY_HOURS", error))
    }

    /// How sending domains are looked at.
    pub(super) fn sender(&self, production: bool) -> Result<SenderSettings, SettingsError> {
        let include = self.spf_include.as_deref().map(HostName::parse).transpose();
        Ok(SenderSettings {
            dns_server: self.dns_server()?,
            around: Surroundings {
                bounce_domain: self.bounce_domain()?,
                spf_include: include.map_err(|error| wrong("ASSENT_SPF_INCLUDE", error))?,
            },
            requires_verified: production,
        })
    }

    fn dns_server(&self) -> Result<Option<SocketAddr>, SettingsError> {
        let Some(given) = &self.dns_server else {
            return Ok(None);
        };
        let with_port = given.parse::<SocketAddr>();
        let server = with_port.or_else(|_| given.parse().map(|ip: IpAddr| SocketAddr::new(ip, DNS_PORT)));
        server.map(Some).map_err(|_| {
            let problem = format!(
                "{given:?} is no address: write it as in 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53"
            );
            wrong("ASSENT_DNS_SERVER", problem)
        })
    }
}
