//! What campaigns load from hosts that are not their tenant's, and whether the policy in force names who is behind
//! them (P13).

use std::collections::HashMap;

use assent_domain::content::ContentParty;
use assent_domain::id::{CampaignId, PolicyVersionId, stored};
use assent_domain::site::HostName;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::{StoreError, read_code};
use crate::policy;
use crate::row::{campaign_content as row, policy_party_site as site_row};
use crate::tx::{TenantTx, Write};

/// The most things that a campaign may load from elsewhere.
const MAX_PARTIES: usize = 200;

/// Notes what the content of a campaign brings in, in place of what was noted before.
pub(crate) async fn note(
    tx: &TenantTx<Write>,
    campaign: CampaignId,
    content: &[ContentParty],
) -> Result<(), StoreError> {
    if content.len() > MAX_PARTIES {
        let rule = format!("a campaign loads content from at most {MAX_PARTIES} places of other hosts");
        return Err(StoreError::invalid("body.source", rule));
    }
    tx.execute(
        "DELETE FROM campaign_content WHERE tenant_id = $1 AND campaign_id = $2",
        [campaign.uuid().into()],
    )
    .await?;
    for (position, party) in (1..).zip(content) {
        let row = row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            campaign_id: Set(campaign.uuid()),
            position: Set(position),
            site: Set(party.host.to_string()),
            kind: Set(party.kind.to_string()),
            line: Set(i32::try_from(party.line).unwrap_or(i32::MAX)),
        };
        row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    }
    Ok(())
}

/// Somebody outside whom a campaign brings in, and whether the policy in force names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroughtIn {
    /// Who, for what, and where.
    pub party: ContentParty,
    /// Whether the policy in force names an outside party with this host.
    pub named: bool,
}

/// Whom the content of each of several campaigns brings in, in the order of the text.
pub async fn of_campaigns<M>(
    tx: &TenantTx<M>,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, Vec<BroughtIn>>, StoreError> {
    let sql = "SELECT c.*, c.campaign_id AS of_id FROM campaign_content c
               WHERE c.tenant_id = $1 AND c.campaign_id IN ({ids}) ORDER BY c.campaign_id, c.position";
    let mut found = tx.lists_about(sql, campaigns, brought_in).await?;
    if found.values().all(Vec::is_empty) {
        return Ok(found);
    }
    let sites = match policy::in_force(tx).await? {
        Some(version) => sites_of(tx, version.id).await?,
        None => Vec::new(),
    };
    for brought_in in found.values_mut().flatten() {
        let host = brought_in.party.host.to_string();
        brought_in.named = sites.iter().any(|site| site.site == host);
    }
    Ok(found)
}

/// Somebody whom nobody has named so far.
fn brought_in(row: row::Model) -> Result<BroughtIn, StoreError> {
    let host = HostName::parse(&row.site).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    Ok(BroughtIn {
        named: false,
        party: ContentParty {
            host,
            kind: read_code(&row.kind)?,
            line: u32::try_from(row.line).unwrap_or(1),
        },
    })
}

/// Whom the content of a campaign brings in, in the order of the text.
pub async fn of_campaign<M>(tx: &TenantTx<M>, campaign: CampaignId) -> Result<Vec<BroughtIn>, StoreError> {
    let mut found = of_campaigns(tx, &[campaign]).await?;
    Ok(found.remove(&campaign).unwrap_or_default())
}

pub(crate) async fn sites_of<M>(
    tx: &TenantTx<M>,
    version: PolicyVersionId,
) -> Result<Vec<site_row::Model>, StoreError> {
    let mut sites = sites_of_each(tx, &[version]).await?;
    Ok(sites.remove(&version).unwrap_or_default())
}

/// The same of several versions.
pub(crate) async fn sites_of_each<M>(
    tx: &TenantTx<M>,
    versions: &[PolicyVersionId],
) -> Result<HashMap<PolicyVersionId, Vec<site_row::Model>>, StoreError> {
    let sql = "SELECT s.*, s.policy_version_id AS of_id FROM policy_party_site s
               WHERE s.tenant_id = $1 AND s.policy_version_id IN ({ids}) ORDER BY s.policy_version_id, s.site";
    tx.lists_about(sql, versions, Ok).await
}

/// Whether a campaign brings anybody in at all: most do not, and need not be asked again while they are sent.
pub(crate) async fn brings_parties<M>(tx: &TenantTx<M>, campaign: CampaignId) -> Result<bool, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::CampaignId.eq(campaign.uuid()));
    Ok(query.one(tx.conn()).await?.is_some())
}

/// Whether a version names everybody whom a campaign brings in.
pub(crate) async fn is_named_by<M>(
    tx: &TenantTx<M>,
    campaign: CampaignId,
    version: Option<Uuid>,
) -> Result<bool, StoreError> {
    let named = match version {
        Some(version) => sites_of(tx, stored(version)).await?,
        None => Vec::new(),
    };
    let unnamed = tx
        .find::<row::Entity>()
        .filter(row::Column::CampaignId.eq(campaign.uuid()))
        .filter(row::Column::Site.is_not_in(named.into_iter().map(|site| site.site)))
        .one(tx.conn())
        .await?;
    Ok(unnamed.is_none())
}

/// Refuses to go on with a campaign that brings in anybody whom the policy in force does not name.
pub(crate) async fn require_named<M>(tx: &TenantTx<M>, campaign: CampaignId) -> Result<(), StoreError> {
    let brought_in = of_campaign(tx, campaign).await?;
    match brought_in.iter().find(|brought_in| !brought_in.named) {
        None => Ok(()),
        Some(BroughtIn { party, .. }) => Err(StoreError::OutsideParty {
            host: party.host.to_string(),
            line: party.line,
        }),
    }
}
