//! Taking in the people of some rows. Whoever is new is taken in with many others; so is whoever is known and of whom
//! nothing changes. Others are looked at one by one, because of what they said before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::custom_field::FieldKey;
use assent_domain::expiry::ConsentExpiry;
use assent_domain::id::{CustomFieldId, PolicyVersionId, PurposeId, SubscriberId};
use assent_domain::import::{Brought, PermissionEvidence, RowProblem};
use assent_domain::keys::AddressHash;
use assent_domain::mailing_list::SubscriptionState;

use super::rows::{Fate, Rows, Step, Taken};
use super::{Import, purposes_of};
use crate::consent::{self, Asked, Occasion, Yes};
use crate::error::StoreError;
use crate::mailing;
use crate::opt_in::Asker;
use crate::subscriber::{self, Newcomer, Subscriber};
use crate::tx::{TenantTx, Write};
use crate::wording::{self, WordingHash};
use crate::{custom_field, policy, purpose, subscription, suppression};

/// Takes people in.
pub(super) async fn take_in(
    tx: &mut TenantTx<Write>,
    import: &Import,
    rows: Vec<(u64, Brought)>,
) -> Result<Taken, StoreError> {
    if rows.is_empty() {
        return Ok(Taken::default());
    }
    let (lines, people) = Rows::of(tx, rows).split();
    let (fates, new) = Importer::open(tx, import).await?.take(tx, people).await?;
    Ok(Taken {
        new,
        ..Rows::count(lines, &fates)?
    })
}

/// On what terms people are taken in.
pub(super) struct Importer<'a> {
    import: &'a Import,
    /// What this is for, as far as the policy in force names it.
    pub(super) purposes: Vec<PurposeId>,
    /// How long a yes to these lasts, where it does not last for good.
    expiries: Vec<ConsentExpiry>,
    policy: PolicyVersionId,
    /// Who asks those who come without evidence, if there is a form to ask by.
    pub(super) asker: Option<Asker>,
    news: Vec<mailing::Held>,
    words: HashMap<String, WordingHash>,
    /// The tenant's own fields that the table has columns for.
    fields: HashMap<FieldKey, CustomFieldId>,
}

impl<'a> Importer<'a> {
    pub(super) async fn open(tx: &TenantTx<Write>, import: &'a Import) -> Result<Self, StoreError> {
        let news = mailing::hold_news(tx).await?;
        let policy = policy::require_in_force(tx, "import").await?;
        let mut purposes = purposes_of(tx, import.id).await?;
        let named = policy::purposes_of(tx, policy.id).await?;
        purposes.retain(|purpose| named.iter().any(|named| named.id == *purpose));
        let all = purpose::all(tx).await?.into_iter();
        let expiries = all
            .filter(|purpose| purposes.contains(&purpose.id))
            .filter_map(|purpose| purpose.expiry);
        let asker = match import.form {
            Some(form) => Asker::open(tx, form, import.list, &purposes, policy.id).await?,
            None => None,
        };
        Ok(Self {
            import,
            expiries: expiries.collect(),
            purposes,
            policy: policy.id,
            asker,
            news,
            words: HashMap::new(),
            fields: fields(tx, import).await?,
        })
    }

