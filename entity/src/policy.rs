//! A tenant's policy: versions that are drafted, posted and, once posted, kept for good.

use std::collections::HashMap;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::{PolicyVersionId, PurposeId, new_id, stored};
use assent_domain::policy::{
    self, MAX_BODY_OCTETS, PolicyNews, PolicyStatus, PurposeDraft, VersionTimes, complete_purposes,
};
use assent_domain::purpose::{POLICY_NOTICE, PurposeKind};
use assent_domain::webhook::event::Event;
use sea_orm::{ActiveValue::Set, EntityTrait, FromQueryResult, PaginatorTrait, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::delivery::{self, Progress};
use crate::error::{StoreError, read_code};
use crate::mailing::{self, Subject};
use crate::page::{Page, PageRequest};
use crate::purpose;
use crate::row::{policy_purpose, policy_version as row, subscriber};
use crate::text;
use crate::tx::{TenantTx, Write};

mod party;
pub mod upcoming;

use party::name_parties;
pub use party::{NamedParty, PartyDraft, parties_of, parties_of_each};

/// A version of the policy.
#[derive(Clone, Debug)]
pub struct PolicyVersion {
    /// Its id.
    pub id: PolicyVersionId,
    /// Its stored times and its number.
    pub times: VersionTimes,
    /// Where it stands now.
    pub status: PolicyStatus,
    /// Its text, in Markdown.
    pub body: String,
    /// What changes, in a few plain words.
    pub summary: String,
    /// When it was drafted.
    pub created_at: Timestamp,
}

/// A purpose as a version names it.
#[derive(Clone, Debug)]
pub struct NamedPurpose {
    /// The purpose.
    pub id: PurposeId,
    /// Its code.
    pub code: String,
    /// Its kind.
    pub kind: PurposeKind,
    /// Its name in this version.
    pub name: String,
    /// What it covers in this version.
    pub description: String,
}

/// A version to be drafted.
#[derive(Clone, Debug)]
pub struct NewVersion {
    /// Its text, in Markdown.
    pub body: String,
    /// What changes.
    pub summary: String,
    /// What information is used for; the standing purposes are added where they are left out.
    pub purposes: Vec<PurposeDraft>,
    /// Who else gets information.
    pub parties: Vec<PartyDraft>,
}

/// The longest summary of what changes, in characters.
const MAX_SUMMARY_CHARS: usize = 2000;

/// The longest description of a purpose, in characters. With its name it has to fit into the words that a
/// person agrees to.
const MAX_DESCRIPTION_CHARS: usize = 1700;

/// Where a version stands: all that is asked of most.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) id: PolicyVersionId,
    pub(crate) times: VersionTimes,
    pub(crate) status: PolicyStatus,
}

/// The id and the times of a version, as stored.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct TimesRow {
    pub(crate) id: Uuid,
    pub(crate) number: i32,
    posted_at: Option<i64>,
    effective_at: Option<i64>,
    withdrawn_at: Option<i64>,
    notices_settled_at: Option<i64>,
    overridden_at: Option<i64>,
}

impl TimesRow {
    pub(crate) fn times(&self) -> VersionTimes {
        let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        VersionTimes {
            number: self.number,
            posted_at: at(self.posted_at),
            effective_at: at(self.effective_at),
            withdrawn_at: at(self.withdrawn_at),
            notices_settled_at: at(self.notices_settled_at),
            overridden_at: at(self.overridden_at),
        }
    }
}

/// Where every version stands, first to last, drafts included.
pub(crate) async fn standings<M>(tx: &TenantTx<M>) -> Result<Vec<Standing>, StoreError> {
    let sql = "SELECT id, number, posted_at, effective_at, withdrawn_at, notices_settled_at, overridden_at
               FROM policy_version WHERE tenant_id = $1 ORDER BY number";
    let rows: Vec<TimesRow> = tx.all(sql, []).await?;
    let times: Vec<_> = rows.iter().map(TimesRow::times).collect();
    let in_force = policy::in_force(&times, tx.store().now());
    let standings = rows.iter().zip(times).map(|(row, times)| Standing {
        id: stored(row.id),
        status: policy::status(&times, in_force),
        times,
    });
    Ok(standings.collect())
}

async fn read<M>(tx: &TenantTx<M>, of: Standing) -> Result<PolicyVersion, StoreError> {
    let row = tx.get::<row::Entity>(of.id.uuid()).await?;
    Ok(PolicyVersion {
        id: of.id,
        times: of.times,
        status: of.status,
        body: row.body,
        summary: row.summary,
        created_at: Timestamp::from_micros(row.created_at),
    })
}

