//! Invitations that end without their inviter, and what is forgotten of those that are over.

use assent_domain::audit::AuditAct;
use assent_domain::id::{InvitationId, MemberId, stored};
use assent_domain::retention::CLOSED_INVITATIONS;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::end;
use crate::audit::Change;
use crate::chore::CHUNK;
use crate::error::StoreError;
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write};

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
}

/// Revokes the open invitations of a member: nobody is left to answer for them.
pub(crate) async fn revoke_made_by(tx: &mut TenantTx<Write>, by: MemberId) -> Result<(), StoreError> {
    let sql = "SELECT id FROM invitation WHERE tenant_id = $1 AND invited_by = $2
               AND accepted_at IS NULL AND revoked_at IS NULL ORDER BY id";
    let theirs: Vec<Found> = tx.all(sql, [by.uuid().into()]).await?;
    for Found { id } in theirs {
        let id: InvitationId = stored(id);
        end(tx, id).await?;
        tx.audit(AuditAct::InvitationRevoked, id, &Change::default())?;
    }
    Ok(())
}

/// Revokes all open invitations: after a restore, one may have been taken back since.
pub(crate) async fn revoke_all(tx: &mut TenantTx<Write>) -> Result<usize, StoreError> {
    let sql = "SELECT id FROM invitation WHERE tenant_id = $1
               AND accepted_at IS NULL AND revoked_at IS NULL ORDER BY id";
    let open: Vec<Found> = tx.all(sql, []).await?;
    for Found { id } in &open {
        let id: InvitationId = stored(*id);
        end(tx, id).await?;
        tx.audit(AuditAct::InvitationRevoked, id, &Change::default())?;
    }
    Ok(open.len())
}

/// Forgets invitations that have been over for long: who did not become a member is nobody to the tenant.
pub(crate) async fn forget_closed(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    loop {
        let tx = TenantTx::write(store, ctx).await?;
        let before = tx.now().before(CLOSED_INVITATIONS).micros();
        let sql = format!(
            "DELETE FROM invitation WHERE tenant_id = $1 AND id IN (
               SELECT id FROM invitation
               WHERE tenant_id = $1 AND COALESCE(accepted_at, revoked_at, expires_at) < $2 ORDER BY id LIMIT {CHUNK})"
        );
        let forgotten = tx.execute(&sql, [before.into()]).await?;
        tx.commit().await?;
        if forgotten < u64::from(CHUNK) {
            return Ok(());
        }
    }
}
