//! The members of all tenants as subscribers of the operator's own (see [`crate::operator`]): they are told of its
//! policy and its changes like any subscriber, and of nothing that needs consent, until they say yes themselves.
//!
//! What is to be done follows from comparing who is a member with what is noted, so it may be done at any time, by two
//! processes at once, or again after a crash. A `membership` row is the operator's tenant's; the member's own tenant
//! knows nothing of it. The rules stand in `assent_domain::membership`.

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::id::{MemberId, SubscriberId, TenantId, stored};
use assent_domain::keys::AddressHash;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::StoreError;
use crate::row::membership as row;
use crate::store::Store;
use crate::tenant;
use crate::tx::{TenantCtx, TenantTx, Write};

mod arrival;
mod departure;
mod moving;
mod roll;

/// People seen to in one transaction: each takes a dozen statements.
const PEOPLE: usize = 100;

/// A member, by the names that lead to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MemberKey {
    tenant: Uuid,
    member: Uuid,
}

impl MemberKey {
    /// How an entry of the audit log names them.
    fn named(self) -> Value {
        let (tenant, member): (TenantId, MemberId) = (stored(self.tenant), stored(self.member));
        json!({ "tenant": tenant.to_string(), "member": member.to_string() })
    }
}

/// A member whose membership is to be noted, or who is known by another address now.
struct Newly {
    key: MemberKey,
    email: EmailAddress,
    hash: AddressHash,
    member_since: Timestamp,
}

/// Sees to it that the members of all tenants are subscribers of this one, if it is the operator's. A closed one takes
/// nobody in, and forgets all the same.
pub(crate) async fn follow(store: &Store, ctx: TenantCtx) -> Result<(), StoreError> {
    let tenant = tenant::current(&TenantTx::read(store, ctx).await?).await?;
    let Some(since) = tenant.operator_since else {
        return Ok(());
    };
    departure::note(store, ctx).await?;
    departure::settle(store, ctx).await?;
    if tenant.life.is_open() {
        see_to_members(store, ctx, since).await?;
    }
    Ok(())
}

/// Takes in who is not noted, and follows who moved.
async fn see_to_members(store: &Store, ctx: TenantCtx, since: Timestamp) -> Result<(), StoreError> {
    let hasher = store.keys().address_hasher(ctx.tenant());
    let mut after = MemberKey {
        tenant: Uuid::nil(),
        member: Uuid::nil(),
    };
    loop {
        let listed = roll::members_after(store, ctx, after).await?;
        let Some(last) = listed.last() else { return Ok(()) };
        after = last.key();
        let mut newly = Vec::new();
        for member in &listed {
            let email = member.email()?;
            let hash = hasher.hash(&email);
            if !member.is_noted_at(hash) {
                newly.push(Newly {
                    key: member.key(),
                    member_since: member.since().max(since),
                    email,
                    hash,
                });
            }
        }
        for some in newly.chunks(PEOPLE) {
            arrival::see_to(store, ctx, some).await?;
        }
    }
}

/// What is noted of a member.
async fn noted(tx: &TenantTx<Write>, of: MemberKey) -> Result<Option<row::Model>, StoreError> {
    let query = tx
        .find::<row::Entity>()
        .filter(row::Column::MemberTenantId.eq(of.tenant))
        .filter(row::Column::MemberId.eq(of.member));
    Ok(query.one(tx.conn()).await?)
}

/// Lets go of somebody who is being erased. That they are a member stays noted, so that they are not taken in anew.
pub(crate) async fn forget(tx: &TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM membership WHERE tenant_id = $1 AND subscriber_id = $2 AND ended_at IS NOT NULL",
        "UPDATE membership SET subscriber_id = NULL WHERE tenant_id = $1 AND subscriber_id = $2",
    ] {
        tx.execute(sql, [of.uuid().into()]).await?;
    }
    Ok(())
}
