//! Whom a campaign would reach, and whom not and why.
//!
//! Everybody on its lists is looked at in one go: asked person by person, a list of a million would take seconds.
//! Against most people nothing stands but what they said. So everybody is counted as though that were so, and the few
//! who are held back, restricted or known for other purposes are taken away from there and counted where they do stand.

use std::collections::BTreeMap;

use assent_domain::delivery::MailingKind;
use assent_domain::id::{CampaignId, PurposeId};
use assent_domain::permit::{Refusal, refusal};
use sea_orm::{FromQueryResult, Value};

use crate::error::StoreError;
use crate::facts::{self, RANK};
use crate::tx::{self, TenantTx};
use crate::{campaign, purpose, segment};

mod position;

use position::Position;

#[derive(FromQueryResult)]
struct Group {
    position: Position,
    /// Fewer than none where they are counted elsewhere.
    people: i64,
}

/// How many people a campaign would reach now, and how many not and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Everybody who ever joined one of its lists, and is in its segment, if it has one.
    pub total: u64,
    /// Whom it would reach.
    pub allowed: u64,
    /// Whom not, by reason.
    pub refused: Vec<(Refusal, u64)>,
}

/// Counts a campaign's audience: the database counts people in the same position, and the rule decides once a position.
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
    let versions: Vec<Value> = ground.naming_versions().map(Value::from).collect();
    let narrowed = segment::condition_of(tx, campaign, 5 + versions.len()).await?;
    let sql = question(
        lists.len(),
        versions.len(),
        narrowed.as_ref().map(|of| of.sql.as_str()),
    );
    let values = ground.parameters(Some(campaign)).into_iter().chain(versions);
    let groups: Vec<Group> = tx
        .all(&sql, values.chain(narrowed.into_iter().flat_map(|of| of.values)))
        .await?;
    let mut counts: BTreeMap<Option<Refusal>, i64> = BTreeMap::new();
    for group in groups {
        let decision = refusal(&ground.message, group.position.facts()?);
        *counts.entry(decision).or_default() += group.people;
    }
    let count = |people: i64| u64::try_from(people).unwrap_or(0);
    let refused = counts
        .iter()
        .filter_map(|(decision, people)| Some(((*decision)?, count(*people))));
    Ok(Audience {
        total: count(counts.values().sum()),
        allowed: count(counts.get(&None).copied().unwrap_or(0)),
        refused: refused.filter(|(_, people)| *people > 0).collect(),
    })
}

/// Asks how many people stand where; of a campaign that goes to so many lists, or to those of them whom a condition about a
/// subscriber `s` means, where the versions that name its purpose are `$5` and what follows.
fn question(lists: usize, versions: usize, narrowed: Option<&str>) -> String {
    // Whoever is on one list stands there once; of several, the best place counts.
    let is_on_one = lists <= 1;
    let rank = if is_on_one {
        RANK.to_owned()
    } else {
        format!("MIN({RANK})")
    };
    let once = |column: &str| {
        if is_on_one {
            String::new()
        } else {
            format!("GROUP BY {column}")
        }
    };
    let named = match versions {
        0 => "SELECT v.id FROM policy_version v WHERE 1 = 0".to_owned(),
        versions => tx::places(5, versions),
    };
    // `CROSS JOIN` lets SQLite begin with the list, and with those who stand apart.
    let on_lists = match narrowed {
        None => "campaign_list l CROSS JOIN subscription u",
        Some(_) => "campaign_list l CROSS JOIN subscription u CROSS JOIN subscriber s",
    };
    let meant = narrowed.map_or_else(String::new, |condition| {
        format!(" AND s.tenant_id = $1 AND s.id = u.subscriber_id AND {condition}")
    });
    let are_theirs = format!(
        "l.tenant_id = $1 AND l.campaign_id = $3 AND u.tenant_id = $1 AND u.list_id = l.list_id{meant}"
    );
    let holds = "x.tenant_id = $1 AND (x.scope = 'ALL' OR x.scope_id = $2 OR x.scope_id IN (
                   SELECT l.list_id FROM campaign_list l WHERE l.tenant_id = $1 AND l.campaign_id = $3))";
    let consent = |person: &str| {
        format!(
            "LEFT JOIN consent c ON c.tenant_id = $1 AND c.subscriber_id = {person} AND c.purpose_id = $2"
        )
    };
    format!(
        "WITH addressed AS (
           SELECT u.subscriber_id, {rank} AS rank FROM {on_lists} WHERE {are_theirs} {of_addressed}),
         held_back AS (
           SELECT x.address_hash, SUM(DISTINCT x.bit) AS bits FROM suppression x WHERE {holds} GROUP BY x.address_hash),
         apart AS (
           SELECT s.id, {held_person} AS person
           FROM held_back h CROSS JOIN subscriber s WHERE s.tenant_id = $1 AND s.address_hash = h.address_hash
           UNION ALL
           SELECT s.id, {other_person} AS person
           FROM subscriber s WHERE s.tenant_id = $1 AND s.restricted_at IS NOT NULL AND {is_not_held_back}
           UNION ALL
           SELECT s.id, {other_person} AS person
           FROM policy_version v CROSS JOIN subscriber s
           WHERE v.tenant_id = $1 AND v.id NOT IN ({named}) AND s.tenant_id = $1 AND s.collected_under = v.id
             AND s.restricted_at IS NULL AND {is_not_held_back}),
         apart_on_lists AS (
           SELECT a.id, a.person, {rank} AS rank
           FROM apart a CROSS JOIN {on_lists} WHERE {are_theirs} AND u.subscriber_id = a.id {of_apart}),
         apart_there AS MATERIALIZED (
           SELECT a.person, a.rank + {answer} AS answer FROM apart_on_lists a {consent_of_apart})
         SELECT a.rank + {answer} + {MOST} AS position, COUNT(*) AS people
         FROM addressed a {consent_of_addressed} GROUP BY 1
         UNION ALL
         SELECT answer + {MOST}, -COUNT(*) FROM apart_there GROUP BY 1
         UNION ALL
         SELECT answer + person, COUNT(*) FROM apart_there GROUP BY 1",
        of_addressed = once("u.subscriber_id"),
        of_apart = once("a.id, a.person"),
        held_person = Position::sql_of_person("h.bits", &named),
        other_person = Position::sql_of_person("0", &named),
        is_not_held_back =
            format!("NOT EXISTS (SELECT 1 FROM suppression x WHERE {holds} AND x.address_hash = s.address_hash)"),
        answer = Position::sql_of_answer(&named),
        consent_of_addressed = consent("a.subscriber_id"),
        consent_of_apart = consent("a.id"),
        MOST = Position::SQL_OF_MOST,
    )
}
