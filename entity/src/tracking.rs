//! Campaigns whose links are measured, and for whom: for those who agreed to the analytics purpose, and nobody else
//! (P16). The same facts and the same rule decide as for sending.

use std::collections::HashMap;

use assent_domain::audit::AuditAct;
use assent_domain::id::{CampaignId, PurposeId, SubscriberId, stored};
use assent_domain::purpose::PurposeKind;
use assent_domain::tracking::{TrackingLeave, may_track};
use sea_orm::{FromQueryResult, Value};
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::error::StoreError;
use crate::facts::{self, PERSON_COLUMNS, PersonRow, THEIR_CONSENT};
use crate::policy::{self, NamedPurpose};
use crate::purpose;
use crate::tx::{self, TenantTx, Write};

#[derive(FromQueryResult)]
struct Tracked {
    purpose_id: Uuid,
}

/// Lets the links of a campaign that is being drafted be measured, for those who agreed to `purpose`: the code of an
/// analytics purpose that the policy in force names. Left out, it is the only one there is.
pub async fn begin(
    tx: &mut TenantTx<Write>,
    campaign: CampaignId,
    purpose: Option<&str>,
) -> Result<(), StoreError> {
    let purpose = analytics(tx, purpose).await?;
    tx.execute(
        "INSERT INTO campaign_tracking (tenant_id, campaign_id, purpose_id) VALUES ($1, $2, $3)",
        [campaign.uuid().into(), purpose.id.uuid().into()],
    )
    .await?;
    let change = Change::to(json!({ "purpose": purpose.code }));
    tx.audit(AuditAct::LinkTrackingBegun, campaign, &change)
}

async fn analytics(tx: &TenantTx<Write>, code: Option<&str>) -> Result<NamedPurpose, StoreError> {
    let in_force = policy::in_force(tx).await?;
    let mut named = match in_force {
        Some(version) => policy::purposes_of(tx, version.id).await?,
        None => Vec::new(),
    };
    named.retain(|purpose| purpose.kind == PurposeKind::Analytics);
    let codes: Vec<_> = named.iter().map(|purpose| purpose.code.as_str()).collect();
    let codes = codes.join(", ");
    if named.is_empty() {
        let message = "links are measured only for a purpose of kind ANALYTICS, and the policy in force names none: \
                       post a version that does, or leave this out";
        return Err(StoreError::conflict("trackLinks", message));
    }
    match code {
        None if named.len() > 1 => {
            let message = format!("the policy in force names several analytics purposes, say which: {codes}");
            Err(StoreError::invalid("analyticsPurpose", message))
        }
        None => named.pop().ok_or(StoreError::NotFound("purpose")),
        Some(code) => named
            .into_iter()
            .find(|purpose| purpose.code == code)
            .ok_or_else(|| {
                let message =
                    format!("the policy in force names no such analytics purpose; it names: {codes}");
                StoreError::invalid("analyticsPurpose", message)
            }),
    }
}

/// What people have to have agreed to for a campaign's links to be measured; `None` where nobody's are.
pub async fn purposes_of<M>(
    tx: &TenantTx<M>,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, PurposeId>, StoreError> {
    let sql = "SELECT campaign_id AS of_id, purpose_id FROM campaign_tracking
               WHERE tenant_id = $1 AND campaign_id IN ({ids})";
    tx.each_about(sql, campaigns, |row: Tracked| Ok(stored(row.purpose_id)))
        .await
}

/// The same of one.
pub async fn purpose_of<M>(tx: &TenantTx<M>, campaign: CampaignId) -> Result<Option<PurposeId>, StoreError> {
    let sql = "SELECT purpose_id FROM campaign_tracking WHERE tenant_id = $1 AND campaign_id = $2";
    let row: Option<Tracked> = tx.one(sql, [campaign.uuid().into()]).await?;
    Ok(row.map(|row| stored(row.purpose_id)))
}

#[derive(FromQueryResult)]
struct Person {
    id: Uuid,
    #[sea_orm(nested)]
    facts: PersonRow,
}

/// Who among `people` may be measured now, for the analytics purpose `measured`.
pub(crate) async fn leaves<M>(
    tx: &TenantTx<M>,
    measured: PurposeId,
    mut people: Vec<Value>,
) -> Result<Vec<TrackingLeave>, StoreError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let kind = purpose::by_id(tx, measured).await?.message_kind();
    let ground = facts::ground(tx, measured, kind, None).await?;
    let places = tx::places(5, tx::fill_up(&mut people));
    let sql = format!(
        "SELECT s.id, {PERSON_COLUMNS} FROM subscriber s {THEIR_CONSENT} WHERE s.tenant_id = $1 AND s.id IN ({places})"
    );
    let rows: Vec<Person> = tx
        .all(&sql, ground.parameters(None).into_iter().chain(people))
        .await?;
    let mut leaves = Vec::with_capacity(rows.len());
    for row in rows {
        let facts = ground.facts_of(&row.facts)?;
        leaves.extend(may_track(&ground.message, facts, stored(row.id)).ok());
    }
    Ok(leaves)
}

/// Leave to record what one person does, if they agree now.
pub(crate) async fn leave_of<M>(
    tx: &TenantTx<M>,
    measured: PurposeId,
    person: SubscriberId,
) -> Result<Option<TrackingLeave>, StoreError> {
    let mut leaves = leaves(tx, measured, vec![person.uuid().into()]).await?;
    Ok(leaves.pop())
}
