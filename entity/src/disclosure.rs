//! The gate (P14): the one way in which something of a person leaves for an outside party. The facts are gathered
//! here, `domain` decides, and what is released is in the ledger in the same transaction, or it is not released.

use std::collections::{BTreeMap, BTreeSet};

use assent_domain::address::EmailAddress;
use assent_domain::disclosure::{
    Basis, Decision, DisclosureFacts, Fields, PartyFacts, PersonFacts, PersonField, Release, may_disclose,
};
use assent_domain::id::{ApiTokenId, OutsidePartyId, SubscriberId, stored};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use crate::error::StoreError;
use crate::ledger::{EntryKind, NewEntry};
use crate::page::{Page, PageRequest};
use crate::row::subscriber;
use crate::tx::{TenantTx, Write};

mod facts;
mod record;
mod refused;

use facts::Versions;

pub(crate) use record::newest_of;
pub use record::{Disclosure, by_id, page_of, pages_of};
pub use refused::Refused;

/// An outside party that asks, by one of its tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asker {
    /// Who asks.
    pub party: OutsidePartyId,
    /// By which token.
    pub token: ApiTokenId,
}

/// What was released of one person: its disclosure is in the ledger.
#[derive(Clone, Debug)]
pub struct Disclosed {
    person: SubscriberId,
    email: Option<EmailAddress>,
    name: Option<Private>,
    company: Option<Private>,
}

/// A text that does not show in logs.
#[derive(Clone)]
struct Private(String);

impl std::fmt::Debug for Private {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(private)")
    }
}

impl Disclosed {
    /// Of whom.
    pub fn person(&self) -> SubscriberId {
        self.person
    }

    /// The address, if it was released.
    pub fn email(&self) -> Option<&EmailAddress> {
        self.email.as_ref()
    }

    /// The name, if it was released and there is one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_ref().map(|text| text.0.as_str())
    }

    /// The company, if it was released and there is one.
    pub fn company(&self) -> Option<&str> {
        self.company.as_ref().map(|text| text.0.as_str())
    }
}

/// Releases what a party may have, of what it wants, of these people; the others are left out. What was withheld is added
/// to `refused`, and so is that it asked for somebody whom nobody knows: it takes the same work, so that the party does not
/// learn which of the two it is.
pub async fn disclose(
    tx: &mut TenantTx<Write>,
    asker: Asker,
    people: &[SubscriberId],
    wanted: &Fields,
    refused: &mut Refused,
) -> Result<Vec<Disclosed>, StoreError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let gate = Gate::open(tx, asker).await?;
    let decided = gate.decide(tx, people, wanted).await?;
    let known: BTreeSet<_> = decided.iter().map(|(row, _)| row.id).collect();
    refused.unknown(people.iter().filter(|id| !known.contains(&id.uuid())).copied());
    gate.release(tx, decided, refused)
}

/// How often a page looks for more people before it gives up: the facts by which it looks are those of the rule, so once
/// is enough unless somebody changes their mind at that moment.
const ROUNDS: usize = 20;

/// Releases the next people of whom the party may have anything, by id. One more is looked for, who tells that there are
/// more; of them nothing is released. Whoever the party may not know leaves no trace: not in the number of rows, not in
/// whether there are more, and not in a cursor.
pub async fn page(
    tx: &mut TenantTx<Write>,
    asker: Asker,
    wanted: &Fields,
    request: PageRequest,
    refused: &mut Refused,
) -> Result<Page<Disclosed>, StoreError> {
    let gate = Gate::open(tx, asker).await?;
    let most = usize::try_from(request.limit()).unwrap_or(usize::MAX);
    let mut found = gate.next(tx, wanted, request.after, most).await?;
    let has_next = found.len() == most;
    found.truncate(most - 1);
    let disclosed = gate.release(tx, found, refused)?;
    let rows = disclosed.into_iter().map(|person| (person.person.uuid(), person));
    Ok(Page {
        rows: rows.collect(),
        has_next,
        total: None,
    })
}

/// Releases the next people of whom the party may have anything, by id, behind one of them, for a file: none behind the last.
pub(crate) async fn some(
    tx: &mut TenantTx<Write>,
    asker: Asker,
    wanted: &Fields,
    after: Option<Uuid>,
    most: usize,
    refused: &mut Refused,
) -> Result<Vec<Disclosed>, StoreError> {
    let gate = Gate::open(tx, asker).await?;
    let found = gate.next(tx, wanted, after, most).await?;
    gate.release(tx, found, refused)
}

/// What a party may get of anybody at all: what the policy in force says, and what orders demand that count.
pub(crate) async fn obtainable<M>(tx: &TenantTx<M>, party: OutsidePartyId) -> Result<Fields, StoreError> {
    let mut fields = Versions::of(tx, party).await?.in_force;
    fields.extend(facts::ordered(tx, party).await?);
    Ok(fields)
}

