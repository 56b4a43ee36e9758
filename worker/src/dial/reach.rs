//! Where hosts may be. A tenant names a host that this server then talks to: it is resolved here, every address is looked at,
//! and the connection goes to one of those that may be, whatever the name leads to a moment later.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use assent_domain::webhook::EndpointUrl;
use url::Host;

use super::Bounds;
use crate::dns::Dns;
use crate::networks::is_public;

/// The port of HTTPS, and from where on ports are nobody's in particular: below, other services listen, some of which read
/// anything as a command.
const HTTPS: u16 = 443;
const FIRST_FREE: u16 = 1024;

/// Why a host is not connected to. It tells nothing of the networks behind this server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreachable {
    /// Plain HTTP.
    #[error("events are posted by HTTPS: give an address that begins with https://")]
    NotEncrypted,
    /// An address that is not public.
    #[error(
        "this host is not on the public internet; whoever runs this server can let networks of their own be used \
         (ASSENT_WEBHOOK_NETWORKS)"
    )]
    NotPublic,
    /// A port of another service.
    #[error("give the port 443, or one from 1024 on")]
    Port,
    /// No address at all.
    #[error("the host was not found")]
    NotFound,
}

/// Whether an address will do, as far as it can be told without asking anybody.
pub(crate) fn check(url: &EndpointUrl, bounds: &Bounds) -> Result<(), Unreachable> {
    if !url.is_encrypted() && !bounds.takes_plain_http {
        return Err(Unreachable::NotEncrypted);
    }
    match known(url) {
        Some(addresses) => admitted(url, bounds, addresses).map(|_| ()),
        None if bounds.networks.is_empty() && !is_usual(url.port()) => Err(Unreachable::Port),
        None => Ok(()),
    }
}

/// The addresses to connect to: all that the host has and that may be.
pub(crate) async fn addresses(
    url: &EndpointUrl,
    bounds: &Bounds,
    dns: &Dns,
) -> Result<Vec<SocketAddr>, Unreachable> {
    let found = match (known(url), url.host()) {
        (Some(known), _) => known,
        (None, Host::Domain(name)) => dns
            .addresses(name.trim_end_matches('.'))
            .await
            .unwrap_or_default(),
        (None, _) => Vec::new(),
    };
    if found.is_empty() {
        return Err(Unreachable::NotFound);
    }
    admitted(url, bounds, found)
}

/// The addresses that nobody has to be asked for: a literal one, and those of this machine, whose names are never looked up
/// (RFC 6761, 6.3).
fn known(url: &EndpointUrl) -> Option<Vec<IpAddr>> {
    match url.host() {
        Host::Ipv4(address) => Some(vec![address.into()]),
        Host::Ipv6(address) => Some(vec![address.into()]),
        Host::Domain(name) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            let is_local = name == "localhost" || name.ends_with(".localhost");
            is_local.then(|| vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()])
        }
    }
}

fn is_usual(port: u16) -> bool {
    port == HTTPS || port >= FIRST_FREE
}

/// Those of the addresses that may be connected to: public ones by HTTPS at a usual port, and any in the operator's networks.
fn admitted(url: &EndpointUrl, bounds: &Bounds, found: Vec<IpAddr>) -> Result<Vec<SocketAddr>, Unreachable> {
    let port = url.port();
    let (mut admitted, mut barred) = (Vec::new(), Unreachable::NotFound);
    for address in found {
        let address = address.to_canonical();
        let in_networks = bounds.networks.include(address);
        if in_networks && (url.is_encrypted() || bounds.takes_plain_http) {
            admitted.push(SocketAddr::new(address, port));
        } else if !is_public(address) {
            barred = Unreachable::NotPublic;
        } else if !url.is_encrypted() {
            barred = Unreachable::NotEncrypted;
        } else if is_usual(port) {
            admitted.push(SocketAddr::new(address, port));
        } else {
            barred = Unreachable::Port;
        }
    }
    if admitted.is_empty() {
        return Err(barred);
    }
    Ok(admitted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> EndpointUrl {
        EndpointUrl::parse(text).unwrap()
    }

    fn with(networks: &str) -> Bounds {
        Bounds {
            networks: networks.parse().unwrap(),
            takes_plain_http: !networks.is_empty(),
            ..Bounds::default()
        }
    }

    #[test]
    fn nothing_but_the_public_internet_is_reached_by_https() {
        for private in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://10.0.0.1/",
            "https://169.254.169.254/latest/meta-data/",
            "https://100.100.100.200/",
            "https://192.168.1.1:8443/",
            "https://0.0.0.0/",
            "https://[::]/",
            "https://[::1]/",
            "https://[::ffff:169.254.169.254]/",
            "https://[::ffff:7f00:1]/",
            "https://[64:ff9b::a9fe:a9fe]/",
            "https://[2002:a9fe:a9fe::]/",
            "https://[2001:0:a9fe:a9fe::]/",
            "https://[fd00:ec2::254]/",
            "https://[fe80::1]/",
            "https://[ff02::1]/",
        ] {
            assert_eq!(
                check(&url(private), &with("")),
                Err(Unreachable::NotPublic),
                "{private}"
            );
        }
        for public in [
            "https://9.9.9.9/",
            "https://hooks.example.com/",
            "https://[2620:fe::fe]:8443/",
        ] {
            assert_eq!(check(&url(public), &with("")), Ok(()), "{public}");
        }
        assert_eq!(
            check(&url("http://9.9.9.9/"), &with("")),
            Err(Unreachable::NotEncrypted)
        );
        for port in [22, 25, 80, 110, 587, 1023] {
            for host in ["9.9.9.9", "hooks.example.com"] {
                let url = url(&format!("https://{host}:{port}/"));
                assert_eq!(check(&url, &with("")), Err(Unreachable::Port), "{host} {port}");
            }
        }
    }

    #[test]
    fn networks_of_the_operator_are_open_and_no_others() {
        let bounds = with("127.0.0.0/8");
        assert_eq!(check(&url("http://127.0.0.1:80/"), &bounds), Ok(()));
        assert_eq!(check(&url("http://localhost:3000/"), &bounds), Ok(()));
        assert_eq!(
            check(&url("https://10.0.0.1/"), &bounds),
            Err(Unreachable::NotPublic)
        );
        assert_eq!(
            check(&url("http://9.9.9.9/"), &bounds),
            Err(Unreachable::NotEncrypted)
        );
        let production = Bounds {
            takes_plain_http: false,
            ..bounds
        };
        assert_eq!(
            check(&url("http://127.0.0.1/"), &production),
            Err(Unreachable::NotEncrypted)
        );
        assert_eq!(check(&url("https://127.0.0.1/"), &production), Ok(()));
    }

    #[test]
    fn of_a_name_with_many_addresses_those_are_left_that_may_be() {
        let found = ["10.0.0.1", "9.9.9.9", "::1", "::ffff:10.0.0.1"].map(|text| text.parse().unwrap());
        let left = admitted(&url("https://a.example/"), &with(""), found.into());
        assert_eq!(left, Ok(vec!["9.9.9.9:443".parse().unwrap()]));
    }
}
