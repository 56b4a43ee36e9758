//! What can be watched: where it stands, and when there is no more to see.

use assent_domain::campaign::CampaignStatus;
use assent_domain::delivery::DeliveryStatus;
use assent_domain::id::{CampaignId, ImportId, PolicyVersionId};
use assent_entity::delivery::Progress;
use assent_entity::live::Subject;
use assent_entity::{Read, TenantTx, campaign, delivery, import, policy};

use crate::graphql::delivery::CampaignProgress;
use crate::graphql::error::Result;
use crate::graphql::import::Import;
use crate::graphql::policy::PolicyNotices;

/// Something whose state can be looked at again and again.
pub(super) trait Watched: Send + Sync + 'static {
    /// Where it stands.
    type State: Clone + PartialEq + Send + Sync;
    /// The same, as clients see it.
    type Shown: From<Self::State> + Send;

    /// What to have word of.
    fn subject(&self) -> Subject;

    /// Where it stands now, and whether that is the end.
    fn look(&self, tx: &TenantTx<Read>) -> impl Future<Output = Result<(Self::State, bool)>> + Send;
}

impl Watched for CampaignId {
    type State = Progress;
    type Shown = CampaignProgress;

    fn subject(&self) -> Subject {
        Subject::Campaign(*self)
    }

    async fn look(&self, tx: &TenantTx<Read>) -> Result<(Progress, bool)> {
        let campaign = campaign::by_id(tx, *self).await?;
        let progress = match campaign::mailing_of(tx, campaign.id).await? {
            Some(mailing) => delivery::progress(tx, mailing).await?,
            None => Progress::default(),
        };
        let is_open = [
            DeliveryStatus::Queued,
            DeliveryStatus::Claimed,
            DeliveryStatus::Deferred,
        ]
        .iter()
        .any(|status| progress.of(*status) > 0);
        let has_ended = match campaign.status {
            CampaignStatus::Finished => true,
            CampaignStatus::Cancelled => !is_open,
            _ => false,
        };
        Ok((progress, has_ended))
    }
}

impl Watched for ImportId {
    type State = import::Import;
    type Shown = Import;

    fn subject(&self) -> Subject {
        Subject::Import(*self)
    }

    async fn look(&self, tx: &TenantTx<Read>) -> Result<(import::Import, bool)> {
        let import = import::by_id(tx, *self).await?;
        let has_ended = !import.status.can_be_stopped();
        Ok((import, has_ended))
    }
}

impl Watched for PolicyVersionId {
    type State = Progress;
    type Shown = PolicyNotices;

    fn subject(&self) -> Subject {
        Subject::PolicyVersion(*self)
    }

    async fn look(&self, tx: &TenantTx<Read>) -> Result<(Progress, bool)> {
        let times = policy::by_id(tx, *self).await?.times;
        let progress = policy::notices(tx, *self).await?.unwrap_or_default();
        let waits_no_longer = times.notices_settled_at.is_some() || times.withdrawn_at.is_some();
        Ok((progress, waits_no_longer))
    }
}

impl From<import::Import> for Import {
    fn from(import: import::Import) -> Self {
        Self(import)
    }
}
