//! Fields of a tenant's own, such as a customer's number or the day from which they are one.

use std::collections::BTreeSet;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::custom_field::{FieldKey, FieldKind, FieldValue, MAX_TEXT_CHARS};
use assent_domain::id::{CustomFieldId, new_id, stored};
use assent_domain::line::is_line;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, Select};
use serde_json::{Value, json};

use crate::audit::Change;
use crate::error::{StoreError, read_code};
use crate::row::custom_field as row;
use crate::segment;
use crate::store::Store;
use crate::text;
use crate::tx::{TenantCtx, TenantTx, Write};

mod value;

pub use value::{Kept, NewValue, of_subscribers, set};
pub(crate) use value::{keep_all, number_of_date};

/// The most fields of a tenant.
pub const MAX_FIELDS: u64 = 100;

/// The most choices of a field.
pub const MAX_CHOICES: usize = 100;

/// A field of a tenant's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomField {
    /// Its id.
    pub id: CustomFieldId,
    /// What rules and imports call it; it never changes.
    pub key: FieldKey,
    /// What people read.
    pub name: String,
    /// What sort of value it has.
    pub kind: FieldKind,
    /// The choices, where it is one of choices.
    pub choices: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl CustomField {
    /// Reads a value of this field.
    pub fn read(&self, text: &str) -> Result<FieldValue, assent_domain::custom_field::FieldValueError> {
        FieldValue::parse(self.kind, &self.choices, text)
    }
}

impl TryFrom<row::Model> for CustomField {
    type Error = StoreError;

    fn try_from(row: row::Model) -> Result<Self, StoreError> {
        let unreadable = || StoreError::Corrupt(format!("custom field {}", row.id));
        Ok(Self {
            id: stored(row.id),
            key: FieldKey::parse(&row.key).map_err(|_| unreadable())?,
            kind: read_code(&row.kind)?,
            choices: serde_json::from_str(&row.choices).map_err(|_| unreadable())?,
            name: row.name,
            created_at: Timestamp::from_micros(row.created_at),
        })
    }
}

/// A field to be made.
#[derive(Clone, Debug)]
pub struct NewCustomField {
    /// What rules and imports are to call it.
    pub key: String,
    /// What people read.
    pub name: String,
    /// What sort of value it has.
    pub kind: FieldKind,
    /// The choices, where it is one of choices.
    pub choices: Vec<String>,
}

/// Makes a field. Nobody has a value in it yet.
pub async fn create(tx: &mut TenantTx<Write>, new: NewCustomField) -> Result<CustomFieldId, StoreError> {
    tx.require_open()?;
    let key = FieldKey::parse(&new.key).map_err(|error| StoreError::invalid("key", error))?;
    let choices = checked_choices(new.kind, &new.choices)?;
    if tx.find::<row::Entity>().count(tx.conn()).await? >= MAX_FIELDS {
        let message = format!("there are {MAX_FIELDS} fields already: delete one that is not used");
        return Err(StoreError::conflict("key", message));
    }
    let id: CustomFieldId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        key: Set(key.as_str().to_owned()),
        name: Set(text::name("name", &new.name)?),
        kind: Set(new.kind.to_string()),
        choices: Set(json!(choices).to_string()),
        created_at: Set(tx.now().micros()),
        deleted_at: Set(None),
    };
    let taken = sea_orm::sea_query::OnConflict::columns([row::Column::TenantId, row::Column::Key])
        .do_nothing()
        .to_owned();
    let inserted = row::Entity::insert(row)
        .on_conflict(taken)
        .exec_without_returning(tx.conn())
        .await?;
    if inserted == 0 {
        let message = format!(
            "there is a field {key} already, or one was deleted and is being cleared away: choose another key, or wait a while"
        );
        return Err(StoreError::conflict("key", message));
    }
    let created = json!({ "key": key, "kind": new.kind, "choices": choices });
    tx.audit(AuditAct::CustomFieldCreated, id, &Change::to(created))?;
    Ok(id)
}

/// Calls a field otherwise, or gives it more choices. Choices that there are stay: people have them.
pub async fn change(
    tx: &mut TenantTx<Write>,
    id: CustomFieldId,
    name: Option<&str>,
    more_choices: &[String],
) -> Result<(), StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let field = by_id(tx, id).await?;
    let name = name.map(|name| text::name("name", name)).transpose()?;
    let name = name.unwrap_or_else(|| field.name.clone());
    let choices = if more_choices.is_empty() {
        field.choices.clone()
    } else {
        let all: Vec<_> = field.choices.iter().chain(more_choices).cloned().collect();
        checked_choices(field.kind, &all)?
    };
    tx.execute(
        "UPDATE custom_field SET name = $3, choices = $4 WHERE tenant_id = $1 AND id = $2",
        [
            id.uuid().into(),
            name.as_str().into(),
            json!(choices).to_string().into(),
        ],
    )
    .await?;
    let change = Change::from_to(
        json!({ "name": field.name, "choices": field.choices }),
        json!({ "name": name, "choices": choices }),
    );
    tx.audit(AuditAct::CustomFieldChanged, id, &change)
}

