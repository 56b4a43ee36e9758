//! The gate (P14): the one way in which something of a person leaves for an outside party. The facts are gathered
//! here, `domain` decides, and what is released is in the ledger in the same transaction, or it is not released.

use std::collections::{BTreeMap, HashMap};

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::disclosure::{
    Basis, DisclosureFacts, Fields, PartyFacts, PermissionFact, PersonFacts, PersonField, Release, Withheld,
    may_disclose,
};
use assent_domain::id::{ApiTokenId, DisclosureId, OutsidePartyId, SubscriberId, stored};
use sea_orm::{ColumnTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use serde_json::json;
use uuid::Uuid;

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::ledger::{EntryKind, NewEntry};
use crate::outside_party::read_fields;
use crate::page::{Page, PageRequest};
use crate::policy;
use crate::row::{ledger, permission, subscriber};
use crate::tx::{TenantTx, Write, places};

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

/// Releases what a party may have, of what it wants, of these people; the others are left out. What was withheld is in
/// the audit log.
pub async fn disclose(
    tx: &mut TenantTx<Write>,
    asker: Asker,
    people: &[SubscriberId],
    wanted: &Fields,
) -> Result<Vec<Disclosed>, StoreError> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let versions = Versions::of(tx, asker.party).await?;
    let party = PartyFacts {
        tenant: tx.tenant(),
        party: asker.party,
        in_force: versions.in_force.clone(),
    };
    let mut facts = facts_of(tx, asker.party, people, &versions).await?;
    let rows = tx
        .find::<subscriber::Entity>()
        .filter(subscriber::Column::Id.is_in(people.iter().map(type_safe_id::TypeSafeId::uuid)))
        .order_by_asc(subscriber::Column::Id)
        .all(tx.conn())
        .await?;
    let (mut disclosed, mut refused) = (Vec::with_capacity(rows.len()), BTreeMap::new());
    for row in rows {
        let person: SubscriberId = stored(row.id);
        let facts = PersonFacts {
            restricted: row.restricted_at.is_some(),
            ..facts.remove(&person).unwrap_or_default()
        };
        let decision = may_disclose(&party, person, &facts, wanted);
        if !decision.withheld.is_empty() || decision.release.is_none() {
            refused.insert(person, decision.withheld);
        }
        if let Some(release) = decision.release {
            disclosed.push(keep(tx, asker, release, row)?);
        }
    }
    note_refused(tx, asker, &refused)?;
    Ok(disclosed)
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

fn note_refused(
    tx: &mut TenantTx<Write>,
    asker: Asker,
    refused: &BTreeMap<SubscriberId, BTreeMap<PersonField, Withheld>>,
) -> Result<(), StoreError> {
    let only = match refused.first_key_value() {
        None => return Ok(()),
        Some((person, _)) if refused.len() == 1 => Some(*person),
        Some(_) => None,
    };
    let change = Change::to(json!({ "outsideParty": asker.party, "withheld": refused }));
    tx.audit_about(AuditAct::DisclosureRefused, only, &change)
}

/// What policy versions say that a party gets.
struct Versions {
    in_force: Fields,
    by_version: HashMap<Uuid, Fields>,
}

#[derive(FromQueryResult)]
struct NamedBy {
    policy_version_id: Uuid,
    fields: String,
}

impl Versions {
    /// Versions that were taken back name nobody.
    async fn of(tx: &TenantTx<Write>, party: OutsidePartyId) -> Result<Self, StoreError> {
        let sql = "SELECT n.policy_version_id, n.fields FROM policy_party n
                   JOIN policy_version v ON v.tenant_id = n.tenant_id AND v.id = n.policy_version_id
                   WHERE n.tenant_id = $1 AND n.outside_party_id = $2
                     AND v.posted_at IS NOT NULL AND v.withdrawn_at IS NULL";
        let rows: Vec<NamedBy> = tx.all(sql, [party.uuid().into()]).await?;
        let by_version = rows
            .into_iter()
            .map(|row| Ok((row.policy_version_id, read_fields(&row.fields)?)))
            .collect::<Result<HashMap<_, _>, StoreError>>()?;
        let in_force = policy::in_force_id(tx).await?;
        let in_force = in_force.and_then(|id| by_version.get(&id.uuid()).cloned());
        Ok(Self {
            in_force: in_force.unwrap_or_default(),
            by_version,
        })
    }

    fn name(&self, version: Uuid, field: PersonField) -> bool {
        self.by_version
            .get(&version)
            .is_some_and(|fields| fields.contains(&field))
    }
}

#[derive(FromQueryResult)]
struct Ordered {
    subscriber_id: Uuid,
    id: Uuid,
    fields: String,
}

/// The orders that count at `$3` for the party `$2`.
const ORDERS: &str = "
    legal_order_person q
    JOIN legal_order o ON o.tenant_id = q.tenant_id AND o.id = q.legal_order_id
    WHERE q.tenant_id = $1 AND o.outside_party_id = $2 AND o.approved_at IS NOT NULL
      AND o.revoked_at IS NULL AND o.valid_from <= $3 AND o.valid_until > $3";

async fn facts_of(
    tx: &TenantTx<Write>,
    party: OutsidePartyId,
    people: &[SubscriberId],
    versions: &Versions,
) -> Result<HashMap<SubscriberId, PersonFacts>, StoreError> {
    let mut facts: HashMap<SubscriberId, PersonFacts> = HashMap::new();
    let ids = people.iter().map(type_safe_id::TypeSafeId::uuid);
    let permissions = tx
        .find::<permission::Entity>()
        .filter(permission::Column::OutsidePartyId.eq(party.uuid()))
        .filter(permission::Column::SubscriberId.is_in(ids.clone()))
        .all(tx.conn())
        .await?;
    for row in permissions {
        let field = read_code(&row.field)?;
        let fact = PermissionFact {
            state: read_code(&row.state)?,
            named_by_its_version: versions.name(row.policy_version_id, field),
        };
        let person = facts.entry(stored(row.subscriber_id)).or_default();
        person.permissions.insert(field, fact);
    }
    let sql = format!(
        "SELECT q.subscriber_id, o.id, o.fields FROM {ORDERS} AND q.subscriber_id IN ({})",
        places(4, people.len())
    );
    let values = [party.uuid().into(), tx.now().micros().into()];
    let orders: Vec<Ordered> = tx
        .all(&sql, values.into_iter().chain(ids.map(Value::from)))
        .await?;
    for order in orders {
        let person = facts.entry(stored(order.subscriber_id)).or_default();
        for field in read_fields(&order.fields)? {
            person.ordered.insert(field, stored(order.id));
        }
    }
    Ok(facts)
}

#[derive(FromQueryResult)]
struct Candidate {
    id: Uuid,
}

/// Releases the next people of whom the party may have anything, by id. Such people are looked for by permission and
/// order; the rule has the last word, so a page may hold fewer than were asked for.
pub async fn page(
    tx: &mut TenantTx<Write>,
    asker: Asker,
    wanted: &Fields,
    request: PageRequest,
) -> Result<Page<Disclosed>, StoreError> {
    let sql = format!(
        "SELECT s.id FROM subscriber s
         WHERE s.tenant_id = $1 AND s.id > $4
           AND (EXISTS (SELECT 1 FROM permission p
                        WHERE p.tenant_id = $1 AND p.outside_party_id = $2
                          AND p.subscriber_id = s.id AND p.state = 'GIVEN')
                OR EXISTS (SELECT 1 FROM {ORDERS} AND q.subscriber_id = s.id))
         ORDER BY s.id LIMIT {}",
        request.limit()
    );
    let values = [
        asker.party.uuid().into(),
        tx.now().micros().into(),
        request.after.unwrap_or(Uuid::nil()).into(),
    ];
    let candidates: Vec<Candidate> = tx.all(&sql, values).await?;
    let candidates = candidates.into_iter().map(|row| (row.id, row.id)).collect();
    let page = request.cut(candidates, None);
    let people: Vec<SubscriberId> = page.rows.iter().map(|(_, id)| stored(*id)).collect();
    let disclosed = disclose(tx, asker, &people, wanted).await?;
    Ok(Page {
        rows: disclosed
            .into_iter()
            .map(|person| (person.person.uuid(), person))
            .collect(),
        has_next: page.has_next,
        total: None,
    })
}

/// A disclosure, as the ledger has it.
#[derive(Clone, Debug)]
pub struct Disclosure {
    /// Its id.
    pub id: DisclosureId,
    /// What it says.
    pub facts: DisclosureFacts,
    /// When.
    pub disclosed_at: Timestamp,
}

impl TryFrom<ledger::Model> for Disclosure {
    type Error = StoreError;

    fn try_from(row: ledger::Model) -> Result<Self, StoreError> {
        let unreadable = |_| StoreError::Corrupt(format!("row {} of the ledger", row.seq));
        Ok(Self {
            id: stored(row.id),
            facts: serde_json::from_str(&row.facts).map_err(unreadable)?,
            disclosed_at: Timestamp::from_micros(row.recorded_at),
        })
    }
}

/// The disclosure with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: DisclosureId) -> Result<Disclosure, StoreError> {
    let row = tx
        .find::<ledger::Entity>()
        .filter(ledger::Column::Kind.eq(EntryKind::Disclosure.to_string()))
        .filter(ledger::Column::Id.eq(id.uuid()))
        .one(tx.conn())
        .await?;
    row.ok_or(StoreError::NotFound("disclosure"))?.try_into()
}

