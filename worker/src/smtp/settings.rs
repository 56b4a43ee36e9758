//! Where the relay is and how to talk to it.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::reach::Reach;

/// How a connection is encrypted. Nothing falls back to plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// Not at all: for a relay on the same machine or network.
    None,
    /// By STARTTLS (RFC 3207); a server that does not offer it is refused.
    StartTls,
    /// From the first byte (RFC 8314).
    Implicit,
}

/// Where the relay is and how to talk to it. `Debug` does not show the password.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Host name or address; with TLS, the name its certificate must bear.
    pub host: String,
    /// The port: 25, 587 or, for [`TlsMode::Implicit`], 465.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: TlsMode,
    /// User and password; refused without TLS unless the relay is on this machine.
    pub credentials: Option<(String, SecretString)>,
    /// The name we give in EHLO: the host's own, with a PTR record, or an address.
    pub hello_name: String,
    /// How long connecting may take, and how long the TLS handshake.
    pub connect_timeout: Duration,
    /// How long any one command may take. RFC 5321, 4.5.3.2 suggests minutes: 5 for MAIL and RCPT, 10 after
    /// the message; a mail given up after the message may have been taken.
    pub command_timeout: Duration,
    /// A PEM file with further root certificates to trust, beside the system's own: for a private CA.
    pub root_certificate: Option<PathBuf>,
    /// Where it may be.
    pub reach: Reach,
}

impl SmtpSettings {
    /// Whether the relay is on this machine, by its name or address.
    pub(crate) fn is_local(&self) -> bool {
        self.host == "localhost"
            || self
                .host
                .parse::<std::net::IpAddr>()
                .is_ok_and(|ip| ip.is_loopback())
    }
}
