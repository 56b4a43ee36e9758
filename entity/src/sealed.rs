//! Secrets at rest (P06): private keys and passwords that have to be read again, sealed with AES-256-GCM under a key
//! that derives from the operator's secret, which is not in the database. What is sealed is bound to its place: moved to
//! another row or another tenant, it does not open.
//!
//! Sealed octets are a version (1 octet), the id of the key (4), a nonce (12, drawn), and the ciphertext with its tag.

use assent_domain::keys::{Keys, SealingKey};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use secrecy::SecretSlice;
use uuid::Uuid;

use crate::error::StoreError;

const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const HEAD: usize = 1 + KEY_ID + NONCE_LEN;

/// Where a secret is kept: the row of a tenant's table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) tenant: Uuid,
    pub(crate) table: &'static str,
    pub(crate) row: Uuid,
}

impl Place {
    fn aad(self) -> Aad<Vec<u8>> {
        let mut place = vec![VERSION];
        place.extend(self.tenant.as_bytes());
        place.extend(self.row.as_bytes());
        place.extend(self.table.as_bytes());
        Aad::from(place)
    }
}

/// Seals a secret for its place.
pub(crate) fn seal(keys: &Keys, place: Place, secret: &[u8]) -> Result<Vec<u8>, StoreError> {
    let failed = || StoreError::Corrupt("a secret could not be sealed".to_owned());
    let key = keys.sealing_keys().next().ok_or_else(failed)?;
    let mut nonce = [0; NONCE_LEN];
    rand::fill(&mut nonce).map_err(|_| failed())?;
    let mut ciphertext = secret.to_vec();
    cipher(&key)
        .and_then(|cipher| {
            let nonce = Nonce::assume_unique_for_key(nonce);
            cipher
                .seal_in_place_append_tag(nonce, place.aad(), &mut ciphertext)
                .ok()
        })
        .ok_or_else(failed)?;
    Ok([&[VERSION][..], &key.id, &nonce, &ciphertext].concat())
}

/// Opens what was sealed for a place, under the secret there is or one there was.
pub(crate) fn open(keys: &Keys, place: Place, sealed: &[u8]) -> Result<SecretSlice<u8>, StoreError> {
    let table = place.table;
    let damaged = || {
        StoreError::Corrupt(format!(
            "a sealed secret in {table} is damaged, or was moved there"
        ))
    };
    let (head, ciphertext) = sealed.split_at_checked(HEAD).ok_or_else(damaged)?;
    let (id, nonce) = (
        key_id(head).ok_or_else(damaged)?,
        head.get(1 + KEY_ID..).ok_or_else(damaged)?,
    );
    let key = keys.sealing_keys().find(|key| key.id == id).ok_or_else(|| {
        let reason = "was sealed under another ASSENT_SECRET: give that one in ASSENT_SECRET_PREVIOUS";
        StoreError::Corrupt(format!("a secret in {table} {reason}"))
    })?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
    let mut octets = ciphertext.to_vec();
    let cipher = cipher(&key).ok_or_else(damaged)?;
    let length = cipher
        .open_in_place(nonce, place.aad(), &mut octets)
        .map_err(|_| damaged())?
        .len();
    octets.truncate(length);
    Ok(octets.into())
}

/// Whether a secret is sealed under the operator's secret of today; otherwise it is to be sealed anew.
pub(crate) fn is_current(keys: &Keys, sealed: &[u8]) -> bool {
    keys.sealing_keys()
        .next()
        .is_some_and(|key| key_id(sealed) == Some(key.id))
}

fn key_id(sealed: &[u8]) -> Option<[u8; KEY_ID]> {
    match sealed {
        [VERSION, a, b, c, d, ..] => Some([*a, *b, *c, *d]),
        _ => None,
    }
}

fn cipher(key: &SealingKey) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, &key.key).ok().map(LessSafeKey::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    const OLD: &str = "0123456789abcdef0123456789abcdef";
    const NEW: &str = "fedcba9876543210fedcba9876543210";

    fn keys(secret: &str) -> Keys {
        Keys::new(secret.into()).unwrap()
    }

    fn place(tenant: u128, table: &'static str, row: u128) -> Place {
        Place {
            tenant: Uuid::from_u128(tenant),
            table,
            row: Uuid::from_u128(row),
        }
    }

    #[test]
    fn p06_a_secret_opens_in_its_place_and_nowhere_else() {
        let (keys, here) = (keys(OLD), place(1, "dkim_key", 2));
        let sealed = seal(&keys, here, b"a private key").unwrap();
        assert_eq!(
            open(&keys, here, &sealed).unwrap().expose_secret(),
            b"a private key"
        );
        assert!(!sealed.windows(7).any(|octets| octets == b"private"));
        for elsewhere in [
            place(9, "dkim_key", 2),
            place(1, "transport", 2),
            place(1, "dkim_key", 9),
        ] {
            assert!(open(&keys, elsewhere, &sealed).is_err(), "{elsewhere:?}");
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&keys, here, &changed).is_err(), "octet {at}");
            assert!(open(&keys, here, &sealed[..at]).is_err(), "cut at {at}");
        }
        assert_ne!(
            seal(&keys, here, b"a private key").unwrap(),
            sealed,
            "nonces are drawn"
        );
    }

    #[test]
    fn p06_the_operators_secret_can_be_changed() {
        let here = place(1, "dkim_key", 2);
        let sealed = seal(&keys(OLD), here, b"a private key").unwrap();
        let error = open(&keys(NEW), here, &sealed).unwrap_err().to_string();
        assert!(error.contains("ASSENT_SECRET_PREVIOUS"), "{error}");
        let changed = keys(NEW).with_previous(vec![OLD.into()]).unwrap();
        assert_eq!(
            open(&changed, here, &sealed).unwrap().expose_secret(),
            b"a private key"
        );
        assert!(!is_current(&changed, &sealed));
        let anew = seal(&changed, here, b"a private key").unwrap();
        assert!(is_current(&changed, &anew));
        assert!(
            open(&keys(NEW), here, &anew).is_ok(),
            "the old secret may be forgotten"
        );
    }
}
