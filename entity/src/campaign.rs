//! Campaigns: what a marketer writes, and its life from draft to finished.

use std::collections::HashMap;

use assent_domain::audit::AuditAct;
use assent_domain::campaign::{BodyFormat, CampaignAct, CampaignStatus, IfUnknown};
use assent_domain::clock::Timestamp;
use assent_domain::content::ContentParty;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{CampaignId, MailingId, MailingListId, PurposeId, SegmentId, new_id, stored};
use assent_domain::job::Job;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::circuit;
use crate::content;
use crate::delivery::{self, Delivery, Progress};
use crate::error::{StoreError, read_code};
use crate::live;
use crate::mailing::{self, Subject};
use crate::mailing_list::{self, MailingList};
use crate::page::{Page, PageRequest};
use crate::purpose::{self, ListPurpose};
use crate::row::{campaign as row, campaign_list as list_row, mailing as mailing_row};
use crate::segment;
use crate::text;
use crate::tx::{TenantTx, Write};

pub mod sending;

/// A campaign.
#[derive(Clone, Debug)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// Its name, for the tenant's own use.
    pub name: String,
    /// What it is sent for.
    pub purpose: PurposeId,
    /// The subject line, a template.
    pub subject: String,
    /// What is shown beside the subject where mails are listed, a template; empty where there is none.
    pub preheader: String,
    /// How the body is written.
    pub body_format: BodyFormat,
    /// The body, a template.
    pub body_source: String,
    /// Where it stands.
    pub status: CampaignStatus,
    /// When it is meant to go out.
    pub scheduled_at: Option<Timestamp>,
    /// When it was drafted.
    pub created_at: Timestamp,
    /// Why it is paused, where no member paused it.
    pub paused_reason: Option<String>,
    /// The time after which nothing of it goes out any more.
    pub not_after: Option<Timestamp>,
    /// What is done about messages of which nobody knows whether they arrived.
    pub if_unknown: IfUnknown,
}

/// A campaign to be drafted. Whoever calls has checked that the templates compile.
#[derive(Clone, Debug)]
pub struct NewCampaign {
    /// Its name.
    pub name: String,
    /// The code of its purpose.
    pub purpose: String,
    /// The lists it goes to.
    pub lists: Vec<MailingListId>,
    /// Whom of them; everybody, where none is named.
    pub segment: Option<SegmentId>,
    /// The subject line.
    pub subject: String,
    /// What is shown beside it; empty for none.
    pub preheader: String,
    /// How the body is written.
    pub body_format: BodyFormat,
    /// The body.
    pub body_source: String,
    /// Whom the content brings in from outside, as the templates' compiler found.
    pub content: Vec<ContentParty>,
    /// What is done about messages of which nobody knows whether they arrived.
    pub if_unknown: IfUnknown,
}

/// When a campaign goes out.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// From when. A time that has passed means now.
    pub at: Timestamp,
    /// Until when, if not for as long as it takes.
    pub not_after: Option<Timestamp>,
}

impl From<Timestamp> for Schedule {
    fn from(at: Timestamp) -> Self {
        Self { at, not_after: None }
    }
}

impl TryFrom<row::Model> for Campaign {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            name: row.name,
            purpose: stored(row.purpose_id),
            subject: row.subject,
            preheader: row.preheader,
            body_format: read_code(&row.body_format)?,
            body_source: row.body_source,
            status: read_code(&row.status)?,
            scheduled_at: row.scheduled_at.map(Timestamp::from_micros),
            created_at: Timestamp::from_micros(row.created_at),
            paused_reason: row.paused_reason,
            not_after: row.not_after.map(Timestamp::from_micros),
            if_unknown: read_code(&row.if_unknown)?,
        })
    }
}

