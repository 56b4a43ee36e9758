//! The settings for the webhooks of mail providers.

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
