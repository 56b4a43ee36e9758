//! Segments: some of a tenant's people, by a rule that is saved and named.

use std::collections::HashMap;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::custom_field::FieldKey;
use assent_domain::id::{CampaignId, SegmentId, new_id, stored};
use assent_domain::segment::Rule;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use crate::audit::Change;
use crate::custom_field;
use crate::error::StoreError;
use crate::page::{Page, PageRequest};
use crate::row::{campaign_segment, segment as row};
use crate::text;
use crate::tx::{TenantTx, Write};

mod compile;
mod lead;

use compile::compile_frozen;
pub(crate) use compile::{Condition, compile};
pub(crate) use lead::{EVERYBODY, Lead, Query};

/// The most segments of a tenant.
pub const MAX_SEGMENTS: u64 = 1000;

/// The longest rule, in octets of JSON.
const MAX_OCTETS: usize = 16 * 1024;

/// A segment.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Its id.
    pub id: SegmentId,
    /// Its name, for the tenant's own use.
    pub name: String,
    /// Who is meant.
    pub rule: Rule,
    /// When it was saved first.
    pub created_at: Timestamp,
    /// When it was saved last.
    pub changed_at: Timestamp,
}

fn read_rule(text: &str) -> Result<Rule, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("the rule of a segment: {error}")))
}

fn written(rule: &Rule) -> Result<String, StoreError> {
    let text = serde_json::to_string(rule).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    if text.len() > MAX_OCTETS {
        let message = format!("the rule has more than {MAX_OCTETS} octets as JSON: make two segments of it");
        return Err(StoreError::invalid("rule", message));
    }
    Ok(text)
}

impl TryFrom<row::Model> for Segment {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            rule: read_rule(&row.rule)?,
            name: row.name,
            created_at: Timestamp::from_micros(row.created_at),
            changed_at: Timestamp::from_micros(row.changed_at),
        })
    }
}

/// Saves a segment under a name that no other has.
pub async fn create(tx: &mut TenantTx<Write>, name: &str, rule: &Rule) -> Result<SegmentId, StoreError> {
    tx.require_open()?;
    check(tx, rule).await?;
    if tx.find::<row::Entity>().count(tx.conn()).await? >= MAX_SEGMENTS {
        let message = format!("there are {MAX_SEGMENTS} segments already: delete one that is not used");
        return Err(StoreError::conflict("name", message));
    }
    let id: SegmentId = new_id(tx.now());
    let name = text::name("name", name)?;
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        name: Set(name.clone()),
        rule: Set(written(rule)?),
        created_at: Set(tx.now().micros()),
        changed_at: Set(tx.now().micros()),
    };
    let taken = OnConflict::columns([row::Column::TenantId, row::Column::Name])
        .do_nothing()
        .to_owned();
    let inserted = row::Entity::insert(row)
        .on_conflict(taken)
        .exec_without_returning(tx.conn())
        .await?;
    if inserted == 0 {
        return Err(name_is_taken(&name));
    }
    tx.audit(
        AuditAct::SegmentCreated,
        id,
        &Change::to(json!({ "name": name, "rule": rule.without_words() })),
    )?;
    Ok(id)
}

/// Makes sure that what a rule names is there, and stays until it is saved.
async fn check(tx: &TenantTx<Write>, rule: &Rule) -> Result<(), StoreError> {
    custom_field::hold(tx, &rule.fields()).await?;
    compile(tx, rule, 2).await?;
    Ok(())
}

fn name_is_taken(name: &str) -> StoreError {
    let message = format!("there is a segment {name:?} already: choose another name");
    StoreError::conflict("name", message)
}

/// Gives a segment another name, or another rule. Campaigns that have been scheduled keep the rule they were scheduled with.
pub async fn change(
    tx: &mut TenantTx<Write>,
    id: SegmentId,
    name: Option<&str>,
    rule: Option<Rule>,
) -> Result<(), StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let segment = by_id(tx, id).await?;
    let name = name.map(|name| text::name("name", name)).transpose()?;
    let name = name.unwrap_or_else(|| segment.name.clone());
    if let Some(rule) = &rule {
        check(tx, rule).await?;
    }
    let rule = rule.unwrap_or_else(|| segment.rule.clone());
    if name != segment.name && is_named(tx, &name).await? {
        return Err(name_is_taken(&name));
    }
    let now = tx.now().micros();
    tx.execute(
        "UPDATE segment SET name = $3, rule = $4, changed_at = $5 WHERE tenant_id = $1 AND id = $2",
        [
            id.uuid().into(),
            name.as_str().into(),
            written(&rule)?.into(),
            now.into(),
        ],
    )
    .await?;
    let change = Change::from_to(
        json!({ "name": segment.name, "rule": segment.rule.without_words() }),
        json!({ "name": name, "rule": rule.without_words() }),
    );
    tx.audit(AuditAct::SegmentChanged, id, &change)
}

