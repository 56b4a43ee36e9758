//! A member is known by another address now, and so is the subscriber that they are by membership. What they said
//! against mail at the old one holds at the new one too; a yes that they gave there stays with the mailbox that gave it.

use assent_domain::id::{SubscriberId, stored};
use assent_domain::membership::{self as rules, Arrival, Departure};

use super::arrival::{self, Rulebook};
use super::{Newly, departure};
use crate::erasure::{self, Why};
use crate::error::StoreError;
use crate::row::membership as row;
use crate::subscriber;
use crate::tx::{TenantTx, Write};
use crate::{address_change, suppression};

/// Lets a membership follow its member to another address.
pub(super) async fn follow(
    tx: &mut TenantTx<Write>,
    rulebook: &mut Rulebook,
    noted: &row::Model,
    of: &Newly,
) -> Result<(), StoreError> {
    let before: Option<SubscriberId> = noted.subscriber_id.map(stored);
    let Some(before) = before else {
        let after = arrival::admit(tx, rulebook, of).await?;
        return note(tx, of, after).await;
    };
    let person = subscriber::lock(tx, before).await?;
    if person.address_hash.0 != *noted.address_hash {
        // They have chosen another address for themselves, on their own page, which goes on to count.
        return note(tx, of, Some(before)).await;
    }
    let departure = departure::ties(tx, before, Some(of.key)).await?.departure();
    let is_free = subscriber::by_address(tx, of.hash).await?.is_none();
    let comes_in = rules::arrival(suppression::of_address(tx, of.hash).await?) == Arrival::TakenIn;
    if departure != Departure::Stays && is_free && comes_in {
        address_change::move_to(tx, &person, &of.email, None).await?;
        return note(tx, of, Some(before)).await;
    }
    if departure == Departure::Waits {
        // Their answer goes to the old address first.
        return Ok(());
    }
    suppression::carry_no(tx, person.address_hash, of.hash, person.id).await?;
    let after = arrival::admit(tx, rulebook, of).await?;
    note(tx, of, after).await?;
    if departure == Departure::Goes {
        erasure::erase(tx, before, Why::MembershipEnded).await?;
    }
    Ok(())
}

async fn note(tx: &TenantTx<Write>, of: &Newly, subscriber: Option<SubscriberId>) -> Result<(), StoreError> {
    let sql = "UPDATE membership SET subscriber_id = $4, address_hash = $5
               WHERE tenant_id = $1 AND member_tenant_id = $2 AND member_id = $3";
    let values = [
        of.key.tenant.into(),
        of.key.member.into(),
        subscriber.map(|id| id.uuid()).into(),
        of.hash.0.to_vec().into(),
    ];
    tx.execute(sql, values).await?;
    Ok(())
}
