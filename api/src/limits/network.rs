//! Where a request comes from, as far as it is counted.

use std::net::IpAddr;

use actix_web::HttpRequest;

use crate::visitor_address::visitor_address;

/// What one subscriber of a provider has at least: a /24 of IPv4, a /48 of IPv6. Never to be stored (P02).
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Network(Vec<u8>);

/// It is part of an address.
impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Network(..)")
    }
}

impl Network {
    /// Where a request comes from.
    pub fn of(request: &HttpRequest) -> Self {
        visitor_address(request).map(Self::from).unwrap_or_default()
    }

    pub(crate) fn octets(&self) -> &[u8] {
        &self.0
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => address.octets().into_iter().take(3).collect(),
            IpAddr::V6(address) => address.octets().into_iter().take(6).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_source_however_they_come() {
        let of = |text: &str| Network::from(text.parse::<IpAddr>().unwrap()).0;
        assert_eq!(of("192.0.2.1"), of("192.0.2.254"));
        assert_eq!(of("192.0.2.1"), of("::ffff:192.0.2.9"));
        assert_ne!(of("192.0.2.1"), of("192.0.3.1"));
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:ffff::"));
        assert_ne!(of("2001:db8:1::"), of("2001:db8:2::"));
    }
}
