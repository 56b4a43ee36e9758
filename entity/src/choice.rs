//! Choices: what a policy version adds is asked of each person, one by one, and silence is no (P11).
//!
//! That somebody has yet to choose follows from what was collected when; what is recorded here is that they were
//! asked, with the notice, and what they answered.

use std::collections::BTreeMap;

use assent_domain::address::EmailAddress;
use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::disclosure::PersonField;
use assent_domain::id::{ConsentRecordId, OutsidePartyId, PolicyVersionId, SubscriberId};
use assent_domain::policy::PolicyStatus;
use sea_orm::{FromQueryResult, Value};
use uuid::Uuid;

use crate::consent::{self, Asked, Occasion};
use crate::error::StoreError;
use crate::permission::{self, Permissions};
use crate::policy::{self, NamedParty, NamedPurpose, PolicyVersion};
use crate::preferences::{Mark, Taken, statement_for};
use crate::subscriber::{self, Subscriber, read_address};
use crate::tx::{TenantTx, Write};
use crate::wording;

/// What a version adds to the one before it: uses of information that need consent, and others who get it.
#[derive(Clone, Debug, Default)]
pub struct Additions {
    /// The purposes, in the version's order.
    pub purposes: Vec<NamedPurpose>,
    /// The outside parties, in the version's order.
    pub parties: Vec<NamedParty>,
}

/// What a version adds to the one that it follows: the newest that took effect before it does. A first version adds
/// nothing: nobody's information was collected for anything else.
pub async fn added_by<M>(tx: &TenantTx<M>, id: PolicyVersionId) -> Result<Additions, StoreError> {
    let standings = policy::standings(tx).await?;
    let version = standings.iter().find(|version| version.id == id);
    let version = version.ok_or(StoreError::NotFound("policy version"))?.times;
    let now = tx.store().now();
    let until = version.takes_effect_at().map_or(now, |at| at.min(now));
    let before = standings.iter().rev().find(|other| {
        let took_effect = other.times.takes_effect_at().is_some_and(|at| at <= until);
        took_effect && other.times.number < version.number
    });
    let Some(before) = before else {
        return Ok(Additions::default());
    };
    let known = policy::purposes_of(tx, before.id).await?;
    let mut purposes = policy::purposes_of(tx, id).await?;
    purposes
        .retain(|purpose| purpose.kind.needs_consent() && known.iter().all(|known| known.id != purpose.id));
    let known = policy::parties_of(tx, before.id).await?;
    let mut parties = policy::parties_of(tx, id).await?;
    parties.retain(|party| known.iter().all(|known| known.id != party.id));
    Ok(Additions { purposes, parties })
}

/// A person's page of choices.
#[derive(Clone, Debug)]
pub struct Choices {
    /// Whose it is.
    pub subscriber: Subscriber,
    /// The version that asks.
    pub version: PolicyVersion,
    /// What it adds.
    pub added: Additions,
    /// Where the person stands with each of the purposes.
    pub answers: Vec<Option<ConsentState>>,
    /// What the person said about each of the outside parties.
    pub permissions: Vec<Permissions>,
    /// The newest record about each of the purposes.
    records: Vec<Option<ConsentRecordId>>,
}

impl Choices {
    /// Names all that the page says, see [`crate::preferences::Preferences::mark`].
    pub fn mark(&self) -> String {
        let mut mark = Mark::new();
        for (purpose, (state, record)) in self
            .added
            .purposes
            .iter()
            .zip(self.answers.iter().zip(&self.records))
        {
            mark.add(Some(purpose.id));
            mark.add(*state);
            mark.add(*record);
        }
        for (party, said) in self.added.parties.iter().zip(&self.permissions) {
            mark.add_permissions(party.id, said);
        }
        mark.finish()
    }
}

/// A person's answers. What they leave out stays as it was.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// By the code of the purpose.
    pub purposes: BTreeMap<String, bool>,
    /// By outside party and field.
    pub parties: BTreeMap<OutsidePartyId, BTreeMap<PersonField, bool>>,
}

impl Answers {
    fn only_noes(mut self) -> Self {
        self.purposes.retain(|_, yes| !*yes);
        for fields in self.parties.values_mut() {
            fields.retain(|_, yes| !*yes);
        }
        self
    }
}

/// Reads what a version asks of a person.
pub async fn view<M>(tx: &TenantTx<M>, of: SubscriberId, id: PolicyVersionId) -> Result<Choices, StoreError> {
    let added = added_by(tx, id).await?;
    let states = consent::founded_states_of(tx, of).await?;
    let answers = added.purposes.iter().map(|of| states.get(&of.id).copied());
    let mut said = permission::of_person(tx, of).await?;
    let permissions = added
        .parties
        .iter()
        .map(|of| said.remove(&of.id).unwrap_or_default());
    let (answers, permissions) = (answers.collect(), permissions.collect());
    let mut records = Vec::new();
    for purpose in &added.purposes {
        let newest = consent::newest(tx, of, purpose.id).await?;
        records.push(newest.map(|record| record.id));
    }
    Ok(Choices {
        subscriber: subscriber::by_id(tx, of).await?,
        version: policy::by_id(tx, id).await?,
        added,
        answers,
        permissions,
        records,
    })
}

