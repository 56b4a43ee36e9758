//! What several forms say as they stand today, each part by one statement.

use std::collections::HashMap;

use assent_domain::id::{CollectionPointId, MailingListId, stored};
use assent_domain::language::Language;
use data_encoding::HEXLOWER;
use sea_orm::{ColumnTrait, FromQueryResult, QueryFilter};
use uuid::Uuid;

use super::{Choice, CollectionPoint, Field, read_language};
use crate::error::{StoreError, read_code};
use crate::outside_party::OutsideParty;
use crate::purpose;
use crate::row::{collection_point as row, outside_party};
use crate::tx::TenantTx;
use crate::tx::many::Of;
use crate::wording::{self, WordingHash};

/// A form in one of its languages.
#[derive(Clone, Debug)]
pub struct Text {
    /// The language.
    pub language: Language,
    /// The name over the form.
    pub name: String,
    /// The choices that it offers, in its order.
    pub choices: Vec<Choice>,
}

/// The forms with these ids.
pub async fn by_ids<M>(
    tx: &TenantTx<M>,
    ids: &[CollectionPointId],
) -> Result<Vec<CollectionPoint>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::Id.is_in(ids.iter().map(CollectionPointId::uuid)));
    let rows = query.all(tx.conn()).await?;
    rows.into_iter().map(CollectionPoint::try_from).collect()
}

#[derive(FromQueryResult)]
struct ListRow {
    list_id: Uuid,
}

/// The lists that forms lead to.
pub async fn lists_of<M>(
    tx: &TenantTx<M>,
    forms: &[CollectionPointId],
) -> Result<HashMap<CollectionPointId, Vec<MailingListId>>, StoreError> {
    let sql = "SELECT p.id AS of_id, l.list_id FROM collection_point p
               JOIN collection_point_list l
                 ON l.tenant_id = p.tenant_id AND l.collection_point_id = p.id AND l.version = p.version
               WHERE p.tenant_id = $1 AND p.id IN ({ids}) ORDER BY l.list_id";
    tx.lists_about(sql, forms, |row: ListRow| Ok(stored(row.list_id)))
        .await
}

#[derive(FromQueryResult)]
struct FieldRow {
    name: String,
    required: i32,
}

/// What forms ask for beside the address, each in its order.
pub async fn fields_of<M>(
    tx: &TenantTx<M>,
    forms: &[CollectionPointId],
) -> Result<HashMap<CollectionPointId, Vec<Field>>, StoreError> {
    let sql = "SELECT p.id AS of_id, f.name, f.required FROM collection_point p
               JOIN collection_point_field f
                 ON f.tenant_id = p.tenant_id AND f.collection_point_id = p.id AND f.version = p.version
               WHERE p.tenant_id = $1 AND p.id IN ({ids}) ORDER BY p.id, f.position";
    let read = |row: FieldRow| {
        Ok(Field {
            name: read_code(&row.name)?,
            required: row.required == 1,
        })
    };
    tx.lists_about(sql, forms, read).await
}

/// The outside parties that forms bring in, each in its order.
pub async fn parties_of<M>(
    tx: &TenantTx<M>,
    forms: &[CollectionPointId],
) -> Result<HashMap<CollectionPointId, Vec<OutsideParty>>, StoreError> {
    let sql = "SELECT p.id AS of_id, o.* FROM collection_point p
               JOIN collection_point_party c
                 ON c.tenant_id = p.tenant_id AND c.collection_point_id = p.id AND c.version = p.version
               JOIN outside_party o ON o.tenant_id = c.tenant_id AND o.id = c.outside_party_id
               WHERE p.tenant_id = $1 AND p.id IN ({ids}) ORDER BY p.id, c.position";
    tx.lists_about(sql, forms, |row: outside_party::Model| Ok(row.into()))
        .await
}

#[derive(FromQueryResult)]
struct TextRow {
    own: String,
    own_name: String,
    language: Option<String>,
    name: Option<String>,
}

#[derive(FromQueryResult)]
struct ChoiceRow {
    language: String,
    purpose_id: Uuid,
    wording_hash: Vec<u8>,
}

/// What forms say in each of their languages, its own first.
pub async fn texts_of<M>(
    tx: &TenantTx<M>,
    forms: &[CollectionPointId],
) -> Result<HashMap<CollectionPointId, Vec<Text>>, StoreError> {
    let mut choices = choices_of(tx, forms).await?;
    let sql = "SELECT p.id AS of_id, p.language AS own, p.name AS own_name, t.language, t.name
               FROM collection_point p
               LEFT JOIN collection_point_text t
                 ON t.tenant_id = p.tenant_id AND t.collection_point_id = p.id AND t.version = p.version
                AND t.language <> p.language
               WHERE p.tenant_id = $1 AND p.id IN ({ids}) ORDER BY p.id, t.language";
    let rows: Vec<Of<TextRow>> = tx.about(sql, forms.iter().map(CollectionPointId::uuid)).await?;
    let mut texts: HashMap<CollectionPointId, Vec<Text>> = HashMap::new();
    for Of { of, row } in rows {
        let of_form = texts.entry(stored(of)).or_default();
        let own = of_form.is_empty().then_some((row.own, row.own_name));
        for (language, name) in own.into_iter().chain(row.language.zip(row.name)) {
            of_form.push(Text {
                choices: choices.remove(&(of, language.clone())).unwrap_or_default(),
                language: read_language(&language)?,
                name,
            });
        }
    }
    Ok(texts)
}

/// The choices that forms offer, by form and language.
async fn choices_of<M>(
    tx: &TenantTx<M>,
    forms: &[CollectionPointId],
) -> Result<HashMap<(Uuid, String), Vec<Choice>>, StoreError> {
    let sql = "SELECT p.id AS of_id, c.language, c.purpose_id, c.wording_hash FROM collection_point p
               JOIN collection_point_choice c
                 ON c.tenant_id = p.tenant_id AND c.collection_point_id = p.id AND c.version = p.version
               WHERE p.tenant_id = $1 AND p.id IN ({ids}) ORDER BY p.id, c.language, c.position";
    let rows: Vec<Of<ChoiceRow>> = tx.about(sql, forms.iter().map(CollectionPointId::uuid)).await?;
    let hexes: Vec<_> = rows
        .iter()
        .map(|of| HEXLOWER.encode(&of.row.wording_hash))
        .collect();
    let words = wording::by_hexes(tx, hexes.iter().map(String::as_str)).await?;
    // A tenant has few: reading all is one short statement.
    let purposes = purpose::all(tx).await?;
    let mut choices: HashMap<_, Vec<Choice>> = HashMap::new();
    for (Of { of, row }, hex) in rows.into_iter().zip(&hexes) {
        let purpose = purposes
            .iter()
            .find(|purpose| purpose.id.uuid() == row.purpose_id);
        let choice = Choice {
            purpose: purpose.cloned().ok_or(StoreError::NotFound("purpose"))?,
            statement: words
                .get(hex)
                .cloned()
                .ok_or_else(|| StoreError::Corrupt("a text that people were shown is missing".to_owned()))?,
            wording: WordingHash(row.wording_hash),
        };
        choices.entry((of, row.language)).or_default().push(choice);
    }
    Ok(choices)
}
