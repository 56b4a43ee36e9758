//! Entering noes again after a restore, by the operator: each with a record of its own, as when it was said.

use std::collections::BTreeMap;
use std::fmt;

use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::consent::ConsentState;
use assent_domain::id::{PolicyVersionId, SubscriberId};
use assent_domain::keys::AddressHash;
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::suppression::SuppressionReason;
use data_encoding::HEXLOWER;
use serde_json::json;

use super::{Forbidden, HeldBack, Left, Noes, OfTenant, Withdrawn};
use crate::audit::Change;
use crate::consent::{self, Occasion};
use crate::error::StoreError;
use crate::store::Store;
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantCtx, TenantTx, Write};
use crate::{erasure, permission, policy, subscription, suppression, tenant};

/// Noes entered in one transaction.
const CHUNK: usize = 500;

/// How the audit log says where a suppression comes from.
const THROUGH: &str = "list of noes";

/// What became of a list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Applied {
    /// Noes that hold now.
    pub hold: usize,
    /// Noes of people, or about things, that came after the backup: there is nothing that they could stop.
    pub unknown: usize,
}

impl fmt::Display for Applied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} noes hold that were said since; {} are of people who joined after the backup",
            self.hold, self.unknown
        )
    }
}

/// One no of whatever sort.
enum No {
    HeldBack(HeldBack),
    Withdrawn(Withdrawn),
    Left(Left),
    Forbidden(Forbidden),
}

/// Enters the noes of a list. Those that hold already change nothing.
pub(crate) async fn apply(store: &Store, list: Noes, backup_of: Timestamp) -> Result<Applied, StoreError> {
    let known: BTreeMap<_, _> = tenant::all(store)
        .await?
        .into_iter()
        .map(|(ctx, _)| (ctx.tenant(), ctx))
        .collect();
    let mut applied = Applied::default();
    for of_tenant in list.tenants {
        match known.get(&of_tenant.tenant) {
            Some(ctx) => enter(store, *ctx, of_tenant, backup_of, &mut applied).await?,
            None => applied.unknown += noes_of(of_tenant).len(),
        }
    }
    Ok(applied)
}

fn noes_of(of: OfTenant) -> Vec<No> {
    let addresses = of.addresses.into_iter().map(No::HeldBack);
    let purposes = of.purposes.into_iter().map(No::Withdrawn);
    let lists = of.lists.into_iter().map(No::Left);
    let parties = of.parties.into_iter().map(No::Forbidden);
    addresses.chain(purposes).chain(lists).chain(parties).collect()
}

async fn enter(
    store: &Store,
    ctx: TenantCtx,
    of_tenant: OfTenant,
    backup_of: Timestamp,
    applied: &mut Applied,
) -> Result<(), StoreError> {
    for chunk in noes_of(of_tenant).chunks(CHUNK) {
        let mut tx = TenantTx::write(store, ctx).await?;
        let mut hold = 0;
        for no in chunk {
            match one(&mut tx, no).await {
                Ok(()) => hold += 1,
                Err(StoreError::NotFound(_)) => applied.unknown += 1,
                Err(error) => return Err(error),
            }
        }
        let entered = json!({ "backupOf": backup_of.to_string(), "noes": hold });
        let id = tx.tenant();
        tx.audit(AuditAct::NoesReapplied, id, &Change::to(entered))?;
        tx.commit().await?;
        applied.hold += hold;
    }
    Ok(())
}

async fn one(tx: &mut TenantTx<Write>, no: &No) -> Result<(), StoreError> {
    match no {
        No::HeldBack(no) => hold_back(tx, no).await,
        No::Withdrawn(no) => withdraw(tx, no).await,
        No::Left(no) => leave(tx, no).await,
        No::Forbidden(no) => forbid(tx, no).await,
    }
}

async fn hold_back(tx: &mut TenantTx<Write>, no: &HeldBack) -> Result<(), StoreError> {
    let unreadable = || StoreError::Corrupt("a hash in the list of noes".to_owned());
    let hash = HEXLOWER.decode(no.hash.as_bytes()).map_err(|_| unreadable())?;
    let hash = AddressHash(hash.try_into().map_err(|_| unreadable())?);
    let about = subscriber::by_address(tx, hash).await?.map(|person| person.id);
    match about {
        // The backup brought back what they had erased.
        Some(person) if no.reason == SuppressionReason::Erased => {
            erasure::erase(tx, person, erasure::Why::Asked).await
        }
        _ => suppression::add(tx, hash, about, no.reason, THROUGH).await,
    }
}

async fn withdraw(tx: &mut TenantTx<Write>, no: &Withdrawn) -> Result<(), StoreError> {
    let person = subscriber::lock(tx, no.subscriber).await?;
    crate::purpose::by_id(tx, no.purpose).await?;
    let occasion = Occasion {
        source: no.source,
        policy: policy_for(tx, &person).await?,
        point: None,
        evidence: Some(THROUGH.to_owned()),
        form: None,
    };
    consent::record(tx, &person, no.purpose, ConsentState::Withdrawn, None, &occasion).await?;
    Ok(())
}

async fn leave(tx: &mut TenantTx<Write>, no: &Left) -> Result<(), StoreError> {
    let person: SubscriberId = subscriber::lock(tx, no.subscriber).await?.id;
    match subscription::state(tx, person, no.list).await? {
        None => Err(StoreError::NotFound("subscription")),
        Some(SubscriptionState::Ended) => Ok(()),
        Some(_) => subscription::set(tx, person, no.list, SubscriptionState::Ended).await,
    }
}

/// The permission that a backup brings back was given under some version, which has the words.
async fn forbid(tx: &mut TenantTx<Write>, no: &Forbidden) -> Result<(), StoreError> {
    let person = subscriber::lock(tx, no.subscriber).await?;
    let standing = permission::of(tx, person.id, no.party).await?;
    let under = match standing.get(&no.field) {
        Some(standing) => standing.policy_version,
        None => policy_for(tx, &person).await?,
    };
    let parties = policy::parties_of(tx, under).await?;
    let party = parties.iter().find(|party| party.id == no.party);
    let party = party.ok_or(StoreError::NotFound("outside party"))?;
    let occasion = permission::Occasion {
        source: no.source,
        policy: under,
    };
    permission::record(
        tx,
        person.id,
        party,
        &BTreeMap::from([(no.field, false)]),
        occasion,
        &permission::statement_for(party),
    )
    .await
}

async fn policy_for(tx: &TenantTx<Write>, person: &Subscriber) -> Result<PolicyVersionId, StoreError> {
    let in_force = policy::in_force(tx).await?;
    Ok(in_force.map_or(person.collected_under, |version| version.id))
}