/// Every version, first to last, drafts included.
pub async fn all<M>(tx: &TenantTx<M>) -> Result<Vec<PolicyVersion>, StoreError> {
    let rows = tx
        .find::<row::Entity>()
        .order_by_asc(row::Column::Number)
        .all(tx.conn())
        .await?;
    let versions = rows
        .into_iter()
        .zip(standings(tx).await?)
        .map(|(row, of)| PolicyVersion {
            id: of.id,
            times: of.times,
            status: of.status,
            body: row.body,
            summary: row.summary,
            created_at: Timestamp::from_micros(row.created_at),
        });
    Ok(versions.collect())
}

/// The tenant's versions, first to last, drafts included. The key of a page is a version's number, written as a
/// UUID.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<PolicyVersion>, StoreError> {
    let versions = all(tx).await?;
    let total = u64::try_from(versions.len()).ok();
    let rows = versions.into_iter().map(|version| {
        let number = u128::try_from(version.times.number).unwrap_or(0);
        (Uuid::from_u128(number), version)
    });
    let rows = rows.filter(|(key, _)| request.after.is_none_or(|after| *key > after));
    Ok(request.cut(rows.collect(), total))
}

/// The version with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: PolicyVersionId) -> Result<PolicyVersion, StoreError> {
    let standings = standings(tx).await?;
    let found = standings.into_iter().find(|version| version.id == id);
    read(tx, found.ok_or(StoreError::NotFound("policy version"))?).await
}

/// The id of the version in force.
pub(crate) async fn in_force_id<M>(tx: &TenantTx<M>) -> Result<Option<PolicyVersionId>, StoreError> {
    let standings = standings(tx).await?;
    let mut standings = standings.into_iter();
    Ok(standings
        .find(|version| version.status == PolicyStatus::InForce)
        .map(|version| version.id))
}

/// The version in force.
pub async fn in_force<M>(tx: &TenantTx<M>) -> Result<Option<PolicyVersion>, StoreError> {
    let standings = standings(tx).await?;
    let found = standings
        .into_iter()
        .find(|version| version.status == PolicyStatus::InForce);
    match found {
        Some(found) => read(tx, found).await.map(Some),
        None => Ok(None),
    }
}

/// The version in force, or an error that says what to do without one.
pub async fn require_in_force<M>(tx: &TenantTx<M>, field: &'static str) -> Result<PolicyVersion, StoreError> {
    in_force(tx).await?.ok_or_else(|| {
        StoreError::conflict(
            field,
            "no policy is in force: information is collected only under one; post a version first",
        )
    })
}

#[derive(FromQueryResult)]
struct NamedPurposeRow {
    id: Uuid,
    code: String,
    kind: String,
    name: String,
    description: String,
}

/// The purposes that each of several versions names, in its order.
pub async fn purposes_of_each<M>(
    tx: &TenantTx<M>,
    ids: &[PolicyVersionId],
) -> Result<HashMap<PolicyVersionId, Vec<NamedPurpose>>, StoreError> {
    let sql = "SELECT n.policy_version_id AS of_id, p.id, p.code, p.kind, n.name, n.description FROM policy_purpose n
               JOIN purpose p ON p.tenant_id = n.tenant_id AND p.id = n.purpose_id
               WHERE n.tenant_id = $1 AND n.policy_version_id IN ({ids})
               ORDER BY n.policy_version_id, n.position";
    let read = |row: NamedPurposeRow| {
        Ok(NamedPurpose {
            id: stored(row.id),
            kind: read_code(&row.kind)?,
            code: row.code,
            name: row.name,
            description: row.description,
        })
    };
    tx.lists_about(sql, ids, read).await
}

/// The purposes that a version names, in its order.
pub async fn purposes_of<M>(tx: &TenantTx<M>, id: PolicyVersionId) -> Result<Vec<NamedPurpose>, StoreError> {
    let mut named = purposes_of_each(tx, &[id]).await?;
    Ok(named.remove(&id).unwrap_or_default())
}

/// Drafts a version. It gets the next number.
pub async fn draft(tx: &mut TenantTx<Write>, new: NewVersion) -> Result<PolicyVersionId, StoreError> {
    if new.body.trim().is_empty() || new.body.len() > MAX_BODY_OCTETS {
        let rule = format!("a policy has a text of at most {MAX_BODY_OCTETS} octets");
        return Err(StoreError::invalid("body", rule));
    }
    text::check_characters("body", &new.body)?;
    let summary = text::lines("summary", &new.summary, MAX_SUMMARY_CHARS)?;
    let purposes = complete_purposes(new.purposes).map_err(|error| StoreError::invalid("purposes", error))?;
    let number = tx.find::<row::Entity>().count(tx.conn()).await?;
    let id: PolicyVersionId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        number: Set(i32::try_from(number + 1).unwrap_or(i32::MAX)),
        body: Set(new.body),
        summary: Set(summary),
        created_at: Set(tx.now().micros()),
        ..Default::default()
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    name_purposes(tx, id, &purposes).await?;
    name_parties(tx, id, &new.parties).await?;
    let drafted = Change::to(json!({ "number": number + 1 }));
    tx.audit(AuditAct::PolicyDrafted, id, &drafted)?;
    Ok(id)
}