    async fn take(
        mut self,
        tx: &mut TenantTx<Write>,
        mut people: BTreeMap<AddressHash, Brought>,
    ) -> Result<(HashMap<AddressHash, Fate>, u64), StoreError> {
        let mut fates = HashMap::with_capacity(people.len());
        if self.purposes.is_empty() {
            let nothing = Fate::Refused(RowProblem::PurposeNotInPolicy);
            return Ok((people.into_keys().map(|hash| (hash, nothing)).collect(), 0));
        }
        self.heed_expiry(tx, &mut people);
        for hash in self.held_back(tx, &people).await? {
            people.remove(&hash);
            fates.insert(hash, Fate::Refused(RowProblem::HeldBack));
        }
        let hashes: Vec<_> = people.keys().copied().collect();
        let known = subscriber::by_addresses(tx, &hashes).await?;
        let mut fresh = BTreeMap::new();
        for (hash, row) in &people {
            if known.contains_key(hash) {
                continue;
            }
            if row.evidence.is_none() && self.asker.is_none() {
                fates.insert(*hash, Fate::Refused(RowProblem::NothingToAskBy));
            } else {
                fresh.insert(*hash, row);
            }
        }
        let new = self.admit(tx, &fresh).await?;
        self.take_new(tx, &fresh, &new, &mut fates).await?;
        people.retain(|hash, row| {
            // What is to be kept of newcomers is kept below, with what is of the others.
            !fates.contains_key(hash)
                || (!row.values.is_empty() && matches!(fates.get(hash), Some(Fate::Imported | Fate::Held)))
        });
        let mut ids: HashMap<AddressHash, SubscriberId> = new
            .iter()
            .map(|person| (person.address_hash, person.id))
            .collect();
        let others: BTreeMap<_, _> = people
            .iter()
            .filter(|(hash, _)| !fates.contains_key(hash))
            .collect();
        self.take_all_known(tx, &others, &mut fates, &mut ids).await?;
        self.keep_values(tx, &people, &fates, &ids).await?;
        self.tell_late(tx, &new).await?;
        Ok((fates, new.len() as u64))
    }

    /// Leaves evidence out of a yes that has run out. Whoever gave one that has is asked, like those who gave none.
    pub(super) fn heed_expiry(&self, tx: &TenantTx<Write>, people: &mut BTreeMap<AddressHash, Brought>) {
        for person in people.values_mut() {
            person.evidence = person.evidence.take().filter(|said| self.still_counts(tx, said));
        }
    }

    /// Whether a yes that was given then has not run out.
    fn still_counts(&self, tx: &TenantTx<Write>, said: &PermissionEvidence) -> bool {
        let runs_out = |expiry: &ConsentExpiry| expiry.is_over(said.collected_at, tx.now());
        !self.expiries.iter().any(runs_out)
    }

    /// Tells newcomers of a version that was posted while they were taken in: its planning cannot have seen them.
    async fn tell_late(&self, tx: &mut TenantTx<Write>, new: &[Subscriber]) -> Result<(), StoreError> {
        let confirmed = new.iter().filter(|person| person.confirmed_at.is_some());
        let confirmed: Vec<_> = confirmed.map(|person| person.id).collect();
        if confirmed.is_empty() {
            return Ok(());
        }
        for news in mailing::hold_news(tx).await? {
            if self.news.iter().all(|known| known.number() != news.number()) {
                mailing::tell(tx, news, &confirmed).await?;
            }
        }
        Ok(())
    }

    /// Whose addresses nothing may be sent to, of what this is for.
    async fn held_back(
        &self,
        tx: &mut TenantTx<Write>,
        people: &BTreeMap<AddressHash, Brought>,
    ) -> Result<BTreeSet<AddressHash>, StoreError> {
        let emails: Vec<_> = people.values().map(|row| row.email.clone()).collect();
        suppression::operator::heed_all(tx, &emails).await?;
        let hashes: Vec<_> = people.keys().copied().collect();
        suppression::held_back(tx, &hashes, self.import.list, &self.purposes).await
    }

    /// Takes in whoever is new, and gives those whom nobody else took in meanwhile.
    async fn admit(
        &self,
        tx: &TenantTx<Write>,
        fresh: &BTreeMap<AddressHash, &Brought>,
    ) -> Result<Vec<Subscriber>, StoreError> {
        let newcomers = fresh.iter().map(|(hash, row)| Newcomer {
            email: row.email.clone(),
            hash: *hash,
            name: row.name.clone(),
            company: row.company.clone(),
            language: row.language.clone(),
            is_confirmed: row.evidence.is_some(),
        });
        subscriber::admit_all(tx, newcomers.collect(), self.policy).await
    }

