//! What has to be done every so often, whether anybody asks or not: what has had its time is forgotten, what is due
//! comes to pass. Each chore may run twice, or in two processes at once, and works in chunks.

use std::time::Duration;

use assent_domain::audit::Actor;

use crate::api_token;
use crate::custom_field;
use crate::error::StoreError;
use crate::expiry;
use crate::identity_provider;
use crate::import;
use crate::invitation;
use crate::keyed_change;
use crate::mailing;
use crate::membership;
use crate::password_reset;
use crate::request_log;
use crate::retention;
use crate::second_factor;
use crate::sending_domain;
use crate::sending_limit;
use crate::session;
use crate::store::Store;
use crate::tenant;
use crate::tenant_life;
use crate::transport;
use crate::tx::{TenantCtx, TenantTx};
use crate::webhook;

/// Rows changed in one transaction, so that nobody waits long behind a chore.
pub(crate) const CHUNK: u32 = 5000;

/// The tenants whose chores are to be done: those that are there. See [`crate::tenant_end`] for those whose day has come.
pub async fn tenants(store: &Store) -> Result<Vec<TenantCtx>, StoreError> {
    let all = tenant::all(store).await?;
    let as_job = |(ctx, _): (TenantCtx, _)| TenantCtx::new(ctx.tenant(), Actor::Job);
    Ok(all.into_iter().map(as_job).collect())
}

/// Rows that are there for a time.
pub(crate) struct Passing {
    /// Their table, one of a tenant.
    pub(crate) table: &'static str,
    /// The column that is their key beside the tenant.
    pub(crate) key: &'static str,
    /// The column with the time that counts.
    pub(crate) at: &'static str,
    /// For how long they are kept from then on.
    pub(crate) kept_for: Duration,
}

/// Forgets the rows whose time is over.
pub(crate) async fn forget(store: &Store, ctx: TenantCtx, rows: Passing) -> Result<(), StoreError> {
    let Passing { table, key, at, .. } = rows;
    let sql = format!(
        "DELETE FROM {table} WHERE tenant_id = $1 AND {key} IN (
           SELECT {key} FROM {table} WHERE tenant_id = $1 AND {at} < $2 ORDER BY {at} LIMIT {CHUNK})"
    );
    loop {
        let tx = TenantTx::write(store, ctx).await?;
        let before = tx.now().before(rows.kept_for).micros();
        let forgotten = tx.execute(&sql, [before.into()]).await?;
        tx.commit().await?;
        if forgotten < u64::from(CHUNK) {
            return Ok(());
        }
    }
}

/// Does what is due for the whole server: the request log is forgotten, see [`request_log::forget`].
pub async fn of_platform(store: &Store, request_log_days: u32) -> Result<(), StoreError> {
    request_log::forget(store, request_log_days).await
}

/// Does what is due for one tenant.
pub async fn of_tenant(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    // What is sealed is sealed anew before anything else can fail: the secret before is not there for ever.
    sending_domain::tend(store, ctx).await?;
    transport::tend(store, ctx).await?;
    second_factor::tend(store, ctx).await?;
    identity_provider::tend(store, ctx).await?;
    session::forget_ended(store, ctx).await?;
    password_reset::forget_expired(store, ctx).await?;
    identity_provider::forget_expired(store, ctx).await?;
    invitation::forget_closed(store, ctx).await?;
    api_token::forget_expired(store, ctx).await?;
    keyed_change::forget_old(store, ctx).await?;
    retention::run(store, ctx).await?;
    expiry::lapse(store, ctx).await?;
    membership::follow(store, ctx).await?;
    mailing::settle_notices(store, ctx).await?;
    if tenant_life::of(&TenantTx::read(store, ctx).await?)
        .await?
        .is_open()
    {
        // What follows writes mail.
        expiry::ask(store, ctx).await?;
    }
    custom_field::tend(store, ctx).await?;
    webhook::tend(store, ctx).await?;
    import::tend(store, ctx).await?;
    sending_limit::tend(store, ctx).await
}
