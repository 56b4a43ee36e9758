//! A person's page of who gets their information: what they let each outside party get, and what went out (P14).

use std::collections::BTreeMap;

use assent_domain::consent::ConsentSource;
use assent_domain::disclosure::PersonField;
use assent_domain::id::{OutsidePartyId, PolicyVersionId, SubscriberId};

use crate::disclosure::{self, Disclosure};
use crate::error::StoreError;
use crate::outside_party::{self, OutsideParty};
use crate::permission::{self, Permissions};
use crate::policy::{self, NamedParty};
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};

/// What the page shows.
#[derive(Clone, Debug)]
pub struct Sharing {
    /// Whose it is.
    pub subscriber: Subscriber,
    /// The policy version in force, if there is one.
    pub version: Option<PolicyVersionId>,
    /// The outside parties that the policy in force names, and what the person said about each.
    pub parties: Vec<(NamedParty, Permissions)>,
    /// What went out last, newest first.
    pub disclosures: Vec<Disclosure>,
    /// Who got it.
    pub recipients: Vec<OutsideParty>,
}

/// Reads the page.
pub async fn view<M>(tx: &TenantTx<M>, of: SubscriberId) -> Result<Sharing, StoreError> {
    let version = policy::in_force_id(tx).await?;
    let named = match version {
        Some(version) => policy::parties_of(tx, version).await?,
        None => Vec::new(),
    };
    let mut said = permission::of_person(tx, of).await?;
    let with_answers = |party: NamedParty| {
        let said = said.remove(&party.id).unwrap_or_default();
        (party, said)
    };
    let disclosures = disclosure::newest_of(tx, of).await?;
    let ids: Vec<_> = disclosures
        .iter()
        .map(|disclosure| disclosure.facts.party)
        .collect();
    Ok(Sharing {
        subscriber: subscriber::by_id(tx, of).await?,
        version,
        parties: named.into_iter().map(with_answers).collect(),
        recipients: outside_party::by_ids(tx, &ids).await?,
        disclosures,
    })
}

/// Takes a person's answers, by outside party and field: their own act, to the words of the version that was `shown`. What
/// they leave out stays as it was. `words` says what the page showed beside a party.
pub async fn answer(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    shown: Option<PolicyVersionId>,
    answers: &BTreeMap<OutsidePartyId, BTreeMap<PersonField, bool>>,
    words: impl Fn(&NamedParty) -> String,
) -> Result<(), StoreError> {
    let person = subscriber::speaks(tx, of).await?;
    let version = policy::require_in_force(tx, "token").await?.id;
    if shown != Some(version) {
        let rule = "the policy has changed since this page was shown: open your link again and answer to its new words";
        return Err(StoreError::conflict("shown", rule));
    }
    let parties = policy::parties_of(tx, version).await?;
    let known = |id: &OutsidePartyId| parties.iter().find(|party| party.id == *id);
    for (id, fields) in answers {
        let asked = known(id).map(|party| &party.fields);
        if !fields
            .keys()
            .all(|field| asked.is_some_and(|asked| asked.contains(field)))
        {
            let rule = "the policy in force does not say that this outside party gets this";
            return Err(StoreError::invalid("choices", rule));
        }
    }
    let occasion = permission::Occasion {
        source: ConsentSource::PreferencePage,
        policy: version,
    };
    for party in &parties {
        if let Some(answers) = answers.get(&party.id) {
            permission::record(tx, person.id, party, answers, occasion, &words(party)).await?;
        }
    }
    Ok(())
}
