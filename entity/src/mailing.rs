//! Mailings: what is sent to one or many, who owns the sending, and when it is over.

use std::time::Duration;

use assent_domain::campaign::{CampaignAct, CampaignStatus, IfUnknown};
use assent_domain::clock::Timestamp;
use assent_domain::delivery::{DeliveryStatus, MailingKind};
use assent_domain::id::{
    AddressChangeId, CampaignId, DeliveryId, MailingId, MailingListId, OptInId, PolicyVersionId, PurposeId,
    SubscriberId, new_id, stored,
};
use assent_domain::job::Job;
use assent_domain::permit::{Recipient, Refusal};
use assent_domain::policy::PolicyNews;
use assent_domain::suppression::MessageKind;
use assent_domain::webhook::event::Event;
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::delivery::{self, NewDelivery};
use crate::error::{StoreError, read_code};
use crate::outbox::Lane;
use crate::row::mailing as row;
use crate::tx::{TenantTx, Write};
use crate::{address_change, campaign, content, live, purpose, test_mail, tracking, transactional_mail};

mod lease;
mod news;
mod retry;

pub(crate) use lease::{Kept, keep_lease};
pub use lease::{Turn, acquire, leave, release};
pub(crate) use news::{
    Held, hold_news, hold_news_after, of_policy_version, of_policy_versions,
    settle_finished as settle_notices, tell, tell_newcomer, told,
};
pub use retry::RETRIED_AT_ONCE;
pub(crate) use retry::retry;

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
    /// The same, where a tenant brought them along: nobody waits for it.
    BroughtOptIn(OptInId, SubscriberId),
    /// What one person is told of their request.
    Request(SubscriberId),
    /// The question whether a yes still stands. Who creates it gives each recipient a row.
    Renewal,
    /// The question to confirm a new address, or word to the one that was left, for one person.
    AddressChange(SubscriberId),
    /// A campaign as it would look. Who creates it gives each member a row.
    Test,
    /// About the sign-in of one member, or of somebody who is invited to become one.
    Account(Recipient),
    /// What members look after. Who creates it gives each who is told a row.
    Members,
    /// A message to one person, whose row is refused at once where the rule says no already.
    Transactional(SubscriberId, Option<Refusal>),
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
    /// The list of the campaign, if it has but one.
    pub(crate) only_list: Option<MailingListId>,
    /// The campaign, if its content brings somebody in from outside: then each turn asks whether they are named.
    pub(crate) content_of: Option<CampaignId>,
    /// What people have to have agreed to for their clicks to be measured, if any are.
    pub tracks: Option<PurposeId>,
    /// The campaign that it shows to members, if it does.
    pub tests: Option<CampaignId>,
    /// The policy version, if it is the news of one.
    pub policy_version: Option<PolicyVersionId>,
    /// What it says of the version.
    pub news: Option<PolicyNews>,
    /// The version's date when this was read: who is told goes by it, so a turn under another date is not taken.
    pub(crate) effective_at: Option<i64>,
    /// When it was called for.
    pub created_at: Timestamp,
    /// The opt-in, if it asks to confirm one.
    pub opt_in: Option<OptInId>,
    /// The change of address, if it asks to confirm one, or offers the way back. It goes to the address that this names.
    pub address_change: Option<AddressChangeId>,
    /// When every recipient had a row.
    pub planned_at: Option<Timestamp>,
    pub(crate) planned_to: Option<uuid::Uuid>,
    /// The time after which nothing of it goes out any more, if there is one.
    pub(crate) not_after: Option<Timestamp>,
    /// What is done about messages of which nobody knows whether they arrived.
    pub(crate) if_unknown: IfUnknown,
    /// Whether the tenant had limits when the mailing was taken over.
    pub(crate) is_limited: bool,
}

impl Mailing {
    /// Whether no recipient has a row yet.
    pub fn is_unplanned(&self) -> bool {
        self.planned_at.is_none() && self.planned_to.is_none()
    }

    /// Whether it is not to go out any more.
    pub fn is_too_late(&self, now: Timestamp) -> bool {
        self.not_after.is_some_and(|last| now > last)
    }

    /// The moment from which it is not to go out any more, if there is one.
    pub fn too_late_from(&self) -> Option<Timestamp> {
        self.not_after.map(|last| last.after(Duration::from_micros(1)))
    }

    /// Lets whoever watches how far it is look anew, once the transaction has committed.
    pub(crate) fn moves_on(&self, tx: &mut TenantTx<Write>) {
        if let Some(watched) = watched_of(self.campaign, self.policy_version) {
            tx.moves_on(watched);
        }
    }

    /// What becomes of a row that was in flight when its worker died, or the line broke.
    pub(crate) fn after_crash(&self) -> DeliveryStatus {
        self.kind.after_crash(self.if_unknown)
    }
}

/// What can be watched of a mailing, if anything can.
fn watched_of(campaign: Option<CampaignId>, version: Option<PolicyVersionId>) -> Option<live::Subject> {
    let campaign = campaign.map(live::Subject::Campaign);
    campaign.or(version.map(live::Subject::PolicyVersion))
}

