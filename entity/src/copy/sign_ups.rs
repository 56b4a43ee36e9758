//! What a person, or somebody in their name, asked for at forms, in a copy of their data.

use std::collections::BTreeMap;

use assent_domain::clock::Timestamp;
use assent_domain::id::{PurposeId, SubscriberId};
use sea_orm::FromQueryResult;
use serde::Serialize;

use crate::error::StoreError;
use crate::purpose;
use crate::tx::TenantTx;

/// What was asked for at a form, and waits to be confirmed, or did.
#[derive(Serialize)]
pub struct SignUp {
    /// The form's name in addresses.
    pub form: String,
    /// The version of the form.
    pub version: i32,
    /// The language in which it was shown.
    pub language: String,
    /// The codes of the purposes that were chosen.
    pub purposes: Vec<String>,
    /// When.
    pub requested_at: String,
    /// Until when it could be confirmed.
    pub expires_at: String,
    /// When it was.
    pub confirmed_at: Option<String>,
}

#[derive(FromQueryResult)]
struct Row {
    form: String,
    version: i32,
    language: String,
    purposes: String,
    requested_at: i64,
    expires_at: i64,
    confirmed_at: Option<i64>,
}

/// What was asked for in a person's name, the first one first.
pub(super) async fn of<M>(tx: &TenantTx<M>, person: SubscriberId) -> Result<Vec<SignUp>, StoreError> {
    let codes = purpose::all(tx).await?.into_iter();
    let codes: BTreeMap<PurposeId, String> = codes.map(|of| (of.id, of.code)).collect();
    let sql = "SELECT p.slug AS form, o.version, o.language, o.purposes, o.requested_at, o.expires_at,
                      o.confirmed_at
               FROM opt_in o
               JOIN collection_point p ON p.tenant_id = o.tenant_id AND p.id = o.collection_point_id
               WHERE o.tenant_id = $1 AND o.subscriber_id = $2 ORDER BY o.id";
    let rows: Vec<Row> = tx.all(sql, [person.uuid().into()]).await?;
    rows.into_iter().map(|row| sign_up(row, &codes)).collect()
}

fn sign_up(row: Row, codes: &BTreeMap<PurposeId, String>) -> Result<SignUp, StoreError> {
    let at = |micros| Timestamp::from_micros(micros).to_string();
    let chosen: Vec<PurposeId> = serde_json::from_str(&row.purposes)
        .map_err(|_| StoreError::Corrupt("the purposes of an opt-in".to_owned()))?;
    Ok(SignUp {
        form: row.form,
        version: row.version,
        language: row.language,
        purposes: chosen.iter().filter_map(|id| codes.get(id).cloned()).collect(),
        requested_at: at(row.requested_at),
        expires_at: at(row.expires_at),
        confirmed_at: row.confirmed_at.map(at),
    })
}