#[derive(FromQueryResult)]
struct Named {
    name: String,
}

async fn is_named<M>(tx: &TenantTx<M>, name: &str) -> Result<bool, StoreError> {
    let sql = "SELECT name FROM segment WHERE tenant_id = $1 AND name = $2";
    let found: Option<Named> = tx.one(sql, [name.into()]).await?;
    Ok(found.is_some())
}

/// Deletes a segment. One that a draft goes to stays; campaigns that have been scheduled carry their rule with them.
pub async fn delete(tx: &mut TenantTx<Write>, id: SegmentId) -> Result<(), StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let segment = by_id(tx, id).await?;
    let sql = "SELECT c.name FROM campaign_segment g
               JOIN campaign c ON c.tenant_id = g.tenant_id AND c.id = g.campaign_id
               WHERE g.tenant_id = $1 AND g.segment_id = $2 AND g.rule IS NULL ORDER BY c.id LIMIT 1";
    let draft: Option<Named> = tx.one(sql, [id.uuid().into()]).await?;
    if let Some(draft) = draft {
        let message = format!(
            "the campaign {:?} is to go to it: send or cancel that first",
            draft.name
        );
        return Err(StoreError::conflict("id", message));
    }
    for sql in [
        "UPDATE campaign_segment SET segment_id = NULL WHERE tenant_id = $1 AND segment_id = $2",
        "DELETE FROM segment WHERE tenant_id = $1 AND id = $2",
    ] {
        tx.execute(sql, [id.uuid().into()]).await?;
    }
    let deleted = json!({ "name": segment.name, "rule": segment.rule.without_words() });
    tx.audit(
        AuditAct::SegmentDeleted,
        id,
        &Change::from_to(deleted, Value::Null),
    )
}

/// The segment with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: SegmentId) -> Result<Segment, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The segments with these ids; one that is gone is left out.
pub async fn by_ids<M>(tx: &TenantTx<M>, ids: &[SegmentId]) -> Result<Vec<Segment>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::Id.is_in(ids.iter().map(SegmentId::uuid)));
    let rows = query.all(tx.conn()).await?;
    rows.into_iter().map(Segment::try_from).collect()
}

/// The tenant's segments, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<Segment>, StoreError> {
    request.run(tx, tx.find::<row::Entity>(), Segment::try_from).await
}

#[derive(FromQueryResult)]
struct Counted {
    people: i64,
}

/// How many of the tenant's people a rule means now.
pub async fn count<M>(tx: &TenantTx<M>, rule: &Rule) -> Result<u64, StoreError> {
    count_people(tx, compile(tx, rule, 2).await?).await
}

/// How many a condition means whose values begin at `$2`.
pub(crate) async fn count_people<M>(tx: &TenantTx<M>, wanted: Condition) -> Result<u64, StoreError> {
    let Query { sql, values } = wanted.counted();
    let counted: Option<Counted> = tx.one(&sql, values).await?;
    Ok(counted.map_or(0, |counted| u64::try_from(counted.people).unwrap_or(0)))
}

/// Lets a draft go only to those of its lists whom a segment means.
pub(crate) async fn narrow(
    tx: &TenantTx<Write>,
    campaign: CampaignId,
    segment: SegmentId,
) -> Result<(), StoreError> {
    tx.lock::<row::Entity>(segment.uuid()).await?;
    by_id(tx, segment).await?;
    let row = campaign_segment::ActiveModel {
        tenant_id: Set(tx.uuid()),
        campaign_id: Set(campaign.uuid()),
        segment_id: Set(Some(segment.uuid())),
        rule: Set(None),
    };
    campaign_segment::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Keeps the rule that a campaign's segment has now as the campaign's own. Nobody changes the one meanwhile, nor deletes what
/// it tests.
pub(crate) async fn freeze(tx: &TenantTx<Write>, campaign: CampaignId) -> Result<(), StoreError> {
    let narrowed = of_campaign(tx, campaign).await?;
    let Some(id) = narrowed.and_then(|of| of.segment) else {
        return Ok(());
    };
    tx.lock::<row::Entity>(id.uuid()).await?;
    custom_field::hold(tx, &by_id(tx, id).await?.rule.fields()).await?;
    tx.execute(
        "UPDATE campaign_segment SET rule = (
           SELECT g.rule FROM segment g WHERE g.tenant_id = $1 AND g.id = campaign_segment.segment_id)
         WHERE tenant_id = $1 AND campaign_id = $2",
        [campaign.uuid().into()],
    )
    .await?;
    Ok(())
}

