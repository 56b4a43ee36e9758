//! What can still be done about a version that was posted and does not count yet (P07): take it back, put it off, or
//! say, on the record, that it need not wait for its notices.

use assent_domain::audit::{Actor, AuditAct};
use assent_domain::campaign::IfUnknown;
use assent_domain::clock::Timestamp;
use assent_domain::delivery::MailingKind;
use assent_domain::id::PolicyVersionId;
use assent_domain::policy::{self, PolicyNews, PolicyStatus};
use assent_domain::purpose::POLICY_NOTICE;
use assent_domain::webhook::event::Event;
use serde_json::json;

use super::Standing;
use crate::audit::Change;
use crate::error::StoreError;
use crate::mailing::{self, Subject};
use crate::row::{mailing as mailing_row, policy_version as row};
use crate::tx::{TenantTx, Write};
use crate::{live, purpose, text};

/// The longest reason, in characters.
const MAX_REASON_CHARS: usize = 500;

/// Holds a version that does not count yet against other changes.
async fn lock(tx: &TenantTx<Write>, id: PolicyVersionId) -> Result<Standing, StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let standings = super::standings(tx).await?;
    let version = standings.into_iter().find(|version| version.id == id);
    let version = version.ok_or(StoreError::NotFound("policy version"))?;
    let number = version.times.number;
    let message = match version.status {
        PolicyStatus::Posted => return Ok(version),
        PolicyStatus::Draft => format!("version {number} has not been posted: nobody waits for it"),
        PolicyStatus::Withdrawn => format!("version {number} was taken back already"),
        PolicyStatus::InForce | PolicyStatus::Superseded => {
            format!("version {number} has taken effect: post another one to change what counts")
        }
    };
    Err(StoreError::conflict("id", message))
}

async fn announce(tx: &mut TenantTx<Write>, id: PolicyVersionId, news: PolicyNews) -> Result<(), StoreError> {
    let purpose = purpose::by_code(tx, "id", POLICY_NOTICE.code).await?;
    let subject = Subject::PolicyVersion(id, news);
    mailing::create(tx, MailingKind::PolicyNotice, purpose.id, subject, tx.now()).await?;
    Ok(())
}

/// Takes a version back before it counts. Notices of it that are still to be sent are not; whoever had been told that
/// it comes is told that it does not. Where nobody had been, nobody is.
pub async fn withdraw(tx: &mut TenantTx<Write>, id: PolicyVersionId) -> Result<(), StoreError> {
    lock(tx, id).await?;
    tx.execute(
        "UPDATE policy_version SET withdrawn_at = $3 WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into(), tx.now().micros().into()],
    )
    .await?;
    announce(tx, id, PolicyNews::Withdrawn).await?;
    tx.tell(Event::policy_withdrawn(id));
    tx.audit(AuditAct::PolicyWithdrawn, id, &Change::default())
}

/// Puts a version off: it counts from `wanted` at the earliest. Everybody is told of the new date once: whoever had been
/// told an earlier one, with a mailing that takes the place of the last such; everybody else, with the news that it
/// comes.
pub async fn postpone(
    tx: &mut TenantTx<Write>,
    id: PolicyVersionId,
    wanted: Timestamp,
) -> Result<(), StoreError> {
    let version = lock(tx, id).await?;
    let later = policy::postponed(&version.times, wanted, tx.now())
        .map_err(|error| StoreError::invalid("effectiveAt", error))?;
    tx.execute(
        "UPDATE policy_version SET effective_at = $3 WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into(), later.micros().into()],
    )
    .await?;
    announce(tx, id, PolicyNews::Postponed).await?;
    let date = |at: Option<Timestamp>| json!({ "effectiveAt": at.map(|at| at.to_string()) });
    let change = Change::from_to(date(version.times.effective_at), date(Some(later)));
    tx.tell(Event::policy_postponed(id, later));
    tx.audit(AuditAct::PolicyPostponed, id, &change)
}

/// Gives another chance to at most [`mailing::RETRIED_AT_ONCE`] of those who could not be told of a version, for a reason
/// that may have passed, and says how many they were. Where there is nobody, nothing changes but that it was asked.
pub async fn retry_notices(tx: &mut TenantTx<Write>, id: PolicyVersionId) -> Result<u64, StoreError> {
    super::by_id(tx, id).await?;
    let Some(mailing) = mailing::of_policy_version(tx, id).await? else {
        return Err(StoreError::conflict(
            "id",
            "the version has not been posted: nobody was to be told",
        ));
    };
    // As a worker does: the mailing before its version.
    tx.lock::<mailing_row::Entity>(mailing.uuid()).await?;
    tx.lock::<row::Entity>(id.uuid()).await?;
    let version = super::by_id(tx, id).await?;
    if !matches!(version.status, PolicyStatus::Posted | PolicyStatus::InForce) {
        let message = format!("nobody is to hear of version {} any more", version.times.number);
        return Err(StoreError::conflict("id", message));
    }
    let retried = mailing::retry(tx, mailing, IfUnknown::SendAgain).await?;
    tx.moves_on(live::Subject::PolicyVersion(id));
    let people = Change::to(json!({ "people": retried }));
    tx.audit(AuditAct::PolicyNoticesRetried, id, &people)?;
    Ok(retried)
}

/// Lets a version take effect on its date though not everybody has been told. Who said so, and why, is on the
/// record.
pub async fn override_notices(
    tx: &mut TenantTx<Write>,
    id: PolicyVersionId,
    reason: &str,
) -> Result<(), StoreError> {
    let reason = text::lines("reason", reason, MAX_REASON_CHARS)?;
    if reason.is_empty() {
        return Err(StoreError::invalid(
            "reason",
            "say why it need not wait: it goes on the record",
        ));
    }
    let version = lock(tx, id).await?;
    if version.times.notices_settled_at.is_some() || version.times.overridden_at.is_some() {
        let message = format!(
            "version {} does not wait for notices any more",
            version.times.number
        );
        return Err(StoreError::conflict("id", message));
    }
    let by = match tx.actor() {
        Actor::Member { id, .. } => Some(id.uuid()),
        _ => None,
    };
    tx.execute(
        "UPDATE policy_version SET overridden_at = $3, overridden_by = $4 WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into(), tx.now().micros().into(), by.into()],
    )
    .await?;
    let change = Change::to(json!({ "reason": reason }));
    tx.audit(AuditAct::PolicyNoticesOverridden, id, &change)
}
