//! Suppressions: reasons not to write to an address, kept under its keyed hash, so that they outlive the
//! address itself.

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::id::{SubscriberId, SuppressionId, new_id};
use assent_domain::keys::AddressHash;
use assent_domain::suppression::{SuppressionReason, Suppressions};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, sea_query::OnConflict,
};
use serde_json::json;
use strum::IntoEnumIterator;

use crate::audit::Change;
use crate::error::StoreError;
use crate::row::suppression as row;
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};

/// The reasons that hold for an address.
pub async fn of_address<M>(tx: &TenantTx<M>, hash: AddressHash) -> Result<Suppressions, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::AddressHash.eq(hash.0.to_vec()));
    let rows = query.all(tx.conn()).await?;
    let bits = rows
        .iter()
        .filter_map(|row| u8::try_from(row.bit).ok())
        .fold(0, |bits, bit| bits | bit);
    Ok(Suppressions::from_bits(bits))
}

/// The reasons that hold for an address, by their codes, and since when.
pub(crate) async fn reasons<M>(
    tx: &TenantTx<M>,
    hash: AddressHash,
) -> Result<Vec<(String, Timestamp)>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::AddressHash.eq(hash.0.to_vec()));
    let rows = query.all(tx.conn()).await?.into_iter();
    Ok(rows
        .map(|row| (row.reason, Timestamp::from_micros(row.created_at)))
        .collect())
}

/// Since when an address is held back for a reason, if it is.
pub(crate) async fn since<M>(
    tx: &TenantTx<M>,
    hash: AddressHash,
    reason: SuppressionReason,
) -> Result<Option<Timestamp>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::AddressHash.eq(hash.0.to_vec()))
        .filter(row::Column::Reason.eq(reason.to_string()));
    let row = query.one(tx.conn()).await?;
    Ok(row.map(|row| Timestamp::from_micros(row.created_at)))
}

/// Holds mail to an address back from now on. `through` says how it came about.
pub async fn add(
    tx: &mut TenantTx<Write>,
    hash: AddressHash,
    about: Option<SubscriberId>,
    reason: SuppressionReason,
    through: &str,
) -> Result<(), StoreError> {
    if of_address(tx, hash).await?.contains(reason) {
        return Ok(());
    }
    let id: SuppressionId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        address_hash: Set(hash.0.to_vec()),
        reason: Set(reason.to_string()),
        bit: Set(reason.bit().into()),
        created_at: Set(tx.now().micros()),
    };
    let known = [
        row::Column::TenantId,
        row::Column::AddressHash,
        row::Column::Reason,
    ];
    let known = OnConflict::columns(known).do_nothing().to_owned();
    row::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(tx.conn())
        .await?;
    let change = Change::to(json!({ "reason": reason, "through": through }));
    tx.audit_about(AuditAct::Suppressed, about, &change)
}

/// Holds mail to a subscriber back from now on.
pub async fn add_for(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    reason: SuppressionReason,
    through: &str,
) -> Result<(), StoreError> {
    let person = subscriber::by_id(tx, of).await?;
    add(tx, person.address_hash, Some(of), reason, through).await
}

/// Lets what a person said against all mail at one address hold at another: only they take it back.
pub(crate) async fn carry_no(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    to: AddressHash,
) -> Result<(), StoreError> {
    let said = of_address(tx, person.address_hash).await?;
    for reason in SuppressionReason::iter().filter(|reason| reason.goes_with_the_person()) {
        if said.contains(reason) {
            add(tx, to, Some(person.id), reason, "change of address").await?;
        }
    }
    Ok(())
}

#[derive(FromQueryResult)]
struct Lifted {
    recorded_at: i64,
}

/// When a person last let mail to them go again, if they did.
pub(crate) async fn lifted_at(
    tx: &TenantTx<Write>,
    about: SubscriberId,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT recorded_at FROM ledger
               WHERE tenant_id = $1 AND subject_id = $2 AND kind = 'AUDIT' AND facts LIKE $3
               ORDER BY seq DESC LIMIT 1";
    let act = format!(r#"%"{}"%"#, AuditAct::SuppressionLifted);
    let lifted: Option<Lifted> = tx.one(sql, [about.uuid().into(), act.into()]).await?;
    Ok(lifted.map(|lifted| Timestamp::from_micros(lifted.recorded_at)))
}

/// Lets mail to an address go again, by the person's own act.
pub(crate) async fn lift(
    tx: &mut TenantTx<Write>,
    hash: AddressHash,
    about: SubscriberId,
    reason: SuppressionReason,
    through: &str,
) -> Result<(), StoreError> {
    let lifted = tx
        .execute(
            "DELETE FROM suppression WHERE tenant_id = $1 AND address_hash = $2 AND reason = $3",
            [hash.0.to_vec().into(), reason.to_string().into()],
        )
        .await?;
    if lifted > 0 {
        let change = Change::from_to(json!({ "reason": reason }), json!({ "through": through }));
        tx.audit_about(AuditAct::SuppressionLifted, Some(about), &change)
    } else {
        Ok(())
    }
}
