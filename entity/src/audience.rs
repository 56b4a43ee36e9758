//! Whom a campaign would reach, and whom not and why.
//!
//! Everybody on its lists is looked at in one go: asked person by person, a list of a million would take seconds.

use std::collections::BTreeMap;

use assent_domain::delivery::MailingKind;
use assent_domain::id::{CampaignId, PurposeId};
use assent_domain::permit::{Refusal, refusal};
use sea_orm::FromQueryResult;

use crate::error::StoreError;
use crate::facts::{self, PersonRow};
use crate::tx::TenantTx;
use crate::{campaign, purpose};

/// Where somebody stands on a list, the best first: [`PersonRow`] reads it.
const PLACE: &str = "CASE u.state WHEN 'ACTIVE' THEN 1 WHEN 'PENDING' THEN 2 ELSE 3 END";

#[derive(FromQueryResult)]
struct Group {
    #[sea_orm(nested)]
    person: PersonRow,
    people: i64,
}

/// How many people a campaign would reach now, and how many not and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Everybody who ever joined one of its lists.
    pub total: u64,
    /// Whom it would reach.
    pub allowed: u64,
    /// Whom not, by reason.
    pub refused: Vec<(Refusal, u64)>,
}

/// Counts a campaign's audience: people in the same position are grouped by the database, and the rule
/// decides once a group.
pub async fn of<M>(
    tx: &TenantTx<M>,
    campaign: CampaignId,
    purpose: PurposeId,
) -> Result<Audience, StoreError> {
    let needs_consent = purpose::by_id(tx, purpose).await?.needs_consent_in_campaigns();
    let ground = facts::ground(
        tx,
        purpose,
        MailingKind::Campaign.message_kind(needs_consent),
        Some(campaign),
    )
    .await?;
    let lists = campaign::list_ids(tx, campaign).await?;
    // Whoever is on one list stands there once; of several, the best place counts.
    let (place, once_each) = match lists.len() {
        0 | 1 => (PLACE.to_owned(), ""),
        _ => (format!("MIN({PLACE})"), "GROUP BY u.subscriber_id"),
    };
    let sql = format!(
        "WITH addressed AS (
           SELECT u.subscriber_id, {place} AS subscription
           FROM campaign_list l CROSS JOIN subscription u
           WHERE l.tenant_id = $1 AND l.campaign_id = $3 AND u.tenant_id = $1 AND u.list_id = l.list_id
           {once_each}),
         held_back AS (
           SELECT x.address_hash, SUM(DISTINCT x.bit) AS bits FROM suppression x
           WHERE x.tenant_id = $1 AND (x.scope = 'ALL' OR x.scope_id = $2 OR x.scope_id IN (
             SELECT l.list_id FROM campaign_list l WHERE l.tenant_id = $1 AND l.campaign_id = $3))
           GROUP BY x.address_hash)
         SELECT CAST(COALESCE(h.bits, 0) AS INTEGER) AS suppressions,
                CASE WHEN s.restricted_at IS NULL THEN 0 ELSE 1 END AS restricted, s.collected_under,
                c.state AS consent_state, c.policy_version_id AS consent_version,
                CASE WHEN c.recorded_at <= $4 THEN 1 ELSE 0 END AS consent_is_over, a.subscription,
                COUNT(*) AS people
         FROM addressed a
         JOIN subscriber s ON s.tenant_id = $1 AND s.id = a.subscriber_id
         LEFT JOIN consent c ON c.tenant_id = $1 AND c.subscriber_id = a.subscriber_id AND c.purpose_id = $2
         LEFT JOIN held_back h ON h.address_hash = s.address_hash
         GROUP BY 1, 2, 3, 4, 5, 6, 7"
    );
    let groups: Vec<Group> = tx.all(&sql, ground.parameters(Some(campaign))).await?;
    let mut audience = Audience::default();
    let mut refused = BTreeMap::new();
    for group in groups {
        let people = u64::try_from(group.people).unwrap_or(0);
        audience.total += people;
        match refusal(&ground.message, ground.facts_of(&group.person)?) {
            None => audience.allowed += people,
            Some(reason) => *refused.entry(reason).or_insert(0) += people,
        }
    }
    audience.refused = refused.into_iter().collect();
    Ok(audience)
}
