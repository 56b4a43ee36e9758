//! The settings for identity providers of tenants.

use assent_worker::networks::Networks;
use assent_worker::settings::IdentitySettings;

use super::{Options, SettingsError, wrong};

impl Options {
    /// How identity providers of tenants are reached.
    pub(super) fn identity(&self, production: bool) -> Result<IdentitySettings, SettingsError> {
        let networks = self.identity_networks.as_deref().unwrap_or_default().parse();
        let networks: Networks = networks.map_err(|error| wrong("ASSENT_IDENTITY_NETWORKS", error))?;
        if let Some(path) = &self.identity_root_certificate
            && let Err(error) = std::fs::metadata(path)
        {
            let problem = format!("{}: {error}", path.display());
            return Err(wrong("ASSENT_IDENTITY_ROOT_CERTIFICATE", problem));
        }
        Ok(IdentitySettings {
            takes_plain_http: !production && !networks.is_empty(),
            networks,
            root_certificate: self.identity_root_certificate.clone(),
            ..IdentitySettings::default()
        })
    }
}
