//! People whom a tenant brings along: many at once.

use assent_domain::address::EmailAddress;
use assent_domain::id::{PolicyVersionId, SubscriberId};
use assent_domain::keys::AddressHash;
use assent_domain::language::Language;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::{Subscriber, by_addresses, new_row};
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
    let (mut hashes, mut rows, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for newcomer in newcomers {
        let row = row::ActiveModel {
            name: Set(newcomer.name),
            company: Set(newcomer.company),
            language: Set(newcomer.language.map(|language| language.to_string())),
            confirmed_at: Set(newcomer.is_confirmed.then(|| tx.now().micros())),
            ..new_row(tx, &newcomer.email, policy)
        };
        hashes.push(newcomer.hash);
        ids.push(row.id.clone().unwrap());
        rows.push(row);
    }
    let known = OnConflict::columns([row::Column::TenantId, row::Column::AddressHash])
        .do_nothing()
        .to_owned();
    row::Entity::insert_many(rows)
        .on_conflict(known)
        .exec_without_returning(tx.conn())
        .await?;
    let there = by_addresses(tx, &hashes).await?;
    ids.sort_unstable();
    let is_ours = |person: &Subscriber| ids.binary_search(&person.id.uuid()).is_ok();
    Ok(there.into_values().filter(is_ours).collect())
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
