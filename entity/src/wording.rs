//! Immutable texts: what people were shown, by the hash of its words.

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use sha2::{Digest, Sha256};

use crate::error::StoreError;
use crate::row::wording as row;
use crate::text;
use crate::tx::{TenantTx, Write};

/// The longest statement, in characters.
const MAX_CHARS: usize = 2000;

/// The hash of a text that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WordingHash(pub(crate) Vec<u8>);

impl WordingHash {
    /// As a consent record names it.
    pub(crate) fn hex(&self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

/// Keeps a text; the same text is kept once.
pub(crate) async fn keep(
    tx: &TenantTx<Write>,
    field: &'static str,
    words: &str,
) -> Result<WordingHash, StoreError> {
    let text = text::lines(field, words, MAX_CHARS)?;
    if text.is_empty() {
        return Err(StoreError::invalid(field, "say what a person agrees to"));
    }
    keep_checked(tx, text).await
}

/// Keeps all the words of a form, which have been checked one by one.
pub(crate) async fn keep_all(tx: &TenantTx<Write>, words: String) -> Result<WordingHash, StoreError> {
    keep_checked(tx, words).await
}

async fn keep_checked(tx: &TenantTx<Write>, text: String) -> Result<WordingHash, StoreError> {
    let hash = Sha256::digest(text.as_bytes()).to_vec();
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        hash: Set(hash.clone()),
        body: Set(text),
    };
    let known = OnConflict::columns([row::Column::TenantId, row::Column::Hash])
        .do_nothing()
        .to_owned();
    row::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx.conn())
        .await?;
    Ok(WordingHash(hash))
}

/// The text with this hash, as a consent record names it.
pub(crate) async fn by_hex<M>(tx: &TenantTx<M>, hex: &str) -> Result<Option<String>, StoreError> {
    let Ok(hash) = HEXLOWER.decode(hex.as_bytes()) else {
        return Ok(None);
    };
    let row = tx
        .find::<row::Entity>()
        .filter(row::Column::Hash.eq(hash))
        .one(tx.conn())
        .await?;
    Ok(row.map(|row| row.body))
}

/// The texts with these hashes, as consent records name them; one query for all.
pub(crate) async fn by_hexes<M>(
    tx: &TenantTx<M>,
    hexes: impl IntoIterator<Item = &str>,
) -> Result<BTreeMap<String, String>, StoreError> {
    let hashes: BTreeSet<_> = hexes
        .into_iter()
        .filter_map(|hex| HEXLOWER.decode(hex.as_bytes()).ok())
        .collect();
    if hashes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = tx
        .find::<row::Entity>()
        .filter(row::Column::Hash.is_in(hashes))
        .all(tx.conn())
        .await?;
    let texts = rows.into_iter().map(|row| (HEXLOWER.encode(&row.hash), row.body));
    Ok(texts.collect())
}

/// The text with this hash.
pub(crate) async fn by_hash<M>(tx: &TenantTx<M>, hash: &[u8]) -> Result<String, StoreError> {
    let row = tx
        .find::<row::Entity>()
        .filter(row::Column::Hash.eq(hash.to_vec()))
        .one(tx.conn())
        .await?;
    row.map(|row| row.body)
        .ok_or_else(|| StoreError::Corrupt("a text that people were shown is missing".to_owned()))
}
