//! The keys of a tenant's receipts.

use assent_domain::id::TenantId;
use assent_domain::keys::{KeyUse, Keys};
use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;

use crate::error::StoreError;
use crate::signing_key::SigningKey;
use crate::store::Store;
use crate::tx::TenantTx;

/// What the header of a receipt calls it.
const TYPE: &str = "consent-receipt+jws";

fn key(keys: &Keys, tenant: TenantId) -> Result<SigningKey, StoreError> {
    SigningKey::from_seed(keys.derive(KeyUse::Receipt(tenant)))
}

/// The keys with which a tenant's receipts can be checked; a key's id is its thumbprint (RFC 7638). They outlive the
/// tenant: what people were given as proof goes on to be one.
pub fn key_set(store: &Store, tenant: TenantId) -> Result<JwkSet, StoreError> {
    Ok(JwkSet {
        keys: vec![key(store.keys(), tenant)?.into_public()],
    })
}

/// Signs a receipt: a JWS in compact serialisation.
pub(super) fn sign<M>(tx: &TenantTx<M>, receipt: &impl Serialize) -> Result<String, StoreError> {
    key(tx.store().keys(), tx.tenant())?.sign(TYPE, receipt)
}
