//! Consent records of many people at once, all to the same effect.

use assent_domain::address::EmailAddress;
use assent_domain::consent::{ConsentFacts, ConsentSource, ConsentState};
use assent_domain::id::{PolicyVersionId, PurposeId, SubscriberId};
use sea_orm::EntityTrait;

use super::{Evidence, Occasion, projected, replacing};
use crate::error::StoreError;
use crate::ledger::{EntryKind, NewEntry};
use crate::row::consent as row;
use crate::tx::{TenantTx, Write};
use crate::wording::WordingHash;

/// Somebody whom a record is about, with what they are known by.
pub(crate) struct Asked {
    pub(crate) id: SubscriberId,
    pub(crate) email: EmailAddress,
    pub(crate) name: String,
    pub(crate) company: String,
}

/// Records that many people were asked for one purpose. Their rows have to be locked, and none may have a record for
/// it.
pub(crate) async fn ask_all(
    tx: &mut TenantTx<Write>,
    people: &[Asked],
    purpose: PurposeId,
    wording: &WordingHash,
    occasion: &Occasion,
) -> Result<(), StoreError> {
    let facts = ConsentFacts {
        purpose,
        state: ConsentState::Requested,
        policy_version: occasion.policy,
        collection_point: occasion.point,
        wording: Some(wording.hex()),
        source: occasion.source,
        given_at: None,
        form: occasion.form.clone(),
    };
    let mut rows = Vec::with_capacity(people.len());
    for person in people {
        rows.push(note(tx, person, &facts)?);
    }
    if !rows.is_empty() {
        row::Entity::insert_many(rows)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

/// Records that the time of many people's yes to one purpose is over. Their rows have to be locked, and each has to
/// have said yes.
pub(crate) async fn lapse_all(
    tx: &mut TenantTx<Write>,
    people: &[(Asked, PolicyVersionId)],
    purpose: PurposeId,
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(people.len());
    for (person, policy_version) in people {
        let facts = ConsentFacts {
            purpose,
            state: ConsentState::Expired,
            policy_version: *policy_version,
            collection_point: None,
            wording: None,
            source: ConsentSource::Expiry,
            given_at: None,
            form: None,
        };
        rows.push(note(tx, person, &facts)?);
    }
    if !rows.is_empty() {
        row::Entity::insert_many(rows)
            .on_conflict(replacing())
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

fn note(
    tx: &mut TenantTx<Write>,
    person: &Asked,
    facts: &ConsentFacts,
) -> Result<row::ActiveModel, StoreError> {
    let evidence = Evidence {
        email: person.email.expose(),
        name: &person.name,
        company: &person.company,
        note: None,
    };
    let subject = Some(person.id.uuid());
    let entry = NewEntry::new(EntryKind::Consent, subject, tx.now(), facts, &evidence)?;
    let row = projected(tx, person.id, facts, entry.id());
    tx.note(entry);
    Ok(row)
}
