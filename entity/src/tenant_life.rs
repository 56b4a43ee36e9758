//! Closing a tenant and opening it again: what it may do in between stands in `assent_domain::tenant_life`.

use assent_domain::audit::AuditAct;
use assent_domain::campaign::CampaignAct;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{Campaign, Id, stored};
use assent_domain::job::Job;
use assent_domain::tenant_life::{Closing, GraceDays, LifeError, NoLeave, TenantLife};
use sea_orm::FromQueryResult;
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::outbox::Lane;
use crate::tenant;
use crate::text;
use crate::tx::{TenantTx, Write};
use crate::{campaign, delivery};

/// The longest reason that is kept.
const MAX_REASON_CHARS: usize = 500;

/// The times from which the life of a tenant derives.
#[derive(Clone, Copy, Debug, FromQueryResult)]
pub(crate) struct LifeRow {
    pub(crate) closed_at: Option<i64>,
    pub(crate) delete_at: Option<i64>,
    pub(crate) deleting_since: Option<i64>,
    pub(crate) deleted_at: Option<i64>,
}

impl LifeRow {
    /// Where the tenant is.
    pub(crate) fn life(self) -> TenantLife {
        let at = Timestamp::from_micros;
        match (
            self.closed_at,
            self.delete_at,
            self.deleting_since,
            self.deleted_at,
        ) {
            (.., Some(deleted)) => TenantLife::Deleted { at: at(deleted) },
            (.., Some(since), None) => TenantLife::Deleting { since: at(since) },
            (Some(closed), Some(delete), None, None) => TenantLife::Closing(Closing {
                since: at(closed),
                delete_at: at(delete),
            }),
            _ => TenantLife::Open,
        }
    }
}

/// Where the tenant is in its life whose tables are open.
pub(crate) async fn of<M>(tx: &TenantTx<M>) -> Result<TenantLife, StoreError> {
    let sql = "SELECT closed_at, delete_at, deleting_since, deleted_at FROM tenant WHERE id = $1";
    let row: Option<LifeRow> = tx.one(sql, []).await?;
    Ok(row.ok_or(StoreError::NotFound("tenant"))?.life())
}

impl From<NoLeave> for StoreError {
    fn from(none: NoLeave) -> Self {
        match none {
            NoLeave::Closed(closing) => Self::Closed(closing),
            NoLeave::Gone => Self::Gone,
        }
    }
}

fn refused(error: LifeError) -> StoreError {
    match error {
        LifeError::Gone => StoreError::Gone,
        error => StoreError::conflict("name", error),
    }
}

/// Holds the tenant, so that of two who close or open it one comes first.
async fn hold(tx: &TenantTx<Write>) -> Result<TenantLife, StoreError> {
    let sql = format!("SELECT id FROM tenant WHERE id = $1 {}", tx.for_update());
    tx.execute(&sql, []).await?;
    of(tx).await
}

/// Closes the tenant: it sends nothing from now on, and is deleted after `grace`. `name` is its name once more, as
/// people read it, so that nobody closes the wrong one. Campaigns pause; what else is under way waits.
pub async fn close(
    tx: &mut TenantTx<Write>,
    name: &str,
    reason: &str,
    grace: GraceDays,
) -> Result<Closing, StoreError> {
    let reason = reason_of(reason)?;
    let closing = hold(tx).await?.close(tx.now(), grace).map_err(refused)?;
    if name.trim() != tenant::current(tx).await?.name {
        let advice = "this is not the name of the tenant: enter it as the tenant's own pages show it";
        return Err(StoreError::invalid("name", advice));
    }
    let sql = "UPDATE tenant SET closed_at = $2, delete_at = $3 WHERE id = $1";
    let times = [closing.since.micros().into(), closing.delete_at.micros().into()];
    tx.execute(sql, times).await?;
    let paused = pause_campaigns(tx).await?;
    let closed = json!({
        "reason": reason, "deleteAt": closing.delete_at.to_string(), "campaignsPaused": paused
    });
    let id = tx.tenant();
    tx.audit(AuditAct::TenantClosed, id, &Change::to(closed))?;
    Ok(closing)
}

fn reason_of(reason: &str) -> Result<String, StoreError> {
    let reason = text::lines("reason", reason, MAX_REASON_CHARS)?;
    if reason.is_empty() {
        return Err(StoreError::invalid("reason", "say why: it goes on the record"));
    }
    Ok(reason)
}

#[derive(FromQueryResult)]
struct Named {
    id: Uuid,
}

async fn pause_campaigns(tx: &mut TenantTx<Write>) -> Result<usize, StoreError> {
    let sql =
        "SELECT id FROM campaign WHERE tenant_id = $1 AND status IN ('SCHEDULED', 'SENDING') ORDER BY id";
    let running: Vec<Named> = tx.all(sql, []).await?;
    let why =
        Change::to(json!({ "reason": "the tenant was closed: a member has to resume it after a reopening" }));
    for Named { id } in &running {
        let id: Id<Campaign> = stored(*id);
        campaign::act(tx, id, CampaignAct::Pause).await?;
        tx.audit(AuditAct::CampaignPaused, id, &why)?;
    }
    Ok(running.len())
}

/// Opens a closed tenant again. Notices and answers that waited go on; campaigns stay paused until a member resumes
/// them; mails whose link has run out meanwhile are dropped.
pub async fn reopen(tx: &mut TenantTx<Write>, reason: &str) -> Result<(), StoreError> {
    let reason = reason_of(reason)?;
    let was = hold(tx).await?.reopen(tx.now()).map_err(refused)?;
    let sql = "UPDATE tenant SET closed_at = NULL, delete_at = NULL WHERE id = $1";
    tx.execute(sql, []).await?;
    go_on(tx).await?;
    let change = Change::from_to(
        json!({ "closedAt": was.since.to_string(), "deleteAt": was.delete_at.to_string() }),
        json!({ "reason": reason }),
    );
    let id = tx.tenant();
    tx.audit(AuditAct::TenantReopened, id, &change)
}

/// Lets go on what waited while the tenant might not send. Mails whose link has run out meanwhile are dropped.
pub(crate) async fn go_on(tx: &mut TenantTx<Write>) -> Result<(), StoreError> {
    delivery::drop_late_confirmations(tx).await?;
    wake_mailings(tx).await
}

#[derive(FromQueryResult)]
struct Waiting {
    id: Uuid,
    kind: String,
}

/// Queues what waited: all that is not finished, but for paused campaigns. Whoever finds a
/// mailing in other hands lets it be.
async fn wake_mailings(tx: &mut TenantTx<Write>) -> Result<(), StoreError> {
    let sql = "SELECT m.id, m.kind FROM mailing m
               LEFT JOIN campaign c ON c.tenant_id = m.tenant_id AND c.id = m.campaign_id
               WHERE m.tenant_id = $1 AND m.finished_at IS NULL AND (c.id IS NULL OR c.status <> 'PAUSED')
               ORDER BY m.id";
    let waiting: Vec<Waiting> = tx.all(sql, []).await?;
    let (tenant, now) = (tx.tenant(), tx.now());
    for Waiting { id, kind } in waiting {
        let job = Job::SendMailing {
            tenant,
            mailing: stored(id),
        };
        let kind: MailingKind = read_code(&kind)?;
        tx.enqueue_in(Lane::of(kind), &job, now).await?;
    }
    Ok(())
}
