//! Retention: what has had its time is forgotten, by the periods of [`assent_domain::retention`]. Each round does a
//! piece, so that nobody waits long behind it.

use assent_domain::id::stored;
use assent_domain::retention::{ANSWERED_REQUESTS, BROWSER_SHARES, LINK_CLICKS, SERVER_REPLIES, UNCONFIRMED};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::browser_share::Day;
use crate::chore::CHUNK;
use crate::erasure::{self, Why};
use crate::error::StoreError;
use crate::import;
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

/// People forgotten in one transaction: each takes a dozen statements.
const PEOPLE: u32 = 100;

/// Pieces of the attempts that a round reads.
const PIECES: usize = 10;

/// Under what name the mark of [`forget_replies`] stands.
const REPLIES: &str = "SERVER_REPLIES";

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

/// Forgets what has had its time within one tenant.
pub(crate) async fn run(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    forget_opt_ins(store, ctx).await?;
    forget_unconfirmed(store, ctx).await?;
    forget_replies(store, ctx).await?;
    forget_reports(store, ctx).await?;
    forget_answered(store, ctx).await?;
    forget_clicks(store, ctx).await?;
    import::forget_old_problems(store, ctx).await?;
    forget_browser_shares(store, ctx).await
}

/// What people who are known were asked to confirm and did not, with the mail that asked.
async fn forget_opt_ins(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    loop {
        let tx = TenantTx::write(store, ctx).await?;
        let before = tx.now().before(UNCONFIRMED).micros();
        let over = format!(
            "SELECT id FROM opt_in WHERE tenant_id = $1 AND confirmed_at IS NULL AND requested_at < $2
             ORDER BY id LIMIT {PEOPLE}"
        );
        let over: Vec<Found> = tx.all(&over, [before.into()]).await?;
        let is_last = over.len() < PEOPLE as usize;
        for opt_in in over {
            forget_opt_in(&tx, opt_in.id).await?;
        }
        tx.commit().await?;
        if is_last {
            return Ok(());
        }
    }
}

async fn forget_opt_in(tx: &TenantTx<Write>, opt_in: Uuid) -> Result<(), StoreError> {
    let sql = "SELECT id FROM mailing WHERE tenant_id = $1 AND opt_in_id = $2";
    let mailings: Vec<Found> = tx.all(sql, [opt_in.into()]).await?;
    for mailing in mailings {
        erasure::forget_mailing(tx, mailing.id).await?;
    }
    tx.execute(
        "DELETE FROM opt_in WHERE tenant_id = $1 AND id = $2",
        [opt_in.into()],
    )
    .await?;
    Ok(())
}

/// People who never confirmed, nor said anything by a link of their own, once nothing is left that they could confirm and
/// no answer is owed to them. Members of other tenants have nothing to confirm: see [`crate::membership`].
async fn forget_unconfirmed(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    loop {
        let mut tx = TenantTx::write(store, ctx).await?;
        let before = tx.now().before(UNCONFIRMED).micros();
        let sql = format!(
            "SELECT s.id FROM subscriber s
             WHERE s.tenant_id = $1 AND s.confirmed_at IS NULL AND s.created_at < $2 AND s.restricted_at IS NULL
               AND NOT EXISTS (SELECT 1 FROM opt_in o WHERE o.tenant_id = $1 AND o.subscriber_id = s.id)
               AND NOT EXISTS (SELECT 1 FROM privacy_request r
                               WHERE r.tenant_id = $1 AND r.subscriber_id = s.id AND r.closed_at IS NULL)
               AND NOT EXISTS (SELECT 1 FROM membership m WHERE m.tenant_id = $1 AND m.subscriber_id = s.id)
             ORDER BY s.id LIMIT {PEOPLE}"
        );
        let people: Vec<Found> = tx.all(&sql, [before.into()]).await?;
        let is_last = people.len() < PEOPLE as usize;
        for person in people {
            erasure::erase(&mut tx, stored(person.id), Why::NeverConfirmed).await?;
        }
        tx.commit().await?;
        if is_last {
            return Ok(());
        }
    }
}

#[derive(FromQueryResult)]
struct Mark {
    reached: Uuid,
}

#[derive(FromQueryResult)]
struct Tried {
    delivery_id: Uuid,
    is_over: i32,
}

