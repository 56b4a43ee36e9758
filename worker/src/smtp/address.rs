//! Addresses as they go over the wire.

use lettre::Address;
use url::Host;

/// Reads an address and brings its domain to ASCII (A-labels, RFC 5891), which RFC 6531 allows and every
/// server takes; the local part stays as it is. None if this is no address or holds control characters.
pub fn wire_address(value: &str) -> Option<Address> {
    if value.len() > 320 || value.chars().any(char::is_control) {
        return None;
    }
    let address: Address = value.parse().ok()?;
    if address.domain().is_ascii() {
        return Some(address);
    }
    match Host::parse(address.domain()).ok()? {
        Host::Domain(domain) => Address::new(address.user(), domain).ok(),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_becomes_ascii_and_a_local_part_stays() {
        let wire = |value| wire_address(value).map(|address| address.to_string());
        assert_eq!(wire("Ada@Example.com").as_deref(), Some("Ada@Example.com"));
        assert_eq!(
            wire("ädä@bücher.example").as_deref(),
            Some("ädä@xn--bcher-kva.example")
        );
        for value in [
            "",
            "x",
            "a@b@c d",
            "a@b\r\nRCPT TO:<c@d>",
            "\"a\r\nb\"@c.example",
            "a@",
            "@b.example",
            "<a@b.example>",
        ] {
            assert_eq!(wire(value), None, "{value}");
        }
    }
}
