//! The passwords of mail servers: sealed as they come in, opened for whoever hands mail over, sealed anew when the
//! operator's secret has changed.

use assent_domain::id::{TransportId, stored};
use assent_domain::transport::Login;
use secrecy::{ExposeSecret, SecretString};

use crate::error::StoreError;
use crate::row::transport as row;
use crate::sealed::{self, Place};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx};

fn place(tx: &TenantTx<impl Sized>, transport: uuid::Uuid) -> Place {
    Place {
        tenant: tx.uuid(),
        table: "transport",
        row: transport,
    }
}

pub(super) fn seal(
    tx: &TenantTx<impl Sized>,
    id: TransportId,
    login: Option<&Login>,
) -> Result<Option<Vec<u8>>, StoreError> {
    let seal = |login: &Login| {
        let secret = login.password().expose_secret().as_bytes();
        sealed::seal(tx.store().keys(), place(tx, id.uuid()), secret)
    };
    login.map(seal).transpose()
}

/// As whom we sign in at a mail server, if we do.
pub(super) fn login(tx: &TenantTx<impl Sized>, row: &row::Model) -> Result<Option<Login>, StoreError> {
    let (Some(user), Some(sealed)) = (&row.login, &row.sealed_password) else {
        return Ok(None);
    };
    let octets = sealed::open(tx.store().keys(), place(tx, row.id), sealed)?;
    let corrupt = || StoreError::Corrupt("a password in transport is no text".to_owned());
    let password = std::str::from_utf8(octets.expose_secret()).map_err(|_| corrupt())?;
    let login = Login::new(user.clone(), SecretString::from(password));
    login.map(Some).map_err(|_| corrupt())
}

/// The chore: seals anew what the secret before sealed.
pub(crate) async fn tend(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let is_old = |row: &row::Model| {
        let sealed = row.sealed_password.as_ref();
        sealed.is_some_and(|sealed| !sealed::is_current(store.keys(), sealed))
    };
    let tx = TenantTx::read(store, ctx).await?;
    let is_any_old = tx.find::<row::Entity>().all(tx.conn()).await?.iter().any(is_old);
    drop(tx);
    if !is_any_old {
        return Ok(());
    }
    let tx = TenantTx::write(store, ctx).await?;
    for row in tx
        .find::<row::Entity>()
        .all(tx.conn())
        .await?
        .iter()
        .filter(|row| is_old(row))
    {
        let id: TransportId = stored(row.id);
        let login = match login(&tx, row) {
            Ok(login) => login,
            Err(error) => {
                tracing::error!(transport = %id, %error, "a password cannot be sealed anew");
                continue;
            }
        };
        let sealed = seal(&tx, id, login.as_ref())?;
        // Whoever has changed it meanwhile has sealed it under the new secret.
        let sql = "UPDATE transport SET sealed_password = $3
                   WHERE tenant_id = $1 AND id = $2 AND sealed_password = $4";
        let values = [row.id.into(), sealed.into(), row.sealed_password.clone().into()];
        tx.execute(sql, values).await?;
    }
    tx.commit().await
}
