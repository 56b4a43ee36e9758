//! The settings for what comes back.

use std::net::SocketAddr;
use std::time::Duration;

use assent_domain::bounce::SoftLimit;
use assent_domain::site::HostName;
use secrecy::SecretString;

use super::{Options, SettingsError, wrong};
use crate::bounces::Bounces;
use crate::listener::Protocol;

/// The shortest token that is accepted.
const MIN_TOKEN: usize = 20;

/// How mail that comes back is listened for.
#[derive(Clone, Debug)]
pub struct Listen {
    /// What is spoken.
    pub protocol: Protocol,
    /// Where.
    pub address: SocketAddr,
    /// The domain of the return paths.
    pub domain: HostName,
    /// How many messages a minute one network may send; 0 is no limit.
    pub messages_a_minute: u32,
}

impl Options {
    /// The domain of our return paths.
    pub(super) fn bounce_domain(&self) -> Result<Option<HostName>, SettingsError> {
        let parsed = self.bounce_domain.as_deref().map(HostName::parse).transpose();
        parsed.map_err(|error| wrong("ASSENT_BOUNCE_DOMAIN", error))
    }

    /// Whether, and how, what comes back is taken in.
    pub(super) fn bounces(&self) -> Result<Bounces, SettingsError> {
        let token = self.bounce_token.as_deref();
        if token.is_some_and(|token| token.len() < MIN_TOKEN) {
            return Err(wrong(
                "ASSENT_BOUNCE_TOKEN",
                "has fewer than 20 characters: make one with `openssl rand -hex 32`",
            ));
        }
        Ok(Bounces {
            token: token.map(|token| SecretString::from(token.to_owned())),
            domain: self.bounce_domain()?,
            limit: self.soft_limit()?,
        })
    }

    /// How often mail may come back for now.
    pub(super) fn soft_limit(&self) -> Result<SoftLimit, SettingsError> {
        let usual = SoftLimit::default();
        let messages = self.soft_bounces.unwrap_or(usual.messages);
        let days = self.soft_bounce_days.unwrap_or(30);
        if messages == 0 || !(1..=365).contains(&days) {
            let name = if messages == 0 {
                "ASSENT_SOFT_BOUNCES"
            } else {
                "ASSENT_SOFT_BOUNCE_DAYS"
            };
            return Err(wrong(name, "give at least 1 message, and 1 to 365 days"));
        }
        Ok(SoftLimit {
            messages,
            within: Duration::from_hours(24 * u64::from(days)),
        })
    }

    /// Where, and for which domain, the listener of mail listens.
    pub(super) fn bounce_listen(&self) -> Result<Option<Listen>, SettingsError> {
        let name = "ASSENT_BOUNCE_LISTEN";
        let Some(given) = &self.bounce_listen else {
            return Ok(None);
        };
        let (protocol, address) = match given.split_once("://") {
            Some(("smtp", address)) => (Protocol::Smtp, address),
            Some(("lmtp", address)) => (Protocol::Lmtp, address),
            _ => return Err(wrong(name, "give smtp://ADDRESS:PORT or lmtp://ADDRESS:PORT")),
        };
        let address: SocketAddr = address.trim_end_matches('/').parse().map_err(|_| {
            wrong(
                name,
                format!("{address} is no address and port, as in smtp://127.0.0.1:2525"),
            )
        })?;
        if protocol == Protocol::Lmtp && address.port() == 25 {
            return Err(wrong(
                name,
                "LMTP may not be spoken on port 25 (RFC 2033, 5): take another",
            ));
        }
        let domain = self.bounce_domain()?.ok_or_else(|| {
            wrong(
                name,
                "needs ASSENT_BOUNCE_DOMAIN, the domain whose mail comes here",
            )
        })?;
        Ok(Some(Listen {
            protocol,
            address,
            domain,
            messages_a_minute: self.bounce_rate.unwrap_or(600),
        }))
    }
}
