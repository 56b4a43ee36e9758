//! Keys: one secret from the operator, and a key of its own for every use derived from it (HKDF, RFC 5869).

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use crate::address::EmailAddress;
use crate::id::TenantId;

/// The shortest secret that is accepted, in octets.
pub const MIN_SECRET_OCTETS: usize = 32;

/// The operator's secret is too short to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the secret has fewer than {MIN_SECRET_OCTETS} characters: make one with `openssl rand -hex 32`")]
pub struct SecretTooShort;

/// The operator's secret. Whoever changes it makes every link in every mail invalid and loses the hashes of
/// those who said no, so it is kept with the backups.
#[derive(Clone, Debug)]
pub struct Keys {
    secret: SecretString,
    /// Secrets there were before, which open what was sealed under them and check what was signed, and do no more.
    previous: Vec<SecretString>,
}

/// A key that seals what is kept secret in the database.
#[derive(Clone)]
pub struct SealingKey {
    /// What the sealed says of its key, so that the right one opens it. It tells nothing of the key.
    pub id: [u8; 4],
    /// The key.
    pub key: [u8; 32],
}

/// What a key is for. The label is part of the derivation: changing one changes the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// Signs members' access tokens: the seed of an Ed25519 key.
    AccessToken,
    /// Signs the links in mails.
    Link,
    /// Signs the links by which people become members and choose passwords.
    AccountLink,
    /// Signs the tickets of exports.
    Export,
    /// Signs the tickets of uploads.
    Upload,
    /// Signs where the ledgers stand.
    Checkpoint,
    /// Signs the consent receipts of one tenant: the seed of an Ed25519 key.
    Receipt(TenantId),
    /// Hashes where forms are sent from, on one day since 1970.
    Source(i64),
    /// Signs return paths.
    ReturnPath,
    /// Signs `Message-ID`s.
    MessageId,
    /// Seals backups.
    Backup,
    /// Signs lists of noes.
    Noes,
    /// Hashes what is asked under a key that makes it be done once.
    KeyedChange,
    /// Seals what is kept secret in the database.
    Sealing,
    /// Names the key that seals.
    SealingId,
    /// Hashes the addresses of one tenant.
    Address(TenantId),
    /// Hashes the addresses that the operator holds back.
    HeldAddress,
}

impl KeyUse {
    fn label(self) -> String {
        match self {
            Self::AccessToken => "assent access token v2".to_owned(),
            Self::Link => "assent link v1".to_owned(),
            Self::AccountLink => "assent account link v1".to_owned(),
            Self::Export => "assent export v1".to_owned(),
            Self::Upload => "assent upload v1".to_owned(),
            Self::Checkpoint => "assent checkpoint v1".to_owned(),
            Self::Receipt(tenant) => format!("assent receipt v1 {}", tenant.uuid()),
            Self::Source(day) => format!("assent source v1 {day}"),
            Self::ReturnPath => "assent return path v1".to_owned(),
            Self::MessageId => "assent message id v1".to_owned(),
            Self::Backup => "assent backup v1".to_owned(),
            Self::Noes => "assent noes v1".to_owned(),
            Self::KeyedChange => "assent keyed change v1".to_owned(),
            Self::Sealing => "assent sealing v1".to_owned(),
            Self::SealingId => "assent sealing id v1".to_owned(),
            Self::Address(tenant) => format!("assent address v1 {}", tenant.uuid()),
            Self::HeldAddress => "assent held address v1".to_owned(),
        }
    }
}

/// The keyed hash of an address: equal for equal mailboxes of one tenant, unlike between tenants, and
/// meaningless without the operator's secret. It stays when the address is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AddressHash(pub [u8; 32]);

impl Keys {
    /// Takes the operator's secret.
    pub fn new(secret: SecretString) -> Result<Self, SecretTooShort> {
        Ok(Self {
            secret: long_enough(secret)?,
            previous: Vec::new(),
        })
    }

    /// Knows secrets there were before, too: what was sealed under them can be read, until it is sealed anew, and the
    /// access tokens that were signed under them count, until they run out. Nothing else goes by them.
    pub fn with_previous(self, secrets: Vec<SecretString>) -> Result<Self, SecretTooShort> {
        let previous = secrets.into_iter().map(long_enough).collect::<Result<_, _>>()?;
        Ok(Self { previous, ..self })
    }

    /// The keys that seal what is kept secret in the database: the one that seals now, then those that did before.
    pub fn sealing_keys(&self) -> impl Iterator<Item = SealingKey> {
        std::iter::once(&self.secret).chain(&self.previous).map(|secret| {
            let [a, b, c, d, ..] = derive_from(secret, KeyUse::SealingId);
            SealingKey {
                id: [a, b, c, d],
                key: derive_from(secret, KeyUse::Sealing),
            }
        })
    }

    /// The key for one use.
    ///
    /// # Panics
    /// Never: HKDF-SHA256 gives up to 8,160 octets, and 32 are asked for.
    pub fn derive(&self, key_use: KeyUse) -> [u8; 32] {
        derive_from(&self.secret, key_use)
    }

