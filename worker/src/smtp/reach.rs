//! Where mail servers may be. The operator's may be anywhere. A tenant names hosts that this server then talks to: they must
//! not lead into the operator's own network, whatever a name resolves to at the moment.

use std::net::SocketAddr;

use crate::networks::{Networks, is_public};

/// Where mail is handed over (RFC 5321, 4.5.4.2; RFC 8314, 3), and the port that providers offer where 587 is blocked.
const MAIL_PORTS: [u16; 4] = [25, 465, 587, 2525];

/// Where a mail server may be.
#[derive(Debug, Clone)]
pub enum Reach {
    /// Anywhere: whoever runs the server names it.
    Anywhere,
    /// On the public internet, at a port for mail; in these networks at any.
    Public(Networks),
}

/// Why a server is not connected to. It tells nothing of the networks behind this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Barred {
    /// No address of it is public.
    #[error(
        "it is not on the public internet, or not found; whoever runs this server can let networks of their own be used \
         (ASSENT_TRANSPORT_NETWORKS)"
    )]
    NotPublic,
    /// The port is none for mail.
    #[error("mail is handed over at the ports 25, 465, 587 and 2525")]
    Port,
}

impl Reach {
    /// Those of the addresses of a host that may be connected to; an error where there are addresses, and none may.
    pub(super) fn admitted(
        &self,
        found: impl Iterator<Item = SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Barred> {
        let Self::Public(networks) = self else {
            return Ok(found.collect());
        };
        let (mut admitted, mut barred) = (Vec::new(), None);
        for address in found {
            let ip = address.ip().to_canonical();
            if networks.include(ip) || (is_public(ip) && MAIL_PORTS.contains(&address.port())) {
                admitted.push(address);
            } else {
                barred = Some(if is_public(ip) {
                    Barred::Port
                } else {
                    Barred::NotPublic
                });
            }
        }
        match barred {
            Some(barred) if admitted.is_empty() => Err(barred),
            _ => Ok(admitted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(networks: &str, addresses: &[&str]) -> Result<usize, Barred> {
        let reach = Reach::Public(networks.parse().unwrap());
        let addresses = addresses.iter().map(|address| address.parse().unwrap());
        reach.admitted(addresses).map(|admitted| admitted.len())
    }

    #[test]
    fn only_the_public_internet_is_reached() {
        for private in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "192.0.2.1",
            "[::1]",
            "[::]",
            "[fe80::1]",
            "[fc00::1]",
            "[fd12:3456::1]",
            "[ff02::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:10.0.0.1]",
            "[::10.0.0.1]",
            "[64:ff9b::a00:1]",
            "[2002:a00:1::]",
            "[2001:db8::1]",
        ] {
            assert_eq!(
                admitted("", &[&format!("{private}:25")]),
                Err(Barred::NotPublic),
                "{private}"
            );
        }
        for public in [
            "9.9.9.9:25",
            "172.32.0.1:587",
            "[2620:fe::fe]:465",
            "[::ffff:9.9.9.9]:2525",
        ] {
            assert_eq!(admitted("", &[public]), Ok(1), "{public}");
        }
    }

    #[test]
    fn a_name_that_leads_to_both_is_connected_to_where_it_is_public() {
        assert_eq!(admitted("", &["10.0.0.1:25", "9.9.9.9:25", "[::1]:25"]), Ok(1));
    }

    #[test]
    fn ports_are_for_mail_and_networks_that_the_operator_lists_are_open() {
        assert_eq!(admitted("", &["9.9.9.9:6379"]), Err(Barred::Port));
        assert_eq!(
            admitted(
                "10.0.0.0/8, ::1",
                &["10.0.0.1:6379", "[::1]:1", "[::ffff:10.0.0.2]:9"]
            ),
            Ok(3)
        );
        assert_eq!(
            admitted("10.0.0.0/8", &["192.168.0.1:25"]),
            Err(Barred::NotPublic)
        );
    }
}