    async fn take_new(
        &mut self,
        tx: &mut TenantTx<Write>,
        fresh: &BTreeMap<AddressHash, &Brought>,
        new: &[Subscriber],
        fates: &mut HashMap<AddressHash, Fate>,
    ) -> Result<(), StoreError> {
        let (mut yeses, mut on_list) = (Vec::new(), Vec::new());
        for person in new {
            let row = fresh
                .get(&person.address_hash)
                .ok_or(StoreError::NotFound("subscriber"))?;
            if let Some(evidence) = &row.evidence {
                yeses.push(Yes {
                    asked: asked(person),
                    wording: self.wording(tx, &evidence.statement).await?,
                    given_at: evidence.collected_at,
                    note: evidence.source.clone(),
                });
                on_list.push(person.id);
                fates.insert(person.address_hash, Fate::Imported);
            } else if let Some(asker) = &self.asker {
                asker.ask(tx, person).await?;
                fates.insert(person.address_hash, Fate::Held);
            }
        }
        consent::give_all(tx, &yeses, &self.purposes, self.policy).await?;
        subscription::begin_all(tx, &on_list, self.import.list).await?;
        for news in &self.news {
            mailing::tell(tx, *news, &on_list).await?;
        }
        Ok(())
    }

    /// Those who are known, held in the order in which everybody holds people.
    async fn take_all_known(
        &mut self,
        tx: &mut TenantTx<Write>,
        people: &BTreeMap<&AddressHash, &Brought>,
        fates: &mut HashMap<AddressHash, Fate>,
        ids: &mut HashMap<AddressHash, SubscriberId>,
    ) -> Result<(), StoreError> {
        let hashes: Vec<_> = people.keys().map(|hash| **hash).collect();
        if hashes.is_empty() {
            return Ok(());
        }
        let known = subscriber::by_addresses(tx, &hashes).await?;
        let held: Vec<_> = known.values().map(|person| person.id.uuid()).collect();
        if !held.is_empty() {
            subscriber::hold(tx, &held).await?;
        }
        let known = subscriber::by_addresses(tx, &hashes).await?;
        let all: Vec<_> = known.values().map(|person| person.id).collect();
        let standings = subscription::states_of_all(tx, &all, self.import.list).await?;
        let counted = consent::counted_of_all(tx, &all, &self.purposes).await?;
        for (hash, row) in people {
            // Whoever is not there any more was erased, or is reached elsewhere.
            let Some(person) = known.get(hash) else {
                fates.insert(**hash, Fate::Refused(RowProblem::HeldBack));
                continue;
            };
            ids.insert(**hash, person.id);
            let standing = standings.get(&person.id).copied();
            let states = counted.get(&person.id).map_or(&[][..], Vec::as_slice);
            fates.insert(**hash, self.take_known(tx, person, row, standing, states).await?);
        }
        Ok(())
    }

    async fn take_known(
        &mut self,
        tx: &mut TenantTx<Write>,
        person: &Subscriber,
        row: &Brought,
        standing: Option<SubscriptionState>,
        counted: &[Option<ConsentState>],
    ) -> Result<Fate, StoreError> {
        if standing == Some(SubscriptionState::Ended) {
            return Ok(Fate::Refused(RowProblem::SaidNo));
        }
        let is_settled = |state: &Option<ConsentState>| state.is_some_and(ConsentState::is_settled);
        let states = match &row.evidence {
            Some(evidence) if !counted.iter().all(is_settled) => self.states(tx, person, evidence).await?,
            // A row changes no answer that there is.
            _ => counted.to_vec(),
        };
        let step = Step::of(standing, &states, row.evidence.is_some(), self.asker.is_some());
        match (step, &self.asker) {
            (Step::Refuse(problem), _) => return Ok(Fate::Refused(problem)),
            (Step::Nothing, _) => {}
            (Step::Ask, Some(asker)) => {
                asker.ask(tx, person).await?;
                return Ok(Fate::Held);
            }
            (Step::Ask, None) => return Ok(Fate::Refused(RowProblem::NothingToAskBy)),
            (Step::PutOnList, _) => self.put_on_list(tx, person, row, standing).await?,
        }
        Ok(Fate::Imported)
    }

