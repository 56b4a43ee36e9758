//! Tests of campaigns: the message as it would look, to members of the tenant and to nobody else.

use assent_domain::audit::AuditAct;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{CampaignId, DeliveryId, MailingId, MemberId, stored};
use assent_domain::permit::Recipient;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::audit::Change;
use crate::error::StoreError;
use crate::mailing::{self, Subject};
use crate::row::{member, test_mail as row};
use crate::tx::{TenantTx, Write};
use crate::{campaign, content, delivery};

/// The most members that one test goes to.
pub const MAX_MEMBERS: usize = 20;

/// Sends a campaign, whatever became of it, to members. Gives the delivery to each.
pub async fn send(
    tx: &mut TenantTx<Write>,
    id: CampaignId,
    to: &[MemberId],
) -> Result<Vec<DeliveryId>, StoreError> {
    if to.is_empty() || to.len() > MAX_MEMBERS {
        let message = format!("a test goes to at least one member, and at most {MAX_MEMBERS}");
        return Err(StoreError::invalid("memberIds", message));
    }
    let campaign = campaign::by_id(tx, id).await?;
    content::require_named(tx, id).await?;
    let wanted = to.iter().map(type_safe_id::TypeSafeId::uuid);
    let members = tx
        .find::<member::Entity>()
        .filter(member::Column::Id.is_in(wanted))
        .all(tx.conn())
        .await?;
    let is_known = |id: &MemberId| members.iter().any(|member| member.id == id.uuid());
    if !to.iter().all(is_known) {
        return Err(StoreError::NotFound("member"));
    }
    let now = tx.now();
    let mailing = mailing::create(tx, MailingKind::Test, campaign.purpose, Subject::Test, now).await?;
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        mailing_id: Set(mailing.uuid()),
        campaign_id: Set(id.uuid()),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    let rows: Vec<_> = members
        .iter()
        .map(|member| delivery::planned(tx, Recipient::Member(stored(member.id)), None))
        .collect();
    let ids = rows.iter().map(|row| row.id).collect();
    delivery::insert(tx, mailing, rows).await?;
    let tested = Change::to(json!({ "people": members.len() }));
    tx.audit(AuditAct::CampaignTested, id, &tested)?;
    Ok(ids)
}

/// The campaign that a mailing shows.
pub(crate) async fn campaign_of<M>(tx: &TenantTx<M>, mailing: MailingId) -> Result<CampaignId, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::MailingId.eq(mailing.uuid()));
    let row = query.one(tx.conn()).await?;
    Ok(stored(row.ok_or(StoreError::NotFound("campaign"))?.campaign_id))
}
