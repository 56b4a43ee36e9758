//! Legal orders (P14): an authority demands fields of named people for a time. One member enters an order, another
//! approves it; until then, and outside its time, it allows nothing.

use std::time::Duration;

use std::collections::HashMap;

use assent_domain::audit::{Actor, AuditAct};
use assent_domain::clock::Timestamp;
use assent_domain::disclosure::Fields;
use assent_domain::id::{LegalOrderId, MemberId, OutsidePartyId, SubscriberId, new_id, stored};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::audit::Change;
use crate::error::StoreError;
use crate::outside_party;
use crate::page::{Page, PageRequest};
use crate::row::{legal_order as row, legal_order_person, subscriber};
use crate::text;
use crate::tx::{TenantTx, Write};

/// The longest time for which one order can be entered.
pub const MAX_DURATION: Duration = Duration::from_hours(366 * 24);

/// The most people that one order names.
pub const MAX_PEOPLE: usize = 1000;

/// The longest reference or scope, in characters.
const MAX_CHARS: usize = 2000;

/// An order.
#[derive(Clone, Debug)]
pub struct LegalOrder {
    /// Its id.
    pub id: LegalOrderId,
    /// The authority, as an outside party.
    pub authority: OutsidePartyId,
    /// The authority's file number.
    pub reference: String,
    /// What it demands, in its words.
    pub scope: String,
    /// Which fields.
    pub fields: Fields,
    /// From when on it counts.
    pub valid_from: Timestamp,
    /// When it ends.
    pub valid_until: Timestamp,
    /// Who entered it.
    pub entered_by: MemberId,
    /// When.
    pub entered_at: Timestamp,
    /// Who approved it.
    pub approved_by: Option<MemberId>,
    /// When.
    pub approved_at: Option<Timestamp>,
    /// When it was taken back.
    pub revoked_at: Option<Timestamp>,
}

/// An order to be entered.
#[derive(Clone, Debug)]
pub struct NewLegalOrder {
    /// The authority's name.
    pub authority: String,
    /// Its file number.
    pub reference: String,
    /// What it demands.
    pub scope: String,
    /// Whom it names.
    pub people: Vec<SubscriberId>,
    /// Which fields.
    pub fields: Fields,
    /// From when on it counts.
    pub valid_from: Timestamp,
    /// When it ends.
    pub valid_until: Timestamp,
}

impl TryFrom<row::Model> for LegalOrder {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        Ok(Self {
            id: stored(row.id),
            authority: stored(row.outside_party_id),
            reference: row.reference,
            scope: row.scope,
            fields: outside_party::read_fields(&row.fields)?,
            valid_from: Timestamp::from_micros(row.valid_from),
            valid_until: Timestamp::from_micros(row.valid_until),
            entered_by: stored(row.entered_by),
            entered_at: Timestamp::from_micros(row.entered_at),
            approved_by: row.approved_by.map(stored),
            approved_at: row.approved_at.map(Timestamp::from_micros),
            revoked_at: row.revoked_at.map(Timestamp::from_micros),
        })
    }
}

/// The order with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: LegalOrderId) -> Result<LegalOrder, StoreError> {
    tx.get::<row::Entity>(id.uuid()).await?.try_into()
}

/// The tenant's orders, oldest first.
pub async fn page<M>(tx: &TenantTx<M>, request: PageRequest) -> Result<Page<LegalOrder>, StoreError> {
    request
        .run(tx, tx.find::<row::Entity>(), LegalOrder::try_from)
        .await
}

/// Whom an order names.
pub async fn people<M>(
    tx: &TenantTx<M>,
    orders: &[LegalOrderId],
) -> Result<HashMap<LegalOrderId, Vec<SubscriberId>>, StoreError> {
    let sql = "SELECT p.*, p.legal_order_id AS of_id FROM legal_order_person p
               WHERE p.tenant_id = $1 AND p.legal_order_id IN ({ids})
               ORDER BY p.legal_order_id, p.subscriber_id";
    let read = |row: legal_order_person::Model| Ok(stored(row.subscriber_id));
    tx.lists_about(sql, orders, read).await
}

/// The orders with these ids.
pub async fn by_ids<M>(tx: &TenantTx<M>, ids: &[LegalOrderId]) -> Result<Vec<LegalOrder>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::Id.is_in(ids.iter().map(LegalOrderId::uuid)));
    let rows = query.all(tx.conn()).await?;
    rows.into_iter().map(LegalOrder::try_from).collect()
}

fn member(tx: &TenantTx<Write>) -> Result<MemberId, StoreError> {
    match tx.actor() {
        Actor::Member { id, .. } => Ok(id),
        _ => Err(StoreError::conflict(
            "id",
            "a member has to answer for a legal order",
        )),
    }
}

