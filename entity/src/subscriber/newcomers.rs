//! People whom a tenant brings along: many at once.

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::id::{PolicyVersionId, SubscriberId, stored};
use assent_domain::keys::AddressHash;
use assent_domain::language::Language;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::{Subscriber, by_addresses, hashed_row};
use crate::error::StoreError;
use crate::row::subscriber as row;
use crate::tx::{TenantTx, Write};

/// Somebody who may be new.
pub(crate) struct Newcomer {
    pub(crate) email: EmailAddress,
    pub(crate) hash: AddressHash,
    pub(crate) name: String,
    pub(crate) company: String,
    pub(crate) language: Option<Language>,
    /// Whether there is evidence that they said yes.
    pub(crate) is_confirmed: bool,
}

/// Takes in, in the order of their addresses, whoever is not known, and gives those. Somebody else may take one of them in at
/// the same time: then they are known.
pub(crate) async fn admit_all(
    tx: &TenantTx<Write>,
    newcomers: Vec<Newcomer>,
    policy: PolicyVersionId,
) -> Result<Vec<Subscriber>, StoreError> {
    if newcomers.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = Vec::with_capacity(newcomers.len());
    let mut people = Vec::with_capacity(newcomers.len());
    for newcomer in newcomers {
        let confirmed_at = newcomer.is_confirmed.then(|| tx.now());
        let row = row::ActiveModel {
            name: Set(newcomer.name.clone()),
            company: Set(newcomer.company.clone()),
            language: Set(newcomer.language.as_ref().map(ToString::to_string)),
            confirmed_at: Set(confirmed_at.map(Timestamp::micros)),
            ..hashed_row(tx, &newcomer.email, newcomer.hash, policy)
        };
        people.push(Subscriber {
            id: stored(row.id.clone().unwrap()),
            email: newcomer.email,
            name: newcomer.name,
            company: newcomer.company,
            collected_under: policy,
            created_at: tx.now(),
            confirmed_at,
            restricted_at: None,
            language: newcomer.language,
            address_hash: newcomer.hash,
        });
        rows.push(row);
    }
    let known = OnConflict::columns([row::Column::TenantId, row::Column::AddressHash])
        .do_nothing()
        .to_owned();
    let inserted = row::Entity::insert_many(rows)
        .on_conflict(known)
        .exec_without_returning(tx.conn())
        .await?;
    if usize::try_from(inserted).is_ok_and(|inserted| inserted == people.len()) {
        return Ok(people);
    }
    let hashes: Vec<_> = people.iter().map(|person| person.address_hash).collect();
    let there = by_addresses(tx, &hashes).await?;
    people.retain(|person| {
        there
            .get(&person.address_hash)
            .is_some_and(|there| there.id == person.id)
    });
    Ok(people)
}

/// Notes that somebody is known to want mail, and what is said of them where nothing is known yet.
pub(crate) async fn confirm(
    tx: &TenantTx<Write>,
    id: SubscriberId,
    name: &str,
    company: &str,
) -> Result<(), StoreError> {
    let sql = "UPDATE subscriber SET confirmed_at = COALESCE(confirmed_at, $3),
                 name = CASE WHEN name = '' THEN $4 ELSE name END,
                 company = CASE WHEN company = '' THEN $5 ELSE company END
               WHERE tenant_id = $1 AND id = $2";
    let values = [
        id.uuid().into(),
        tx.now().micros().into(),
        name.into(),
        company.into(),
    ];
    tx.execute(sql, values).await?;
    Ok(())
}
