//! Whether a tenant's campaigns may come from its sender's address.

use super::{SendingDomain, all};
use crate::error::StoreError;
use crate::tenant;
use crate::tx::TenantTx;

/// What keeps mail from the tenant's sender from being taken for genuine, in words; nothing where its domain is verified.
pub async fn problems<M>(tx: &TenantTx<M>) -> Result<Vec<String>, StoreError> {
    let sender = tenant::current(tx).await?.sender_address;
    let from = sender.domain();
    let covers = |domain: &SendingDomain| domain.name.signs_for(from, domain.alignment);
    let covering: Vec<_> = all(tx).await?.into_iter().filter(covers).collect();
    let problems = covering.iter().map(|domain| domain.standing().problems());
    let fewest = problems.min_by_key(Vec::len);
    Ok(fewest.unwrap_or_else(|| {
        vec![format!(
            "no sending domain speaks for {from}: create one (createSendingDomain), and publish its records"
        )]
    }))
}

/// Refuses where the sender's domain is not verified, as production does before a campaign goes out: mailbox providers
/// turn such mail away, and what they remember of it harms what comes later.
pub async fn require_verified<M>(tx: &TenantTx<M>) -> Result<(), StoreError> {
    let problems = problems(tx).await?;
    if problems.is_empty() {
        return Ok(());
    }
    Err(StoreError::UnverifiedDomain(problems.join("; ")))
}
