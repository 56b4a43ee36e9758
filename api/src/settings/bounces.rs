//! The settings for what comes back.

use std::time::Duration;

use assent_domain::bounce::SoftLimit;
use assent_domain::site::HostName;
use secrecy::SecretString;

use super::{Options, SettingsError, wrong};
use crate::bounces::Bounces;

/// The shortest token that is accepted.
const MIN_TOKEN: usize = 20;

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
        let usual = Bounces::default();
        let messages = self.soft_bounces.unwrap_or(usual.limit.messages);
        let days = self.soft_bounce_days.unwrap_or(30);
        if messages == 0 || !(1..=365).contains(&days) {
            let name = if messages == 0 {
                "ASSENT_SOFT_BOUNCES"
            } else {
                "ASSENT_SOFT_BOUNCE_DAYS"
            };
            return Err(wrong(name, "give at least 1 message, and 1 to 365 days"));
        }
        Ok(Bounces {
            token: token.map(|token| SecretString::from(token.to_owned())),
            domain: self.bounce_domain()?,
            limit: SoftLimit {
                messages,
                within: Duration::from_hours(24 * u64::from(days)),
            },
        })
    }
}
