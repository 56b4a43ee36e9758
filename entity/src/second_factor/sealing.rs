//! The secrets of devices: sealed as they are made, opened to check a code, sealed anew when the operator's secret has
//! changed.

use assent_domain::id::{MemberId, stored};
use secrecy::{ExposeSecret, SecretSlice};

use crate::error::StoreError;
use crate::row::second_factor as row;
use crate::sealed::{self, Place};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx};

fn place(tx: &TenantTx<impl Sized>, member: uuid::Uuid) -> Place {
    Place {
        tenant: tx.uuid(),
        table: "second_factor",
        row: member,
    }
}

pub(super) fn seal(
    tx: &TenantTx<impl Sized>,
    member: MemberId,
    secret: &SecretSlice<u8>,
) -> Result<Vec<u8>, StoreError> {
    let place = place(tx, member.uuid());
    sealed::seal(tx.store().keys(), place, secret.expose_secret())
}

pub(super) fn open(tx: &TenantTx<impl Sized>, row: &row::Model) -> Result<SecretSlice<u8>, StoreError> {
    sealed::open(tx.store().keys(), place(tx, row.member_id), &row.sealed_secret)
}

/// The chore: seals anew what the secret before sealed.
pub(crate) async fn tend(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let is_old = |row: &row::Model| !sealed::is_current(store.keys(), &row.sealed_secret);
    let tx = TenantTx::read(store, ctx).await?;
    let mut old = tx.find::<row::Entity>().all(tx.conn()).await?;
    drop(tx);
    old.retain(is_old);
    if old.is_empty() {
        return Ok(());
    }
    let tx = TenantTx::write(store, ctx).await?;
    for row in old {
        let member: MemberId = stored(row.member_id);
        let secret = match open(&tx, &row) {
            Ok(secret) => secret,
            Err(error) => {
                tracing::error!(%member, %error, "a second factor cannot be sealed anew");
                continue;
            }
        };
        // Whoever has begun another meanwhile has sealed it under the new secret.
        let sql = "UPDATE second_factor SET sealed_secret = $3
                   WHERE tenant_id = $1 AND member_id = $2 AND sealed_secret = $4";
        let sealed = seal(&tx, member, &secret)?;
        let values = [
            row.member_id.into(),
            sealed.into(),
            row.sealed_secret.clone().into(),
        ];
        tx.execute(sql, values).await?;
    }
    tx.commit().await
}