/// What servers answered long ago. Attempts are walked through piece by piece, round after round, and from the start
/// again: no index is kept for it, which every message would pay for.
async fn forget_replies(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    for _ in 0..PIECES {
        let tx = TenantTx::write(store, ctx).await?;
        let mark = "SELECT reached FROM retention_mark WHERE tenant_id = $1 AND rule = $2";
        let mark: Option<Mark> = tx.one(mark, [REPLIES.into()]).await?;
        let (is_new, after) = mark.map_or((true, Uuid::nil()), |mark| (false, mark.reached));
        let before = tx.now().before(SERVER_REPLIES).micros();
        let next = format!(
            "SELECT delivery_id, CASE WHEN ended_at < $3 AND reply <> '' THEN 1 ELSE 0 END AS is_over
             FROM attempt WHERE tenant_id = $1 AND delivery_id > $2
             ORDER BY delivery_id, number LIMIT {CHUNK}"
        );
        let next: Vec<Tried> = tx.all(&next, [after.into(), before.into()]).await?;
        let reached = next.last().map_or(Uuid::nil(), |last| last.delivery_id);
        if next.iter().any(|tried| tried.is_over != 0) {
            tx.execute(
                "UPDATE attempt SET reply = ''
                 WHERE tenant_id = $1 AND delivery_id > $2 AND delivery_id <= $3
                   AND ended_at < $4 AND reply <> ''",
                [after.into(), reached.into(), before.into()],
            )
            .await?;
        }
        let is_last = next.len() < CHUNK as usize;
        let reached = if is_last { Uuid::nil() } else { reached };
        if is_new || reached != after {
            tx.execute(
                "INSERT INTO retention_mark (tenant_id, rule, reached) VALUES ($1, $2, $3)
                 ON CONFLICT (tenant_id, rule) DO UPDATE SET reached = excluded.reached",
                [REPLIES.into(), reached.into()],
            )
            .await?;
        }
        tx.commit().await?;
        if is_last {
            break;
        }
    }
    Ok(())
}

/// What servers said long ago in reports.
async fn forget_reports(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    loop {
        let tx = TenantTx::write(store, ctx).await?;
        let before = tx.now().before(SERVER_REPLIES).micros();
        let sql = format!(
            "UPDATE bounce SET said = '' WHERE tenant_id = $1 AND id IN (
               SELECT id FROM bounce WHERE tenant_id = $1 AND said <> '' AND received_at < $2 LIMIT {CHUNK})"
        );
        let forgotten = tx.execute(&sql, [before.into()]).await?;
        tx.commit().await?;
        if forgotten < u64::from(CHUNK) {
            return Ok(());
        }
    }
}

/// Requests that were answered long ago.
async fn forget_answered(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    loop {
        let tx = TenantTx::write(store, ctx).await?;
        let before = tx.now().before(ANSWERED_REQUESTS).micros();
        let over = format!(
            "SELECT id FROM privacy_request WHERE tenant_id = $1 AND closed_at < $2 ORDER BY id LIMIT {CHUNK}"
        );
        for table in ["privacy_step", "privacy_mail"] {
            let sql = format!("DELETE FROM {table} WHERE tenant_id = $1 AND request_id IN ({over})");
            tx.execute(&sql, [before.into()]).await?;
        }
        let sql = format!("DELETE FROM privacy_request WHERE tenant_id = $1 AND id IN ({over})");
        let forgotten = tx.execute(&sql, [before.into()]).await?;
        tx.commit().await?;
        if forgotten < u64::from(CHUNK) {
            return Ok(());
        }
    }
}

/// Who followed a link long ago. How often it was followed in all stays with the link.
async fn forget_clicks(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    loop {
        let tx = TenantTx::write(store, ctx).await?;
        let before = tx.now().before(LINK_CLICKS).micros();
        let sql = format!(
            "DELETE FROM link_click WHERE tenant_id = $1 AND (campaign_id, number, subscriber_id) IN (
               SELECT campaign_id, number, subscriber_id FROM link_click
               WHERE tenant_id = $1 AND clicked_at < $2 ORDER BY clicked_at LIMIT {CHUNK})"
        );
        let forgotten = tx.execute(&sql, [before.into()]).await?;
        tx.commit().await?;
        if forgotten < u64::from(CHUNK) {
            return Ok(());
        }
    }
}

/// With which browsers pages were read long ago: a handful of rows a day.
async fn forget_browser_shares(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let tx = TenantTx::write(store, ctx).await?;
    let before = Day::of(tx.now().before(BROWSER_SHARES)).number();
    let sql = "DELETE FROM browser_share WHERE tenant_id = $1 AND day < $2";
    tx.execute(sql, [before.into()]).await?;
    tx.commit().await
}
