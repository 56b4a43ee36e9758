//! Our secret at a provider: sealed as it comes in, opened to redeem a code, sealed anew when the operator's secret has
//! changed.

use secrecy::{ExposeSecret, SecretString};

use super::find;
use crate::error::StoreError;
use crate::row::identity_provider as row;
use crate::sealed::{self, Place};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx};

fn place(tx: &TenantTx<impl Sized>) -> Place {
    Place {
        tenant: tx.uuid(),
        table: "identity_provider",
        row: tx.uuid(),
    }
}

pub(super) fn seal(tx: &TenantTx<impl Sized>, secret: &SecretString) -> Result<Vec<u8>, StoreError> {
    sealed::seal(tx.store().keys(), place(tx), secret.expose_secret().as_bytes())
}

pub(super) fn open(tx: &TenantTx<impl Sized>, row: &row::Model) -> Result<SecretString, StoreError> {
    let octets = sealed::open(tx.store().keys(), place(tx), &row.sealed_secret)?;
    let text = std::str::from_utf8(octets.expose_secret());
    let text =
        text.map_err(|_| StoreError::Corrupt("a secret in identity_provider is no text".to_owned()))?;
    Ok(text.into())
}

/// The chore: seals anew what the secret before sealed.
pub(crate) async fn tend(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let row = find(&tx).await?;
    drop(tx);
    let Some(row) = row.filter(|row| !sealed::is_current(store.keys(), &row.sealed_secret)) else {
        return Ok(());
    };
    let tx = TenantTx::write(store, ctx).await?;
    let secret = match open(&tx, &row) {
        Ok(secret) => secret,
        Err(error) => {
            let tenant = tx.tenant();
            tracing::error!(%tenant, %error, "the secret at an identity provider cannot be sealed anew");
            return Ok(());
        }
    };
    // Whoever has set another meanwhile has sealed it under the new secret.
    let sql = "UPDATE identity_provider SET sealed_secret = $2
               WHERE tenant_id = $1 AND sealed_secret = $3";
    tx.execute(sql, [seal(&tx, &secret)?.into(), row.sealed_secret.into()])
        .await?;
    tx.commit().await
}
