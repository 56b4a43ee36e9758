//! Production sends no campaign from a domain that receivers cannot check. It was asked when the campaign was scheduled;
//! that may be long ago.

use assent_entity::mailing::Mailing;
use assent_entity::sending_domain::require_verified;
use assent_entity::{StoreError, TenantTx, Write, campaign};

use super::JobError;
use crate::run::World;

/// Whether a mailing that nobody has got yet may begin. A campaign that may not is paused, and says why.
pub(super) async fn lets_begin(
    world: &World,
    tx: &mut TenantTx<Write>,
    mailing: &Mailing,
) -> Result<bool, JobError> {
    let Some(campaign) = mailing
        .campaign
        .filter(|_| world.settings.sender.requires_verified)
    else {
        return Ok(true);
    };
    match require_verified(tx).await {
        Ok(()) => Ok(true),
        Err(StoreError::UnverifiedDomain(problem)) => {
            let reason = format!("the sender's domain is not verified: {problem}");
            campaign::pause_because(tx, campaign, &reason).await?;
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