/// Drafts a campaign for a purpose that all of its lists are used for.
pub async fn create(tx: &mut TenantTx<Write>, new: NewCampaign) -> Result<CampaignId, StoreError> {
    let purpose = ListPurpose::by_code(tx, "purpose", &new.purpose).await?;
    if new.lists.is_empty() {
        return Err(StoreError::invalid(
            "mailingListIds",
            "a campaign goes to at least one list",
        ));
    }
    let lists = mailing_list::by_ids(tx, &new.lists).await?;
    let of_lists = purpose::of_lists(tx, &new.lists).await?;
    for list in &lists {
        let purposes = of_lists.get(&list.id).map_or(&[][..], Vec::as_slice);
        if !purposes.contains(&purpose) {
            let codes: Vec<_> = purposes.iter().map(|purpose| purpose.code.as_str()).collect();
            let message = format!(
                "people joined {:?} for {}, not for {}: choose one of these purposes, or another list",
                list.name,
                codes.join(", "),
                purpose.code
            );
            return Err(StoreError::invalid("purpose", message));
        }
    }
    let name = text::name("name", &new.name)?;
    text::check_characters("subject", &new.subject)?;
    text::check_characters("preheader", &new.preheader)?;
    text::check_characters("body.source", &new.body_source)?;
    let id: CampaignId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        name: Set(name),
        purpose_id: Set(purpose.id.uuid()),
        subject: Set(new.subject),
        preheader: Set(new.preheader),
        body_format: Set(new.body_format.to_string()),
        body_source: Set(new.body_source),
        status: Set(CampaignStatus::Draft.to_string()),
        scheduled_at: Set(None),
        created_at: Set(tx.now().micros()),
        paused_reason: Set(None),
        not_after: Set(None),
        if_unknown: Set(new.if_unknown.to_string()),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    for list in lists {
        let link = list_row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            campaign_id: Set(id.uuid()),
            list_id: Set(list.id.uuid()),
        };
        list_row::Entity::insert(link)
            .exec_without_returning(tx.conn())
            .await?;
    }
    if let Some(segment) = new.segment {
        segment::narrow(tx, id, segment).await?;
    }
    content::note(tx, id, &new.content).await?;
    let drafted = json!({ "purpose": purpose.code, "lists": new.lists, "segment": new.segment });
    tx.audit(AuditAct::CampaignDrafted, id, &Change::to(drafted))?;
    Ok(id)
}

/// The campaign with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: CampaignId) -> Result<Campaign, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The tenant's campaigns, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<Campaign>, StoreError> {
    request
        .run(tx, tx.find::<row::Entity>(), Campaign::try_from)
        .await
}

/// The lists that a campaign goes to.
pub async fn lists<M>(tx: &TenantTx<M>, id: CampaignId) -> Result<Vec<MailingList>, StoreError> {
    mailing_list::by_ids(tx, &list_ids(tx, id).await?).await
}

pub(crate) async fn list_ids<M>(tx: &TenantTx<M>, id: CampaignId) -> Result<Vec<MailingListId>, StoreError> {
    let query = tx
        .find::<list_row::Entity>()
        .filter(list_row::Column::CampaignId.eq(id.uuid()));
    let links = query.all(tx.conn()).await?;
    Ok(links.into_iter().map(|link| stored(link.list_id)).collect())
}

#[derive(FromQueryResult)]
struct Linked {
    id: Uuid,
}

