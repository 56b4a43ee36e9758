//! Where a person stands with one purpose, with all that is known of how it came about.

use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentState;
use assent_domain::expiry::ConsentExpiry;
use assent_domain::id::{PurposeId, SubscriberId};

use super::{Preference, Said};
use crate::consent::{self, ConsentRecord};
use crate::error::StoreError;
use crate::policy::{self, NamedPurpose, Standing};
use crate::tx::TenantTx;
use crate::{collection_point, purpose};

/// Where a person stands with a purpose that the policy in force names.
pub(super) async fn of<M>(
    tx: &TenantTx<M>,
    person: SubscriberId,
    named: NamedPurpose,
    versions: &[Standing],
) -> Result<Preference, StoreError> {
    let Some(record) = consent::newest(tx, person, named.id).await? else {
        return Ok(Preference {
            purpose: named,
            state: None,
            since: None,
            statement: None,
            record: None,
        });
    };
    let expiry = purpose::by_id(tx, named.id).await?.expiry;
    told(tx, named, record, expiry, versions).await
}

/// Where a person stood with a purpose that the policy in force does not name any more, in the words of the version
/// under which they said so; nothing where they never did.
pub(super) async fn of_earlier<M>(
    tx: &TenantTx<M>,
    person: SubscriberId,
    id: PurposeId,
    versions: &[Standing],
) -> Result<Option<Preference>, StoreError> {
    let Some(record) = consent::newest(tx, person, id).await? else {
        return Ok(None);
    };
    let expiry = purpose::by_id(tx, id).await?.expiry;
    let named = policy::purposes_of(tx, record.policy_version).await?;
    match named.into_iter().find(|named| named.id == id) {
        Some(named) => told(tx, named, record, expiry, versions).await.map(Some),
        None => Ok(None),
    }
}

async fn told<M>(
    tx: &TenantTx<M>,
    purpose: NamedPurpose,
    record: ConsentRecord,
    expiry: Option<ConsentExpiry>,
    versions: &[Standing],
) -> Result<Preference, StoreError> {
    let is_yes = record.state == ConsentState::Given;
    let expires_at = expiry
        .filter(|_| is_yes)
        .map(|expiry| expiry.expires_at(record.counts_from));
    // The record that says so may not have been written yet.
    let over_at = expires_at.filter(|at| *at <= tx.now());
    let (state, since): (_, Timestamp) = match over_at {
        Some(at) => (ConsentState::Expired, at),
        None => (record.state, record.counts_from),
    };
    let version = versions.iter().find(|of| of.id == record.policy_version);
    let place = match record.collection_point {
        Some(id) => Some(collection_point::by_id(tx, id).await?.name),
        None => None,
    };
    Ok(Preference {
        purpose,
        state: Some(state),
        since: Some(since),
        statement: record.statement.filter(|_| is_yes),
        record: Some(Said {
            id: record.id,
            source: record.source,
            place,
            version: version.map_or(0, |of| of.times.number),
            expires_at,
        }),
    })
}
