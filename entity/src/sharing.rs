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
use crate::preferences::{Mark, Taken};
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

impl Sharing {
    /// Names all that the page asks, and what the person said so far, see [`crate::preferences::Preferences::mark`].
    pub fn mark(&self) -> String {
        let mut mark = Mark::new();
        mark.add(self.version);
        for (party, said) in &self.parties {
            mark.add_permissions(party.id, said);
        }
        mark.finish()
    }
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

/// What a person says, by outside party and field. What they leave out stays as it was.
pub type Answers = BTreeMap<OutsidePartyId, BTreeMap<PersonField, bool>>;

/// Takes a person's answers: their own act, to a page as it was `shown`, see [`Sharing::mark`]. `words` says what the page
/// showed beside a party.
pub async fn answer(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    shown: &str,
    mut answers: Answers,
    words: impl Fn(&NamedParty) -> String,
) -> Result<Taken, StoreError> {
    let person = subscriber::speaks(tx, of).await?;
    let version = policy::require_in_force(tx, "token").await?.id;
    let page = view(tx, person.id).await?;
    let taken = if page.mark() == shown {
        check_named(&page, &answers)?;
        Taken::All
    } else {
        for fields in answers.values_mut() {
            fields.retain(|_, yes| !*yes);
        }
        Taken::OnlyNoes
    };
    let occasion = permission::Occasion {
        source: ConsentSource::PreferencePage,
        policy: version,
    };
    for (party, _) in &page.parties {
        if let Some(answers) = answers.get(&party.id) {
            permission::record(tx, person.id, party, answers, occasion, &words(party)).await?;
        }
    }
    Ok(taken)
}

/// Refuses answers to what the page did not ask.
fn check_named(page: &Sharing, answers: &Answers) -> Result<(), StoreError> {
    for (id, fields) in answers {
        let named = page.parties.iter().find(|(party, _)| party.id == *id);
        let asked = |field| named.is_some_and(|(party, _)| party.fields.contains(field));
        if !fields.keys().all(asked) {
            let rule = "the policy in force does not say that this outside party gets this";
            return Err(StoreError::invalid("choices", rule));
        }
    }
    Ok(())
}
