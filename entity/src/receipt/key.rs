//! The keys of a tenant's receipts: Ed25519, derived from the operator's secret like all keys, so that there is
//! nothing more to back up. The public half is published (RFC 7517, RFC 8037).

use assent_domain::id::TenantId;
use assent_domain::keys::{KeyUse, Keys};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, OctetKeyPairParameters,
    OctetKeyPairType, PublicKeyUse, ThumbprintHash,
};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::error::StoreError;
use crate::store::Store;
use crate::tx::TenantTx;

/// What the header of a receipt calls it.
const TYPE: &str = "consent-receipt+jws";

/// What stands before the 32 octets of an Ed25519 key in PKCS #8 (RFC 8410, 7).
const PKCS8_HEAD: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

fn unusable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("the key of receipts: {error}"))
}

fn seed(keys: &Keys, tenant: TenantId) -> [u8; 32] {
    keys.derive(KeyUse::Receipt(tenant))
}

fn public(seed: &[u8; 32]) -> Result<Jwk, StoreError> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(unusable)?;
    let mut jwk = Jwk {
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
    let id = jwk.thumbprint(ThumbprintHash::SHA256).map_err(unusable)?;
    jwk.common.key_id = Some(id);
    Ok(jwk)
}

/// The keys with which a tenant's receipts can be checked; a key's id is its thumbprint (RFC 7638). They outlive the
/// tenant: what people were given as proof goes on to be one.
pub fn key_set(store: &Store, tenant: TenantId) -> Result<JwkSet, StoreError> {
    Ok(JwkSet {
        keys: vec![public(&seed(store.keys(), tenant))?],
    })
}

/// Signs a receipt: a JWS in compact serialisation.
pub(super) fn sign<M>(tx: &TenantTx<M>, receipt: &impl Serialize) -> Result<String, StoreError> {
    let seed = seed(tx.store().keys(), tx.tenant());
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = public(&seed)?.common.key_id;
    let key = EncodingKey::from_ed_der(&[&PKCS8_HEAD[..], &seed].concat());
    jsonwebtoken::encode(&header, receipt, &key).map_err(unusable)
}
