//! Entering one no again, by the operator, with a record of its own. It wins over whatever the backup brought back, and
//! is read again afterwards: one that does not hold then is an error, and nothing of its chunk is kept.

use std::collections::{BTreeMap, BTreeSet};

use assent_domain::consent::{ConsentFacts, ConsentSource, ConsentState, denied};
use assent_domain::id::{LegalOrderId, PolicyVersionId, SubscriberId};
use assent_domain::keys::AddressHash;
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::suppression::SuppressionReason;
use data_encoding::HEXLOWER;

use super::{Erased, Forbidden, HeldBack, Left, Merged, Withdrawn};
use crate::error::StoreError;
use crate::restriction::{self, Restricted};
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};
use crate::{
    consent, erasure, legal_order, mailing_list, merge, outside_party, permission, policy, purpose,
    subscription, suppression,
};

/// How the records and the audit log say where a no comes from.
const THROUGH: &str = "list of noes";

/// The words to which the records about outside parties refer.
const SAID_SINCE: &str = "What was refused after a backup is refused, though that backup was restored.";

/// What became of a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Became {
    /// It holds.
    Holding,
    /// Whom or what it is about came after the backup: there is nothing that it could stop.
    Moot,
}

/// Says that a no holds, having looked.
fn holding(holds: bool, what: &'static str) -> Result<Became, StoreError> {
    if holds {
        Ok(Became::Holding)
    } else {
        let message = format!("{what} of the list of noes, which does not hold after it was entered");
        Err(StoreError::Corrupt(message))
    }
}

/// A row that may have come after the backup.
fn if_known<T>(found: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The ids that people had before they turned out to be another, by the id that they go by since.
#[derive(Debug, Default)]
pub(super) struct Formers(BTreeMap<SubscriberId, Vec<SubscriberId>>);

impl Formers {
    pub(super) fn of(merged: &[Merged]) -> Self {
        let mut formers: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for Merged { former, subscriber } in merged {
            formers.entry(*subscriber).or_default().push(*former);
        }
        Self(formers)
    }

    /// Who is meant by an id, held. Where that person joined after the backup, it is all who turned out to be them.
    async fn whom(&self, tx: &TenantTx<Write>, id: SubscriberId) -> Result<Vec<Subscriber>, StoreError> {
        let formers = self.0.get(&id).map(Vec::as_slice).unwrap_or_default();
        let mut ids = BTreeSet::new();
        for id in std::iter::once(&id).chain(formers) {
            ids.insert(subscriber::known_as(tx, *id).await?);
        }
        let mut people = Vec::new();
        for id in ids {
            people.extend(if_known(subscriber::lock(tx, id).await)?);
        }
        Ok(people)
    }
}

/// Lets two be one again who turned out to be since, if the backup has both.
pub(super) async fn merge(tx: &mut TenantTx<Write>, merged: &Merged) -> Result<(), StoreError> {
    let nobody_else = Formers::default();
    let gone = nobody_else.whom(tx, merged.former).await?;
    let stays = nobody_else.whom(tx, merged.subscriber).await?;
    match (gone.first(), stays.first()) {
        (Some(gone), Some(stays)) if gone.id != stays.id => merge::into(tx, gone, stays.id).await,
        _ => Ok(()),
    }
}

pub(super) async fn erase(
    tx: &mut TenantTx<Write>,
    formers: &Formers,
    no: &Erased,
) -> Result<Became, StoreError> {
    let people = formers.whom(tx, no.subscriber).await?;
    if people.is_empty() {
        return Ok(Became::Moot);
    }
    for person in people {
        erasure::erase(tx, person.id, erasure::Why::Asked(no.channel)).await?;
    }
    let nobody = formers.whom(tx, no.subscriber).await?.is_empty();
    holding(nobody, "an erasure")
}

/// The address is held back whoever has it; what a person said goes with them to the address that they had before.
pub(super) async fn hold_back(
    tx: &mut TenantTx<Write>,
    formers: &Formers,
    no: &HeldBack,
) -> Result<Became, StoreError> {
    let unreadable = || StoreError::Corrupt("a hash in the list of noes".to_owned());
    let hash = HEXLOWER.decode(no.hash.as_bytes()).map_err(|_| unreadable())?;
    let hash = AddressHash(hash.try_into().map_err(|_| unreadable())?);
    let about = subscriber::by_address(tx, hash).await?.map(|person| person.id);
    let mut places = vec![(hash, about)];
    if let Some(id) = no.subscriber.filter(|_| no.reason.goes_with_the_person()) {
        let people = formers.whom(tx, id).await?;
        places.extend(people.iter().map(|person| (person.address_hash, Some(person.id))));
    }
    for (hash, about) in &places {
        suppression::add_within(tx, *hash, *about, no.reason, no.scope, THROUGH).await?;
    }
    for (hash, _) in places {
        let held_back = suppression::all_of_address(tx, hash).await?;
        let holds = held_back
            .iter()
            .any(|held| held.reason == no.reason && held.scope == no.scope);
        holding(holds, reason_in_words(no.reason))?;
    }
    Ok(Became::Holding)
}

fn reason_in_words(reason: SuppressionReason) -> &'static str {
    match reason {
        SuppressionReason::OptedOutOfAll => "an opt-out",
        SuppressionReason::Complained => "a complaint",
        SuppressionReason::Erased => "the address of an erasure",
        SuppressionReason::HardBounced => "a mailbox that does not exist",
        SuppressionReason::Listed => "an entry of a suppression list",
        SuppressionReason::HeldByOperator => "an address that the operator holds back",
    }
}

