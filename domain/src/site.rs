//! Sites of the web: hosts that content is loaded from, and origins that may send a tenant's forms (RFC 6454).

use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The name of a host, in lower case and ASCII: `cdn.example.com`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HostName(String);

/// What is no name of a host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not the name of a host: write it as in cdn.example.com, without https:// and path, one host at a time"
)]
pub struct HostError(String);

impl HostName {
    /// Reads a name as people write it. There is no wildcard: each host is named.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let refused = || HostError(text.chars().take(60).collect());
        let name = text.trim();
        if name.contains('*') || name.len() > 253 {
            return Err(refused());
        }
        let host = Host::parse(name).map_err(|_| refused())?;
        Self::of(&host).ok_or_else(refused)
    }

    /// The host of an address.
    pub fn of<S: AsRef<str>>(host: &Host<S>) -> Option<Self> {
        let name = host.to_string();
        let name = name.trim_end_matches('.');
        (!name.is_empty()).then(|| Self(name.to_owned()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is `domain` or lies within it.
    pub fn is_within(&self, domain: &str) -> bool {
        let rest = self.0.strip_suffix(domain);
        !domain.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

impl std::fmt::Display for HostName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The origin of a page, as browsers send it: `https://www.example.com`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

/// What is no origin that may be allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not an origin: write it as in https://www.example.com, or http://localhost:3000, without a path"
)]
pub struct OriginError(String);

impl Origin {
    /// Reads an origin: `https`, or `http` on this very machine. No path, no user, no wildcard.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let refused = || OriginError(text.chars().take(100).collect());
        let url = Url::parse(text.trim()).map_err(|_| refused())?;
        let host = url.host_str().unwrap_or_default();
        let is_local = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        let is_bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        let is_web = url.scheme() == "https" || (url.scheme() == "http" && is_local);
        if !is_bare || !is_web || host.is_empty() || host.contains('*') {
            return Err(refused());
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    /// As browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_exact_and_safe() {
        let read = |text| Origin::parse(text).map(|origin| origin.as_str().to_owned());
        assert_eq!(
            read("https://WWW.Example.com:443/").as_deref(),
            Ok("https://www.example.com")
        );
        assert_eq!(
            read("http://localhost:3000").as_deref(),
            Ok("http://localhost:3000")
        );
        for bad in [
            "*",
            "null",
            "",
            "https://*.example.com",
            "http://example.com",
            "https://example.com/path",
            "https://user@example.com",
            "https://example.com?x",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "www.example.com",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_host_is_one_name() {
        let read = |text| HostName::parse(text).map(|host| host.as_str().to_owned());
        assert_eq!(read(" CDN.Example.com. ").as_deref(), Ok("cdn.example.com"));
        assert_eq!(
            read("b\u{fc}cher.example").as_deref(),
            Ok("xn--bcher-kva.example")
        );
        for bad in [
            "",
            "*.example.com",
            "https://x.example",
            "a/b",
            "a b",
            "x.example:80",
            ".",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let host = HostName::parse("img.acme.example").unwrap();
        assert!(host.is_within("acme.example") && host.is_within("img.acme.example"));
        assert!(!host.is_within("me.example") && !host.is_within(""));
    }
}