/// Enters an order. It allows nothing before another member approves it.
pub async fn enter(tx: &mut TenantTx<Write>, new: NewLegalOrder) -> Result<LegalOrderId, StoreError> {
    let entered_by = member(tx)?;
    let reference = text::name("reference", &new.reference)?;
    let scope = text::lines("scope", &new.scope, MAX_CHARS)?;
    check(tx, &new, &scope)?;
    let authority = outside_party::settle(tx, "authority", &new.authority).await?;
    let id: LegalOrderId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        outside_party_id: Set(authority.uuid()),
        reference: Set(reference),
        scope: Set(scope),
        fields: Set(outside_party::write_fields(&new.fields)),
        valid_from: Set(new.valid_from.micros()),
        valid_until: Set(new.valid_until.micros()),
        entered_by: Set(entered_by.uuid()),
        entered_at: Set(tx.now().micros()),
        approved_by: Set(None),
        approved_at: Set(None),
        revoked_at: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    name_people(tx, id, &new.people).await?;
    let entered = json!({ "reference": new.reference, "people": new.people.len(), "fields": new.fields });
    tx.audit(AuditAct::LegalOrderEntered, id, &Change::to(entered))?;
    Ok(id)
}

fn check(tx: &TenantTx<Write>, new: &NewLegalOrder, scope: &str) -> Result<(), StoreError> {
    if scope.is_empty() {
        return Err(StoreError::invalid("scope", "say what the order demands"));
    }
    if new.fields.is_empty() {
        return Err(StoreError::invalid(
            "fields",
            "an order demands at least one field",
        ));
    }
    if new.people.is_empty() || new.people.len() > MAX_PEOPLE {
        let rule = format!("an order names 1 to {MAX_PEOPLE} people: enter it for each whom it names");
        return Err(StoreError::invalid("subscriberIds", rule));
    }
    if new.valid_until <= new.valid_from || new.valid_until <= tx.now() {
        let rule = "an order ends after it begins, and not in the past";
        return Err(StoreError::invalid("validUntil", rule));
    }
    if new.valid_until.since(new.valid_from) > MAX_DURATION {
        let rule = "an order counts for 366 days at most: enter it anew when it is renewed";
        return Err(StoreError::invalid("validUntil", rule));
    }
    Ok(())
}

async fn name_people(
    tx: &TenantTx<Write>,
    id: LegalOrderId,
    people: &[SubscriberId],
) -> Result<(), StoreError> {
    let mut ids: Vec<_> = people.iter().map(type_safe_id::TypeSafeId::uuid).collect();
    ids.sort_unstable();
    ids.dedup();
    let known = tx
        .find::<subscriber::Entity>()
        .filter(subscriber::Column::Id.is_in(ids.clone()))
        .all(tx.conn())
        .await?;
    if known.len() < ids.len() {
        return Err(StoreError::NotFound("subscriber"));
    }
    let rows = ids.into_iter().map(|person| legal_order_person::ActiveModel {
        tenant_id: Set(tx.uuid()),
        legal_order_id: Set(id.uuid()),
        subscriber_id: Set(person),
    });
    legal_order_person::Entity::insert_many(rows)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Approves an order that another member entered.
pub async fn approve(tx: &mut TenantTx<Write>, id: LegalOrderId) -> Result<(), StoreError> {
    let approver = member(tx)?;
    tx.lock::<row::Entity>(id.uuid()).await?;
    let order = by_id(tx, id).await?;
    if order.entered_by == approver {
        let rule = "you entered this order: another member has to approve it";
        return Err(StoreError::conflict("id", rule));
    }
    if order.revoked_at.is_some() || order.approved_at.is_some() {
        let rule = "this order was approved or taken back before: enter it anew if it is renewed";
        return Err(StoreError::conflict("id", rule));
    }
    if order.valid_until <= tx.now() {
        return Err(StoreError::conflict("id", "the time of this order is over"));
    }
    let sql = "UPDATE legal_order SET approved_by = $3, approved_at = $4 WHERE tenant_id = $1 AND id = $2";
    let values = [id.uuid().into(), approver.uuid().into(), tx.now().micros().into()];
    tx.execute(sql, values).await?;
    tx.audit(AuditAct::LegalOrderApproved, id, &Change::default())
}

/// Takes an order back: from now on it allows nothing. Taken back twice is taken back.
pub async fn revoke(tx: &mut TenantTx<Write>, id: LegalOrderId) -> Result<(), StoreError> {
    by_id(tx, id).await?;
    let sql = "UPDATE legal_order SET revoked_at = COALESCE(revoked_at, $3) WHERE tenant_id = $1 AND id = $2";
    tx.execute(sql, [id.uuid().into(), tx.now().micros().into()])
        .await?;
    tx.audit(AuditAct::LegalOrderRevoked, id, &Change::default())
}