pub(super) async fn restrict(
    tx: &mut TenantTx<Write>,
    formers: &Formers,
    of: SubscriberId,
) -> Result<Became, StoreError> {
    let people = formers.whom(tx, of).await?;
    if people.is_empty() {
        return Ok(Became::Moot);
    }
    for person in people {
        restriction::set(tx, &person, Restricted::Yes).await?;
        let now = subscriber::by_id(tx, person.id).await?;
        holding(now.restricted_at.is_some(), "a restriction")?;
    }
    Ok(Became::Holding)
}

pub(super) async fn withdraw(
    tx: &mut TenantTx<Write>,
    formers: &Formers,
    no: &Withdrawn,
) -> Result<Became, StoreError> {
    let people = formers.whom(tx, no.subscriber).await?;
    let purpose = if_known(purpose::by_id(tx, no.purpose).await)?;
    if people.is_empty() || purpose.is_none() {
        return Ok(Became::Moot);
    }
    let note = format!("{THROUGH}; it had come by {}", no.source);
    for person in people {
        if let Some(state) = denied(consent::state(tx, person.id, no.purpose).await?) {
            let facts = ConsentFacts {
                purpose: no.purpose,
                state,
                policy_version: policy_for(tx, &person).await?,
                collection_point: None,
                wording: None,
                source: ConsentSource::Restore,
                form: None,
                given_at: None,
            };
            consent::write(tx, &person, &facts, Some(&note)).await?;
        }
        let now = consent::state(tx, person.id, no.purpose).await?;
        holding(now.is_some_and(ConsentState::is_no), "a withdrawal")?;
    }
    Ok(Became::Holding)
}

/// Somebody who is not on the list yet is taken off it too: then no import puts them there.
pub(super) async fn leave(
    tx: &mut TenantTx<Write>,
    formers: &Formers,
    no: &Left,
) -> Result<Became, StoreError> {
    let people = formers.whom(tx, no.subscriber).await?;
    let list = if_known(mailing_list::by_id(tx, no.list).await)?;
    if people.is_empty() || list.is_none() {
        return Ok(Became::Moot);
    }
    for person in people {
        let ended = Some(SubscriptionState::Ended);
        let was = subscription::state(tx, person.id, no.list).await?;
        if was != ended {
            subscription::set(tx, person.id, no.list, was, SubscriptionState::Ended).await?;
        }
        let now = subscription::state(tx, person.id, no.list).await?;
        holding(now == ended, "a list that was left")?;
    }
    Ok(Became::Holding)
}

pub(super) async fn forbid(
    tx: &mut TenantTx<Write>,
    formers: &Formers,
    no: &Forbidden,
) -> Result<Became, StoreError> {
    let people = formers.whom(tx, no.subscriber).await?;
    let party = if_known(outside_party::by_id(tx, no.party).await)?;
    if people.is_empty() || party.is_none() {
        return Ok(Became::Moot);
    }
    for person in people {
        let occasion = permission::Occasion {
            source: ConsentSource::Restore,
            policy: policy_for(tx, &person).await?,
        };
        permission::deny(tx, person.id, no.party, no.field, occasion, SAID_SINCE).await?;
        let now = permission::of(tx, person.id, no.party).await?.remove(&no.field);
        holding(now.is_some_and(|now| now.state.is_no()), "a permission")?;
    }
    Ok(Became::Holding)
}

pub(super) async fn revoke(tx: &mut TenantTx<Write>, no: LegalOrderId) -> Result<Became, StoreError> {
    if if_known(legal_order::revoke(tx, no).await)?.is_none() {
        return Ok(Became::Moot);
    }
    let now = legal_order::by_id(tx, no).await?;
    holding(now.revoked_at.is_some(), "a revoked order")
}

async fn policy_for(tx: &TenantTx<Write>, person: &Subscriber) -> Result<PolicyVersionId, StoreError> {
    let in_force = policy::in_force_id(tx).await?;
    Ok(in_force.unwrap_or(person.collected_under))
}