/// Lets whoever watches how far a mailing is look anew, once the transaction has committed.
pub(crate) async fn moves_on(tx: &mut TenantTx<Write>, id: MailingId) -> Result<(), StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    let watched = watched_of(row.campaign_id.map(stored), row.policy_version_id.map(stored));
    if let Some(subject) = watched {
        tx.moves_on(subject);
    }
    Ok(())
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
    let (mut campaign, mut version, mut news, mut opt_in, mut only) = (None, None, None, None, None);
    let mut refusal = None;
    match subject {
        Subject::Campaign(id) => campaign = Some(id.uuid()),
        Subject::PolicyVersion(id, of_it) => (version, news) = (Some(id.uuid()), Some(of_it)),
        Subject::OptIn(id, of) | Subject::BroughtOptIn(id, of) => {
            (opt_in, only) = (Some(id.uuid()), Some(Recipient::Subscriber(of)));
        }
        Subject::Request(of) | Subject::AddressChange(of) => only = Some(Recipient::Subscriber(of)),
        Subject::Account(of) => only = Some(of),
        Subject::Transactional(of, refused) => {
            (only, refusal) = (Some(Recipient::Subscriber(of)), refused);
        }
        Subject::Renewal | Subject::Test | Subject::Members => {}
    }
    let lane = match subject {
        Subject::BroughtOptIn(..) => Lane::Ordinary,
        _ => Lane::of(kind),
    };
    let is_planned = only.is_some() || matches!(subject, Subject::Renewal | Subject::Test | Subject::Members);
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
    if let Some(watched) = watched_of(campaign.map(stored), version.map(stored)) {
        tx.moves_on(watched);
    }
    if let Some(recipient) = only {
        let delivery: DeliveryId = new_id(tx.now());
        let new = NewDelivery {
            id: delivery,
            recipient,
            refusal,
        };
        delivery::insert(tx, id, vec![new]).await?;
    }
    let job = Job::SendMailing {
        tenant: tx.tenant(),
        mailing: id,
    };
    tx.enqueue_in(lane, &job, due_at).await?;
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
    let tests = match kind {
        MailingKind::Test => Some(test_mail::campaign_of(tx, stored(row.id)).await?),
        _ => None,
    };
    let content_of = match campaign.or(tests) {
        Some(id) if content::brings_parties(tx, id).await? => Some(id),
        _ => None,
    };
    let only_list = match campaign {
        Some(id) => <[_; 1]>::try_from(campaign::list_ids(tx, id).await?)
            .ok()
            .map(|[list]| list),
        None => None,
    };
    let tracks = match campaign {
        Some(id) => tracking::purpose_of(tx, id).await?,
        None => None,
    };
    let (not_after, if_unknown) = match campaign {
        Some(id) => campaign::by_id(tx, id)
            .await
            .map(|of| (of.not_after, of.if_unknown))?,
        None => (None, IfUnknown::Leave),
    };
    Ok(Mailing {
        id: stored(row.id),
        kind,
        purpose: purpose.id,
        message_kind: kind.message_kind(purpose.needs_consent_in_campaigns()),
        campaign,
        only_list,
        content_of,
        tracks,
        tests,
        policy_version: row.policy_version_id.map(stored),
        news: row.news.as_deref().map(read_code).transpose()?,
        effective_at: news::date_of(tx, row.policy_version_id.map(stored)).await?,
        created_at: Timestamp::from_micros(row.created_at),
        opt_in: row.opt_in_id.map(stored),
        address_change,
        planned_at: row.planned_at.map(Timestamp::from_micros),
        planned_to: row.planned_to,
        not_after,
        if_unknown,
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

/// Notes for which mail server a mailing waits, or that it waits for none.
pub async fn wait_for(
    tx: &mut TenantTx<Write>,
    id: MailingId,
    server: Option<&str>,
) -> Result<(), StoreError> {
    let sql = "UPDATE mailing SET waits_for = $3
               WHERE tenant_id = $1 AND id = $2 AND COALESCE(waits_for, '') <> COALESCE($3, '')";
    tx.execute(sql, [id.uuid().into(), server.into()]).await?;
    Ok(())
}

/// Ends a mailing whose rows all have a final state, and what hangs on it: the campaign, or the waiting of a
/// policy version for its notices. `false` where a row is still open.
pub async fn finish(tx: &mut TenantTx<Write>, mailing: &Mailing) -> Result<bool, StoreError> {
    tx.lock::<row::Entity>(mailing.id.uuid()).await?;
    mailing.moves_on(tx);
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
                tx.tell(Event::campaign_finished(campaign_id));
            }
            _ => return Ok(false),
        }
    } else if !planned && !news::is_overtaken(tx, mailing).await? {
        return Ok(false);
    }
    if mailing.kind == MailingKind::Transactional {
        transactional_mail::forget_content(tx, mailing.id).await?;
    }
    tx.execute(
        "UPDATE mailing SET finished_at = $3, lease_owner = NULL, lease_until = 0 WHERE tenant_id = $1 AND id = $2",
        [mailing.id.uuid().into(), now.into()],
    )
    .await?;
    Ok(true)
}
