//! Another chance for those whom a mailing failed to reach.

use assent_domain::campaign::IfUnknown;
use assent_domain::delivery::{DeliveryStatus, Failure};
use assent_domain::id::MailingId;
use assent_domain::job::Job;
use sea_orm::{FromQueryResult, Value};
use strum::IntoEnumIterator;
use uuid::Uuid;

use crate::delivery::queue;
use crate::error::StoreError;
use crate::tx::{TenantTx, Write, places};

/// Rows that one transaction gives another chance.
pub const RETRIED_AT_ONCE: u32 = 5000;

#[derive(FromQueryResult)]
struct Retried {
    id: Uuid,
}

/// Gives another chance to at most [`RETRIED_AT_ONCE`] of those who failed for a reason that may have passed, and says how
/// many they were. Whoever calls has locked the mailing. Where there is nobody, nothing changes.
pub(crate) async fn retry(
    tx: &mut TenantTx<Write>,
    mailing: MailingId,
    if_unknown: IfUnknown,
) -> Result<u64, StoreError> {
    let may_pass = Failure::iter().filter(|failure| failure.may_pass());
    let reasons: Vec<Value> = may_pass.map(|failure| failure.to_string().into()).collect();
    let or_unknown = match if_unknown {
        IfUnknown::Leave => String::new(),
        IfUnknown::SendAgain => format!("OR status = '{}'", DeliveryStatus::Unknown),
    };
    let failed = format!("(failure IN ({}) {or_unknown})", places(4, reasons.len()));
    let sql = format!(
        "UPDATE delivery SET status = 'QUEUED', failure = NULL, tried_before = attempts, changed_at = $3
         WHERE tenant_id = $1 AND {failed} AND id IN (
           SELECT id FROM delivery WHERE tenant_id = $1 AND mailing_id = $2 AND {failed}
           ORDER BY id LIMIT {RETRIED_AT_ONCE})
         RETURNING id"
    );
    let values = [mailing.uuid().into(), tx.now().micros().into()];
    let retried: Vec<Retried> = tx.all(&sql, values.into_iter().chain(reasons)).await?;
    if retried.is_empty() {
        return Ok(0);
    }
    queue::put(tx, mailing, tx.now(), retried.iter().map(|retried| retried.id)).await?;
    let open = "UPDATE mailing SET finished_at = NULL WHERE tenant_id = $1 AND id = $2";
    tx.execute(open, [mailing.uuid().into()]).await?;
    let (job, now) = (
        Job::SendMailing {
            tenant: tx.tenant(),
            mailing,
        },
        tx.now(),
    );
    tx.enqueue(&job, now).await?;
    Ok(u64::try_from(retried.len()).unwrap_or(u64::MAX))
}
