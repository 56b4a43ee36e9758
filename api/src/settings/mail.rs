//! The settings for the mail server through which mail leaves, and for those of tenants.

use std::path::Path;
use std::time::Duration;

use assent_worker::mailbox::Mailbox;
use assent_worker::settings::{RelaySettings, Transport};
use assent_worker::smtp::{Reach, SmtpSettings, TlsMode};
use secrecy::SecretString;
use url::Url;

use super::{Options, SettingsError, SmtpTls, wrong};

impl Options {
    /// Through what mail leaves.
    pub(super) fn transport(
        &self,
        production: bool,
        base_url: &str,
        data_dir: &Path,
    ) -> Result<Transport, SettingsError> {
        let Some(host) = &self.smtp_host else {
            if production {
                return Err(wrong(
                    "ASSENT_SMTP_HOST",
                    "required in production, which has no built-in mailbox",
                ));
            }
            let mailbox = Mailbox::open(data_dir.join("mailbox"));
            return mailbox
                .map(Transport::Mailbox)
                .map_err(|error| wrong("ASSENT_DATA_DIR", error));
        };
        let (tls, port) = match self.smtp_tls.unwrap_or(SmtpTls::Starttls) {
            SmtpTls::None => (TlsMode::None, 25),
            SmtpTls::Starttls => (TlsMode::StartTls, 587),
            SmtpTls::Implicit => (TlsMode::Implicit, 465),
        };
        let credentials = match (&self.smtp_user, &self.smtp_password) {
            (Some(user), Some(password)) => Some((user.clone(), SecretString::from(password.clone()))),
            (None, None) => None,
            (Some(_), None) => {
                return Err(wrong(
                    "ASSENT_SMTP_PASSWORD",
                    "there is a user name, but no password",
                ));
            }
            (None, Some(_)) => {
                return Err(wrong("ASSENT_SMTP_USER", "there is a password, but no user name"));
            }
        };
        Ok(Transport::Smtp(SmtpSettings {
            host: host.clone(),
            port: self.smtp_port.unwrap_or(port),
            tls,
            credentials,
            hello_name: self.hello_name(base_url),
            connect_timeout: Duration::from_secs(30),
            command_timeout: Duration::from_mins(5),
            root_certificate: self.smtp_root_certificate.clone(),
            reach: Reach::Anywhere,
        }))
    }

    /// How mail servers of tenants are reached.
    pub(super) fn relays(&self, base_url: &str) -> Result<RelaySettings, SettingsError> {
        let networks = self.transport_networks.as_deref().unwrap_or_default().parse();
        Ok(RelaySettings {
            hello_name: self.hello_name(base_url),
            root_certificate: self.smtp_root_certificate.clone(),
            networks: networks.map_err(|error| wrong("ASSENT_TRANSPORT_NETWORKS", error))?,
        })
    }

    /// The name we give in EHLO.
    fn hello_name(&self, base_url: &str) -> String {
        let own_host = || {
            let url = Url::parse(base_url).ok()?;
            url.host_str().map(str::to_owned)
        };
        let name = self.smtp_hello.clone().or_else(own_host);
        name.unwrap_or_else(|| "localhost".to_owned())
    }
}
