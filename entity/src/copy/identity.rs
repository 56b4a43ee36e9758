//! By what a person was known, and wanted to be: addresses, ids and memberships, in a copy of their data.

use assent_domain::clock::Timestamp;
use assent_domain::id::{MemberId, SubscriberId, TenantId, stored};
use sea_orm::FromQueryResult;
use serde::Serialize;
use uuid::Uuid;

use crate::error::StoreError;
use crate::tx::TenantTx;

/// An address at which a person wanted to be reached, or which they left and got word of it. What it was before stands in
/// the audit log.
#[derive(Serialize)]
pub struct AddressChange {
    /// `ASKED` where they wanted to be reached there, `BACK` where they left it and could go back, `TOLD` where they left it.
    pub sort: String,
    /// The address.
    pub email: String,
    /// When they asked.
    pub requested_at: String,
    /// Until when they could confirm it.
    pub expires_at: String,
    /// When they did.
    pub confirmed_at: Option<String>,
}

/// An id under which a person was known before two turned out to be one.
#[derive(Serialize)]
pub struct FormerId {
    /// The id.
    pub id: String,
    /// Until when.
    pub merged_at: String,
}

/// That a person is a member of a tenant.
#[derive(Serialize)]
pub struct Membership {
    /// The tenant's id.
    pub tenant: String,
    /// The id that they have as its member.
    pub member: String,
    /// Since when they are here for it.
    pub began_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
}

#[derive(FromQueryResult)]
struct Wanted {
    sort: String,
    email: String,
    requested_at: i64,
    expires_at: i64,
    confirmed_at: Option<i64>,
}

#[derive(FromQueryResult)]
struct Former {
    former_id: Uuid,
    merged_at: i64,
}

fn at(micros: i64) -> String {
    Timestamp::from_micros(micros).to_string()
}

/// The addresses at which a person wanted to be reached, the first one first.
pub(super) async fn address_changes<M>(
    tx: &TenantTx<M>,
    of: SubscriberId,
) -> Result<Vec<AddressChange>, StoreError> {
    let sql = "SELECT sort, email, requested_at, expires_at, confirmed_at FROM address_change
               WHERE tenant_id = $1 AND subscriber_id = $2 ORDER BY id";
    let rows: Vec<Wanted> = tx.all(sql, [of.uuid().into()]).await?;
    let change = |row: Wanted| AddressChange {
        sort: row.sort,
        email: row.email,
        requested_at: at(row.requested_at),
        expires_at: at(row.expires_at),
        confirmed_at: row.confirmed_at.map(at),
    };
    Ok(rows.into_iter().map(change).collect())
}

/// The ids under which a person was known, in the order in which they ended.
pub(super) async fn former_ids<M>(tx: &TenantTx<M>, of: SubscriberId) -> Result<Vec<FormerId>, StoreError> {
    let sql = "SELECT former_id, merged_at FROM subscriber_alias
               WHERE tenant_id = $1 AND subscriber_id = $2 ORDER BY merged_at, former_id";
    let rows: Vec<Former> = tx.all(sql, [of.uuid().into()]).await?;
    let former = |row: Former| {
        let id: SubscriberId = stored(row.former_id);
        FormerId {
            id: id.to_string(),
            merged_at: at(row.merged_at),
        }
    };
    Ok(rows.into_iter().map(former).collect())
}

#[derive(FromQueryResult)]
struct Employed {
    member_tenant_id: Uuid,
    member_id: Uuid,
    began_at: i64,
    ended_at: Option<i64>,
}

/// The memberships for which a person is here.
pub(super) async fn memberships<M>(
    tx: &TenantTx<M>,
    of: SubscriberId,
) -> Result<Vec<Membership>, StoreError> {
    let sql = "SELECT member_tenant_id, member_id, began_at, ended_at FROM membership
               WHERE tenant_id = $1 AND subscriber_id = $2 ORDER BY began_at, member_tenant_id, member_id";
    let rows: Vec<Employed> = tx.all(sql, [of.uuid().into()]).await?;
    let membership = |row: Employed| {
        let (tenant, member): (TenantId, MemberId) = (stored(row.member_tenant_id), stored(row.member_id));
        Membership {
            tenant: tenant.to_string(),
            member: member.to_string(),
            began_at: at(row.began_at),
            ended_at: row.ended_at.map(at),
        }
    };
    Ok(rows.into_iter().map(membership).collect())
}