async fn name_purposes(
    tx: &TenantTx<Write>,
    id: PolicyVersionId,
    purposes: &[PurposeDraft],
) -> Result<(), StoreError> {
    for (position, draft) in (1..).zip(purposes) {
        let description = text::lines("purposes", &draft.description, MAX_DESCRIPTION_CHARS)?;
        let purpose = purpose::settle(tx, draft).await?;
        let row = policy_purpose::ActiveModel {
            tenant_id: Set(tx.uuid()),
            policy_version_id: Set(id.uuid()),
            purpose_id: Set(purpose.uuid()),
            position: Set(position),
            name: Set(text::name("purposes", &draft.name)?),
            description: Set(description),
        };
        policy_purpose::Entity::insert(row)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

/// Posts a draft: from now on its words stand, its date is at least a week ahead, and everybody is told.
///
/// While the tenant holds no subscribers its first version waits for nobody; its members are told all the
/// same.
pub async fn post(
    tx: &mut TenantTx<Write>,
    id: PolicyVersionId,
    wanted: Timestamp,
) -> Result<(), StoreError> {
    let versions = standings(tx).await?;
    let version = versions.iter().find(|version| version.id == id);
    let version = version.ok_or(StoreError::NotFound("policy version"))?;
    if version.status != PolicyStatus::Draft {
        let message = format!(
            "version {} has been posted: draft a new one",
            version.times.number
        );
        return Err(StoreError::conflict("id", message));
    }
    let later_posted = versions
        .iter()
        .any(|other| other.times.number > version.times.number && other.times.posted_at.is_some());
    if later_posted {
        let message = format!(
            "a later version has been posted: draft the text of version {} anew",
            version.times.number
        );
        return Err(StoreError::conflict("id", message));
    }
    let is_first = versions.iter().all(|other| other.times.posted_at.is_none());
    let binds_nobody = is_first && tx.find::<subscriber::Entity>().count(tx.conn()).await? == 0;
    let effective_at = policy::effective_at(tx.now(), wanted, binds_nobody)?;
    let at_once = binds_nobody && effective_at.since(tx.now()) < policy::NOTICE_PERIOD;
    tx.execute(
        "UPDATE policy_version SET posted_at = $3, effective_at = $4, binds_nobody = $5, notices_settled_at = $6
         WHERE tenant_id = $1 AND id = $2",
        [
            id.uuid().into(),
            tx.now().micros().into(),
            effective_at.micros().into(),
            i32::from(at_once).into(),
            binds_nobody.then_some(tx.now().micros()).into(),
        ],
    )
    .await?;
    let purpose = purpose::by_code(tx, "purposes", POLICY_NOTICE.code).await?;
    mailing::create(
        tx,
        MailingKind::PolicyNotice,
        purpose.id,
        Subject::PolicyVersion(id, PolicyNews::Posted),
        tx.now(),
    )
    .await?;
    let posted = Change::to(json!({ "effectiveAt": effective_at.to_string() }));
    tx.tell(Event::policy_posted(id, effective_at));
    tx.audit(AuditAct::PolicyPosted, id, &posted)
}

/// How far the notices of a version are, or `None` while it has not been posted.
pub async fn notices<M>(tx: &TenantTx<M>, id: PolicyVersionId) -> Result<Option<Progress>, StoreError> {
    Ok(notices_of_each(tx, &[id]).await?.remove(&id))
}

/// The same of several versions.
pub async fn notices_of_each<M>(
    tx: &TenantTx<M>,
    ids: &[PolicyVersionId],
) -> Result<HashMap<PolicyVersionId, Progress>, StoreError> {
    let mailings = mailing::of_policy_versions(tx, ids).await?;
    let of_mailings: Vec<_> = mailings.values().copied().collect();
    let mut progress = delivery::progress_of_each(tx, &of_mailings).await?;
    let each = mailings
        .into_iter()
        .filter_map(|(id, mailing)| Some((id, progress.remove(&mailing)?)));
    Ok(each.collect())
}
