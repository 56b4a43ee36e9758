//! The networks from which a token counts, as its tenant names them.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

/// How many networks one token may have.
pub const MAX_NETWORKS: usize = 50;

/// Networks of addresses. None is everywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedNetworks(BTreeSet<IpNet>);

/// What is no list of networks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// One of them is none.
    #[error("{0:?} is no network: write 203.0.113.0/24, 2001:db8::/32, or one address")]
    Malformed(String),
    /// An IPv4 network in the clothes of IPv6: no visitor is ever seen so.
    #[error("{0} is a network of IPv4: write it as one")]
    Mapped(String),
    /// They are too many.
    #[error("a token has at most {MAX_NETWORKS} networks: name larger ones")]
    TooMany,
}

/// Whether an IPv6 network lies in `::ffff:0:0/96` (RFC 4291, 2.5.5.2).
fn is_mapped(network: &IpNet) -> bool {
    let IpNet::V6(network) = network else { return false };
    network.prefix_len() >= 96 && network.network().to_ipv4_mapped().is_some()
}

fn parse(text: &str) -> Result<IpNet, NetworkError> {
    let text = text.trim();
    let host = || Some(IpNet::from(text.parse::<IpAddr>().ok()?.to_canonical()));
    let network = text.parse().ok().or_else(host);
    let network: IpNet = network.ok_or_else(|| NetworkError::Malformed(text.chars().take(64).collect()))?;
    if is_mapped(&network) {
        return Err(NetworkError::Mapped(network.to_string()));
    }
    Ok(network.trunc())
}

impl AllowedNetworks {
    /// Reads networks in the notation of RFC 4632 and RFC 4291, or single addresses. What lies behind the prefix is left
    /// out, and what is named twice counts once.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, NetworkError> {
        let mut networks = BTreeSet::new();
        for text in texts {
            networks.insert(parse(text)?);
            if networks.len() > MAX_NETWORKS {
                return Err(NetworkError::TooMany);
            }
        }
        Ok(Self(networks))
    }

    /// Whether an address may be asked from. Where it is not known, only a token that counts everywhere may be used.
    pub fn admit(&self, address: Option<IpAddr>) -> bool {
        let lies_in = |address: IpAddr| {
            let address = address.to_canonical();
            self.0.iter().any(|network| network.contains(&address))
        };
        self.0.is_empty() || address.is_some_and(lies_in)
    }

    /// The networks, one by one.
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

/// As they are stored: with spaces between.
impl fmt::Display for AllowedNetworks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.texts().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(networks: &[&str], address: &str) -> bool {
        let networks = AllowedNetworks::parse(networks.iter().copied()).unwrap();
        networks.admit(address.parse().ok())
    }

    #[test]
    fn an_address_is_in_a_network_however_it_is_written() {
        let networks = ["203.0.113.77/24", "2001:DB8::1/32", "198.51.100.7"];
        for (address, is_in) in [
            ("203.0.113.255", true),
            ("203.0.114.0", false),
            ("::ffff:203.0.113.9", true),
            ("2001:db8:ffff::", true),
            ("2001:db9::", false),
            ("198.51.100.7", true),
            ("198.51.100.8", false),
            ("unknown", false),
        ] {
            assert_eq!(admits(&networks, address), is_in, "{address}");
        }
        assert!(admits(&[], "unknown") && admits(&[], "203.0.113.1"));
        assert!(admits(&["0.0.0.0/0"], "203.0.113.1") && !admits(&["0.0.0.0/0"], "2001:db8::1"));
    }

    #[test]
    fn what_is_no_network_is_named_and_what_is_one_is_kept_as_it_is_meant() {
        for bad in [
            "",
            "10.0.0.0/33",
            "2001:db8::/129",
            "example.org",
            "10.0.0",
            "10.0.0.0/8 2001::/16",
        ] {
            assert!(
                matches!(AllowedNetworks::parse([bad]), Err(NetworkError::Malformed(_))),
                "{bad}"
            );
        }
        let mapped = AllowedNetworks::parse(["::ffff:10.0.0.0/104"]);
        assert!(matches!(mapped, Err(NetworkError::Mapped(_))));
        let kept = AllowedNetworks::parse(["10.1.2.3/8", "10.0.0.0/8", "::1"]).unwrap();
        assert_eq!(kept.to_string(), "10.0.0.0/8 ::1/128");
        assert_eq!(AllowedNetworks::parse(kept.to_string().split(' ')), Ok(kept));
        let many: Vec<_> = (0..=MAX_NETWORKS).map(|n| format!("10.0.0.{n}")).collect();
        let many = AllowedNetworks::parse(many.iter().map(String::as_str));
        assert_eq!(many, Err(NetworkError::TooMany));
    }
}
