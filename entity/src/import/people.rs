//! Taking in the people of some rows. Whoever is new is taken in with many others; whoever is known is looked at one by one,
//! because of what they said before.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::expiry::ConsentExpiry;
use assent_domain::id::{PolicyVersionId, PurposeId};
use assent_domain::import::{Brought, Flaw, ImportField, PermissionEvidence, RowProblem};
use assent_domain::keys::AddressHash;
use assent_domain::mailing_list::SubscriptionState;

use super::{Import, Problem, purposes_of};
use crate::consent::{self, Asked, Occasion, Yes};
use crate::error::StoreError;
use crate::mailing;
use crate::opt_in::Asker;
use crate::subscriber::{self, Newcomer, Subscriber};
use crate::tx::{TenantTx, Write};
use crate::wording::{self, WordingHash};
use crate::{policy, purpose, subscription, suppression};

/// What became of some rows.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub(super) imported: u64,
    pub(super) held: u64,
    pub(super) problems: Vec<Problem>,
}

/// What became of one.
#[derive(Clone, Copy, Debug)]
enum Fate {
    Imported,
    Held,
    Refused(RowProblem),
}

/// Takes people in. An address that stands there more than once is one person.
pub(super) async fn take_in(
    tx: &mut TenantTx<Write>,
    import: &Import,
    rows: Vec<(u64, Brought)>,
) -> Result<Taken, StoreError> {
    let mut taken = Taken::default();
    if rows.is_empty() {
        return Ok(taken);
    }
    let hasher = tx.address_hasher();
    let mut people: BTreeMap<AddressHash, Brought> = BTreeMap::new();
    let mut lines = Vec::with_capacity(rows.len());
    for (line, row) in rows {
        let hash = hasher.hash(&row.email);
        lines.push((line, hash));
        let known = people.entry(hash).or_insert_with(|| row.clone());
        if known.evidence.is_none() && row.evidence.is_some() {
            *known = row;
        }
    }
    let fates = Importer::open(tx, import).await?.take(tx, people).await?;
    for (line, hash) in lines {
        match fates.get(&hash) {
            Some(Fate::Imported) => taken.imported += 1,
            Some(Fate::Held) => taken.held += 1,
            Some(Fate::Refused(problem)) => {
                let field = matches!(problem, RowProblem::HeldBack | RowProblem::SaidNo);
                let flaw = Flaw {
                    problem: *problem,
                    field: field.then_some(ImportField::Email),
                };
                taken.problems.push(Problem { line, flaw });
            }
            None => return Err(StoreError::NotFound("subscriber")),
        }
    }
    Ok(taken)
}

/// On what terms people are taken in.
struct Importer<'a> {
    import: &'a Import,
    /// What this is for, as far as the policy in force names it.
    purposes: Vec<PurposeId>,
    /// How long a yes to these lasts, where it does not last for good.
    expiries: Vec<ConsentExpiry>,
    policy: PolicyVersionId,
    /// Who asks those who come without evidence, if there is a form to ask by.
    asker: Option<Asker>,
    news: Vec<mailing::Held>,
    words: HashMap<String, WordingHash>,
}

impl<'a> Importer<'a> {
    async fn open(tx: &TenantTx<Write>, import: &'a Import) -> Result<Self, StoreError> {
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
        })
    }

    async fn take(
        mut self,
        tx: &mut TenantTx<Write>,
        mut people: BTreeMap<AddressHash, Brought>,
    ) -> Result<HashMap<AddressHash, Fate>, StoreError> {
        let mut fates = HashMap::with_capacity(people.len());
        if self.purposes.is_empty() {
            let nothing = Fate::Refused(RowProblem::PurposeNotInPolicy);
            return Ok(people.into_keys().map(|hash| (hash, nothing)).collect());
        }
        for person in people.values_mut() {
            person.evidence = person.evidence.take().filter(|said| self.still_counts(tx, said));
        }
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
        people.retain(|hash, _| !fates.contains_key(hash));
        self.hold(tx, &people).await?;
        for (hash, row) in &people {
            fates.insert(*hash, self.take_known(tx, *hash, row).await?);
        }
        self.tell_late(tx, &new).await?;
        Ok(fates)
    }

    /// Whether a yes that was given then has not run out. Whoever gave one that has is asked, like those who gave none.
    fn still_counts(&self, tx: &TenantTx<Write>, said: &PermissionEvidence) -> bool {
        let runs_out = |expiry: &ConsentExpiry| expiry.is_over(said.collected_at, tx.now());
        !self.expiries.iter().any(runs_out)
    }

    /// Holds those who are known, in the order in which everybody does.
    async fn hold(
        &self,
        tx: &TenantTx<Write>,
        people: &BTreeMap<AddressHash, Brought>,
    ) -> Result<(), StoreError> {
        let hashes: Vec<_> = people.keys().copied().collect();
        if hashes.is_empty() {
            return Ok(());
        }
        let known = subscriber::by_addresses(tx, &hashes).await?;
        let ids: Vec<_> = known.values().map(|person| person.id.uuid()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        subscriber::hold(tx, &ids).await
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

    /// Somebody who is known: a no of theirs stays a no, and what they were asked and have not answered stays asked (P11).
    async fn take_known(
        &mut self,
        tx: &mut TenantTx<Write>,
        hash: AddressHash,
        row: &Brought,
    ) -> Result<Fate, StoreError> {
        // Whoever is not there any more was erased, or is reached elsewhere.
        let Some(person) = subscriber::by_address(tx, hash).await? else {
            return Ok(Fate::Refused(RowProblem::HeldBack));
        };
        let standing = subscription::state(tx, person.id, self.import.list).await?;
        if standing == Some(SubscriptionState::Ended) {
            return Ok(Fate::Refused(RowProblem::SaidNo));
        }
        let states = self.states(tx, &person, row.evidence.as_ref()).await?;
        let is_given = states.contains(&Some(ConsentState::Given));
        if !is_given && states.iter().flatten().any(|state| state.is_no()) {
            return Ok(Fate::Refused(RowProblem::SaidNo));
        }
        let is_there = is_given && standing == Some(SubscriptionState::Active);
        if is_there {
            return Ok(Fate::Imported);
        }
        if row.evidence.is_none() || !is_given {
            let Some(asker) = &self.asker else {
                return Ok(Fate::Refused(RowProblem::NothingToAskBy));
            };
            asker.ask(tx, &person).await?;
            return Ok(Fate::Held);
        }
        subscription::set_untold(
            tx,
            person.id,
            self.import.list,
            standing,
            SubscriptionState::Active,
        )
        .await?;
        subscriber::confirm(tx, person.id, &row.name, &row.company).await?;
        for news in &self.news {
            mailing::tell(tx, *news, &[person.id]).await?;
        }
        Ok(Fate::Imported)
    }

    /// Where a known person's consent stands, after what the row has to say of it.
    async fn states(
        &mut self,
        tx: &mut TenantTx<Write>,
        person: &Subscriber,
        evidence: Option<&PermissionEvidence>,
    ) -> Result<Vec<Option<ConsentState>>, StoreError> {
        let mut states = Vec::with_capacity(self.purposes.len());
        for purpose in self.purposes.clone() {
            let Some(evidence) = evidence else {
                states.push(consent::counted(tx, person.id, purpose).await?);
                continue;
            };
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

fn asked(person: &Subscriber) -> Asked {
    Asked {
        id: person.id,
        email: person.email.clone(),
        name: person.name.clone(),
        company: person.company.clone(),
    }
}