/// What went out about a person last, newest first.
pub(crate) async fn newest_of<M>(
    tx: &TenantTx<M>,
    person: SubscriberId,
    most: u64,
) -> Result<Vec<Disclosure>, StoreError> {
    let rows = tx
        .find::<ledger::Entity>()
        .filter(ledger::Column::Kind.eq(EntryKind::Disclosure.to_string()))
        .filter(ledger::Column::SubjectId.is_in(crate::subscriber::ids_of(tx, person).await?))
        .order_by_desc(ledger::Column::Seq)
        .limit(most)
        .all(tx.conn())
        .await?;
    rows.into_iter().map(Disclosure::try_from).collect()
}

/// What went out about a person, oldest first. The key of a page is a row's number in the ledger, written as a UUID.
pub async fn page_of<M>(
    tx: &TenantTx<M>,
    person: SubscriberId,
    request: PageRequest,
) -> Result<Page<Disclosure>, StoreError> {
    let about = tx
        .find::<ledger::Entity>()
        .filter(ledger::Column::Kind.eq(EntryKind::Disclosure.to_string()))
        .filter(ledger::Column::SubjectId.is_in(crate::subscriber::ids_of(tx, person).await?));
    let total = if request.count {
        Some(about.clone().count(tx.conn()).await?)
    } else {
        None
    };
    let after = request.after.and_then(|key| i64::try_from(key.as_u128()).ok());
    let rows = about
        .filter(ledger::Column::Seq.gt(after.unwrap_or(0)))
        .order_by_asc(ledger::Column::Seq)
        .limit(request.limit())
        .all(tx.conn())
        .await?;
    let rows = rows.into_iter().map(|row| {
        let key = Uuid::from_u128(u128::try_from(row.seq).unwrap_or(0));
        Ok((key, Disclosure::try_from(row)?))
    });
    Ok(request.cut(rows.collect::<Result<Vec<_>, StoreError>>()?, total))
}
