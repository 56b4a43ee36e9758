//! Why there is no connection.

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

use super::reach::Barred;
use super::reply::{Reply, without};

/// A step on the way to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Resolving the name and connecting.
    Connect,
    /// The TLS handshake.
    TlsHandshake,
    /// The greeting and EHLO.
    Greeting,
    /// STARTTLS.
    StartTls,
    /// AUTH.
    Authentication,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connect => "connecting",
            Self::TlsHandshake => "the TLS handshake",
            Self::Greeting => "the greeting",
            Self::StartTls => "STARTTLS",
            Self::Authentication => "authentication",
        })
    }
}

/// Why there is no connection to the relay. Each says what to look at.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// Nobody listens there, or the name is unknown.
    #[error("cannot connect to {host}:{port}: {source}")]
    Connect {
        /// The relay.
        host: String,
        /// Its port.
        port: u16,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is where mail servers of tenants must not be.
    #[error("{host}:{port} is not connected to: {barred}")]
    OutOfReach {
        /// The relay.
        host: String,
        /// Its port.
        port: u16,
        /// Why.
        barred: Barred,
    },
    /// A step took longer than the settings allow.
    #[error("{step} took longer than allowed")]
    Timeout {
        /// Which step.
        step: Step,
    },
    /// The TLS handshake failed, usually for the certificate.
    #[error("TLS with {host} failed: {detail}")]
    Tls {
        /// The relay.
        host: String,
        /// What the TLS library says.
        detail: String,
    },
    /// The server does not offer STARTTLS; we never go on in plain text.
    #[error("{host} does not offer STARTTLS: use implicit TLS (port 465), or no TLS for a local relay")]
    StartTlsNotOffered {
        /// The relay.
        host: String,
    },
    /// The password would cross the network in plain text.
    #[error("credentials for {host} need TLS: set it to starttls or implicit")]
    CredentialsWithoutTls {
        /// The relay.
        host: String,
    },
    /// The server offers no way of authenticating that we know: PLAIN or LOGIN.
    #[error("{host} offers neither AUTH PLAIN nor AUTH LOGIN")]
    AuthenticationNotOffered {
        /// The relay.
        host: String,
    },
    /// The server refused a step.
    #[error("the relay refused {step}: {code} {text}", code = reply.code, text = reply.text)]
    Refused {
        /// Which step.
        step: Step,
        /// Its reply.
        reply: Reply,
    },
    /// The server answered what no server may, or closed the connection.
    #[error("the relay broke off during {step}: {detail}")]
    Protocol {
        /// Which step.
        step: Step,
        /// What was wrong.
        detail: String,
    },
    /// The file of further root certificates cannot be used.
    #[error("the root certificate {path} cannot be used: {detail}", path = path.display())]
    RootCertificate {
        /// The file.
        path: PathBuf,
        /// What was wrong.
        detail: String,
    },
    /// The name for EHLO is neither a domain nor an address.
    #[error("the hello name {0:?} is neither a domain nor an IP address")]
    HelloName(String),
}

impl SmtpError {
    /// The same without the password, should the server repeat what it was told.
    pub(super) fn hiding(self, user: &str, password: &SecretString) -> Self {
        match self {
            Self::Refused { step, reply } => Self::Refused {
                step,
                reply: reply.hiding(user, password),
            },
            Self::Protocol { step, detail } => Self::Protocol {
                step,
                detail: without(&detail, user, password),
            },
            other => other,
        }
    }

    /// Whether the settings, and not the network or the server's mood, are to blame: trying again is futile.
    pub fn is_settings(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::Timeout { .. } | Self::Protocol { .. } => false,
            Self::Refused { reply, .. } => reply.code >= 500,
            Self::OutOfReach { .. }
            | Self::Tls { .. }
            | Self::StartTlsNotOffered { .. }
            | Self::CredentialsWithoutTls { .. }
            | Self::AuthenticationNotOffered { .. }
            | Self::RootCertificate { .. }
            | Self::HelloName(_) => true,
        }
    }
}