/// Whom of its lists a campaign goes to.
#[derive(Clone, Debug)]
pub struct Narrowed {
    /// The segment, while there is one.
    pub segment: Option<SegmentId>,
    /// Who is meant: by the rule the campaign was scheduled with, or, of a draft, by the one that the segment has now.
    pub rule: Rule,
}

#[derive(FromQueryResult)]
struct NarrowedRow {
    segment_id: Option<uuid::Uuid>,
    rule: Option<String>,
    now: Option<String>,
}

impl TryFrom<NarrowedRow> for Narrowed {
    type Error = StoreError;

    fn try_from(row: NarrowedRow) -> Result<Self, StoreError> {
        let rule = row.rule.or(row.now).ok_or(StoreError::NotFound("segment"))?;
        Ok(Self {
            segment: row.segment_id.map(stored),
            rule: read_rule(&rule)?,
        })
    }
}

/// Whom of their lists several campaigns go to; everybody, where nothing says otherwise.
pub async fn of_campaigns<M>(
    tx: &TenantTx<M>,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, Narrowed>, StoreError> {
    let sql = "SELECT g.campaign_id AS of_id, g.segment_id, g.rule, s.rule AS now FROM campaign_segment g
               LEFT JOIN segment s ON s.tenant_id = g.tenant_id AND s.id = g.segment_id
               WHERE g.tenant_id = $1 AND g.campaign_id IN ({ids})";
    tx.each_about(sql, campaigns, |row: NarrowedRow| row.try_into())
        .await
}

/// Whom of its lists a campaign goes to; everybody, where nothing says otherwise.
pub async fn of_campaign<M>(tx: &TenantTx<M>, campaign: CampaignId) -> Result<Option<Narrowed>, StoreError> {
    Ok(of_campaigns(tx, &[campaign]).await?.remove(&campaign))
}

/// The condition of those a campaign goes to, about a subscriber `s`, with its values from `$first` on; none where it goes to
/// everybody on its lists.
pub(crate) async fn condition_of<M>(
    tx: &TenantTx<M>,
    campaign: CampaignId,
    first: usize,
) -> Result<Option<Condition>, StoreError> {
    match of_campaign(tx, campaign).await? {
        Some(narrowed) => compile_frozen(tx, &narrowed.rule, first).await.map(Some),
        None => Ok(None),
    }
}

#[derive(FromQueryResult)]
struct User {
    name: String,
    rule: String,
}

/// What tests a field, in words: a segment, or a campaign that has yet to find its recipients.
pub(crate) async fn user_of<M>(tx: &TenantTx<M>, key: &FieldKey) -> Result<Option<String>, StoreError> {
    let segments: Vec<User> = tx
        .all(
            "SELECT name, rule FROM segment WHERE tenant_id = $1 ORDER BY id",
            [],
        )
        .await?;
    for segment in segments {
        if read_rule(&segment.rule)?.fields().contains(key) {
            return Ok(Some(format!("the segment {:?}", segment.name)));
        }
    }
    let campaigns: Vec<User> = tx
        .all(
            "SELECT c.name, g.rule FROM campaign_segment g
             JOIN campaign c ON c.tenant_id = g.tenant_id AND c.id = g.campaign_id
             JOIN mailing m ON m.tenant_id = g.tenant_id AND m.campaign_id = g.campaign_id
             WHERE g.tenant_id = $1 AND g.rule IS NOT NULL AND m.planned_at IS NULL AND m.finished_at IS NULL
             ORDER BY c.id",
            [],
        )
        .await?;
    for campaign in campaigns {
        if read_rule(&campaign.rule)?.fields().contains(key) {
            return Ok(Some(format!("the campaign {:?}", campaign.name)));
        }
    }
    Ok(None)
}
