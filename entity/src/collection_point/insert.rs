//! Writing down a version of a form, part by part.

use std::collections::BTreeSet;

use assent_domain::id::{CollectionPointId, OutsidePartyId};
use assent_domain::purpose::PurposeCode;
use sea_orm::{ActiveValue::Set, EntityTrait};

use super::{Field, NewCollectionPoint, Translation};
use crate::error::StoreError;
use crate::mailing_list::MailingList;
use crate::purpose::Purpose;
use crate::row::{
    collection_point_choice as choice_row, collection_point_field as field_row,
    collection_point_list as list_row, collection_point_party as party_row,
    collection_point_text as text_row, collection_point_version as version_row,
};
use crate::text;
use crate::tx::{TenantTx, Write};
use crate::wording;

/// What a version leads to, once it has been checked.
pub(super) struct Checked {
    pub(super) lists: Vec<MailingList>,
    pub(super) purposes: Vec<Purpose>,
    pub(super) parties: Vec<OutsidePartyId>,
}

/// Writes down a version that has been checked.
pub(super) async fn insert(
    tx: &TenantTx<Write>,
    id: CollectionPointId,
    version: i32,
    new: &NewCollectionPoint,
    checked: &Checked,
) -> Result<(), StoreError> {
    let row = version_row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        collection_point_id: Set(id.uuid()),
        version: Set(version),
        language: Set(new.language.to_string()),
        created_at: Set(tx.now().micros()),
    };
    version_row::Entity::insert(row)
        .exec_without_returning(tx.conn())
        .await?;
    for list in &checked.lists {
        let link = list_row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            collection_point_id: Set(id.uuid()),
            version: Set(version),
            list_id: Set(list.id.uuid()),
        };
        list_row::Entity::insert(link)
            .exec_without_returning(tx.conn())
            .await?;
    }
    for (position, party) in (1..).zip(&checked.parties) {
        let link = party_row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            collection_point_id: Set(id.uuid()),
            version: Set(version),
            outside_party_id: Set(party.uuid()),
            position: Set(position),
        };
        party_row::Entity::insert(link)
            .exec_without_returning(tx.conn())
            .await?;
    }
    insert_fields(tx, (id, version), &new.fields).await?;
    insert_text(
        tx,
        (id, version),
        &own_text(new),
        (&new.choices, &checked.purposes),
        "choices",
    )
    .await?;
    for translation in &new.translations {
        let order = (&new.choices[..], &checked.purposes[..]);
        insert_text(tx, (id, version), translation, order, "translations").await?;
    }
    Ok(())
}

/// What a form says in its own language.
fn own_text(new: &NewCollectionPoint) -> Translation {
    Translation {
        language: new.language.clone(),
        name: new.name.clone(),
        statements: new.choices.clone(),
    }
}

async fn insert_text(
    tx: &TenantTx<Write>,
    (id, version): (CollectionPointId, i32),
    said: &Translation,
    (order, purposes): (&[(PurposeCode, String)], &[Purpose]),
    field: &'static str,
) -> Result<(), StoreError> {
    let name_field = if field == "choices" { "name" } else { field };
    let text = text_row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        collection_point_id: Set(id.uuid()),
        version: Set(version),
        language: Set(said.language.to_string()),
        name: Set(text::name(name_field, &said.name)?),
    };
    text_row::Entity::insert(text)
        .exec_without_returning(tx.conn())
        .await?;
    for (position, (code, _)) in (1..).zip(order) {
        let statement = said.statements.iter().find(|(of, _)| of == code);
        let purpose = purposes.iter().find(|purpose| purpose.code == code.as_str());
        let (Some((_, statement)), Some(purpose)) = (statement, purpose) else {
            continue;
        };
        let wording = wording::keep(tx, field, statement).await?;
        let choice = choice_row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            collection_point_id: Set(id.uuid()),
            version: Set(version),
            language: Set(said.language.to_string()),
            purpose_id: Set(purpose.id.uuid()),
            wording_hash: Set(wording.0),
            position: Set(position),
        };
        choice_row::Entity::insert(choice)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}

async fn insert_fields(
    tx: &TenantTx<Write>,
    (id, version): (CollectionPointId, i32),
    fields: &[Field],
) -> Result<(), StoreError> {
    let mut seen = BTreeSet::new();
    for (position, field) in (1..).zip(fields) {
        if !seen.insert(field.name) {
            return Err(StoreError::invalid(
                "fields",
                format!("the field {:?} stands twice", field.name.to_string()),
            ));
        }
        let row = field_row::ActiveModel {
            tenant_id: Set(tx.uuid()),
            collection_point_id: Set(id.uuid()),
            version: Set(version),
            name: Set(field.name.to_string()),
            required: Set(field.required.into()),
            position: Set(position),
        };
        field_row::Entity::insert(row)
            .exec_without_returning(tx.conn())
            .await?;
    }
    Ok(())
}