/// Deletes a field, and with it what was kept of people in it: that is nowhere to be seen from now on, and cleared away a
/// little at a time, see [`tend`]. One that a segment tests stays, or that a campaign does which is yet to find its
/// recipients.
pub async fn delete(tx: &mut TenantTx<Write>, id: CustomFieldId) -> Result<(), StoreError> {
    tx.lock::<row::Entity>(id.uuid()).await?;
    let field = by_id(tx, id).await?;
    if let Some(user) = segment::user_of(tx, &field.key).await? {
        let message = format!("{user} tests this field: change that first");
        return Err(StoreError::conflict("id", message));
    }
    let now = tx.now().micros();
    tx.execute(
        "UPDATE custom_field SET deleted_at = $3 WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into(), now.into()],
    )
    .await?;
    let deleted = json!({ "key": field.key, "kind": field.kind });
    tx.audit(
        AuditAct::CustomFieldDeleted,
        id,
        &Change::from_to(deleted, Value::Null),
    )
}

/// Clears away what was kept in fields that are deleted, and then the fields.
pub(crate) async fn tend(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let tx = TenantTx::read(store, ctx).await?;
    let deleted = tx
        .find::<row::Entity>()
        .filter(row::Column::DeletedAt.is_not_null());
    let deleted = deleted.all(tx.conn()).await?;
    drop(tx);
    for field in deleted {
        loop {
            let tx = TenantTx::write(store, ctx).await?;
            let forgotten = value::forget_some(&tx, stored(field.id)).await?;
            if forgotten == 0 {
                let sql = "DELETE FROM custom_field WHERE tenant_id = $1 AND id = $2";
                tx.execute(sql, [field.id.into()]).await?;
            }
            tx.commit().await?;
            if forgotten == 0 {
                break;
            }
        }
    }
    Ok(())
}

/// The fields that are not deleted.
fn there<M>(tx: &TenantTx<M>) -> Select<row::Entity> {
    tx.find::<row::Entity>().filter(row::Column::DeletedAt.is_null())
}

/// The field with this id.
pub async fn by_id<M>(tx: &TenantTx<M>, id: CustomFieldId) -> Result<CustomField, StoreError> {
    let row = there(tx)
        .filter(row::Column::Id.eq(id.uuid()))
        .one(tx.conn())
        .await?;
    row.ok_or(StoreError::NotFound("custom field"))?.try_into()
}

/// All fields of the tenant, in the order of their keys. They are few.
pub async fn all<M>(tx: &TenantTx<M>) -> Result<Vec<CustomField>, StoreError> {
    let rows = there(tx).order_by_asc(row::Column::Key).all(tx.conn()).await?;
    rows.into_iter().map(CustomField::try_from).collect()
}

/// Holds fields until the transaction ends, so that nobody deletes them meanwhile.
pub(crate) async fn hold(tx: &TenantTx<Write>, keys: &BTreeSet<&FieldKey>) -> Result<(), StoreError> {
    for field in all(tx).await?.iter().filter(|field| keys.contains(&field.key)) {
        tx.lock::<row::Entity>(field.id.uuid()).await?;
    }
    Ok(())
}

/// The fields with these ids.
pub(crate) async fn by_ids<M>(
    tx: &TenantTx<M>,
    ids: BTreeSet<uuid::Uuid>,
) -> Result<Vec<CustomField>, StoreError> {
    let rows = there(tx)
        .filter(row::Column::Id.is_in(ids))
        .all(tx.conn())
        .await?;
    rows.into_iter().map(CustomField::try_from).collect()
}

fn checked_choices(kind: FieldKind, choices: &[String]) -> Result<Vec<String>, StoreError> {
    if kind != FieldKind::Choice {
        return if choices.is_empty() {
            Ok(Vec::new())
        } else {
            let message = format!("a field of the kind {kind} has no choices: leave this out");
            Err(StoreError::invalid("choices", message))
        };
    }
    let trimmed: Vec<_> = choices.iter().map(|choice| choice.trim().to_owned()).collect();
    let different: BTreeSet<_> = trimmed.iter().collect();
    if !(1..=MAX_CHOICES).contains(&trimmed.len()) || different.len() != trimmed.len() {
        let message = format!("1 to {MAX_CHOICES} choices are needed, each once");
        return Err(StoreError::invalid("choices", message));
    }
    let fits = |choice: &String| (1..=MAX_TEXT_CHARS).contains(&choice.chars().count()) && is_line(choice);
    if !trimmed.iter().all(fits) {
        let message = format!("a choice is one line of 1 to {MAX_TEXT_CHARS} characters");
        return Err(StoreError::invalid("choices", message));
    }
    Ok(trimmed)
}
