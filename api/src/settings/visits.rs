//! What is noted of requests, and for how long.

use super::{Options, SettingsError, wrong};
use crate::visits::VisitSettings;

impl Options {
    pub(super) fn visits(&self) -> Result<VisitSettings, SettingsError> {
        let trusted = self.trusted_proxies.as_deref().unwrap_or_default().parse();
        Ok(VisitSettings {
            logs_requests: self.request_log.unwrap_or(true),
            counts_browsers: true,
            trusted_proxies: trusted.map_err(|error| wrong("ASSENT_TRUSTED_PROXIES", error))?,
        })
    }

    pub(super) fn request_log_days(&self) -> Result<u32, SettingsError> {
        match self.request_log_days.unwrap_or(30) {
            days @ 1..=3650 => Ok(days),
            _ => Err(wrong(
                "ASSENT_REQUEST_LOG_DAYS",
                "give 1 to 3650 days; to log nothing, set ASSENT_REQUEST_LOG=false",
            )),
        }
    }
}
