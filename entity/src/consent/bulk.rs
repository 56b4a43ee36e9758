//! Consent records of many people at once, all to the same effect.

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::consent::{ConsentFacts, ConsentSource, ConsentState};
use assent_domain::id::{PolicyVersionId, PurposeId, SubscriberId};
use sea_orm::EntityTrait;

use super::{Evidence, Occasion, projected, replacing, tell};
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

/// A yes that a tenant has evidence of.
pub(crate) struct Yes {
    pub(crate) asked: Asked,
    pub(crate) wording: WordingHash,
    /// When it was given.
    pub(crate) given_at: Timestamp,
    /// Where.
    pub(crate) note: String,
}

/// Records that many people are known to have said yes to some purposes. None may have a record for any.
pub(crate) async fn give_all(
    tx: &mut TenantTx<Write>,
    yeses: &[Yes],
    purposes: &[PurposeId],
    policy_version: PolicyVersionId,
) -> Result<(), StoreError> {
    let mut rows = Vec::with_capacity(yeses.len() * purposes.len());
    for yes in yeses {
        for purpose in purposes {
            let facts = ConsentFacts {
                purpose: *purpose,
                state: ConsentState::Given,
                policy_version,
                collection_point: None,
                wording: Some(yes.wording.hex()),
                source: ConsentSource::Import,
                given_at: Some(yes.given_at),
                form: None,
            };
            rows.push(note_with(tx, &yes.asked, &facts, Some(&yes.note))?);
        }
    }
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        row::Entity::insert_many(rows.by_ref().take(ROWS_A_STATEMENT))
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

/// Rows of one statement: both databases take fewer than 32,767 values in one.
const ROWS_A_STATEMENT: usize = 2000;

fn note(
    tx: &mut TenantTx<Write>,
    person: &Asked,
    facts: &ConsentFacts,
) -> Result<row::ActiveModel, StoreError> {
    note_with(tx, person, facts, None)
}

fn note_with(
    tx: &mut TenantTx<Write>,
    person: &Asked,
    facts: &ConsentFacts,
    note: Option<&str>,
) -> Result<row::ActiveModel, StoreError> {
    let evidence = Evidence {
        email: person.email.expose(),
        name: &person.name,
        company: &person.company,
        note,
    };
    let subject = Some(person.id.uuid());
    let entry = NewEntry::new(EntryKind::Consent, subject, tx.now(), facts, &evidence)?;
    let row = projected(tx, person.id, facts, entry.id());
    tell(tx, person.id, facts, entry.id());
    tx.note(entry);
    Ok(row)
}
