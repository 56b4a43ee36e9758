//! Confirming: the person's own act, by a link that only their mailbox was given.

use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::id::{OptInId, SubscriberId};
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::suppression::SuppressionReason;

use super::{view, welcome};
use crate::consent::{self, Occasion};
use crate::error::StoreError;
use crate::subscriber;
use crate::tx::{TenantTx, Write};
use crate::{mailing, policy, subscription, suppression};

/// What a confirmation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirmed {
    /// The person is on the lists.
    Now,
    /// The link had been used; nothing changed, so that a no said since then stands.
    Before,
    /// It came too late: sign up again.
    TooLate,
    /// The person has since asked for no mail of any sort, which only their preferences page takes back.
    OptedOut,
}

/// Confirms an opt-in: the person's own act.
pub async fn confirm(
    tx: &mut TenantTx<Write>,
    id: OptInId,
    of: SubscriberId,
) -> Result<Confirmed, StoreError> {
    mailing::hold_news(tx).await?;
    let person = subscriber::lock(tx, of).await?;
    let asked = view(tx, id, of).await?;
    let suppressions = suppression::of_address(tx, person.address_hash).await?;
    match (asked.confirmed_at, suppressions) {
        (Some(_), _) => return Ok(Confirmed::Before),
        _ if asked.expires_at < tx.now() => return Ok(Confirmed::TooLate),
        (_, held)
            if held.contains(SuppressionReason::OptedOutOfAll)
                || held.contains(SuppressionReason::Complained) =>
        {
            return Ok(Confirmed::OptedOut);
        }
        _ => {}
    }
    let policy = policy::require_in_force(tx, "token").await?;
    let named = policy::purposes_of(tx, policy.id).await?;
    let occasion = Occasion {
        source: ConsentSource::Confirmation,
        policy: policy.id,
        point: Some(asked.point.id),
        evidence: None,
    };
    for choice in asked
        .choices
        .iter()
        .filter(|choice| named.iter().any(|named| named.id == choice.purpose.id))
    {
        let given = ConsentState::Given;
        consent::record(
            tx,
            &person,
            choice.purpose.id,
            given,
            Some(&choice.wording),
            &occasion,
        )
        .await?;
    }
    for list in &asked.lists {
        subscription::set(tx, of, list.id, SubscriptionState::Active).await?;
    }
    for reason in [SuppressionReason::HardBounced, SuppressionReason::Erased] {
        suppression::lift(tx, person.address_hash, of, reason, "confirmation").await?;
    }
    let now = tx.now().micros();
    tx.execute(
        "UPDATE opt_in SET confirmed_at = $3 WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into(), now.into()],
    )
    .await?;
    welcome(tx, of).await?;
    Ok(Confirmed::Now)
}
