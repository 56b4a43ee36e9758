//! Mailings: what is sent to one or many, who owns the sending, and when it is over.

use std::time::Duration;

use assent_domain::campaign::{CampaignAct, CampaignStatus};
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{
    AddressChangeId, CampaignId, DeliveryId, MailingId, OptInId, PolicyVersionId, PurposeId, SubscriberId,
    WorkerId, new_id, stored,
};
use assent_domain::job::Job;
use assent_domain::permit::Recipient;
use assent_domain::policy::PolicyNews;
use assent_domain::suppression::MessageKind;
use assent_domain::tenant::TenantStatus;
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult};

use crate::delivery::{self, NewDelivery};
use crate::error::{StoreError, read_code};
use crate::row::mailing as row;
use crate::tx::{TenantTx, Write};
use crate::{address_change, campaign, content, purpose, tenant, tenant_life, tracking};

mod news;

pub(crate) use news::{hold_news, hold_news_after, of_policy_version, tell, tell_newcomer, told};

/// How long a worker owns a mailing after its last sign of life.
pub const LEASE: Duration = Duration::from_secs(15);

/// What a mailing is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A campaign.
    Campaign(CampaignId),
    /// The news of a policy version.
    PolicyVersion(PolicyVersionId, PolicyNews),
    /// The question to confirm an opt-in, for one person.
    OptIn(OptInId, SubscriberId),
    /// What one person is told of their request.
    Request(SubscriberId),
    /// The question whether a yes still stands. Who creates it gives each recipient a row.
    Renewal,
    /// The question to confirm a new address, or word to the one that was left, for one person.
    AddressChange(SubscriberId),
}

/// A mailing.
#[derive(Clone, Debug)]
pub struct Mailing {
    /// Its id.
    pub id: MailingId,
    /// What sort of mailing it is.
    pub kind: MailingKind,
    /// What it is sent for.
    pub purpose: PurposeId,
    /// What it is to the people who get it.
    pub message_kind: MessageKind,
    /// The campaign, if it is one.
    pub campaign: Option<CampaignId>,
    /// The campaign, if its content brings somebody in from outside: then each turn asks whether they are named.
    pub(crate) content_of: Option<CampaignId>,
    /// What people have to have agreed to for their clicks to be measured, if any are.
    pub tracks: Option<PurposeId>,
    /// The policy version, if it is the news of one.
    pub policy_version: Option<PolicyVersionId>,
    /// What it says of the version.
    pub news: Option<PolicyNews>,
    /// The version's date when this was read: who is told goes by it, so a turn under another date is not taken.
    pub(crate) effective_at: Option<i64>,
    /// When it was called for.
    pub(crate) created_at: Timestamp,
    /// The opt-in, if it asks to confirm one.
    pub opt_in: Option<OptInId>,
    /// The change of address, if it asks to confirm one, or offers the way back. It goes to the address that this names.
    pub address_change: Option<AddressChangeId>,
    /// When every recipient had a row.
    pub planned_at: Option<Timestamp>,
    pub(crate) planned_to: Option<uuid::Uuid>,
    /// Whether the tenant had limits when the mailing was taken over.
    pub(crate) is_limited: bool,
}

impl Mailing {
    /// Whether no recipient has a row yet.
    pub fn is_unplanned(&self) -> bool {
        self.planned_at.is_none() && self.planned_to.is_none()
    }
}

