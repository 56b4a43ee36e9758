//! Restricting the use of a person's data (GDPR, article 18): it is kept, and nothing is sent for it. The one rule
//! refuses with `RESTRICTED`.

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::SubscriberId;

use crate::audit::Change;
use crate::error::StoreError;
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};

/// Whether the use of a person's data is restricted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restricted {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// Restricts a person's data, or lifts the restriction, and says whether that changed anything. Their row has to be
/// locked.
pub(crate) async fn set(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    restricted: Restricted,
) -> Result<bool, StoreError> {
    let is = person.restricted_at.is_some();
    let (act, at) = match restricted {
        Restricted::Yes if !is => (AuditAct::UseRestricted, Some(tx.now())),
        Restricted::No if is => (AuditAct::RestrictionLifted, None),
        _ => return Ok(false),
    };
    tx.execute(
        "UPDATE subscriber SET restricted_at = $3 WHERE tenant_id = $1 AND id = $2",
        [person.id.uuid().into(), at.map(Timestamp::micros).into()],
    )
    .await?;
    tx.audit_about(act, Some(person.id), &Change::default())?;
    Ok(true)
}

/// Restricts a person's data by a member: while it is disputed, say. Only the person lifts it, or a member who carries
/// out their request. Restricting twice is noted and changes nothing.
pub async fn by_member(tx: &mut TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    let person = subscriber::lock(tx, of).await?;
    if !set(tx, &person, Restricted::Yes).await? {
        tx.audit_about(AuditAct::UseRestricted, Some(of), &Change::default())?;
    }
    Ok(())
}
