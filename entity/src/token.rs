//! Signed tokens: what is in the links of mails. They are JWTs (RFC 7519, HS256) that only this server reads; the time
//! is that of the store's clock. What members show is another kind, see [`crate::access_token`].

use assent_domain::clock::Timestamp;
use assent_domain::keys::{KeyUse, Keys};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// A token that is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not signed by us for this use, or cut off, or altered.
    #[error("the token is not one of ours, or was altered on its way")]
    Altered,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Claims<T> {
    /// Seconds since the epoch (RFC 7519, 4.1.4); none where the token is good for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(flatten)]
    body: T,
}

/// Signs `body` for one use.
pub(crate) fn sign<T: Serialize>(
    keys: &Keys,
    key_use: KeyUse,
    expires_at: Option<Timestamp>,
    body: T,
) -> String {
    let claims = Claims {
        exp: expires_at.map(|at| at.micros() / 1_000_000),
        body,
    };
    let key = EncodingKey::from_secret(&keys.derive(key_use));
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).unwrap_or_default()
}

/// Reads what [`sign`] made for the same use.
pub(crate) fn open<T: DeserializeOwned>(
    keys: &Keys,
    key_use: KeyUse,
    token: &str,
    now: Timestamp,
) -> Result<T, TokenError> {
    Ok(open_until(keys, key_use, token, now)?.0)
}

/// Like [`open`], with the time until which it is good.
pub(crate) fn open_until<T: DeserializeOwned>(
    keys: &Keys,
    key_use: KeyUse,
    token: &str,
    now: Timestamp,
) -> Result<(T, Option<Timestamp>), TokenError> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    // The library would ask the machine's clock; ours is a parameter.
    validation.validate_exp = false;
    validation.validate_aud = false;
    let key = DecodingKey::from_secret(&keys.derive(key_use));
    let claims: Claims<T> = jsonwebtoken::decode(token, &key, &validation)
        .map_err(|_| TokenError::Altered)?
        .claims;
    match claims.exp {
        Some(exp) if exp <= now.micros() / 1_000_000 => Err(TokenError::Expired),
        exp => Ok((
            claims.body,
            exp.map(|exp| Timestamp::from_micros(exp.saturating_mul(1_000_000))),
        )),
    }
}
