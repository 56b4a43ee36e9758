//! The mailings that tell of a policy version (P08): that it comes, later than was said, or not at all. Everybody is told
//! that it comes; of a change, whoever had been told something else.

use std::collections::BTreeSet;
use std::time::Duration;

use std::collections::HashMap;

use assent_domain::id::{MailingId, PolicyVersionId, SubscriberId, stored};
use assent_domain::job::Job;
use assent_domain::permit::Recipient;
use assent_domain::policy::{PolicyNews, PolicyStatus};
use assent_domain::suppression::{MessageKind, SuppressionReason};
use sea_orm::{FromQueryResult, Value};
use strum::IntoEnumIterator as _;
use uuid::Uuid;

use super::Mailing;
use crate::delivery;
use crate::delivery::IS_ON_ITS_WAY;
use crate::error::StoreError;
use crate::live::Subject;
use crate::row::mailing as row;
use crate::store::Store;
use crate::tx::{TenantCtx, TenantTx, Write, fill_up, places};
use crate::{choice, policy};

/// How long after a new date was set mail with the old one may still have begun to leave: another process's clock may
/// be ahead, and its turn under way. Whoever is written to in that time, or just now, may be told twice.
const OVERLAP: Duration = Duration::from_secs(10);

/// What tells of a version, held until the transaction ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held {
    version: PolicyVersionId,
    number: i32,
    mailing: MailingId,
}

impl Held {
    /// The number of the version.
    pub(crate) fn number(self) -> i32 {
        self.number
    }
}

/// Holds the news of every version that is yet to take effect. Whoever goes on to hold a person and may call
/// [`tell_newcomer`] does this first: planning holds its mailing before the people it asks.
pub(crate) async fn hold_news(tx: &TenantTx<Write>) -> Result<Vec<Held>, StoreError> {
    hold(tx, |of| of.status == PolicyStatus::Posted).await
}

/// Holds the news of what people do not know who were collected under a version before others: that in force, if it is
/// a later one, and those yet to take effect.
pub(crate) async fn hold_news_after(tx: &TenantTx<Write>, number: i32) -> Result<Vec<Held>, StoreError> {
    hold(tx, |of| {
        let counts = matches!(of.status, PolicyStatus::Posted | PolicyStatus::InForce);
        counts && of.times.number > number
    })
    .await
}

async fn hold(
    tx: &TenantTx<Write>,
    is_wanted: impl Fn(&policy::Standing) -> bool,
) -> Result<Vec<Held>, StoreError> {
    let mut news = Vec::new();
    for of in policy::standings(tx).await?.into_iter().filter(is_wanted) {
        if let Some(mailing) = of_policy_version(tx, of.id).await? {
            tx.lock::<row::Entity>(mailing.uuid()).await?;
            news.push(Held {
                version: of.id,
                number: of.times.number,
                mailing,
            });
        }
    }
    Ok(news)
}

/// Tells a person who joined after a policy version was announced of it too (P08): they get a row in the
/// mailing of each version that is yet to take effect.
pub(crate) async fn tell_newcomer(tx: &mut TenantTx<Write>, person: SubscriberId) -> Result<(), StoreError> {
    for news in hold_news(tx).await? {
        tell(tx, news, &[person]).await?;
    }
    Ok(())
}

/// Gives people who were not there when a version was announced a row in its mailing, and asks them for their choices.
pub(crate) async fn tell(
    tx: &mut TenantTx<Write>,
    news: Held,
    people: &[SubscriberId],
) -> Result<(), StoreError> {
    let id = news.mailing;
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    let mut late = Vec::with_capacity(people.len());
    for person in people {
        // Planning that is still under way reaches those who come after the people it has got to.
        let ahead = row.planned_at.is_none() && row.planned_to.is_none_or(|to| person.uuid() > to);
        if !ahead && !delivery::is_recipient(tx, id, *person).await? {
            late.push(*person);
        }
    }
    if late.is_empty() {
        return Ok(());
    }
    let rows = late
        .iter()
        .map(|person| delivery::planned(tx, Recipient::Subscriber(*person), None));
    delivery::insert(tx, id, rows.collect()).await?;
    tx.moves_on(Subject::PolicyVersion(news.version));
    choice::ask(tx, news.version, &late).await?;
    tx.execute(
        "UPDATE mailing SET finished_at = NULL WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into()],
    )
    .await?;
    let (job, now) = (
        Job::SendMailing {
            tenant: tx.tenant(),
            mailing: id,
        },
        tx.now(),
    );
    tx.enqueue(&job, now).await?;
    Ok(())
}