/// Takes a person's answers: their own act, to a page as it was `shown`, see [`Choices::mark`]. They count from the
/// version's own day on. `words` says what the page showed beside a party.
pub async fn answer(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    id: PolicyVersionId,
    shown: &str,
    answers: Answers,
    words: impl Fn(&NamedParty) -> String,
) -> Result<Taken, StoreError> {
    let person = subscriber::speaks(tx, of).await?;
    let version = policy::by_id(tx, id).await?;
    if !matches!(version.status, PolicyStatus::Posted | PolicyStatus::InForce) {
        let message = format!("version {} does not ask any more", version.times.number);
        return Err(StoreError::conflict("token", message));
    }
    let asked = view(tx, person.id, id).await?;
    check_asked(&asked.added, &answers, version.times.number)?;
    let (taken, answers) = if asked.mark() == shown {
        (Taken::All, answers)
    } else {
        (Taken::OnlyNoes, answers.only_noes())
    };
    let added = asked.added;
    let occasion = occasion(ConsentSource::ChoicePage, id);
    for purpose in &added.purposes {
        let Some(yes) = answers.purposes.get(&purpose.code) else {
            continue;
        };
        let wanted = if *yes {
            ConsentState::Given
        } else {
            ConsentState::Refused
        };
        let shown = wording::keep(tx, "choices", &statement_for(purpose)).await?;
        consent::record(tx, &person, purpose.id, wanted, Some(&shown), &occasion).await?;
    }
    let occasion = permission::Occasion {
        source: ConsentSource::ChoicePage,
        policy: id,
    };
    for party in &added.parties {
        if let Some(answers) = answers.parties.get(&party.id) {
            permission::record(tx, person.id, party, answers, occasion, &words(party)).await?;
        }
    }
    Ok(taken)
}

fn check_asked(added: &Additions, answers: &Answers, number: i32) -> Result<(), StoreError> {
    let is_asked = |code: &str| added.purposes.iter().any(|purpose| purpose.code == code);
    if let Some(unknown) = answers.purposes.keys().find(|code| !is_asked(code)) {
        let code: String = unknown.chars().take(60).collect();
        let message = format!("version {number} does not ask about {code:?}");
        return Err(StoreError::invalid("choices", message));
    }
    let of_party = |id: &OutsidePartyId| added.parties.iter().find(|party| party.id == *id);
    for (id, fields) in &answers.parties {
        let asked = of_party(id).map(|party| &party.fields);
        if !fields
            .keys()
            .all(|field| asked.is_some_and(|asked| asked.contains(field)))
        {
            let message =
                format!("version {number} does not ask about this outside party, or not about this field");
            return Err(StoreError::invalid("choices", message));
        }
    }
    Ok(())
}

fn occasion(source: ConsentSource, policy: PolicyVersionId) -> Occasion {
    Occasion {
        source,
        policy,
        point: None,
        evidence: None,
        form: None,
    }
}

#[derive(FromQueryResult)]
struct Person {
    id: Uuid,
    email: String,
    name: String,
    company: String,
}

/// Records that people were asked: those of a mailing's recipients who have never answered to what the version adds.
/// `recipients` have a row in the mailing that asks them, written in this transaction.
pub(crate) async fn ask(
    tx: &mut TenantTx<Write>,
    version: PolicyVersionId,
    recipients: &[SubscriberId],
) -> Result<(), StoreError> {
    if recipients.is_empty() {
        return Ok(());
    }
    let occasion = occasion(ConsentSource::PolicyNotice, version);
    let added = added_by(tx, version).await?;
    if !added.purposes.is_empty() || !added.parties.is_empty() {
        let ids: Vec<_> = recipients.iter().map(type_safe_id::TypeSafeId::uuid).collect();
        subscriber::hold(tx, &ids).await?;
    }
    for party in &added.parties {
        permission::ask_all(tx, recipients, party, version).await?;
    }
    for purpose in added.purposes {
        let shown = wording::keep(tx, "purposes", &statement_for(&purpose)).await?;
        let people = unasked(tx, &purpose, recipients).await?;
        consent::ask_all(tx, &people, purpose.id, &shown, &occasion).await?;
    }
    Ok(())
}

/// Those of the recipients who have no record for a purpose, and whose information was not collected for it.
async fn unasked(
    tx: &TenantTx<Write>,
    purpose: &NamedPurpose,
    recipients: &[SubscriberId],
) -> Result<Vec<Asked>, StoreError> {
    let sql = format!(
        "SELECT s.id, s.email, s.name, s.company FROM subscriber s
         WHERE s.tenant_id = $1 AND s.id IN ({})
           AND NOT EXISTS (SELECT 1 FROM consent c
                           WHERE c.tenant_id = $1 AND c.subscriber_id = s.id AND c.purpose_id = $2)
           AND NOT EXISTS (SELECT 1 FROM policy_purpose n
                           WHERE n.tenant_id = $1 AND n.policy_version_id = s.collected_under
                             AND n.purpose_id = $2)",
        crate::tx::places(3, recipients.len())
    );
    let ids = recipients.iter().map(|id| Value::from(id.uuid()));
    let people: Vec<Person> = tx
        .all(&sql, std::iter::once(purpose.id.uuid().into()).chain(ids))
        .await?;
    let read = |person: Person| -> Result<Asked, StoreError> {
        let email: EmailAddress = read_address(&person.email)?;
        Ok(Asked {
            id: assent_domain::id::stored(person.id),
            email,
            name: person.name,
            company: person.company,
        })
    };
    people.into_iter().map(read).collect()
}
