//! What would become of some rows. It decides as taking in does, and changes nobody.

use std::collections::HashMap;

use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::id::ImportId;
use assent_domain::import::{Brought, RowProblem};
use assent_domain::keys::AddressHash;
use sea_orm::Value;

use super::Import;
use super::people::Importer;
use super::rows::{Fate, Rows, Step, Taken};
use crate::chore::CHUNK;
use crate::error::StoreError;
use crate::tx::{TenantTx, Write};
use crate::{consent, subscriber, subscription, suppression};

/// Says what would become of people.
pub(super) async fn weigh(
    tx: &TenantTx<Write>,
    import: &Import,
    rows: Vec<(u64, Brought)>,
) -> Result<Taken, StoreError> {
    if rows.is_empty() {
        return Ok(Taken::default());
    }
    let on = Importer::open(tx, import).await?;
    let (lines, mut people) = Rows::of(tx, rows).split();
    let mut fates: HashMap<AddressHash, Fate> = HashMap::with_capacity(people.len());
    if on.purposes.is_empty() {
        let nothing = Fate::Refused(RowProblem::PurposeNotInPolicy);
        fates.extend(people.keys().map(|hash| (*hash, nothing)));
        return Rows::count(lines, &fates);
    }
    on.heed_expiry(tx, &mut people);
    let hashes: Vec<_> = people.keys().copied().collect();
    let mut held = suppression::held_back(tx, &hashes, import.list, &on.purposes).await?;
    let emails: Vec<_> = people.values().map(|row| row.email.clone()).collect();
    held.extend(suppression::operator::held_of(tx, &emails).await?);
    let known = subscriber::by_addresses(tx, &hashes).await?;
    let ids: Vec<_> = known.values().map(|person| person.id).collect();
    let standings = subscription::states_of_all(tx, &ids, import.list).await?;
    let counted = consent::counted_of_all(tx, &ids, &on.purposes).await?;
    let mut new = Vec::new();
    for (hash, row) in &people {
        let has_evidence = row.evidence.is_some();
        let fate = if held.contains(hash) {
            Fate::Refused(RowProblem::HeldBack)
        } else if let Some(person) = known.get(hash) {
            let mut states = counted.get(&person.id).cloned().unwrap_or_default();
            if has_evidence {
                for (state, purpose) in states.iter_mut().zip(&on.purposes) {
                    let given = ConsentState::Given;
                    let next =
                        consent::next(tx, person.id, *purpose, *state, given, ConsentSource::Import).await?;
                    *state = next.or(*state);
                }
            }
            let standing = standings.get(&person.id).copied();
            match Step::of(standing, &states, has_evidence, on.asker.is_some()) {
                Step::Refuse(problem) => Fate::Refused(problem),
                Step::Ask => Fate::Held,
                Step::Nothing | Step::PutOnList => Fate::Imported,
            }
        } else if !has_evidence && on.asker.is_none() {
            Fate::Refused(RowProblem::NothingToAskBy)
        } else {
            new.push(*hash);
            if has_evidence { Fate::Imported } else { Fate::Held }
        };
        fates.insert(*hash, fate);
    }
    Ok(Taken {
        new: meet(tx, import.id, &new).await?,
        ..Rows::count(lines, &fates)?
    })
}

/// Notes whom the run has met, and says how many it had not met before.
async fn meet(tx: &TenantTx<Write>, id: ImportId, people: &[AddressHash]) -> Result<u64, StoreError> {
    let mut met = 0;
    for some in people.chunks(1000) {
        let places: Vec<_> = (3..3 + some.len())
            .map(|place| format!("($1, $2, ${place})"))
            .collect();
        let sql = format!(
            "INSERT INTO import_seen (tenant_id, import_id, address_hash) VALUES {} ON CONFLICT DO NOTHING",
            places.join(", ")
        );
        let hashes = some.iter().map(|hash| Value::from(hash.0.to_vec()));
        let values: Vec<_> = std::iter::once(id.uuid().into()).chain(hashes).collect();
        met += tx.execute(&sql, values).await?;
    }
    Ok(met)
}

/// Forgets whom a run has met, some of them, and says how many.
pub(super) async fn forget_some(tx: &TenantTx<Write>, id: ImportId) -> Result<u64, StoreError> {
    // By their range: PostgreSQL would look for each of a list anew, in a table that it knows nothing of yet.
    let sql = format!(
        "DELETE FROM import_seen WHERE tenant_id = $1 AND import_id = $2 AND address_hash <= (
           SELECT address_hash FROM (
             SELECT address_hash FROM import_seen WHERE tenant_id = $1 AND import_id = $2
             ORDER BY address_hash LIMIT {CHUNK}) AS nearest
           ORDER BY address_hash DESC LIMIT 1)"
    );
    tx.execute(&sql, [id.uuid().into()]).await
}
