//! Who owns a mailing: one worker at a time, for as long as it shows that it lives.

use assent_domain::campaign::{CampaignAct, CampaignStatus};
use assent_domain::circuit::Circuit;
use assent_domain::clock::Timestamp;
use assent_domain::id::{MailingId, WorkerId};
use assent_domain::tenant::TenantStatus;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::{LEASE, Mailing, news, read};
use crate::circuit;
use crate::error::StoreError;
use crate::naming::{self, Naming, NamingRow};
use crate::outcome::Terms;
use crate::row::mailing as row;
use crate::tx::{TenantTx, Write};
use crate::{campaign, delivery, tenant, tenant_life};

/// What a worker finds when it turns to a mailing.
#[derive(Clone, Debug)]
pub enum Turn {
    /// It is this worker's to send.
    Yours(Box<Mailing>),
    /// Another worker owns it until this time.
    Busy(Timestamp),
    /// It is not to be sent now: paused, or its tenant is closed or suspended. Whoever resumes, reopens or lets it send
    /// again queues a job anew.
    Waiting,
    /// Its time has not come.
    TooEarly(Timestamp),
    /// It was cancelled: the rows still open are to be closed.
    Cancelled(Box<Mailing>),
    /// Every row has a final state.
    Finished,
}

/// Takes a mailing over, if nobody owns it. What an owner that did not let go of it left on its way gets the state that
/// follows a crash: unknown for campaigns, queued again for what people must be told.
pub async fn acquire(tx: &mut TenantTx<Write>, id: MailingId, worker: WorkerId) -> Result<Turn, StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    if row.finished_at.is_some() {
        return Ok(Turn::Finished);
    }
    if row.lease_owner.is_some_and(|owner| owner != worker.uuid()) && row.lease_until > tx.now().micros() {
        return Ok(Turn::Busy(Timestamp::from_micros(row.lease_until)));
    }
    let tenant = tenant::current(tx).await?;
    if tenant.status != TenantStatus::Active || !tenant_life::of(tx).await?.is_open() {
        return Ok(Turn::Waiting);
    }
    let was_left = row.lease_owner.is_some();
    let mailing = Box::new(Mailing {
        is_limited: tenant.is_limited,
        ..read(tx, row).await?
    });
    if was_left {
        delivery::settle_crashed(tx, id, mailing.after_crash()).await?;
        mailing.moves_on(tx);
    }
    let cancelled = match mailing.campaign {
        None => news::is_overtaken(tx, &mailing).await?,
        Some(campaign_id) => {
            let campaign = campaign::by_id(tx, campaign_id).await?;
            let due = campaign.scheduled_at.unwrap_or(tx.now());
            match campaign.status {
                CampaignStatus::Paused => return Ok(Turn::Waiting),
                CampaignStatus::Scheduled if due > tx.now() => return Ok(Turn::TooEarly(due)),
                CampaignStatus::Scheduled => {
                    campaign::act(tx, campaign_id, CampaignAct::Start).await?;
                    false
                }
                status => status == CampaignStatus::Cancelled,
            }
        }
    };
    let until = tx.now().after(LEASE);
    tx.execute(
        "UPDATE mailing SET lease_owner = $3, lease_until = $4, goes_through = NULL, connections = 0
         WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into(), worker.uuid().into(), until.micros().into()],
    )
    .await?;
    Ok(if cancelled {
        Turn::Cancelled(mailing)
    } else {
        Turn::Yours(mailing)
    })
}

#[derive(FromQueryResult)]
struct Held {
    lease_until: i64,
    campaign_status: Option<String>,
    tells_from: Option<i64>,
    taken_back_at: Option<i64>,
    is_limited: i32,
    has_transport: i32,
    #[sea_orm(nested)]
    circuit: circuit::Row,
}

#[derive(FromQueryResult)]
struct HeldRow {
    #[sea_orm(nested)]
    held: Held,
    #[sea_orm(nested)]
    naming: NamingRow,
}

/// How a mailing stands in the hands of its worker.
#[derive(Debug)]
pub(crate) struct Kept {
    /// Whether to go on.
    pub(crate) goes_on: bool,
    /// Whether its tenant has limits, a warm-up or quiet hours.
    pub(crate) is_limited: bool,
    /// How its tenant stands with the mail server.
    pub(crate) circuit: Circuit,
    /// Which policy versions name its purpose.
    pub(crate) naming: Naming,
}