    /// The keys for one use: that of the secret there is, which [`Keys::derive`] gives, then those of the secrets there
    /// were before. Whatever is made is made with the first.
    pub fn derive_all(&self, key_use: KeyUse) -> impl Iterator<Item = [u8; 32]> {
        let secrets = std::iter::once(&self.secret).chain(&self.previous);
        secrets.map(move |secret| derive_from(secret, key_use))
    }

    /// The hasher for one tenant's addresses; make it once for many addresses.
    pub fn address_hasher(&self, tenant: TenantId) -> AddressHasher {
        AddressHasher(self.derive(KeyUse::Address(tenant)))
    }

    /// The hasher for the addresses that the operator holds back: another one than any tenant's, so that what a tenant
    /// has says nothing of it.
    pub fn held_address_hasher(&self) -> AddressHasher {
        AddressHasher(self.derive(KeyUse::HeldAddress))
    }
}

fn long_enough(secret: SecretString) -> Result<SecretString, SecretTooShort> {
    if secret.expose_secret().len() < MIN_SECRET_OCTETS {
        return Err(SecretTooShort);
    }
    Ok(secret)
}

fn derive_from(secret: &SecretString, key_use: KeyUse) -> [u8; 32] {
    let mut key = [0; 32];
    let hkdf = Hkdf::<Sha256>::new(None, secret.expose_secret().as_bytes());
    #[expect(
        clippy::expect_used,
        reason = "HKDF-SHA256 gives up to 8,160 octets; 32 are asked for"
    )]
    hkdf.expand(key_use.label().as_bytes(), &mut key)
        .expect("32 octets are within HKDF's limit");
    key
}

/// How many buckets there are for the sources of forms: so many that two sources rarely share one, so few that what is
/// counted in them stays small whoever sends.
pub const SOURCE_BUCKETS: u32 = 1 << 18;

impl Keys {
    /// The bucket in which a network is counted on one day since 1970. It is another one each day, and nothing leads
    /// back from it to the network (P02).
    pub fn source_bucket(&self, day: i64, network: &[u8]) -> u32 {
        let mut mac = Hmac::<Sha256>::new(&hmac_key(&self.derive(KeyUse::Source(day))));
        mac.update(network);
        let hash = mac.finalize().into_bytes();
        let first = hash
            .iter()
            .take(4)
            .fold(0, |sum, octet| sum << 8 | u32::from(*octet));
        first % SOURCE_BUCKETS
    }
}

/// Hashes addresses: those of one tenant, or those that the operator holds back.
#[derive(Clone)]
pub struct AddressHasher([u8; 32]);

impl AddressHasher {
    /// HMAC-SHA-256 of the address in its comparison form.
    pub fn hash(&self, address: &EmailAddress) -> AddressHash {
        let mut mac = Hmac::<Sha256>::new(&hmac_key(&self.0));
        mac.update(address.comparison_key().as_bytes());
        AddressHash(mac.finalize().into_bytes().into())
    }
}

/// A 32-octet key as HMAC-SHA-256 wants it: filled up with zeros to one block of 64 (RFC 2104, 2).
pub(crate) fn hmac_key(key: &[u8; 32]) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    block
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::stored;
    use uuid::Uuid;

    fn keys(secret: &str) -> Result<Keys, SecretTooShort> {
        Keys::new(SecretString::from(secret.to_owned()))
    }

    #[test]
    fn one_mailbox_has_one_hash_within_a_tenant_and_another_elsewhere() {
        let keys = keys("0123456789abcdef0123456789abcdef").unwrap();
        let (ours, theirs) = (stored(Uuid::from_u128(1)), stored(Uuid::from_u128(2)));
        let hash = |tenant, text| {
            keys.address_hasher(tenant)
                .hash(&EmailAddress::parse(text).unwrap())
        };
        assert_eq!(hash(ours, "ann@example.org"), hash(ours, "Ann@EXAMPLE.org"));
        assert_ne!(hash(ours, "ann@example.org"), hash(theirs, "ann@example.org"));
        assert_ne!(keys.derive(KeyUse::Link), keys.derive(KeyUse::AccessToken));
    }

    #[test]
    fn a_short_secret_is_refused() {
        assert_eq!(keys("short").unwrap_err(), SecretTooShort);
        let long = keys("0123456789abcdef0123456789abcdef").unwrap();
        assert!(long.with_previous(vec!["short".into()]).is_err());
    }

    #[test]
    fn secrets_there_were_before_open_and_do_no_more() {
        let (old, new) = (
            "0123456789abcdef0123456789abcdef",
            "fedcba9876543210fedcba9876543210",
        );
        let changed = keys(new).unwrap().with_previous(vec![old.into()]).unwrap();
        let ids = |keys: &Keys| keys.sealing_keys().map(|key| key.id).collect::<Vec<_>>();
        let before = keys(old).unwrap();
        assert_eq!(ids(&changed), [ids(&keys(new).unwrap()), ids(&before)].concat());
        assert_ne!(changed.derive(KeyUse::Link), before.derive(KeyUse::Link));
        let all: Vec<_> = changed.derive_all(KeyUse::AccessToken).collect();
        let each = [&changed, &before].map(|keys| keys.derive(KeyUse::AccessToken));
        assert_eq!(all, each);
    }
}