/// The mailing that announces a policy version, once it has been posted.
pub(crate) async fn of_policy_version<M>(
    tx: &TenantTx<M>,
    id: PolicyVersionId,
) -> Result<Option<MailingId>, StoreError> {
    Ok(of_policy_versions(tx, &[id]).await?.remove(&id))
}

/// The same of several versions.
pub(crate) async fn of_policy_versions<M>(
    tx: &TenantTx<M>,
    ids: &[PolicyVersionId],
) -> Result<HashMap<PolicyVersionId, MailingId>, StoreError> {
    let posted = PolicyNews::Posted;
    let sql = format!(
        "SELECT policy_version_id AS of_id, id FROM mailing
         WHERE tenant_id = $1 AND policy_version_id IN ({{ids}}) AND news = '{posted}'"
    );
    tx.each_about(&sql, ids, |row: Noticed| Ok(stored(row.id))).await
}

#[derive(FromQueryResult)]
struct Noticed {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct Dated {
    effective_at: Option<i64>,
}

/// The date of a version.
pub(super) async fn date_of<M>(
    tx: &TenantTx<M>,
    version: Option<PolicyVersionId>,
) -> Result<Option<i64>, StoreError> {
    let Some(version) = version else { return Ok(None) };
    let sql = "SELECT effective_at FROM policy_version WHERE tenant_id = $1 AND id = $2";
    let dated: Option<Dated> = tx.one(sql, [version.uuid().into()]).await?;
    Ok(dated.and_then(|dated| dated.effective_at))
}

/// Whether what a mailing tells is not so any more: the version was taken back, or put off once more, of which another
/// mailing tells.
pub(super) async fn is_overtaken(tx: &TenantTx<Write>, mailing: &Mailing) -> Result<bool, StoreError> {
    let (Some(version), Some(news)) = (mailing.policy_version, mailing.news) else {
        return Ok(false);
    };
    if news == PolicyNews::Withdrawn {
        return Ok(false);
    }
    if policy::by_id(tx, version).await?.status == PolicyStatus::Withdrawn {
        return Ok(true);
    }
    Ok(news == PolicyNews::Postponed && newest_delay(tx, version).await? != Some(mailing.id))
}

#[derive(FromQueryResult)]
struct Named {
    id: Uuid,
}

async fn newest_delay(
    tx: &TenantTx<Write>,
    version: PolicyVersionId,
) -> Result<Option<MailingId>, StoreError> {
    let sql = "SELECT id FROM mailing WHERE tenant_id = $1 AND policy_version_id = $2 AND news = 'POSTPONED'
               ORDER BY created_at DESC, id DESC LIMIT 1";
    let newest: Option<Named> = tx.one(sql, [version.uuid().into()]).await?;
    Ok(newest.map(|newest| stored(newest.id)))
}

/// Those of some people and members who had been told of a version before a mailing with other news of it was called
/// for. Who is still to be told that it comes is told its new date with that, or, where it was taken back, nothing.
pub(crate) async fn told(
    tx: &TenantTx<Write>,
    mailing: &Mailing,
    of: impl IntoIterator<Item = Uuid>,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let Some(version) = mailing.policy_version else {
        return Ok(BTreeSet::new());
    };
    let until = match mailing.news {
        Some(PolicyNews::Postponed) => mailing.created_at.after(OVERLAP).micros(),
        _ => i64::MAX,
    };
    let mut ids: Vec<Value> = of.into_iter().map(Value::from).collect();
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    let sql = format!(
        "SELECT DISTINCT d.recipient_id AS id FROM mailing m
         JOIN delivery d ON d.tenant_id = m.tenant_id AND d.mailing_id = m.id
         WHERE m.tenant_id = $1 AND m.policy_version_id = $2 AND m.id <> $3 AND m.news <> 'WITHDRAWN'
           AND d.recipient_id IN ({})
           AND ({IS_ON_ITS_WAY}
             OR EXISTS (SELECT 1 FROM attempt a WHERE a.tenant_id = d.tenant_id AND a.delivery_id = d.id
                          AND a.outcome IN ('SENT', 'UNKNOWN') AND a.started_at < $4))",
        places(5, fill_up(&mut ids))
    );
    let parameters: [Value; 3] = [version.uuid().into(), mailing.id.uuid().into(), until.into()];
    let told: Vec<Named> = tx.all(&sql, parameters.into_iter().chain(ids)).await?;
    Ok(told.into_iter().map(|told| told.id).collect())
}

/// Notes that the notices of a version are out: those to everybody who was there when it was announced. It does
/// not wait for people who came later, of whom there may always be one whose server says not now. Whoever was not told
/// because their server refuses the sender can be reached, and has not been: for them it waits until they are, or are
/// not to be told any more, or a member takes it on themselves not to wait.
pub(super) async fn settle(
    tx: &TenantTx<Write>,
    id: MailingId,
    version: PolicyVersionId,
) -> Result<(), StoreError> {
    let held_back = SuppressionReason::iter().filter(|reason| reason.holds_back(MessageKind::PolicyNotice));
    let held_back: Vec<_> = held_back.map(|reason| format!("'{reason}'")).collect();
    let sql = format!(
        "UPDATE policy_version SET notices_settled_at = $4
         WHERE tenant_id = $1 AND id = $3 AND notices_settled_at IS NULL AND NOT EXISTS (
           SELECT 1 FROM delivery d JOIN mailing m ON m.tenant_id = d.tenant_id AND m.id = d.mailing_id
           WHERE d.tenant_id = $1 AND d.mailing_id = $2
             AND (d.recipient_kind = 'MEMBER' OR d.recipient_id <= m.planned_to)
             AND (d.status IN ('QUEUED', 'DEFERRED')
               OR d.failure = 'BLOCKED' AND d.recipient_kind = 'MEMBER' AND EXISTS (
                 SELECT 1 FROM member e WHERE e.tenant_id = $1 AND e.id = d.recipient_id)
               OR d.failure = 'BLOCKED' AND d.recipient_kind = 'SUBSCRIBER' AND EXISTS (
                 SELECT 1 FROM subscriber s WHERE s.tenant_id = $1 AND s.id = d.recipient_id AND NOT EXISTS (
                   SELECT 1 FROM suppression x WHERE x.tenant_id = $1 AND x.address_hash = s.address_hash
                     AND x.scope = 'ALL' AND x.reason IN ({})))))",
        held_back.join(", ")
    );
    let now = tx.now().micros();
    let values = [id.uuid().into(), version.uuid().into(), now.into()];
    tx.execute(&sql, values).await?;
    Ok(())
}

#[derive(FromQueryResult)]
struct Waiting {
    mailing: Uuid,
    version: Uuid,
}

/// Looks again at the versions whose notices are over and did not reach everybody: who kept one waiting may be gone.
pub(crate) async fn settle_finished(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let sql = "SELECT m.id AS mailing, v.id AS version FROM policy_version v
               JOIN mailing m ON m.tenant_id = v.tenant_id AND m.policy_version_id = v.id
               WHERE v.tenant_id = $1 AND v.posted_at IS NOT NULL AND v.withdrawn_at IS NULL
                 AND v.notices_settled_at IS NULL AND m.news = 'POSTED' AND m.finished_at IS NOT NULL";
    let waiting: Vec<Waiting> = tx.all(sql, []).await?;
    drop(tx);
    for of in waiting {
        let mut tx = TenantTx::write(store, ctx).await?;
        settle(&tx, stored(of.mailing), stored(of.version)).await?;
        tx.moves_on(Subject::PolicyVersion(stored(of.version)));
        tx.commit().await?;
    }
    Ok(())
}
