//! The secrets of endpoints: drawn, sealed, replaced with an overlap, and sealed anew when the operator's secret has changed.

use std::time::Duration;

use assent_domain::clock::Timestamp;
use assent_domain::webhook::secret::WebhookSecret;
use uuid::Uuid;

use crate::error::StoreError;
use crate::row::webhook_endpoint as row;
use crate::sealed::{self, Place};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

/// For how long the secret before signs as well, once there is a new one.
pub(super) const OVERLAP: Duration = Duration::from_hours(24);

fn place(tx: &TenantTx<impl Sized>, endpoint: Uuid) -> Place {
    Place {
        tenant: tx.uuid(),
        table: "webhook_endpoint",
        row: endpoint,
    }
}

pub(super) fn seal(
    tx: &TenantTx<impl Sized>,
    endpoint: Uuid,
    secret: &WebhookSecret,
) -> Result<Vec<u8>, StoreError> {
    sealed::seal(tx.store().keys(), place(tx, endpoint), secret.octets())
}

/// The secrets that sign now: the newest first.
pub(super) fn open(tx: &TenantTx<impl Sized>, row: &row::Model) -> Result<Vec<WebhookSecret>, StoreError> {
    let open = |sealed: &Vec<u8>| {
        let octets = sealed::open(tx.store().keys(), place(tx, row.id), sealed)?;
        Ok(WebhookSecret::of(octets))
    };
    let counts = row
        .former_until
        .is_some_and(|until| Timestamp::from_micros(until) > tx.now());
    let former = row.sealed_former_secret.as_ref().filter(|_| counts);
    std::iter::once(&row.sealed_secret)
        .chain(former)
        .map(open)
        .collect()
}

/// Replaces a secret by a new one. The one before goes on to sign for a day; one before that does not.
pub(super) async fn rotate(
    tx: &TenantTx<Write>,
    row: &row::Model,
) -> Result<(WebhookSecret, Timestamp), StoreError> {
    let (secret, until) = (WebhookSecret::draw(), tx.now().after(OVERLAP));
    let sql = "UPDATE webhook_endpoint SET sealed_former_secret = sealed_secret, sealed_secret = $3, former_until = $4
               WHERE tenant_id = $1 AND id = $2";
    let sealed = seal(tx, row.id, &secret)?;
    tx.execute(sql, [row.id.into(), sealed.into(), until.micros().into()])
        .await?;
    Ok((secret, until))
}

/// Seals anew what the operator's secret before sealed, and forgets secrets that sign no more.
pub(super) async fn tend(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let rows = tx.find::<row::Entity>().all(tx.conn()).await?;
    let is_over = |row: &row::Model| row.former_until.is_some_and(|until| until <= tx.now().micros());
    let is_old = |row: &row::Model| {
        let mut sealed = std::iter::once(&row.sealed_secret).chain(&row.sealed_former_secret);
        sealed.any(|sealed| !sealed::is_current(store.keys(), sealed))
    };
    let due: Vec<_> = rows
        .into_iter()
        .filter(|row| is_over(row) || is_old(row))
        .map(|row| row.id)
        .collect();
    drop(tx);
    for id in due {
        let tx = TenantTx::write(store, ctx).await?;
        tx.lock::<row::Entity>(id).await?;
        let row = tx.get::<row::Entity>(id).await?;
        match open(&tx, &row) {
            Ok(secrets) => seal_anew(&tx, &row, &secrets).await?,
            Err(error) => tracing::error!(endpoint = %id, %error, "a webhook's secret cannot be sealed anew"),
        }
        tx.commit().await?;
    }
    Ok(())
}

async fn seal_anew(
    tx: &TenantTx<Write>,
    row: &row::Model,
    secrets: &[WebhookSecret],
) -> Result<(), StoreError> {
    let mut sealed = Vec::with_capacity(secrets.len());
    for secret in secrets {
        sealed.push(seal(tx, row.id, secret)?);
    }
    let mut sealed = sealed.into_iter();
    let (newest, former) = (sealed.next(), sealed.next());
    let until = row.former_until.filter(|_| former.is_some());
    let sql = "UPDATE webhook_endpoint SET sealed_secret = $3, sealed_former_secret = $4, former_until = $5
               WHERE tenant_id = $1 AND id = $2";
    let values = [row.id.into(), newest.into(), former.into(), until.into()];
    tx.execute(sql, values).await?;
    Ok(())
}