/// Creates a mailing and the job that sends it, due at `due_at`. A mailing to one person has its row at once.
pub(crate) async fn create(
    tx: &mut TenantTx<Write>,
    kind: MailingKind,
    purpose: PurposeId,
    subject: Subject,
    due_at: Timestamp,
) -> Result<MailingId, StoreError> {
    let id: MailingId = new_id(tx.now());
    let (mut campaign, mut version, mut news, mut opt_in, mut person) = (None, None, None, None, None);
    match subject {
        Subject::Campaign(id) => campaign = Some(id.uuid()),
        Subject::PolicyVersion(id, of_it) => (version, news) = (Some(id.uuid()), Some(of_it)),
        Subject::OptIn(id, of) => (opt_in, person) = (Some(id.uuid()), Some(of)),
        Subject::Request(of) | Subject::AddressChange(of) => person = Some(of),
        Subject::Renewal => {}
    }
    let is_planned = person.is_some() || subject == Subject::Renewal;
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        kind: Set(kind.to_string()),
        purpose_id: Set(purpose.uuid()),
        campaign_id: Set(campaign),
        policy_version_id: Set(version),
        news: Set(news.map(|news| news.to_string())),
        opt_in_id: Set(opt_in),
        created_at: Set(tx.now().micros()),
        planned_at: Set(is_planned.then_some(tx.now().micros())),
        ..Default::default()
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    if let Some(person) = person {
        let delivery: DeliveryId = new_id(tx.now());
        let new = NewDelivery {
            id: delivery,
            recipient: Recipient::Subscriber(person),
            refusal: None,
        };
        delivery::insert(tx, id, vec![new]).await?;
    }
    let job = Job::SendMailing {
        tenant: tx.tenant(),
        mailing: id,
    };
    tx.enqueue(&job, due_at).await?;
    Ok(id)
}

async fn read<M>(tx: &TenantTx<M>, row: row::Model) -> Result<Mailing, StoreError> {
    let kind: MailingKind = read_code(&row.kind)?;
    let address_change = match kind {
        MailingKind::AddressChange | MailingKind::AddressLeft => {
            Some(address_change::of_mailing(tx, stored(row.id)).await?)
        }
        _ => None,
    };
    let purpose = purpose::by_id(tx, stored(row.purpose_id)).await?;
    let campaign: Option<CampaignId> = row.campaign_id.map(stored);
    let content_of = match campaign {
        Some(id) if content::brings_parties(tx, id).await? => Some(id),
        _ => None,
    };
    let tracks = match campaign {
        Some(id) => tracking::purpose_of(tx, id).await?,
        None => None,
    };
    Ok(Mailing {
        id: stored(row.id),
        kind,
        purpose: purpose.id,
        message_kind: kind.message_kind(purpose.needs_consent_in_campaigns()),
        campaign,
        content_of,
        tracks,
        policy_version: row.policy_version_id.map(stored),
        news: row.news.as_deref().map(read_code).transpose()?,
        effective_at: news::date_of(tx, row.policy_version_id.map(stored)).await?,
        created_at: Timestamp::from_micros(row.created_at),
        opt_in: row.opt_in_id.map(stored),
        address_change,
        planned_at: row.planned_at.map(Timestamp::from_micros),
        planned_to: row.planned_to,
        is_limited: false,
    })
}

/// The mailing with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: MailingId) -> Result<Mailing, StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    read(tx, row).await
}

pub(crate) async fn campaign_of<M>(
    tx: &TenantTx<M>,
    id: MailingId,
) -> Result<Option<CampaignId>, StoreError> {
    Ok(tx.get::<row::Entity>(id.uuid()).await?.campaign_id.map(stored))
}

pub(crate) async fn purpose_of<M>(tx: &TenantTx<M>, id: MailingId) -> Result<PurposeId, StoreError> {
    Ok(stored(tx.get::<row::Entity>(id.uuid()).await?.purpose_id))
}

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

/// Takes a mailing over, if nobody owns it. What its last owner left in flight gets the state that follows a
/// crash: unknown for campaigns, queued again for what people must be told.
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
    let mailing = Box::new(Mailing {
        is_limited: tenant.is_limited,
        ..read(tx, row).await?
    });
    delivery::settle_crashed(tx, id, mailing.kind.after_crash()).await?;
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
        "UPDATE mailing SET lease_owner = $3, lease_until = $4 WHERE tenant_id = $1 AND id = $2",
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
    effective_at: Option<i64>,
    taken_back_at: Option<i64>,
    closed_at: Option<i64>,
    tenant_status: String,
    is_limited: i32,
}

