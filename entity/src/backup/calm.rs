//! What a restore must not start again: the schedules, sessions, tokens and webhooks of the past. Each end is on the record, by
//! the operator.

use std::fmt;

use assent_domain::audit::AuditAct;
use assent_domain::campaign::IfUnknown;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{ApiToken, Campaign, Id, stored};
use sea_orm::FromQueryResult;
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};
use crate::{campaign, delivery, identity_provider, import, invitation, password_reset, webhook};

/// How much was ended.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Calmed {
    campaigns_paused: usize,
    imports_ended: usize,
    messages_in_flight: u64,
    confirmations_dropped: u64,
    sessions_ended: u64,
    tokens_revoked: usize,
    webhooks_disabled: usize,
    invitations_revoked: usize,
}

impl fmt::Display for Calmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} campaigns paused, {} imports ended, {} messages that were in flight, {} confirmation mails dropped, {} sessions ended, \
             {} tokens revoked, {} webhook endpoints disabled, {} invitations revoked",
            self.campaigns_paused,
            self.imports_ended,
            self.messages_in_flight,
            self.confirmations_dropped,
            self.sessions_ended,
            self.tokens_revoked,
            self.webhooks_disabled,
            self.invitations_revoked
        )
    }
}

#[derive(FromQueryResult)]
struct Named {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct InFlight {
    id: Uuid,
    kind: String,
}

/// Calms one tenant down. Doing it again changes nothing but the log.
pub(super) async fn tenant(
    store: &Store,
    ctx: TenantCtx,
    backup_of: Timestamp,
) -> Result<Calmed, StoreError> {
    let mut tx = TenantTx::write(store, ctx).await?;
    // Before anything else, so that nobody is told what follows.
    let webhooks_disabled = webhook::silence_all(&mut tx).await?;
    let calmed = Calmed {
        webhooks_disabled,
        campaigns_paused: pause_campaigns(&mut tx, backup_of).await?,
        imports_ended: import::end_all(&mut tx).await?,
        messages_in_flight: settle_in_flight(&tx).await?,
        confirmations_dropped: delivery::drop_late_confirmations(&tx).await?,
        sessions_ended: end_sessions(&tx).await?,
        tokens_revoked: revoke_tokens(&mut tx, backup_of).await?,
        invitations_revoked: invitation::revoke_all(&mut tx).await?,
    };
    password_reset::overtake_all(&tx).await?;
    identity_provider::forget_all(&tx).await?;
    let restored = json!({ "backupOf": backup_of.to_string(), "done": calmed });
    let id = tx.tenant();
    tx.audit(AuditAct::Restored, id, &Change::to(restored))?;
    tx.commit().await?;
    Ok(calmed)
}

fn reason(backup_of: Timestamp, advice: &str) -> String {
    format!("the database was restored from the backup of {backup_of}: {advice}")
}

/// Whoever got the mail between the backup and the loss is still queued: a member has to say that it goes on.
async fn pause_campaigns(tx: &mut TenantTx<Write>, backup_of: Timestamp) -> Result<usize, StoreError> {
    let sql =
        "SELECT id FROM campaign WHERE tenant_id = $1 AND status IN ('SCHEDULED', 'SENDING') ORDER BY id";
    let running: Vec<Named> = tx.all(sql, []).await?;
    let why = reason(
        backup_of,
        "people who were written to after it may be written to again; resume or cancel",
    );
    for Named { id } in &running {
        let id: Id<Campaign> = stored(*id);
        campaign::pause_because(tx, id, &why).await?;
    }
    Ok(running.len())
}

/// Nobody is left to say what became of these messages, as after a crash.
async fn settle_in_flight(tx: &TenantTx<Write>) -> Result<u64, StoreError> {
    let sql = "SELECT id, kind FROM mailing WHERE tenant_id = $1 AND finished_at IS NULL";
    let mailings: Vec<InFlight> = tx.all(sql, []).await?;
    let mut settled = 0;
    for mailing in mailings {
        let kind: MailingKind = read_code(&mailing.kind)?;
        settled +=
            delivery::settle_crashed(tx, stored(mailing.id), kind.after_crash(IfUnknown::Leave)).await?;
    }
    let free = "UPDATE mailing SET lease_owner = NULL, lease_until = 0
                WHERE tenant_id = $1 AND finished_at IS NULL";
    tx.execute(free, []).await?;
    Ok(settled)
}

/// Somebody may have signed out since, or been signed out.
async fn end_sessions(tx: &TenantTx<Write>) -> Result<u64, StoreError> {
    for sql in [
        "DELETE FROM credential WHERE tenant_id = $1",
        "DELETE FROM refresh_credential WHERE tenant_id = $1",
    ] {
        tx.execute(sql, []).await?;
    }
    let now = tx.now().micros();
    let sessions = "UPDATE session SET ended_at = $2 WHERE tenant_id = $1 AND ended_at IS NULL";
    tx.execute(sessions, [now.into()]).await
}

/// A token may have been revoked since.
async fn revoke_tokens(tx: &mut TenantTx<Write>, backup_of: Timestamp) -> Result<usize, StoreError> {
    let sql = "SELECT id FROM api_token WHERE tenant_id = $1 AND revoked_at IS NULL ORDER BY id";
    let tokens: Vec<Named> = tx.all(sql, []).await?;
    tx.execute("DELETE FROM api_credential WHERE tenant_id = $1", [])
        .await?;
    let now = tx.now().micros();
    let revoke = "UPDATE api_token SET revoked_at = $2 WHERE tenant_id = $1 AND revoked_at IS NULL";
    tx.execute(revoke, [now.into()]).await?;
    let why = Change::to(json!({ "reason": reason(backup_of, "make another") }));
    for Named { id } in &tokens {
        let id: Id<ApiToken> = stored(*id);
        tx.audit(AuditAct::ApiTokenRevoked, id, &why)?;
    }
    Ok(tokens.len())
}
