//! What a tenant keeps of people in fields of its own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use assent_domain::audit::AuditAct;
use assent_domain::custom_field::{FieldKey, FieldKind, FieldValue};
use assent_domain::id::{CustomFieldId, SubscriberId, stored};
use chrono::{Datelike, NaiveDate};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::{CustomField, all, by_ids, hold};
use crate::audit::Change;
use crate::chore::CHUNK;
use crate::error::StoreError;
use crate::row::custom_value as row;
use crate::subscriber;
use crate::tx::{TenantTx, Write};

/// What is kept of somebody in one field.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The field.
    pub field: CustomField,
    /// What it says of them.
    pub value: FieldValue,
}

/// What is to be kept of somebody in one field.
#[derive(Clone, Debug)]
pub struct NewValue {
    /// The field's key.
    pub key: String,
    /// The value as text; nothing, where none is to be kept any more.
    pub value: Option<String>,
}

/// Days from the first of the common era to 1970-01-01.
const EPOCH: i32 = 719_163;

pub(crate) fn number_of_date(date: NaiveDate) -> f64 {
    f64::from(date.num_days_from_ce() - EPOCH)
}

fn date_of_number(number: f64) -> Option<NaiveDate> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a number of days that a date was written as; any other is no date"
    )]
    let days = number as i32;
    NaiveDate::from_num_days_from_ce_opt(days.checked_add(EPOCH)?)
}

fn columns(value: &FieldValue) -> (Option<String>, Option<f64>) {
    match value {
        FieldValue::Text(text) => (Some(text.clone()), None),
        FieldValue::Number(number) => (None, Some(*number)),
        FieldValue::Date(date) => (None, Some(number_of_date(*date))),
        FieldValue::Flag(flag) => (None, Some(f64::from(u8::from(*flag)))),
    }
}

fn read(kind: FieldKind, row: row::Model) -> Result<FieldValue, StoreError> {
    let value = match (kind, row.text, row.number) {
        (FieldKind::Text | FieldKind::Choice, Some(text), None) => Some(FieldValue::Text(text)),
        (FieldKind::Number, None, Some(number)) => Some(FieldValue::Number(number)),
        (FieldKind::Date, None, Some(number)) => date_of_number(number).map(FieldValue::Date),
        (FieldKind::Flag, None, Some(number)) => Some(FieldValue::Flag(number > 0.5)),
        _ => None,
    };
    value.ok_or_else(|| StoreError::Corrupt("a value of a custom field".to_owned()))
}

/// What is kept of these people, in the order of the fields' keys.
pub async fn of_subscribers<M>(
    tx: &TenantTx<M>,
    people: &[SubscriberId],
) -> Result<HashMap<SubscriberId, Vec<Kept>>, StoreError> {
    let ids = people.iter().map(type_safe_id::TypeSafeId::uuid);
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.is_in(ids));
    let rows = query.all(tx.conn()).await?;
    let fields: BTreeSet<_> = rows.iter().map(|row| row.field_id).collect();
    if fields.is_empty() {
        return Ok(HashMap::new());
    }
    let fields = by_ids(tx, fields).await?;
    let fields: HashMap<_, _> = fields.iter().map(|field| (field.id.uuid(), field)).collect();
    let mut kept: HashMap<SubscriberId, Vec<Kept>> = HashMap::new();
    for row in rows {
        if let Some(field) = fields.get(&row.field_id) {
            let of = stored(row.subscriber_id);
            let value = read(field.kind, row)?;
            let field = (*field).clone();
            kept.entry(of).or_default().push(Kept { field, value });
        }
    }
    for of_one in kept.values_mut() {
        of_one.sort_by(|one, other| one.field.key.cmp(&other.field.key));
    }
    Ok(kept)
}

