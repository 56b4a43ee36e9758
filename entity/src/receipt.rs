//! Consent receipts: what one consent record says, signed, so that anybody can check it without asking us.

use assent_domain::clock::Timestamp;
use assent_domain::id::{CollectionPointId, ConsentRecordId};

use crate::consent::{self, ConsentRecord};
use crate::error::StoreError;
use crate::policy::NamedPurpose;
use crate::tx::TenantTx;
use crate::{collection_point, policy, purpose, subscriber, tenant};

mod document;
mod key;

pub use document::{Document, Event, Notice, Party, Processing, Recipient, Use};
pub use key::key_set;

/// A receipt.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// What it says.
    pub document: Document,
    /// The same, signed: a JWS in compact serialisation (RFC 7515), Ed25519 (RFC 8037).
    pub jws: String,
}

/// Makes the receipt of a consent record, as its history stands now. `base_url` is how the world sees this server.
pub async fn issue<M>(tx: &TenantTx<M>, id: ConsentRecordId, base_url: &str) -> Result<Receipt, StoreError> {
    let record = consent::by_id(tx, id).await?;
    let tenant = tenant::current(tx).await?;
    let public = format!("{base_url}/t/{}", tenant.slug);
    let version = policy::by_id(tx, record.policy_version).await?;
    let (purpose, named) = purpose_of(tx, &record).await?;
    let parties = policy::parties_of(tx, version.id).await?;
    let person = subscriber::known_as(tx, record.subscriber).await?;
    let history = consent::history(tx, person, record.purpose).await?;
    let standings = policy::standings(tx).await?;
    let mut events = Vec::with_capacity(history.len());
    for event in &history {
        let version = standings.iter().find(|of| of.id == event.policy_version);
        let number = version
            .ok_or(StoreError::NotFound("policy version"))?
            .times
            .number;
        let place = place_of(tx, event).await?;
        events.push(Event::of(event, number, place, purpose.expiry, &tenant));
    }
    let document = Document {
        schema_version: document::SCHEMA_VERSION,
        receipt_id: format!("{}.{}", record.id.uuid(), events.len()),
        issued_at: tx.now().to_string(),
        record_id: record.id.uuid(),
        pii_principal_id: person.to_string(),
        keys_url: format!("{public}/keys.json"),
        pii_processing: Processing {
            privacy_notice: Notice::of(&version, &public),
            language: document::language(&record),
            purposes: vec![Use::of(&purpose, named, &tenant, parties)],
        },
        party_identification: vec![Party::of(&tenant)],
        events,
    };
    let jws = key::sign(tx, &document)?;
    Ok(Receipt { document, jws })
}

/// The purpose of a record, and its words in the version of the record, if that version names it.
async fn purpose_of<M>(
    tx: &TenantTx<M>,
    record: &ConsentRecord,
) -> Result<(purpose::Purpose, Option<NamedPurpose>), StoreError> {
    let purpose = purpose::by_id(tx, record.purpose).await?;
    let named = policy::purposes_of(tx, record.policy_version).await?;
    let named = named.into_iter().find(|named| named.id == purpose.id);
    Ok((purpose, named))
}

/// The form that a record came through.
async fn place_of<M>(
    tx: &TenantTx<M>,
    record: &ConsentRecord,
) -> Result<Option<(CollectionPointId, String)>, StoreError> {
    match record.collection_point {
        Some(id) => Ok(Some((id, collection_point::by_id(tx, id).await?.name))),
        None => Ok(None),
    }
}

/// When a yes runs out that counts from `given_at`, in words of ISO 8601, and the period.
fn validity(
    expiry: Option<assent_domain::expiry::ConsentExpiry>,
    given_at: Timestamp,
) -> (Option<String>, String) {
    match expiry {
        Some(expiry) => (
            Some(expiry.expires_at(given_at).to_string()),
            format!("P{}D", expiry.days()),
        ),
        None => (None, "until withdrawn".to_owned()),
    }
}
