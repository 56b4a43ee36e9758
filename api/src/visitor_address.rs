//! Where a request comes from. What a header says counts only as far as proxies that the operator trusts have written
//! it: everything else is what a visitor would like to be taken for.

use std::net::{IpAddr, SocketAddr};

use actix_web::HttpRequest;
use actix_web::http::header::{FORWARDED, HeaderMap, HeaderName, X_FORWARDED_FOR};
use actix_web::web::Data;
use assent_worker::networks::Networks;

use crate::app::App;

/// The proxies whose word is taken for where a request comes from. None, unless the operator names them.
pub type TrustedProxies = Networks;

/// The address of whoever sent a request: that of the socket's peer, or, as far as trusted proxies vouch for it, what
/// `Forwarded` (RFC 7239) or `X-Forwarded-For` says. Never to be stored beside a person (P02).
pub fn visitor_address(request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let app = request.app_data::<Data<App>>()?;
    Some(behind(peer, request.headers(), app.visits.trusted_proxies()))
}

/// Where a request comes from, for tokens that count from some networks only. It is compared, and never stored (P02).
#[derive(Clone, Copy, Default)]
pub struct Visitor(Option<IpAddr>);

/// It is an address.
impl std::fmt::Debug for Visitor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Visitor(..)")
    }
}

impl Visitor {
    /// Whoever sent a request.
    pub fn of(request: &HttpRequest) -> Self {
        Self(visitor_address(request))
    }

    /// The address, if it is known.
    pub fn address(self) -> Option<IpAddr> {
        self.0
    }
}

/// A proxy writes one of the two headers and lets the other through as it came. Where they disagree, one of them is
/// a visitor's invention, so neither counts.
fn behind(peer: IpAddr, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    let standard = stated(headers, &FORWARDED, node_of_element);
    let usual = stated(headers, &X_FORWARDED_FOR, node);
    let seen = |hops: &[Option<IpAddr>]| rightmost_untrusted(peer, hops, trusted);
    match (seen(&standard), seen(&usual)) {
        (address, _) if usual.is_empty() => address,
        (_, address) if standard.is_empty() => address,
        (one, other) if one == other => one,
        _ => peer,
    }
}

/// Goes back from hop to hop while the one that speaks is trusted. A hop that is hidden or makes no sense ends it.
fn rightmost_untrusted(peer: IpAddr, hops: &[Option<IpAddr>], trusted: &TrustedProxies) -> IpAddr {
    let mut seen = peer;
    for hop in hops.iter().rev() {
        match hop {
            Some(address) if trusted.include(seen) => seen = *address,
            _ => break,
        }
    }
    seen
}

/// The hops that a header names, the nearest last. Several lines are one list (RFC 9110, 5.3).
fn stated(
    headers: &HeaderMap,
    name: &HeaderName,
    read: impl Fn(&str) -> Option<IpAddr>,
) -> Vec<Option<IpAddr>> {
    let mut hops = Vec::new();
    for value in headers.get_all(name) {
        match value.to_str() {
            Ok(text) => hops.extend(split_outside_quotes(text, ',').map(&read)),
            Err(_) => hops.push(None),
        }
    }
    hops
}

/// Splits where a separator stands in no quoted string (RFC 9110, 5.6.4).
fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        c == separator && !quoted
    })
}

/// The node that an element of `Forwarded` was sent for (RFC 7239, 5.2).
fn node_of_element(element: &str) -> Option<IpAddr> {
    let mut pairs = split_outside_quotes(element, ';').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    node(value.trim().trim_matches('"'))
}

/// An address, with or without a port (RFC 7239, 6); neither `unknown` nor an invented name is one.
fn node(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let address = bare.unwrap_or(text).parse().ok().or_else(with_port)?;
    Some(IpAddr::to_canonical(&address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    const PEER: &str = "10.0.0.1";

    fn seen(trusted: &str, headers: &[(HeaderName, &str)]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.clone(), HeaderValue::from_str(value).unwrap());
        }
        behind(PEER.parse().unwrap(), &map, &trusted.parse().unwrap()).to_string()
    }

    #[test]
    fn p02_a_header_counts_only_from_a_trusted_proxy() {
        let claim = [(X_FORWARDED_FOR, "203.0.113.9")];
        assert_eq!(seen("", &claim), PEER);
        assert_eq!(seen("192.0.2.0/24", &claim), PEER);
        assert_eq!(seen("10.0.0.0/8", &claim), "203.0.113.9");
        assert_eq!(
            seen("10.0.0.1", &[(FORWARDED, "for=203.0.113.9;proto=https")]),
            "203.0.113.9"
        );
    }

    #[test]
    fn p02_the_rightmost_untrusted_address_is_the_visitor() {
        let seen = |name: HeaderName, value: &str| seen("10.0.0.0/8, 2001:db8::/32", &[(name, value)]);
        for (value, visitor) in [
            ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
            ("198.51.100.1, 203.0.113.9, 10.1.1.1", "203.0.113.9"),
            ("203.0.113.9:4711", "203.0.113.9"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("198.51.100.1, unknown", PEER),
            ("198.51.100.1, 203.0.113.9,", PEER),
            ("10.2.2.2", "10.2.2.2"),
            ("", PEER),
        ] {
            assert_eq!(seen(X_FORWARDED_FOR, value), visitor, "{value}");
        }
        for (value, visitor) in [
            ("For=\"[2001:db9::1]:4711\"", "2001:db9::1"),
            ("for=198.51.100.1;by=x, proto=http;for=203.0.113.9", "203.0.113.9"),
            ("for=203.0.113.9, for=\"[2001:db8::7]\"", "203.0.113.9"),
            ("for=198.51.100.1, for=\"_a,for=203.0.113.9\"", PEER),
            ("for=_hidden", PEER),
            ("by=203.0.113.9", PEER),
        ] {
            assert_eq!(seen(FORWARDED, value), visitor, "{value}");
        }
    }

    #[test]
    fn p02_headers_that_disagree_count_for_nothing() {
        let both = |forwarded, usual| seen("10.0.0.1", &[(FORWARDED, forwarded), (X_FORWARDED_FOR, usual)]);
        assert_eq!(both("for=203.0.113.9", "203.0.113.9"), "203.0.113.9");
        assert_eq!(both("for=203.0.113.9", "198.51.100.1"), PEER);
    }

    #[test]
    fn networks_are_read_with_and_without_their_length() {
        assert_eq!("".parse(), Ok(TrustedProxies::default()));
        assert!("10.0.0.0/8, ::1".parse::<TrustedProxies>().is_ok());
        let error = "10.0.0.0/8, proxy.example".parse::<TrustedProxies>().unwrap_err();
        assert!(error.to_string().contains("proxy.example"));
    }
}
