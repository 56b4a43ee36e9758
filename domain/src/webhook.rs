//! Webhooks out: what the programs of a tenant are told, where, and how they know that it is from here (Standard Webhooks,
//! 1.0). What mail providers tell us is another subject: that comes in.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumIter, EnumString, IntoStaticStr};
use url::{Host, Url};

pub mod event;
pub mod retry;
pub mod secret;

/// The longest address of an endpoint, in octets.
pub const MAX_URL_OCTETS: usize = 2048;

/// Where events are posted to: an absolute address of HTTP without a user, a password or a fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointUrl(Url);

/// Why a text will not do as the address of an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointUrlError {
    /// It is no absolute address.
    #[error("this is no address: give one such as https://example.com/hooks, of at most 2048 octets")]
    NoUrl,
    /// It is neither HTTPS nor HTTP.
    #[error("events are posted by HTTPS: give an address that begins with https://")]
    Scheme,
    /// It holds a user or a password.
    #[error("a user or password in the address is not sent: take it out, and go by the signature instead")]
    Credentials,
    /// It holds a fragment.
    #[error("what stands behind # is never sent: take it out")]
    Fragment,
}

impl EndpointUrl {
    /// Reads an address. Whether its host may be reached, and whether plain HTTP will do, is for whoever connects.
    pub fn parse(text: &str) -> Result<Self, EndpointUrlError> {
        let text = text.trim();
        let is_plain = !text.chars().any(|c| c.is_control() || c == '\\');
        let url = Some(text).filter(|text| text.len() <= MAX_URL_OCTETS && is_plain);
        let url = url.and_then(|text| Url::parse(text).ok());
        let url = url.ok_or(EndpointUrlError::NoUrl)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(EndpointUrlError::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointUrlError::Credentials);
        }
        if url.fragment().is_some() {
            return Err(EndpointUrlError::Fragment);
        }
        if url.host().is_none() || url.as_str().len() > MAX_URL_OCTETS {
            return Err(EndpointUrlError::NoUrl);
        }
        Ok(Self(url))
    }

    /// The whole address. Its path and query may hold a secret of the receiver's: it is not for logs.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it is HTTPS.
    pub fn is_encrypted(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The host.
    pub fn host(&self) -> Host<&str> {
        self.0.host().unwrap_or(Host::Domain(""))
    }

    /// The port, given or usual.
    pub fn port(&self) -> u16 {
        self.0.port_or_known_default().unwrap_or(443)
    }

    /// What is asked for there: path and query (RFC 9112, 3.2.1).
    pub fn target(&self) -> String {
        match self.0.query() {
            Some(query) => format!("{}?{query}", self.0.path()),
            None => self.0.path().to_owned(),
        }
    }

    /// Host and port, as the field `Host` says them (RFC 9110, 7.2).
    pub fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Scheme, host and port: what logs may say of it.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.0.scheme(), self.authority())
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EndpointUrl({})", self.origin())
    }
}

/// Why nothing is sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum DisabledReason {
    /// Somebody of the tenant disabled it.
    Requested,
    /// It answered 410: it is not there any more, and is not coming back (RFC 9110, 15.5.11).
    Gone,
    /// Whatever was sent to it failed, for days.
    Failing,
    /// The database was restored from a backup: what was told since would be told again.
    Restored,
}

/// Where the delivery of an event to an endpoint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Display, EnumIter, EnumString, IntoStaticStr)]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum DeliveryState {
    /// It waits for its next attempt, or is being attempted.
    Pending,
    /// The endpoint took it.
    Delivered,
    /// It was given up.
    Failed,
}

/// Why an attempt failed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Display, EnumIter, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum AttemptFailure {
    /// The host has no address that may be connected to, or the name servers did not answer. Whether it has others is not
    /// told: the names of inner networks are nobody's business.
    NotFound,
    /// What was once said of hosts that have addresses, and none that may be connected to. Old attempts still say it.
    NotAllowed,
    /// Nobody took the connection.
    Connection,
    /// The connection could not be encrypted, or the certificate does not count.
    Tls,
    /// It took too long.
    Timeout,
    /// What came back is no answer of HTTP.
    Protocol,
    /// The endpoint answered with a redirect, which is not followed.
    Redirect,
    /// The endpoint answered with another status than 2xx.
    Status,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_has_an_absolute_address_without_credentials() {
        let url = EndpointUrl::parse(" https://hooks.example.com:8443/a/b?k=s ").unwrap();
        assert_eq!(url.as_str(), "https://hooks.example.com:8443/a/b?k=s");
        assert_eq!((url.target().as_str(), url.port()), ("/a/b?k=s", 8443));
        assert_eq!(url.authority(), "hooks.example.com:8443");
        assert_eq!(format!("{url:?}"), "EndpointUrl(https://hooks.example.com:8443)");
        assert_eq!(EndpointUrl::parse("https://[::1]/").unwrap().authority(), "[::1]");
        for (text, error) in [
            ("", EndpointUrlError::NoUrl),
            ("hooks.example.com", EndpointUrlError::NoUrl),
            ("/hooks", EndpointUrlError::NoUrl),
            ("https://", EndpointUrlError::NoUrl),
            ("https:///\\evil.example", EndpointUrlError::NoUrl),
            ("https://a.example/\r\nHost: b", EndpointUrlError::NoUrl),
            ("ftp://a.example/", EndpointUrlError::Scheme),
            ("file:///etc/passwd", EndpointUrlError::Scheme),
            ("gopher://a.example/", EndpointUrlError::Scheme),
            ("https://user@a.example/", EndpointUrlError::Credentials),
            ("https://:secret@a.example/", EndpointUrlError::Credentials),
            ("https://a.example/#x", EndpointUrlError::Fragment),
        ] {
            assert_eq!(EndpointUrl::parse(text).unwrap_err(), error, "{text:?}");
        }
        let long = format!("https://a.example/{}", "x".repeat(MAX_URL_OCTETS));
        assert_eq!(EndpointUrl::parse(&long).unwrap_err(), EndpointUrlError::NoUrl);
    }

    #[test]
    fn a_host_that_is_a_number_is_the_address_that_it_means() {
        for text in [
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.1/",
        ] {
            let url = EndpointUrl::parse(text).unwrap();
            assert_eq!(url.host(), Host::<&str>::Ipv4([127, 0, 0, 1].into()), "{text}");
        }
    }
}
