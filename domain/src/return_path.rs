//! Return paths: each message has an address of its own to which what becomes of it is reported, signed, so that
//! nobody makes up reports about others (VERP).

use data_encoding::{Encoding, Specification};
use hmac::{KeyInit, Mac};
use std::sync::LazyLock;
use uuid::Uuid;

use crate::id::{DeliveryId, stored};
use crate::keys::{KeyUse, Keys};
use crate::site::HostName;

/// What stands before the token. Servers keep the part before the plus sign together with its mailbox.
pub const LABEL: &str = "bounce+";

/// Whom one can write to in the domain beside: who answers for its mail (RFC 5321, 4.5.1; RFC 2142), and an address to
/// give to providers that report complaints to one address only (feedback loops).
const OFFICES: [&str; 3] = ["postmaster", "abuse", "fbl"];

/// How much of the signature is kept, in octets: guessing it takes 2^79 reports on average, of one message.
pub(crate) const SIGNED: usize = 10;

/// An id and its signature.
const OCTETS: usize = 16 + SIGNED;

/// Letters and digits that survive a server that lower-cases local parts: those of base32 (RFC 4648, 6), in lower case,
/// read in either.
pub(crate) static ALPHABET: LazyLock<Option<Encoding>> = LazyLock::new(|| {
    let mut letters = Specification::new();
    letters.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    letters.translate.from.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    letters.translate.to.push_str("abcdefghijklmnopqrstuvwxyz");
    letters.encoding().ok()
});

/// Makes and reads return paths.
pub struct ReturnPaths {
    key: [u8; 32],
    domain: HostName,
}

impl ReturnPaths {
    /// Return paths in a domain whose mail comes here.
    pub fn new(keys: &Keys, domain: HostName) -> Self {
        Self {
            key: keys.derive(KeyUse::ReturnPath),
            domain,
        }
    }

    /// The return path of a delivery. Its local part has 49 octets of the 64 that there may be (RFC 5321, 4.5.3.1.1).
    pub fn of(&self, delivery: DeliveryId) -> String {
        format!("{LABEL}{}@{}", self.token(delivery), self.domain)
    }

    /// What stands for a delivery, signed.
    fn token(&self, delivery: DeliveryId) -> String {
        let id = delivery.uuid().into_bytes();
        let mut octets = id.to_vec();
        octets.extend(self.mac(&id).finalize().into_bytes().iter().take(SIGNED));
        ALPHABET
            .as_ref()
            .map(|letters| letters.encode(&octets))
            .unwrap_or_default()
    }

    /// The delivery of a return path, whatever case it came back in; `None` where it is not one that was made here. Its
    /// domain does not matter: names of sending domains lead here as well, and it is the signature that says whose it is.
    pub fn read(&self, address: &str) -> Option<DeliveryId> {
        let (local, _) = address.trim().trim_matches(['<', '>']).rsplit_once('@')?;
        let label = local.get(..LABEL.len())?;
        if !label.eq_ignore_ascii_case(LABEL) {
            return None;
        }
        let token = local.get(LABEL.len()..)?;
        let octets = ALPHABET.as_ref()?.decode(token.as_bytes()).ok()?;
        let (id, signed) = octets.split_at_checked(16)?;
        if octets.len() != OCTETS || self.mac(id).verify_truncated_left(signed).is_err() {
            return None;
        }
        Some(stored(Uuid::from_slice(id).ok()?))
    }

    /// Whether an address is that of an office in the domain. `postmaster` may come without it.
    pub fn is_office(&self, address: &str) -> bool {
        let (local, domain) = address
            .rsplit_once('@')
            .unwrap_or((address, self.domain.as_str()));
        domain.eq_ignore_ascii_case(self.domain.as_str())
            && OFFICES.iter().any(|office| local.eq_ignore_ascii_case(office))
    }

    fn mac(&self, id: &[u8]) -> hmac::Hmac<sha2::Sha256> {
        let mut mac = hmac::Hmac::<sha2::Sha256>::new(&crate::keys::hmac_key(&self.key));
        mac.update(id);
        mac
    }
}

impl std::fmt::Debug for ReturnPaths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReturnPaths")
            .field("domain", &self.domain)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::EmailAddress;
    use crate::clock::Timestamp;
    use crate::id::new_id;
    use proptest::prelude::*;
    use secrecy::SecretString;

    fn paths(secret: &str) -> ReturnPaths {
        let keys = Keys::new(SecretString::from(secret.repeat(32))).unwrap();
        ReturnPaths::new(&keys, HostName::parse("bounces.example.com").unwrap())
    }

    #[test]
    fn a_return_path_comes_back_in_any_case_and_fits() {
        let id: DeliveryId = new_id(Timestamp::from_micros(1_700_000_000_000_000));
        let path = paths("a").of(id);
        assert!(EmailAddress::parse(&path).is_ok());
        assert_eq!(path.split('@').next().unwrap().len(), 49);
        for back in [
            path.clone(),
            path.to_uppercase(),
            path.to_lowercase(),
            format!("<{path}>"),
        ] {
            assert_eq!(paths("a").read(&back), Some(id));
        }
        assert_eq!(paths("b").read(&path), None, "another secret");
        assert_eq!(
            paths("a").read(&path.replace("bounces.example.com", "bounces.acme.example")),
            Some(id),
            "a sending domain's name that leads here"
        );
    }

    #[test]
    fn offices_are_of_the_domain() {
        for ours in [
            "postmaster",
            "Postmaster@bounces.example.com",
            "fbl@BOUNCES.example.com",
        ] {
            assert!(paths("a").is_office(ours), "{ours}");
        }
        for other in ["ann", "ann@bounces.example.com", "abuse@example.com", "", "@"] {
            assert!(!paths("a").is_office(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn nothing_else_is_taken_for_one(at in 0..42_usize, other in "[a-z2-7]", noise in ".{0,80}") {
            let id: DeliveryId = new_id(Timestamp::from_micros(1_700_000_000_000_000));
            let path = paths("a").of(id);
            let mut changed = path.clone();
            changed.replace_range(LABEL.len() + at..=LABEL.len() + at, &other);
            if changed != path {
                // The last letter holds bits that belong to nothing: changed, it is refused as well.
                prop_assert_eq!(paths("a").read(&changed), None);
            }
            prop_assert_eq!(paths("a").read(&noise), None);
            let noisy = format!("bounce+{noise}@bounces.example.com");
            prop_assert_eq!(paths("a").read(&noisy), None);
        }
    }
}