/// Keeps values of somebody, or keeps them no longer; fields that are not named stay as they are.
pub async fn set(
    tx: &mut TenantTx<Write>,
    person: SubscriberId,
    values: &[NewValue],
) -> Result<(), StoreError> {
    tx.require_open()?;
    let person = subscriber::lock(tx, person).await?.id;
    let keys: Vec<_> = values
        .iter()
        .filter_map(|new| FieldKey::parse(&new.key).ok())
        .collect();
    hold(tx, &keys.iter().collect()).await?;
    let fields = all(tx).await?;
    let mut wanted: BTreeMap<FieldKey, (CustomFieldId, Option<FieldValue>)> = BTreeMap::new();
    for new in values {
        let field = fields.iter().find(|field| field.key.as_str() == new.key);
        let field = field.ok_or_else(|| unknown(&new.key, &fields))?;
        let value = new.value.as_deref().map(|text| field.read(text)).transpose();
        let value =
            value.map_err(|error| StoreError::invalid("values", format!("{}: {error}", field.key)))?;
        if wanted.insert(field.key.clone(), (field.id, value)).is_some() {
            let message = format!("{} is there twice: say once what it is to be", field.key);
            return Err(StoreError::invalid("values", message));
        }
    }
    if wanted.is_empty() {
        let message = "say at least one value, or null where none is to be kept";
        return Err(StoreError::invalid("values", message));
    }
    let before = of_subscribers(tx, &[person])
        .await?
        .remove(&person)
        .unwrap_or_default();
    for (field, value) in wanted.values() {
        put(tx, person, *field, value.as_ref()).await?;
    }
    let was = wanted.keys().map(|key| {
        let kept = before.iter().find(|kept| kept.field.key == *key);
        said(key, kept.map(|kept| &kept.value))
    });
    let is = wanted.iter().map(|(key, (_, value))| said(key, value.as_ref()));
    let change = Change::from_to(
        json!({ "fields": was.collect::<Vec<_>>() }),
        json!({ "fields": is.collect::<Vec<_>>() }),
    );
    tx.audit_about(AuditAct::CustomValuesSet, Some(person), &change)
}

fn said(key: &FieldKey, value: Option<&FieldValue>) -> Value {
    json!({ "key": key, "value": value.map(ToString::to_string) })
}

fn unknown(key: &str, fields: &[CustomField]) -> StoreError {
    let keys: Vec<_> = fields.iter().map(|field| field.key.as_str()).collect();
    let message = if keys.is_empty() {
        "there are no custom fields yet: make one first".to_owned()
    } else {
        format!(
            "there is no custom field {:?}; there are {}",
            key.chars().take(40).collect::<String>(),
            keys.join(", ")
        )
    };
    StoreError::invalid("values", message)
}

async fn put(
    tx: &TenantTx<Write>,
    person: SubscriberId,
    field: CustomFieldId,
    value: Option<&FieldValue>,
) -> Result<(), StoreError> {
    let Some(value) = value else {
        let sql = "DELETE FROM custom_value WHERE tenant_id = $1 AND subscriber_id = $2 AND field_id = $3";
        tx.execute(sql, [person.uuid().into(), field.uuid().into()])
            .await?;
        return Ok(());
    };
    row::Entity::insert(row_of(tx, person, field, value))
        .on_conflict(anew())
        .exec_without_returning(tx.conn())
        .await?;
    Ok(())
}

/// Rows of one statement: both databases take fewer than 32,767 values in one.
const ROWS_A_STATEMENT: usize = 2000;

/// Keeps values of many people, each of whom and whose field is held; each value stands in place of one that was there.
pub(crate) async fn keep_all(
    tx: &TenantTx<Write>,
    values: &[(SubscriberId, CustomFieldId, &FieldValue)],
) -> Result<(), StoreError> {
    for some in values.chunks(ROWS_A_STATEMENT) {
        let rows = some
            .iter()
            .map(|(person, field, value)| row_of(tx, *person, *field, value));
        row::Entity::insert_many(rows)
            .on_conflict(anew())
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

fn row_of(
    tx: &TenantTx<Write>,
    person: SubscriberId,
    field: CustomFieldId,
    value: &FieldValue,
) -> row::ActiveModel {
    let (text, number) = columns(value);
    row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        subscriber_id: Set(person.uuid()),
        field_id: Set(field.uuid()),
        text: Set(text),
        number: Set(number),
    }
}

/// A newer value takes the place of an older one.
fn anew() -> OnConflict {
    use row::Column::{FieldId, Number, SubscriberId, TenantId, Text};
    OnConflict::columns([TenantId, SubscriberId, FieldId])
        .update_columns([Text, Number])
        .to_owned()
}

/// Forgets what is kept in a field, of some people, and says of how many.
pub(super) async fn forget_some(tx: &TenantTx<Write>, field: CustomFieldId) -> Result<u64, StoreError> {
    let sql = format!(
        "DELETE FROM custom_value WHERE tenant_id = $1 AND field_id = $2 AND subscriber_id IN (
           SELECT subscriber_id FROM custom_value WHERE tenant_id = $1 AND field_id = $2 LIMIT {CHUNK})"
    );
    tx.execute(&sql, [field.uuid().into()]).await
}
