//! Access tokens: how a client that refuses cookies says who is asking. Each is a JWT (RFC 7519) of the type `at+jwt`
//! (RFC 9068, 2.1), signed with Ed25519, bound to one member's one session of one tenant at one server, and good for
//! minutes. There are no clients that register, so it has no `client_id`.
//!
//! A token is only ever worth what its session is: whoever ends the session ends the token. Others may check the
//! signature with the keys of [`key_set`]; that a session lasts, only this server knows.

use std::time::Duration;

use assent_domain::clock::Timestamp;
use assent_domain::id::{MemberId, SessionId, TenantId};
use assent_domain::keys::{KeyUse, Keys};
use data_encoding::BASE64URL_NOPAD;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, Validation};
use rand::Rng;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::session::{self, SignedInMember};
use crate::signing_key::{Check, SigningKey};
use crate::store::Store;
use crate::tx::{Read, TenantTx};

/// How long a token lasts; never longer than its session.
pub const LIFETIME: Duration = Duration::from_mins(15);

/// What the header calls it (RFC 9068, 2.1), so that nothing else that is signed is taken for one.
const TYPE: &str = "at+jwt";

/// Whom it is for: this interface, at the server that issued it.
const AUDIENCE: &str = "assent-api";

/// The longest text that is looked at; ours are a third of it.
const MAX_OCTETS: usize = 2048;

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: MemberId,
    tenant: TenantId,
    sid: SessionId,
    jti: String,
    /// Seconds since the epoch, as is `exp` (RFC 7519, 2).
    iat: i64,
    exp: i64,
}

/// A token.
#[derive(Debug)]
pub struct AccessToken {
    /// What the client sends.
    pub token: SecretString,
    /// Until when it counts.
    pub expires_at: Timestamp,
}

fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// The keys, the one that signs first.
fn keys(keys: &Keys) -> impl Iterator<Item = Result<SigningKey, StoreError>> {
    keys.derive_all(KeyUse::AccessToken).map(SigningKey::from_seed)
}

/// What checks the tokens that count.
pub(crate) fn checks(known: &Keys) -> Result<Vec<Check>, StoreError> {
    keys(known).map(|key| key?.check_of(TYPE)).collect()
}

/// The keys with which tokens can be checked (RFC 7517): the one that signs, and those that did before the operator's
/// secret was changed, for as long as that secret is still given.
pub fn key_set(store: &Store) -> Result<JwkSet, StoreError> {
    let public = keys(store.keys()).map(|key| Ok(key?.into_public()));
    Ok(JwkSet {
        keys: public.collect::<Result<_, StoreError>>()?,
    })
}

/// Issues a token for a session that lasts. The issuer is the address under which the world sees this server.
pub fn issue(store: &Store, issuer: &str, access: &SignedInMember) -> Result<AccessToken, StoreError> {
    let now = store.now();
    let expires_at = now.after(LIFETIME).min(access.session_ends_at);
    let mut id = [0; 16];
    rand::rng().fill_bytes(&mut id);
    let claims = Claims {
        iss: issuer.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: access.member,
        tenant: access.ctx.tenant(),
        sid: access.session,
        jti: BASE64URL_NOPAD.encode(&id),
        iat: seconds(now),
        exp: seconds(expires_at),
    };
    let key = SigningKey::from_seed(store.keys().derive(KeyUse::AccessToken))?;
    Ok(AccessToken {
        token: key.sign(TYPE, &claims)?.into(),
        expires_at,
    })
}

/// Who holds this token, if it is ours, in time, and its session lasts; with the transaction in which that was seen.
pub async fn holder(
    store: &Store,
    issuer: &str,
    token: &SecretString,
) -> Result<Option<(SignedInMember, TenantTx<Read>)>, StoreError> {
    let Some(claims) = open(store.token_checks()?, issuer, token.expose_secret()) else {
        return Ok(None);
    };
    if claims.exp <= seconds(store.now()) {
        return Ok(None);
    }
    let found = session::recognise(store, claims.tenant, claims.sid).await?;
    Ok(found.filter(|(access, _)| access.member == claims.sub))
}

/// Reads a token that one of our keys signed, for this audience, in the name of this issuer. The key is one of the few
/// that we have: what a header names is compared with their ids, and looked up nowhere. The header has to be, word for
/// word, the one that we write, so that there is nothing in it to be obeyed: no other algorithm, no key of its own, no
/// address of one.
fn open(checks: &[Check], issuer: &str, token: &str) -> Option<Claims> {
    if token.len() > MAX_OCTETS {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    let check = checks.iter().find(|check| check.header == header)?;
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[AUDIENCE]);
    // The library would ask the machine's clock; ours is a parameter.
    rules.validate_exp = false;
    let read = jsonwebtoken::decode(token, &check.key, &rules);
    read.ok().map(|read| read.claims)
}
