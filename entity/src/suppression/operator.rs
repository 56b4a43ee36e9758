//! Addresses that the operator holds back from every tenant, after a complaint against the platform. They are kept under a
//! hash of their own; each tenant that has, or takes in, somebody with such an address gets a suppression of its own.

use std::collections::BTreeMap;

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::id::SubscriberId;
use assent_domain::keys::AddressHash;
use assent_domain::suppression::SuppressionReason;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement, Value};

use crate::error::StoreError;
use crate::store::Store;
use crate::tx::{PlatformTx, TenantTx, Write, places};
use crate::{subscriber, tenant, text};

/// The longest note.
const MAX_NOTE_CHARS: usize = 500;

/// An address that is held back, of which only the hash is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The hash.
    pub address_hash: AddressHash,
    /// What the operator noted. Not the address.
    pub note: String,
    /// Since when.
    pub held_at: Timestamp,
}

#[derive(FromQueryResult)]
struct HeldRow {
    address_hash: Vec<u8>,
    note: String,
    held_at: i64,
}

/// Holds an address back from every tenant; false where it was before. Tenants that have it are told by a suppression
/// with an entry in their audit log.
pub async fn hold(store: &Store, email: &EmailAddress, note: &str) -> Result<bool, StoreError> {
    let note = text::lines("note", note, MAX_NOTE_CHARS)?;
    let hash = store.keys().held_address_hasher().hash(email);
    let tx = PlatformTx::write(store).await?;
    let sql =
        "INSERT INTO held_address (address_hash, note, held_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    let values = [hash.0.to_vec().into(), note.into(), tx.now().micros().into()];
    let added = tx
        .conn()
        .execute_raw(tx.statement(sql, values))
        .await?
        .rows_affected();
    tx.commit().await?;
    // Again, even if it was known: a tenant may have been missed when the process ended in the middle.
    for (ctx, _) in tenant::all(store).await? {
        let mut tx = TenantTx::write(store, ctx).await?;
        let hash = tx.address_hasher().hash(email);
        if let Some(person) = subscriber::by_address(&tx, hash).await? {
            suppress(&mut tx, hash, Some(person.id)).await?;
            tx.commit_if_noted().await?;
        }
    }
    Ok(added > 0)
}

/// The addresses that are held back, oldest first.
pub async fn all(store: &Store) -> Result<Vec<Held>, StoreError> {
    let tx = PlatformTx::read(store).await?;
    let sql = "SELECT address_hash, note, held_at FROM held_address ORDER BY held_at, address_hash";
    let rows = HeldRow::find_by_statement(tx.statement(sql, []))
        .all(tx.conn())
        .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Held {
                address_hash: subscriber::read_address_hash(&row.address_hash)?,
                note: row.note,
                held_at: Timestamp::from_micros(row.held_at),
            })
        })
        .collect()
}

/// Gives the tenant a suppression of its own for an address that it is about to take in, if the operator holds it back.
pub(crate) async fn heed(
    tx: &mut TenantTx<Write>,
    email: &EmailAddress,
    about: Option<SubscriberId>,
) -> Result<(), StoreError> {
    let held = tx.store().keys().held_address_hasher().hash(email);
    if is_held(tx, held).await? {
        let hash = tx.address_hasher().hash(email);
        suppress(tx, hash, about).await?;
    }
    Ok(())
}

/// The same for many addresses, with one question about all.
pub(crate) async fn heed_all(tx: &mut TenantTx<Write>, emails: &[EmailAddress]) -> Result<(), StoreError> {
    for own in held_of(tx, emails).await? {
        suppress(tx, own, None).await?;
    }
    Ok(())
}

/// Which of these addresses the operator holds back, by their hashes with this tenant.
pub(crate) async fn held_of<M>(
    tx: &TenantTx<M>,
    emails: &[EmailAddress],
) -> Result<Vec<AddressHash>, StoreError> {
    let hasher = tx.store().keys().held_address_hasher();
    let by_hash: BTreeMap<_, _> = emails.iter().map(|email| (hasher.hash(email), email)).collect();
    let mut wanted: Vec<Value> = by_hash.keys().map(|hash| hash.0.to_vec().into()).collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    wanted.resize(wanted.len().next_power_of_two(), Value::Bytes(None));
    let sql = format!(
        "SELECT address_hash, note, held_at FROM held_address WHERE address_hash IN ({}) ORDER BY address_hash",
        places(1, wanted.len())
    );
    let statement = Statement::from_sql_and_values(tx.store().backend(), sql, wanted);
    let rows = HeldRow::find_by_statement(statement).all(tx.conn()).await?;
    let mut held = Vec::with_capacity(rows.len());
    for row in rows {
        let hash = subscriber::read_address_hash(&row.address_hash)?;
        held.extend(by_hash.get(&hash).map(|email| tx.address_hasher().hash(email)));
    }
    Ok(held)
}

#[derive(FromQueryResult)]
struct Count {
    held: i64,
}

async fn is_held<M>(tx: &TenantTx<M>, hash: AddressHash) -> Result<bool, StoreError> {
    let sql = "SELECT COUNT(*) AS held FROM held_address WHERE address_hash = $1";
    let statement = Statement::from_sql_and_values(tx.store().backend(), sql, [hash.0.to_vec().into()]);
    let found = Count::find_by_statement(statement).one(tx.conn()).await?;
    Ok(found.is_some_and(|count| count.held > 0))
}

async fn suppress(
    tx: &mut TenantTx<Write>,
    hash: AddressHash,
    about: Option<SubscriberId>,
) -> Result<(), StoreError> {
    let reason = SuppressionReason::HeldByOperator;
    super::add(tx, hash, about, reason, "operator").await
}