/// A party at the gate, with what is true of it.
struct Gate {
    asker: Asker,
    versions: Versions,
    party: PartyFacts,
}

/// What the rule says of somebody.
type Decided = (subscriber::Model, Decision);

impl Gate {
    async fn open(tx: &TenantTx<Write>, asker: Asker) -> Result<Self, StoreError> {
        let versions = Versions::of(tx, asker.party).await?;
        let party = PartyFacts {
            tenant: tx.tenant(),
            party: asker.party,
            in_force: versions.in_force.clone(),
        };
        Ok(Self {
            asker,
            versions,
            party,
        })
    }

    /// The next people of whom the party may have anything, by id.
    async fn next(
        &self,
        tx: &TenantTx<Write>,
        wanted: &Fields,
        after: Option<Uuid>,
        most: usize,
    ) -> Result<Vec<Decided>, StoreError> {
        let mut found = Vec::with_capacity(most);
        let mut after = after.unwrap_or(Uuid::nil());
        for _ in 0..ROUNDS {
            let missing = most - found.len();
            let next = facts::candidates(tx, self.asker.party, &self.versions, after, missing).await?;
            let is_last = next.len() < missing;
            after = next.last().map_or(after, type_safe_id::TypeSafeId::uuid);
            let decided = self.decide(tx, &next, wanted).await?;
            found.extend(
                decided
                    .into_iter()
                    .filter(|(_, decision)| decision.release.is_some()),
            );
            if is_last || found.len() == most {
                return Ok(found);
            }
        }
        let differ = "the facts by which the gate looks for people are not those of its rule";
        Err(StoreError::Corrupt(differ.to_owned()))
    }

    /// Asks the rule about these people, as far as they are known, by id.
    async fn decide(
        &self,
        tx: &TenantTx<Write>,
        people: &[SubscriberId],
        wanted: &Fields,
    ) -> Result<Vec<Decided>, StoreError> {
        if people.is_empty() {
            return Ok(Vec::new());
        }
        let mut facts = facts::facts_of(tx, self.asker.party, people, &self.versions).await?;
        let rows = tx
            .find::<subscriber::Entity>()
            .filter(subscriber::Column::Id.is_in(people.iter().map(type_safe_id::TypeSafeId::uuid)))
            .order_by_asc(subscriber::Column::Id)
            .all(tx.conn())
            .await?;
        let decide = |row: subscriber::Model| {
            let person: SubscriberId = stored(row.id);
            let facts = PersonFacts {
                restricted: row.restricted_at.is_some(),
                ..facts.remove(&person).unwrap_or_default()
            };
            let decision = may_disclose(&self.party, person, &facts, wanted);
            (row, decision)
        };
        Ok(rows.into_iter().map(decide).collect())
    }

    /// Lets go what was decided to go, and adds the rest to what was refused.
    fn release(
        &self,
        tx: &mut TenantTx<Write>,
        decided: Vec<Decided>,
        refused: &mut Refused,
    ) -> Result<Vec<Disclosed>, StoreError> {
        let mut disclosed = Vec::with_capacity(decided.len());
        for (row, decision) in decided {
            if !decision.withheld.is_empty() || decision.release.is_none() {
                refused.withheld(stored(row.id), decision.withheld);
            }
            if let Some(release) = decision.release {
                disclosed.push(keep(tx, self.asker, release, row)?);
            }
        }
        Ok(disclosed)
    }
}

/// Writes into the ledger what a release lets go, and takes it out of the row.
fn keep(
    tx: &mut TenantTx<Write>,
    asker: Asker,
    release: Release,
    row: subscriber::Model,
) -> Result<Disclosed, StoreError> {
    let mut by_basis: BTreeMap<Basis, Fields> = BTreeMap::new();
    for (field, basis) in release.granted() {
        by_basis.entry(*basis).or_default().insert(*field);
    }
    if by_basis.is_empty() {
        by_basis.insert(release.known_by(), Fields::new());
    }
    for (basis, fields) in by_basis {
        let facts = DisclosureFacts {
            party: release.party(),
            token: asker.token,
            basis,
            fields,
        };
        let about = Some(release.person().uuid());
        let entry = NewEntry::new(EntryKind::Disclosure, about, tx.now(), &facts, &json!({}))?;
        tx.note(entry);
    }
    let goes = |field| release.granted().contains_key(&field);
    let text = |field, text: String| (goes(field) && !text.is_empty()).then_some(Private(text));
    let email = goes(PersonField::Email).then(|| crate::subscriber::read_address(&row.email));
    Ok(Disclosed {
        person: release.person(),
        email: email.transpose()?,
        name: text(PersonField::Name, row.name),
        company: text(PersonField::Company, row.company),
    })
}