/// Makes sure that the worker still owns the mailing, says that it lives before half its lease is over, and learns
/// whether to go on: not where the campaign was paused or cancelled meanwhile, the policy version taken back or put off,
/// the tenant closed or suspended, or the mail server of its own no longer used. How the server does, and which versions
/// name the purpose, is read in the same trip.
pub(crate) async fn keep_lease(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    terms: &Terms,
) -> Result<Kept, StoreError> {
    let (id, worker) = (mailing.id, terms.worker);
    let sql = format!(
        "SELECT m.lease_until, c.status AS campaign_status, told.effective_at AS tells_from, t.is_limited,
                CASE WHEN EXISTS (SELECT 1 FROM transport x
                       WHERE x.tenant_id = $1 AND x.id = $6 AND x.is_enabled = 1)
                     THEN 1 ELSE 0 END AS has_transport,
                CASE WHEN m.news <> 'WITHDRAWN' THEN told.withdrawn_at END AS taken_back_at,
                {}, {}
         FROM mailing m
         JOIN tenant t ON t.id = m.tenant_id
         LEFT JOIN campaign c ON c.tenant_id = m.tenant_id AND c.id = m.campaign_id
         LEFT JOIN policy_version told ON told.tenant_id = m.tenant_id AND told.id = m.policy_version_id
         LEFT JOIN circuit k ON k.tenant_id = m.tenant_id AND k.server = $5
         {}
         WHERE m.tenant_id = $1 AND m.id = $3 AND m.lease_owner = $4",
        circuit::COLUMNS,
        naming::COLUMNS,
        naming::ITS_VERSIONS
    );
    let values = [
        mailing.purpose.uuid().into(),
        id.uuid().into(),
        worker.uuid().into(),
        terms.circuit().into(),
        terms.transport.map_or(Uuid::nil(), |id| id.uuid()).into(),
    ];
    let rows: Vec<HeldRow> = tx.all(&sql, values).await?;
    let (held, naming): (Vec<_>, Vec<_>) = rows.into_iter().map(|row| (row.held, row.naming)).unzip();
    let held = held.into_iter().next().ok_or(StoreError::LeaseLost)?;
    if Timestamp::from_micros(held.lease_until) < tx.now().after(LEASE / 2) {
        renew_lease(tx, id, worker).await?;
    }
    let naming = Naming::of(&naming, tx.store().now())?;
    let sending = CampaignStatus::Sending.to_string();
    let is_as_read = held.taken_back_at.is_none() && held.tells_from == mailing.effective_at;
    let may_send = naming.tenant_status() == TenantStatus::Active && naming.tenant_life().is_open();
    let has_way = terms.transport.is_none() || held.has_transport != 0;
    let is_sending = held.campaign_status.is_none_or(|status| status == sending);
    Ok(Kept {
        goes_on: is_as_read && may_send && has_way && is_sending,
        is_limited: held.is_limited != 0,
        circuit: held.circuit.into(),
        naming,
    })
}

async fn renew_lease(tx: &TenantTx<Write>, id: MailingId, worker: WorkerId) -> Result<(), StoreError> {
    let until = tx.now().after(LEASE);
    let sql = "UPDATE mailing SET lease_until = $4 WHERE tenant_id = $1 AND id = $2 AND lease_owner = $3";
    let values = [id.uuid().into(), worker.uuid().into(), until.micros().into()];
    if tx.execute(sql, values).await? == 0 {
        return Err(StoreError::LeaseLost);
    }
    Ok(())
}

/// Lets a mailing go, so that any worker may take the next slice at once. Where nothing waits and it is not over, something
/// is on its way of which nobody will say any more what became of it, and the next owner has to settle that.
pub async fn release(tx: &mut TenantTx<Write>, id: MailingId, worker: WorkerId) -> Result<(), StoreError> {
    let owner =
        "CASE WHEN EXISTS (SELECT 1 FROM delivery_queue q WHERE q.tenant_id = $1 AND q.mailing_id = $2)
                      THEN NULL ELSE lease_owner END";
    end_lease(tx, id, worker, owner).await
}

/// Leaves a mailing of which something may be on its way. Any worker may take it over at once.
pub async fn leave(tx: &mut TenantTx<Write>, id: MailingId, worker: WorkerId) -> Result<(), StoreError> {
    end_lease(tx, id, worker, "lease_owner").await
}

async fn end_lease(
    tx: &TenantTx<Write>,
    id: MailingId,
    worker: WorkerId,
    owner: &str,
) -> Result<(), StoreError> {
    let sql = format!(
        "UPDATE mailing SET lease_owner = {owner}, lease_until = 0, goes_through = NULL, connections = 0
         WHERE tenant_id = $1 AND id = $2 AND lease_owner = $3"
    );
    tx.execute(&sql, [id.uuid().into(), worker.uuid().into()]).await?;
    Ok(())
}
