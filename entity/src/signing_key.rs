//! Keys that sign what others check: Ed25519, derived from the operator's secret like all keys, so that there is nothing
//! more to back up. The public half is published (RFC 7517, RFC 8037).

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, KeyAlgorithm, OctetKeyPairParameters,
    OctetKeyPairType, PublicKeyUse, ThumbprintHash,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde::Serialize;

use crate::error::StoreError;

/// What stands before the 32 octets of an Ed25519 key in PKCS #8 (RFC 8410, 7).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

fn unusable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("a key that signs: {error}"))
}

/// Such a key. It has no `Debug`, which would show it.
pub(crate) struct SigningKey {
    seed: [u8; 32],
    id: String,
    public: Jwk,
}

impl SigningKey {
    /// The key that a seed makes (RFC 8032, 5.1.5). Its id is its thumbprint (RFC 7638), so it tells nothing of the seed,
    /// and two keys never share one.
    pub(crate) fn from_seed(seed: [u8; 32]) -> Result<Self, StoreError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).map_err(unusable)?;
        let mut public = Jwk {
            common: CommonParameters {
                public_key_use: Some(PublicKeyUse::Signature),
                key_algorithm: Some(KeyAlgorithm::EdDSA),
                ..CommonParameters::default()
            },
            algorithm: AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
                key_type: OctetKeyPairType::OctetKeyPair,
                curve: EllipticCurve::Ed25519,
                x: BASE64URL_NOPAD.encode(pair.public_key().as_ref()),
            }),
        };
        let id = public.thumbprint(ThumbprintHash::SHA256).map_err(unusable)?;
        public.common.key_id = Some(id.clone());
        Ok(Self { seed, id, public })
    }

    /// The public half, as it is published.
    pub(crate) fn into_public(self) -> Jwk {
        self.public
    }

    /// The header of all that this key signs of one type (RFC 7515, 4.1.9).
    fn header(&self, kind: &str) -> Header {
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(kind.to_owned());
        header.kid = Some(self.id.clone());
        header
    }

    /// Signs something: a JWS in compact serialisation.
    pub(crate) fn sign(&self, kind: &str, body: &impl Serialize) -> Result<String, StoreError> {
        let key = EncodingKey::from_ed_der(&[&PKCS8_HEAD[..], &self.seed].concat());
        jsonwebtoken::encode(&self.header(kind), body, &key).map_err(unusable)
    }

    /// What checks all that this key signs of one type.
    pub(crate) fn check_of(&self, kind: &str) -> Result<Check, StoreError> {
        Ok(Check {
            header: self.header(kind),
            key: DecodingKey::from_jwk(&self.public).map_err(unusable)?,
        })
    }
}

/// What checks the signatures of one key under what it signs of one type. To derive it takes as long as to check a signature.
pub(crate) struct Check {
    /// The header that all of it has.
    pub(crate) header: Header,
    /// The public half.
    pub(crate) key: DecodingKey,
}