    async fn put_on_list(
        &self,
        tx: &mut TenantTx<Write>,
        person: &Subscriber,
        row: &Brought,
        standing: Option<SubscriptionState>,
    ) -> Result<(), StoreError> {
        let active = SubscriptionState::Active;
        subscription::set_untold(tx, person.id, self.import.list, standing, active).await?;
        subscriber::confirm(tx, person.id, &row.name, &row.company).await?;
        for news in &self.news {
            mailing::tell(tx, *news, &[person.id]).await?;
        }
        Ok(())
    }

    /// Keeps what rows say in the tenant's own fields, of those who are taken in or asked.
    async fn keep_values(
        &self,
        tx: &TenantTx<Write>,
        people: &BTreeMap<AddressHash, Brought>,
        fates: &HashMap<AddressHash, Fate>,
        ids: &HashMap<AddressHash, SubscriberId>,
    ) -> Result<(), StoreError> {
        let mut kept = Vec::new();
        for (hash, row) in people {
            let is_refused = matches!(fates.get(hash), None | Some(Fate::Refused(_)));
            let Some(person) = ids.get(hash).filter(|_| !is_refused) else {
                continue;
            };
            let values = row.values.iter();
            kept.extend(values.filter_map(|(key, value)| Some((*person, *self.fields.get(key)?, value))));
        }
        custom_field::keep_all(tx, &kept).await
    }

    /// Where a known person's consent stands, after what the row has to say of it.
    async fn states(
        &mut self,
        tx: &mut TenantTx<Write>,
        person: &Subscriber,
        evidence: &PermissionEvidence,
    ) -> Result<Vec<Option<ConsentState>>, StoreError> {
        let mut states = Vec::with_capacity(self.purposes.len());
        for purpose in self.purposes.clone() {
            let wording = self.wording(tx, &evidence.statement).await?;
            let occasion = Occasion {
                source: ConsentSource::Import,
                policy: self.policy,
                point: None,
                evidence: Some(evidence.source.clone()),
                form: None,
            };
            let said = consent::Said {
                wanted: ConsentState::Given,
                wording: Some(&wording),
                since: Some(evidence.collected_at),
            };
            states.push(consent::record_said(tx, person, purpose, said, &occasion).await?);
        }
        Ok(states)
    }

    /// The words that people agreed to, kept once.
    async fn wording(&mut self, tx: &TenantTx<Write>, words: &str) -> Result<WordingHash, StoreError> {
        if let Some(known) = self.words.get(words) {
            return Ok(known.clone());
        }
        let kept = wording::keep(tx, "statement", words).await?;
        self.words.insert(words.to_owned(), kept.clone());
        Ok(kept)
    }
}

/// The fields that the table has columns for, held so that nobody deletes them meanwhile.
async fn fields(
    tx: &TenantTx<Write>,
    import: &Import,
) -> Result<HashMap<FieldKey, CustomFieldId>, StoreError> {
    let keys: BTreeSet<_> = import.sheet.custom().map(|(_, key)| key).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    custom_field::hold(tx, &keys).await?;
    let all = custom_field::all(tx).await?.into_iter();
    Ok(all
        .filter(|field| keys.contains(&field.key))
        .map(|field| (field.key, field.id))
        .collect())
}

fn asked(person: &Subscriber) -> Asked {
    Asked {
        id: person.id,
        email: person.email.clone(),
        name: person.name.clone(),
        company: person.company.clone(),
    }
}