/// The lists of each of several campaigns.
pub async fn lists_of<M>(
    tx: &TenantTx<M>,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, Vec<MailingListId>>, StoreError> {
    let sql = "SELECT campaign_id AS of_id, list_id AS id FROM campaign_list
               WHERE tenant_id = $1 AND campaign_id IN ({ids}) ORDER BY list_id";
    tx.lists_about(sql, campaigns, |row: Linked| Ok(stored(row.id)))
        .await
}

/// The mailing of each of several campaigns, once they have been scheduled.
async fn mailings_of<M>(
    tx: &TenantTx<M>,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, MailingId>, StoreError> {
    let sql = "SELECT campaign_id AS of_id, id FROM mailing WHERE tenant_id = $1 AND campaign_id IN ({ids})";
    tx.each_about(sql, campaigns, |row: Linked| Ok(stored(row.id)))
        .await
}

/// How far each of several campaigns is, of those that have been scheduled.
pub async fn progress_of<M>(
    tx: &TenantTx<M>,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, Progress>, StoreError> {
    let mailings = mailings_of(tx, campaigns).await?;
    let ids: Vec<_> = mailings.values().copied().collect();
    let mut progress = delivery::progress_of_each(tx, &ids).await?;
    let each = mailings
        .into_iter()
        .filter_map(|(campaign, mailing)| Some((campaign, progress.remove(&mailing)?)));
    Ok(each.collect())
}

/// What became of each of several campaigns, of those that have been scheduled: a page of each.
pub async fn deliveries_of<M>(
    tx: &TenantTx<M>,
    campaigns: &[CampaignId],
    request: PageRequest,
) -> Result<HashMap<CampaignId, Page<Delivery>>, StoreError> {
    let mailings = mailings_of(tx, campaigns).await?;
    let ids: Vec<_> = mailings.values().copied().collect();
    let mut pages = delivery::pages_of(tx, &ids, request).await?;
    let each = mailings
        .into_iter()
        .filter_map(|(campaign, mailing)| Some((campaign, pages.remove(&mailing)?)));
    Ok(each.collect())
}

/// The mailing of a campaign, once it has been scheduled.
pub async fn mailing_of<M>(tx: &TenantTx<M>, id: CampaignId) -> Result<Option<MailingId>, StoreError> {
    let query = tx
        .find::<mailing_row::Entity>()
        .filter(mailing_row::Column::CampaignId.eq(id.uuid()));
    Ok(query.one(tx.conn()).await?.map(|row| stored(row.id)))
}

/// Reads a campaign for a change: nobody else changes its status until the transaction ends.
async fn locked(tx: &TenantTx<Write>, id: CampaignId) -> Result<Campaign, StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    by_id(tx, id).await
}

/// Moves a campaign on, where its status lets it.
pub(crate) async fn act(
    tx: &mut TenantTx<Write>,
    id: CampaignId,
    act: CampaignAct,
) -> Result<Campaign, StoreError> {
    let mut campaign = locked(tx, id).await?;
    campaign.status = campaign
        .status
        .apply(act)
        .map_err(|error| StoreError::conflict("id", error))?;
    tx.execute(
        "UPDATE campaign SET status = $3, paused_reason = NULL WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into(), campaign.status.to_string().into()],
    )
    .await?;
    campaign.paused_reason = None;
    tx.moves_on(live::Subject::Campaign(id));
    Ok(campaign)
}

/// Sets the time at which a draft goes out. The policy in force has to name whom its content brings in.
pub async fn schedule(
    tx: &mut TenantTx<Write>,
    id: CampaignId,
    schedule: impl Into<Schedule>,
) -> Result<(), StoreError> {
    let Schedule { at, not_after } = schedule.into();
    let campaign = act(tx, id, CampaignAct::Schedule).await?;
    content::require_named(tx, id).await?;
    segment::freeze(tx, id).await?;
    let at = at.max(tx.now());
    if not_after.is_some_and(|last| last <= at) {
        let message =
            format!("nobody would get it: it goes out at {at}; choose a later time, or leave it out");
        return Err(StoreError::invalid("notAfter", message));
    }
    tx.execute(
        "UPDATE campaign SET scheduled_at = $3, not_after = $4 WHERE tenant_id = $1 AND id = $2",
        [
            id.uuid().into(),
            at.micros().into(),
            not_after.map(Timestamp::micros).into(),
        ],
    )
    .await?;
    mailing::create(
        tx,
        MailingKind::Campaign,
        campaign.purpose,
        Subject::Campaign(id),
        at,
    )
    .await?;
    let scheduled = match not_after {
        None => json!({ "at": at.to_string() }),
        Some(last) => json!({ "at": at.to_string(), "notAfter": last.to_string() }),
    };
    let scheduled = Change::to(scheduled);
    tx.audit(AuditAct::CampaignScheduled, id, &scheduled)
}

/// Stops a campaign for now. What is in the hands of the mail server is beyond recall.
pub async fn pause(tx: &mut TenantTx<Write>, id: CampaignId) -> Result<(), StoreError> {
    act(tx, id, CampaignAct::Pause).await?;
    tx.audit(AuditAct::CampaignPaused, id, &Change::default())
}

/// Stops a campaign for now where it is no member who does, and says why: members see the reason until it goes on.
pub async fn pause_because(tx: &mut TenantTx<Write>, id: CampaignId, reason: &str) -> Result<(), StoreError> {
    act(tx, id, CampaignAct::Pause).await?;
    let sql = "UPDATE campaign SET paused_reason = $3 WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [id.uuid().into(), reason.into()]).await?;
    let why = Change::to(json!({ "reason": reason }));
    tx.audit(AuditAct::CampaignPaused, id, &why)
}

/// Lets a campaign go on where it stopped. If it waits for a mail server, that is tried at once.
pub async fn resume(tx: &mut TenantTx<Write>, id: CampaignId) -> Result<(), StoreError> {
    let campaign = act(tx, id, CampaignAct::Resume).await?;
    tx.audit(AuditAct::CampaignResumed, id, &Change::default())?;
    circuit::try_soon(tx).await?;
    let due_at = campaign.scheduled_at.unwrap_or(tx.now()).max(tx.now());
    wake(tx, id, due_at).await
}

/// Stops a campaign for good: whoever has not got it will not.
pub async fn cancel(tx: &mut TenantTx<Write>, id: CampaignId) -> Result<(), StoreError> {
    act(tx, id, CampaignAct::Cancel).await?;
    tx.audit(AuditAct::CampaignCancelled, id, &Change::default())?;
    let now = tx.now();
    wake(tx, id, now).await
}

async fn wake(tx: &mut TenantTx<Write>, id: CampaignId, due_at: Timestamp) -> Result<(), StoreError> {
    if let Some(mailing) = mailing_of(tx, id).await? {
        let job = Job::SendMailing {
            tenant: tx.tenant(),
            mailing,
        };
        tx.enqueue(&job, due_at).await?;
    }
    Ok(())
}
