//! The address that a person has left: whether it is offered the way back, and whether it was taken.

use assent_domain::clock::Timestamp;
use assent_domain::id::{AddressChangeId, SubscriberId};
use sea_orm::FromQueryResult;

use super::{Sort, row, sort_of};
use crate::error::StoreError;
use crate::tx::TenantTx;

/// Whether the mail about a change that was made offers the way back.
pub async fn offers_way_back<M>(tx: &TenantTx<M>, id: AddressChangeId) -> Result<bool, StoreError> {
    let row = tx.get::<row::Entity>(id.uuid()).await?;
    Ok(sort_of(&row)? == Sort::Back)
}

#[derive(FromQueryResult)]
struct Taken {
    at: Option<i64>,
}

/// When a person last took a change of their address back, if they ever did: somebody else had a link of theirs.
pub(crate) async fn taken_back_at<M>(
    tx: &TenantTx<M>,
    of: SubscriberId,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT MAX(confirmed_at) AS at FROM address_change
               WHERE tenant_id = $1 AND subscriber_id = $2 AND sort = 'BACK'";
    let taken: Option<Taken> = tx.one(sql, [of.uuid().into()]).await?;
    Ok(taken.and_then(|taken| taken.at).map(Timestamp::from_micros))
}
