//! The links of a campaign whose links are measured, kept once for all its messages, and the clicks on them.
//!
//! A link in a mail names a row here, never an address: so it leads nowhere but where the message leads (P16).

use std::collections::HashMap;

use assent_domain::id::CampaignId;
use assent_domain::tracking::TrackingLeave;
use sea_orm::FromQueryResult;

use crate::error::StoreError;
use crate::tracking;
use crate::tx::{TenantTx, Write};

/// The most links of a campaign that are measured; further ones stay as they are.
pub const MAX_LINKS: usize = 500;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct CampaignLink {
    /// Its number in the campaign, from 1.
    pub number: i32,
    /// Where it leads, as it stands in the message.
    pub url: String,
    /// How often it was followed by people who agreed to be measured.
    pub clicks: i64,
}

/// Keeps the links of a campaign, in the order in which its message has them. Those that are there stay.
pub async fn keep(tx: &TenantTx<Write>, campaign: CampaignId, urls: &[String]) -> Result<(), StoreError> {
    for (number, url) in (1_i32..).zip(urls.iter().take(MAX_LINKS)) {
        tx.execute(
            "INSERT INTO campaign_link (tenant_id, campaign_id, number, url) VALUES ($1, $2, $3, $4)
             ON CONFLICT (tenant_id, campaign_id, number) DO NOTHING",
            [campaign.uuid().into(), number.into(), url.as_str().into()],
        )
        .await?;
    }
    Ok(())
}

/// The links of a campaign, in their order; none before it is planned.
pub async fn of_campaigns<M>(
    tx: &TenantTx<M>,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, Vec<CampaignLink>>, StoreError> {
    let sql = "SELECT campaign_id AS of_id, number, url, clicks FROM campaign_link
               WHERE tenant_id = $1 AND campaign_id IN ({ids}) ORDER BY campaign_id, number";
    tx.lists_about(sql, campaigns, Ok).await
}

/// The same of one.
pub async fn of_campaign<M>(tx: &TenantTx<M>, campaign: CampaignId) -> Result<Vec<CampaignLink>, StoreError> {
    let sql = "SELECT number, url, clicks FROM campaign_link
               WHERE tenant_id = $1 AND campaign_id = $2 ORDER BY number";
    tx.all(sql, [campaign.uuid().into()]).await
}

/// One link of a campaign.
pub async fn find<M>(
    tx: &TenantTx<M>,
    campaign: CampaignId,
    number: i32,
) -> Result<CampaignLink, StoreError> {
    let sql = "SELECT number, url, clicks FROM campaign_link
               WHERE tenant_id = $1 AND campaign_id = $2 AND number = $3";
    let found = tx.one(sql, [campaign.uuid().into(), number.into()]).await?;
    found.ok_or(StoreError::NotFound("link"))
}

/// Records that a person followed a link, if they agree to that now, and says whether they do. Of somebody who does
/// not, nothing is counted either.
pub async fn follow(
    tx: &TenantTx<Write>,
    campaign: CampaignId,
    number: i32,
    person: assent_domain::id::SubscriberId,
) -> Result<bool, StoreError> {
    let Some(measured) = tracking::purpose_of(tx, campaign).await? else {
        return Ok(false);
    };
    let Some(leave) = tracking::leave_of(tx, measured, person).await? else {
        return Ok(false);
    };
    record(tx, campaign, number, &leave).await?;
    Ok(true)
}

async fn record(
    tx: &TenantTx<Write>,
    campaign: CampaignId,
    number: i32,
    leave: &TrackingLeave,
) -> Result<(), StoreError> {
    let link = [campaign.uuid().into(), number.into()];
    let count = "UPDATE campaign_link SET clicks = clicks + 1
                 WHERE tenant_id = $1 AND campaign_id = $2 AND number = $3";
    tx.execute(count, link.clone()).await?;
    let of_person = [leave.of().uuid().into(), tx.now().micros().into()];
    tx.execute(
        "INSERT INTO link_click (tenant_id, campaign_id, number, subscriber_id, clicked_at, clicks)
         VALUES ($1, $2, $3, $4, $5, 1)
         ON CONFLICT (tenant_id, campaign_id, number, subscriber_id)
         DO UPDATE SET clicks = link_click.clicks + 1",
        link.into_iter().chain(of_person),
    )
    .await?;
    Ok(())
}