/// What the owner of a mailing is told at each turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    /// Whether to go on.
    pub(crate) goes_on: bool,
    /// Whether the tenant has limits, a warm-up or quiet hours.
    pub(crate) is_limited: bool,
}

/// Makes sure that the worker still owns the mailing, says that it lives before half its lease is over, and learns
/// whether to go on: `false` where the campaign was paused or cancelled meanwhile, the policy version taken back or put
/// off, or the tenant closed or suspended.
pub(crate) async fn keep_lease(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    worker: WorkerId,
) -> Result<Hold, StoreError> {
    let id = mailing.id;
    let sql = "SELECT m.lease_until, c.status AS campaign_status, v.effective_at, t.closed_at,
                      t.status AS tenant_status, t.is_limited,
                      CASE WHEN m.news <> 'WITHDRAWN' THEN v.withdrawn_at END AS taken_back_at
               FROM mailing m
               JOIN tenant t ON t.id = m.tenant_id
               LEFT JOIN campaign c ON c.tenant_id = m.tenant_id AND c.id = m.campaign_id
               LEFT JOIN policy_version v ON v.tenant_id = m.tenant_id AND v.id = m.policy_version_id
               WHERE m.tenant_id = $1 AND m.id = $2 AND m.lease_owner = $3";
    let values = [id.uuid().into(), worker.uuid().into()];
    let held: Held = tx.one(sql, values).await?.ok_or(StoreError::LeaseLost)?;
    if Timestamp::from_micros(held.lease_until) < tx.now().after(LEASE / 2) {
        renew_lease(tx, id, worker).await?;
    }
    let sending = CampaignStatus::Sending.to_string();
    let is_as_read = held.taken_back_at.is_none() && held.effective_at == mailing.effective_at;
    let may_send = held.tenant_status == TenantStatus::Active.to_string();
    let goes_on = is_as_read && may_send && held.closed_at.is_none();
    Ok(Hold {
        goes_on: goes_on && held.campaign_status.is_none_or(|status| status == sending),
        is_limited: held.is_limited != 0,
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

/// Lets a mailing go, so that any worker may take the next slice at once.
pub async fn release(tx: &mut TenantTx<Write>, id: MailingId, worker: WorkerId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE mailing SET lease_until = 0 WHERE tenant_id = $1 AND id = $2 AND lease_owner = $3",
        [id.uuid().into(), worker.uuid().into()],
    )
    .await?;
    Ok(())
}

/// Ends a mailing whose rows all have a final state, and what hangs on it: the campaign, or the waiting of a
/// policy version for its notices. `false` where a row is still open.
pub async fn finish(tx: &mut TenantTx<Write>, mailing: &Mailing) -> Result<bool, StoreError> {
    tx.lock::<row::Entity>(mailing.id.uuid()).await?;
    let planned = tx
        .get::<row::Entity>(mailing.id.uuid())
        .await?
        .planned_at
        .is_some();
    if planned
        && mailing.news == Some(PolicyNews::Posted)
        && let Some(version) = mailing.policy_version
    {
        news::settle(tx, mailing.id, version).await?;
    }
    if delivery::has_open(tx, mailing.id).await? {
        return Ok(false);
    }
    let now = tx.now().micros();
    if let Some(campaign_id) = mailing.campaign {
        let status = campaign::by_id(tx, campaign_id).await?.status;
        match status {
            CampaignStatus::Cancelled => {}
            CampaignStatus::Sending if planned => {
                campaign::act(tx, campaign_id, CampaignAct::Finish).await?;
            }
            _ => return Ok(false),
        }
    } else if !planned && !news::is_overtaken(tx, mailing).await? {
        return Ok(false);
    }
    tx.execute(
        "UPDATE mailing SET finished_at = $3, lease_until = 0 WHERE tenant_id = $1 AND id = $2",
        [mailing.id.uuid().into(), now.into()],
    )
    .await?;
    Ok(true)
}
