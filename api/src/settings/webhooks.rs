//! The settings for the webhooks of mail providers, and for those by which tenants are told.

use std::time::Duration;

use assent_worker::networks::Networks;
use assent_worker::settings::WebhookSettings;
use secrecy::SecretString;

use super::{Options, SettingsError, wrong};
use crate::webhooks::Webhooks;

/// The shortest secret that is accepted.
const MIN_SECRET: usize = 20;

impl Options {
    /// Which mail providers are listened to.
    pub(super) fn webhooks(&self) -> Result<Webhooks, SettingsError> {
        Ok(Webhooks {
            ses_topics: self.topics()?,
            postmark_token: secret("ASSENT_POSTMARK_TOKEN", self.postmark_token.as_deref())?,
            mailgun_key: secret("ASSENT_MAILGUN_KEY", self.mailgun_key.as_deref())?,
            ..Webhooks::default()
        })
    }

    /// How endpoints of tenants are told what happens.
    pub(super) fn endpoints(&self, production: bool) -> Result<WebhookSettings, SettingsError> {
        let networks = self.webhook_networks.as_deref().unwrap_or_default().parse();
        let networks: Networks = networks.map_err(|error| wrong("ASSENT_WEBHOOK_NETWORKS", error))?;
        let days = self.webhook_disable_days.unwrap_or(3);
        if !(1..=30).contains(&days) {
            return Err(wrong("ASSENT_WEBHOOK_DISABLE_DAYS", "give 1 to 30 days"));
        }
        if let Some(path) = &self.webhook_root_certificate
            && let Err(error) = std::fs::metadata(path)
        {
            let problem = format!("{}: {error}", path.display());
            return Err(wrong("ASSENT_WEBHOOK_ROOT_CERTIFICATE", problem));
        }
        Ok(WebhookSettings {
            takes_plain_http: !production && !networks.is_empty(),
            networks,
            root_certificate: self.webhook_root_certificate.clone(),
            patience: Duration::from_hours(24 * u64::from(days)),
            ..WebhookSettings::default()
        })
    }

    fn topics(&self) -> Result<Vec<String>, SettingsError> {
        let given = self.ses_topics.as_deref().unwrap_or_default();
        let topics = given.split(',').map(str::trim).filter(|topic| !topic.is_empty());
        let topics: Vec<_> = topics.map(str::to_owned).collect();
        let is_arn = |topic: &String| topic.starts_with("arn:") && topic.split(':').nth(2) == Some("sns");
        match topics.iter().find(|topic| !is_arn(topic)) {
            Some(topic) => Err(wrong(
                "ASSENT_SES_TOPICS",
                format!("{topic} is no topic, as in arn:aws:sns:eu-west-1:123456789012:bounces"),
            )),
            None => Ok(topics),
        }
    }
}

fn secret(name: &'static str, given: Option<&str>) -> Result<Option<SecretString>, SettingsError> {
    match given {
        Some(secret) if secret.len() < MIN_SECRET => Err(wrong(name, "has fewer than 20 characters")),
        given => Ok(given.map(|secret| SecretString::from(secret.to_owned()))),
    }
}
