//! Whether mail is encrypted on its way to the mail server.

use clap::ValueEnum;
use serde::Deserialize;

/// How connections to the mail server are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// Not at all; for a server on the same machine or network.
    None,
    /// By STARTTLS (RFC 3207), usually on port 587.
    Starttls,
    /// From the first byte (RFC 8314), usually on port 465.
    Implicit,
}
