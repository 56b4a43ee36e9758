//! The keys that sign mail from an address.

use assent_domain::dkim::{DkimAlgorithm, DkimKeyState, Selector};
use assent_domain::sending_domain::{Alignment, SendingDomainName};
use sea_orm::{ColumnTrait, QueryFilter};
use secrecy::SecretSlice;

use super::{all, keys};
use crate::error::{StoreError, read_code};
use crate::row::dkim_key;
use crate::tx::TenantTx;

/// What signs mail from one domain.
#[derive(Debug)]
pub struct Signing {
    /// The domain that signs.
    pub domain: SendingDomainName,
    /// Its keys, in the order of their signatures.
    pub keys: Vec<SigningKey>,
    /// Whether its return paths lead here.
    pub is_delegated: bool,
}

/// A key that signs.
#[derive(Debug)]
pub struct SigningKey {
    /// The name it is published under.
    pub selector: Selector,
    /// With what it signs.
    pub algorithm: DkimAlgorithm,
    /// Its private part, in PKCS #8.
    pub private: SecretSlice<u8>,
}

/// What signs mail whose sender is in `from`: the nearest of the tenant's domains that speaks for it and has keys that are
/// at work. `None` where there is none: such mail goes unsigned.
pub async fn signing<M>(tx: &TenantTx<M>, from: &str) -> Result<Option<Signing>, StoreError> {
    let nearest = all(tx)
        .await?
        .into_iter()
        .filter(|domain| domain.name.signs_for(from, Alignment::Relaxed))
        .filter(|domain| domain.keys_in(DkimKeyState::Active).next().is_some())
        .max_by_key(|domain| domain.name.as_str().len());
    let Some(nearest) = nearest else { return Ok(None) };
    let active = tx
        .find::<dkim_key::Entity>()
        .filter(dkim_key::Column::SendingDomainId.eq(nearest.id.uuid()))
        .filter(dkim_key::Column::State.eq(DkimKeyState::Active.to_string()));
    let mut keys = Vec::new();
    for row in active.all(tx.conn()).await? {
        keys.push(SigningKey {
            private: keys::private(tx, &row)?,
            algorithm: read_code(&row.algorithm)?,
            selector: Selector::stored(row.selector),
        });
    }
    keys.sort_by_key(|key| key.algorithm);
    Ok(Some(Signing {
        is_delegated: nearest.return_path.is_published(),
        domain: nearest.name,
        keys,
    }))
}
