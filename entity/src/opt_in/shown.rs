//! What was shown to whoever answered, for the record: what we did not show ourselves is not claimed.

use assent_domain::consent::{ConsentSource, FormShown};
use assent_domain::id::{OutsidePartyId, PolicyVersionId};

use crate::collection_point::{self, CollectionPoint};
use crate::error::StoreError;
use crate::policy::PolicyVersion;
use crate::tx::{TenantTx, Write};
use crate::wording;

/// At a form: all its words, with the outside parties, where a hosted page or its definition showed them.
pub(super) async fn at_form(
    tx: &TenantTx<Write>,
    point: &CollectionPoint,
    policy: &PolicyVersion,
    source: ConsentSource,
) -> Result<FormShown, StoreError> {
    if source != ConsentSource::Form {
        return Ok(shown(point, None, Vec::new()));
    }
    let words = collection_point::words(tx, point, policy).await?;
    let words = wording::keep_all(tx, words).await?.hex();
    Ok(shown(point, Some(words), named(tx, point, policy.id).await?))
}

/// At the page behind a confirmation mail, which names the outside parties once more.
pub(super) async fn at_confirmation(
    tx: &TenantTx<Write>,
    point: &CollectionPoint,
    policy: PolicyVersionId,
) -> Result<FormShown, StoreError> {
    Ok(shown(point, None, named(tx, point, policy).await?))
}

async fn named(
    tx: &TenantTx<Write>,
    point: &CollectionPoint,
    policy: PolicyVersionId,
) -> Result<Vec<OutsidePartyId>, StoreError> {
    let parties = collection_point::parties_named(tx, point, policy).await?;
    Ok(parties.into_iter().flatten().map(|party| party.id).collect())
}

fn shown(point: &CollectionPoint, words: Option<String>, outside_parties: Vec<OutsidePartyId>) -> FormShown {
    FormShown {
        version: point.version,
        language: point.language.clone(),
        words,
        outside_parties,
    }
}
