//! `Message-ID`s: each is signed, because what comes back may name nothing else, and because people are listed them. Nobody
//! makes one up to complain about others.

use hmac::{KeyInit, Mac};

use crate::id::DeliveryId;
use crate::keys::{KeyUse, Keys};
use crate::return_path::{ALPHABET, SIGNED};

/// Makes and reads `Message-ID`s.
pub struct MessageIds {
    key: [u8; 32],
}

impl MessageIds {
    /// The `Message-ID`s of this server. Their key is not that of return paths: who reads one cannot make the other.
    pub fn new(keys: &Keys) -> Self {
        Self {
            key: keys.derive(KeyUse::MessageId),
        }
    }

    /// The `Message-ID` of a delivery (RFC 5322, 3.6.4), without brackets: the same on every attempt.
    pub fn of(&self, delivery: DeliveryId, domain: &str) -> String {
        let signature = self.mac(delivery).finalize().into_bytes();
        let signature = signature.get(..SIGNED).unwrap_or_default();
        let letters = ALPHABET.as_ref().map(|letters| letters.encode(signature));
        format!("{delivery}.{}@{domain}", letters.unwrap_or_default())
    }

    /// The delivery of a `Message-ID`, whatever case it came back in; `None` where it is not one that was made here.
    pub fn read(&self, id: &str) -> Option<DeliveryId> {
        let (left, _) = id.trim().trim_matches(['<', '>']).split_once('@')?;
        let (delivery, signature) = left.split_once('.')?;
        let delivery: DeliveryId = delivery.to_ascii_lowercase().parse().ok()?;
        let signature = ALPHABET.as_ref()?.decode(signature.as_bytes()).ok()?;
        let is_whole = signature.len() == SIGNED;
        (is_whole && self.mac(delivery).verify_truncated_left(&signature).is_ok()).then_some(delivery)
    }

    fn mac(&self, delivery: DeliveryId) -> hmac::Hmac<sha2::Sha256> {
        let mut mac = hmac::Hmac::<sha2::Sha256>::new(&crate::keys::hmac_key(&self.key));
        mac.update(delivery.uuid().as_bytes());
        mac
    }
}

impl std::fmt::Debug for MessageIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageIds").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Timestamp;
    use crate::id::new_id;
    use secrecy::SecretString;

    fn ids(secret: &str) -> MessageIds {
        MessageIds::new(&Keys::new(SecretString::from(secret.repeat(32))).unwrap())
    }

    #[test]
    fn a_message_id_comes_back_in_any_case_and_only_as_it_was_made() {
        let delivery: DeliveryId = new_id(Timestamp::from_micros(1_700_000_000_000_000));
        let other: DeliveryId = new_id(Timestamp::from_micros(1_700_000_000_000_001));
        let id = ids("a").of(delivery, "acme.example");
        assert_eq!(id, ids("a").of(delivery, "acme.example"));
        for back in [id.clone(), id.to_uppercase(), format!("<{id}>")] {
            assert_eq!(ids("a").read(&back), Some(delivery), "{back}");
        }
        let signature = id.split_once('.').unwrap().1;
        for made_up in [
            format!("{delivery}@acme.example"),
            format!("{delivery}.@acme.example"),
            format!("{delivery}.aaaaaaaaaaaaaaaa@acme.example"),
            format!("{other}.{signature}"),
            id.replacen('@', "a@", 1),
        ] {
            assert_eq!(ids("a").read(&made_up), None, "{made_up}");
        }
        assert_eq!(ids("b").read(&id), None, "another secret");
    }
}
