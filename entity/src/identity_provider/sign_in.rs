//! Sign-ins that are under way at a provider. One secret stands behind each, and one browser has it; the state, the nonce and
//! the verifier (RFC 7636) derive from it, so that whoever reads the database, or an address, can go on with none.

use std::time::Duration;

use aws_lc_rs::hmac;
use data_encoding::BASE64URL_NOPAD;
use sea_orm::{ActiveValue::Set, EntityTrait};
use secrecy::{ExposeSecret, SecretString};

use crate::chore::{self, Passing};
use crate::error::StoreError;
use crate::row::identity_sign_in as row;
use crate::session::{hash_of, new_secret};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

/// How long somebody may take at the provider, and then for a code of their second factor.
pub const SIGN_IN_WITHIN: Duration = Duration::from_mins(10);

/// What goes to the provider and has to come back, each bound to one browser.
#[derive(Debug)]
pub struct Words {
    /// Goes with the address there, and comes back with the address here (RFC 6749, 10.12).
    pub state: SecretString,
    /// Comes back within the token (Core, 3.1.2.1).
    pub nonce: SecretString,
    /// Redeems the code; its hash went there before (RFC 7636).
    pub verifier: SecretString,
}

impl Words {
    /// The words behind a browser's secret.
    pub fn of(secret: &SecretString) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let word = |label: &[u8]| BASE64URL_NOPAD.encode(hmac::sign(&key, label).as_ref()).into();
        Self {
            state: word(b"state"),
            nonce: word(b"nonce"),
            verifier: word(b"verifier"),
        }
    }

    /// Whether this came back as the state.
    fn has_state(&self, state: &str) -> bool {
        hash_of(&self.state) == hash_of(&state.to_owned().into())
    }
}

/// Begins a sign-in, and gives the secret for the browser's cookie.
pub async fn begin(store: &Store, ctx: TenantCtx) -> Result<SecretString, StoreError> {
    let secret = new_secret();
    let tx = TenantTx::write(store, ctx).await?;
    insert(&tx, &secret, None).await?;
    tx.commit().await?;
    Ok(secret)
}

pub(super) async fn insert(
    tx: &TenantTx<Write>,
    secret: &SecretString,
    waiting: Option<(uuid::Uuid, Vec<u8>)>,
) -> Result<(), StoreError> {
    let (member, subject) = waiting.unzip();
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        token_hash: Set(hash_of(secret)),
        expires_at: Set(tx.now().after(SIGN_IN_WITHIN).micros()),
        taken_at: Set(None),
        member_id: Set(member),
        subject_hash: Set(subject),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    Ok(())
}

/// Takes a sign-in that came back from the provider with this state, once: of two who come with the same, one does. What
/// another page sends the browser here with has no such state, and changes nothing.
pub async fn take(
    store: &Store,
    ctx: TenantCtx,
    secret: &SecretString,
    state: &str,
) -> Result<Option<Words>, StoreError> {
    let words = Words::of(secret);
    if !words.has_state(state) {
        return Ok(None);
    }
    let tx = TenantTx::write(store, ctx).await?;
    let sql = "UPDATE identity_sign_in SET taken_at = $3
               WHERE tenant_id = $1 AND token_hash = $2 AND taken_at IS NULL AND member_id IS NULL AND expires_at > $3";
    let taken = tx
        .execute(sql, [hash_of(secret).into(), tx.now().micros().into()])
        .await?;
    tx.commit().await?;
    Ok((taken == 1).then_some(words))
}

/// A sign-in that waits for a code, if it still does.
pub(super) async fn waiting<M>(
    tx: &TenantTx<M>,
    secret: &SecretString,
) -> Result<Option<(uuid::Uuid, Vec<u8>)>, StoreError> {
    let found = row::Entity::find_by_id((tx.uuid(), hash_of(secret)));
    let found = found.one(tx.conn()).await?;
    let lasts = found.filter(|row| row.expires_at > tx.now().micros());
    Ok(lasts.and_then(|row| row.member_id.zip(row.subject_hash)))
}

/// Forgets one; of two who try, one does.
pub(super) async fn forget(tx: &TenantTx<Write>, secret: &SecretString) -> Result<bool, StoreError> {
    let sql = "DELETE FROM identity_sign_in WHERE tenant_id = $1 AND token_hash = $2";
    Ok(tx.execute(sql, [hash_of(secret).into()]).await? == 1)
}

/// Forgets all that are under way: the provider is another, or none, or the database was restored.
pub(crate) async fn forget_all(tx: &TenantTx<Write>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM identity_sign_in WHERE tenant_id = $1", [])
        .await?;
    Ok(())
}

/// Forgets those whose time is over.
pub(crate) async fn forget_expired(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let rows = Passing {
        table: "identity_sign_in",
        key: "token_hash",
        at: "expires_at",
        kept_for: Duration::ZERO,
    };
    chore::forget(store, ctx, rows).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_three_and_of_one_secret() {
        let (secret, other) = (new_secret(), new_secret());
        let (words, again, others) = (Words::of(&secret), Words::of(&secret), Words::of(&other));
        let all = |words: &Words| {
            [&words.state, &words.nonce, &words.verifier].map(|word| word.expose_secret().to_owned())
        };
        assert_eq!(all(&words), all(&again));
        let mut distinct = [all(&words), all(&others)].concat();
        distinct.push(secret.expose_secret().to_owned());
        distinct.sort();
        distinct.dedup();
        assert_eq!(distinct.len(), 7);
        // RFC 7636, 4.1: 43 to 128 characters.
        assert!(distinct.iter().all(|word| word.len() == 43));
        assert!(words.has_state(words.state.expose_secret()));
        for wrong in ["", words.nonce.expose_secret(), others.state.expose_secret()] {
            assert!(!words.has_state(wrong));
        }
    }
}
