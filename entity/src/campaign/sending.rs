//! How a campaign is sent, and another chance for those whom it did not reach.

use assent_domain::audit::AuditAct;
use assent_domain::campaign::{CampaignAct, CampaignStatus, IfUnknown};
use assent_domain::id::CampaignId;
use serde_json::json;

use super::{act, by_id, locked, mailing_of};
use crate::audit::Change;
use crate::error::StoreError;
use crate::live::Subject;
use crate::mailing;
use crate::row::mailing as mailing_row;
use crate::tx::{TenantTx, Write};

/// Says what is done about messages of which nobody knows whether they arrived. It counts from the next crash on; for
/// those of which that is so already, with [`retry_failed`].
pub async fn set_if_unknown(
    tx: &mut TenantTx<Write>,
    id: CampaignId,
    if_unknown: IfUnknown,
) -> Result<(), StoreError> {
    let campaign = locked(tx, id).await?;
    if campaign.status == CampaignStatus::Cancelled {
        let message = "the campaign is CANCELLED: nothing of it is sent any more";
        return Err(StoreError::conflict("id", message));
    }
    let sql = "UPDATE campaign SET if_unknown = $3 WHERE tenant_id = $1 AND id = $2";
    let values = [id.uuid().into(), if_unknown.to_string().into()];
    tx.execute(sql, values).await?;
    let said = |of: IfUnknown| json!({ "ifUnknown": of.to_string() });
    let change = Change::from_to(said(campaign.if_unknown), said(if_unknown));
    tx.audit(AuditAct::CampaignSendingChanged, id, &change)
}

/// Gives another chance to at most [`mailing::RETRIED_AT_ONCE`] of those whom a campaign failed to reach for a reason that
/// may have passed, and says how many they were. Those of whom nobody knows are among them where the campaign is to send
/// again. Each is decided anew before anything is sent. Where there is nobody, nothing changes but that it was asked.
pub async fn retry_failed(tx: &mut TenantTx<Write>, id: CampaignId) -> Result<u64, StoreError> {
    by_id(tx, id).await?;
    let Some(mailing) = mailing_of(tx, id).await? else {
        return Err(StoreError::conflict("id", "the campaign has not been sent yet"));
    };
    // As a worker does: the mailing before its campaign.
    tx.lock::<mailing_row::Entity>(mailing.uuid()).await?;
    let campaign = locked(tx, id).await?;
    campaign
        .status
        .apply(CampaignAct::Retry)
        .map_err(|error| StoreError::conflict("id", error))?;
    if let Some(last) = campaign.not_after.filter(|last| tx.now() > *last) {
        let message = format!("it was not to go out after {last}, which has passed");
        return Err(StoreError::conflict("id", message));
    }
    let retried = mailing::retry(tx, mailing, campaign.if_unknown).await?;
    tx.moves_on(Subject::Campaign(id));
    // A pause and its reason stay.
    if retried > 0 && campaign.status == CampaignStatus::Finished {
        act(tx, id, CampaignAct::Retry).await?;
    }
    let people = Change::to(json!({ "people": retried }));
    tx.audit(AuditAct::CampaignRetried, id, &people)?;
    Ok(retried)
}
