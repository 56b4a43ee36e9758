//! What the gate has to know: what policy versions say that a party gets, what people permitted, and which orders count.

use std::collections::{BTreeMap, HashMap};

use assent_domain::disclosure::{Fields, PermissionFact, PersonFacts, PersonField};
use assent_domain::id::{OutsidePartyId, SubscriberId, stored};
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter, Value};
use uuid::Uuid;

use crate::error::{StoreError, read_code};
use crate::outside_party::read_fields;
use crate::policy;
use crate::row::permission;
use crate::tx::{TenantTx, Write, places};

/// What policy versions say that a party gets.
pub(super) struct Versions {
    pub(super) in_force: Fields,
    by_version: BTreeMap<Uuid, Fields>,
}

#[derive(FromQueryResult)]
struct NamedBy {
    policy_version_id: Uuid,
    fields: String,
}

impl Versions {
    /// Versions that were taken back name nobody.
    pub(super) async fn of<M>(tx: &TenantTx<M>, party: OutsidePartyId) -> Result<Self, StoreError> {
        let sql = "SELECT n.policy_version_id, n.fields FROM policy_party n
                   JOIN policy_version v ON v.tenant_id = n.tenant_id AND v.id = n.policy_version_id
                   WHERE n.tenant_id = $1 AND n.outside_party_id = $2
                     AND v.posted_at IS NOT NULL AND v.withdrawn_at IS NULL";
        let rows: Vec<NamedBy> = tx.all(sql, [party.uuid().into()]).await?;
        let by_version = rows
            .into_iter()
            .map(|row| Ok((row.policy_version_id, read_fields(&row.fields)?)))
            .collect::<Result<BTreeMap<_, _>, StoreError>>()?;
        let in_force = policy::in_force_id(tx).await?;
        let in_force = in_force.and_then(|id| by_version.get(&id.uuid()).cloned());
        Ok(Self {
            in_force: in_force.unwrap_or_default(),
            by_version,
        })
    }

    /// The condition on a permission `p` that it can count: it was given to a version that says that the party gets the
    /// field, and the one in force says so still. The versions are `$first` and those that follow.
    fn may_count(&self, first: usize) -> (String, Vec<Value>) {
        let (mut conditions, mut versions) = (Vec::new(), Vec::new());
        for (version, fields) in &self.by_version {
            let both: Vec<_> = fields
                .intersection(&self.in_force)
                .map(|field| format!("'{field}'"))
                .collect();
            if !both.is_empty() {
                conditions.push(format!(
                    "(p.policy_version_id = ${} AND p.field IN ({}))",
                    first + versions.len(),
                    both.join(", ")
                ));
                versions.push((*version).into());
            }
        }
        if conditions.is_empty() {
            conditions.push("1 = 0".to_owned());
        }
        (conditions.join(" OR "), versions)
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

#[derive(FromQueryResult)]
struct Demanded {
    fields: String,
}

/// What the orders that count demand for a party, of anybody.
pub(super) async fn ordered<M>(tx: &TenantTx<M>, party: OutsidePartyId) -> Result<Fields, StoreError> {
    let sql = format!("SELECT DISTINCT o.fields FROM {ORDERS}");
    let values = [party.uuid().into(), tx.now().micros().into()];
    let rows: Vec<Demanded> = tx.all(&sql, values).await?;
    let mut fields = Fields::new();
    for row in rows {
        fields.extend(read_fields(&row.fields)?);
    }
    Ok(fields)
}

/// What is true of these people for the party; of whom nothing is known, nothing is said.
pub(super) async fn facts_of(
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

/// The next people after `after`, by id, of whom the facts say that the party may know them. The facts are those that
/// the rule asks for, so hardly anybody is looked at whom it refuses, and nobody takes longer for what others said.
pub(super) async fn candidates(
    tx: &TenantTx<Write>,
    party: OutsidePartyId,
    versions: &Versions,
    after: Uuid,
    most: usize,
) -> Result<Vec<SubscriberId>, StoreError> {
    let (may_count, named) = versions.may_count(5);
    let sql = format!(
        "SELECT id FROM (
           SELECT id FROM (
             SELECT DISTINCT p.subscriber_id AS id FROM permission p
             JOIN subscriber s ON s.tenant_id = p.tenant_id AND s.id = p.subscriber_id
             WHERE p.tenant_id = $1 AND p.outside_party_id = $2 AND p.subscriber_id > $4
               AND p.state = 'GIVEN' AND s.restricted_at IS NULL AND ({may_count})
             ORDER BY 1 LIMIT {most}
           ) permitted
           UNION
           SELECT id FROM (
             SELECT DISTINCT q.subscriber_id AS id FROM {ORDERS} AND q.subscriber_id > $4
             ORDER BY 1 LIMIT {most}
           ) ordered
         ) known ORDER BY id LIMIT {most}"
    );
    let values = [party.uuid().into(), tx.now().micros().into(), after.into()];
    let found: Vec<Candidate> = tx.all(&sql, values.into_iter().chain(named)).await?;
    Ok(found.into_iter().map(|row| stored(row.id)).collect())
}
