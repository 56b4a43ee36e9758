//! What a person changes by their own links: their preferences, and one-click opting out.

use std::collections::BTreeSet;

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::id::{ConsentRecordId, MailingId, MailingListId, PolicyVersionId, SubscriberId};
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::suppression::SuppressionReason;

use crate::consent::{self, Occasion};
use crate::error::StoreError;
use crate::mailing_list::MailingList;
use crate::policy::NamedPurpose;
use crate::subscriber::{self, Subscriber};
use crate::tx::{TenantTx, Write};
use crate::{campaign, mailing, mailing_list, policy, purpose, subscription, suppression, wording};

mod mark;
mod standing;

pub(crate) use mark::Mark;

/// A purpose as a person's page shows it.
#[derive(Clone, Debug)]
pub struct Preference {
    /// The purpose, in the words of the policy in force.
    pub purpose: NamedPurpose,
    /// Where their consent stands; `None` where they were never asked, and for essential purposes.
    pub state: Option<ConsentState>,
    /// Since when.
    pub since: Option<Timestamp>,
    /// The words they agreed to, if it is a yes.
    pub statement: Option<String>,
    /// The record that says so.
    pub record: Option<Said>,
}

/// What a record says of how it came about.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its id, for its receipt.
    pub id: ConsentRecordId,
    /// How it came about.
    pub source: ConsentSource,
    /// The name of the form it came through, if it was one.
    pub place: Option<String>,
    /// The number of the policy version in force.
    pub version: i32,
    /// When it runs out, if it is a yes that does.
    pub expires_at: Option<Timestamp>,
}

/// A list as a person's page shows it.
#[derive(Clone, Debug)]
pub struct ListStanding {
    /// The list.
    pub list: MailingList,
    /// Where they stand with it.
    pub state: SubscriptionState,
    /// Since when.
    pub since: Timestamp,
}

/// Why a person gets no mail of any sort. Only they can take it back, see [`come_back`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoMail {
    /// They asked for it.
    Chosen {
        /// When.
        since: Timestamp,
    },
    /// They told their provider that our mail is spam.
    Complained {
        /// When we heard of it.
        since: Timestamp,
    },
}

impl NoMail {
    /// Since when.
    pub fn since(self) -> Timestamp {
        match self {
            Self::Chosen { since } | Self::Complained { since } => since,
        }
    }
}

/// A person's page.
#[derive(Clone, Debug)]
pub struct Preferences {
    /// Whose it is.
    pub subscriber: Subscriber,
    /// The purposes of the policy in force.
    pub purposes: Vec<Preference>,
    /// What they were once asked about and the policy in force does not name any more.
    pub earlier: Vec<Preference>,
    /// The lists they ever joined.
    pub lists: Vec<ListStanding>,
    /// Why they get no mail of any sort, if that is so.
    pub no_mail: Option<NoMail>,
    /// The policy version in force, if there is one.
    pub version: Option<PolicyVersionId>,
}

impl Preferences {
    /// Names all that the page says: the words, and where the person stands. A page that was shown before something changed
    /// has another.
    pub fn mark(&self) -> String {
        let mut mark = Mark::new();
        mark.add(self.version);
        mark.add(self.no_mail.map(|no_mail| no_mail.since().micros()));
        for of in &self.purposes {
            mark.add(Some(of.purpose.id));
            mark.add(of.record.as_ref().map(|record| record.id));
            mark.add(of.state);
        }
        for of in &self.lists {
            mark.add(Some(of.list.id));
            mark.add(Some(of.state));
            mark.add(Some(of.since.micros()));
        }
        mark.finish()
    }
}

/// Reads a person's page.
pub async fn view<M>(tx: &TenantTx<M>, of: SubscriberId) -> Result<Preferences, StoreError> {
    let person = subscriber::by_id(tx, of).await?;
    let versions = policy::standings(tx).await?;
    let mut named = Vec::new();
    let version = policy::in_force_id(tx).await?;
    if let Some(version) = version {
        named = policy::purposes_of(tx, version).await?;
    }
    let mut earlier = Vec::new();
    for of_old in purpose::all(tx).await? {
        if named.iter().all(|named| named.id != of_old.id) {
            earlier.extend(standing::of_earlier(tx, of, of_old.id, &versions).await?);
        }
    }
    let mut purposes = Vec::new();
    for named in named {
        purposes.push(standing::of(tx, of, named, &versions).await?);
    }
    let standings = subscription::standings(tx, of).await?;
    let ids: Vec<_> = standings.iter().map(|(list, ..)| *list).collect();
    let lists = mailing_list::by_ids(tx, &ids).await?;
    let lists = lists.into_iter().filter_map(|list| {
        let (_, state, since) = *standings.iter().find(|(of, ..)| *of == list.id)?;
        Some(ListStanding { list, state, since })
    });
    Ok(Preferences {
        purposes,
        earlier,
        lists: lists.collect(),
        no_mail: no_mail(tx, &person).await?,
        subscriber: person,
        version,
    })
}

/// Whether and why a person gets no mail of any sort.
pub(crate) async fn no_mail<M>(tx: &TenantTx<M>, person: &Subscriber) -> Result<Option<NoMail>, StoreError> {
    let hash = person.address_hash;
    if let Some(since) = suppression::since(tx, hash, SuppressionReason::OptedOutOfAll).await? {
        return Ok(Some(NoMail::Chosen { since }));
    }
    let complained = suppression::since(tx, hash, SuppressionReason::Complained).await?;
    Ok(complained.map(|since| NoMail::Complained { since }))
}

/// What a person chose on their page.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// The codes of the purposes they want mail for; those left out are a no.
    pub purposes: BTreeSet<String>,
    /// The lists they want to be on; those left out they leave. Only lists they once joined count.
    pub lists: BTreeSet<MailingListId>,
    /// Whether they want no mail of any sort. It wins over the rest.
    pub no_mail_of_any_sort: bool,
}

/// What became of a page that somebody sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All of it counts.
    All,
    /// Something had changed since it was shown: what it says no to counts, what it says yes to does not.
    OnlyNoes,
}

/// Takes a person's page in, sent as it was `shown`, see [`Preferences::mark`]. A page from before a no, or sent anew, does
/// not undo it. `comes_back` says whether they take "no mail of any sort" back, see [`come_back`].
pub async fn answer(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    choices: &Choices,
    shown: &str,
    comes_back: bool,
) -> Result<Taken, StoreError> {
    let person = subscriber::speaks(tx, of).await?;
    if choices.no_mail_of_any_sort {
        opt_out_of_all(tx, &person, "preferences").await?;
        return Ok(Taken::All);
    }
    if view(tx, person.id).await?.mark() != shown {
        take(tx, &person, choices, Taken::OnlyNoes).await?;
        return Ok(Taken::OnlyNoes);
    }
    if comes_back {
        come_back(tx, person.id).await?;
    }
    take(tx, &person, choices, Taken::All).await?;
    Ok(Taken::All)
}

/// Takes "no mail of any sort" back, and a complaint: only the person can, and only so. What they agreed to
/// before stands again.
pub async fn come_back(tx: &mut TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    tx.require_open()?;
    let person = subscriber::speaks(tx, of).await?;
    lift_no(tx, &person, "preferences").await
}

/// Lifts what a person said against all mail. Their row has to be locked.
pub(crate) async fn lift_no(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    through: &str,
) -> Result<(), StoreError> {
    for reason in [SuppressionReason::OptedOutOfAll, SuppressionReason::Complained] {
        suppression::lift(tx, person.address_hash, person.id, reason, through).await?;
    }
    Ok(())
}

/// Saves a person's choices: their own act. It does not take "no mail of any sort" back, so that a page that
/// was open for long cannot; see [`come_back`].
pub async fn save(tx: &mut TenantTx<Write>, of: SubscriberId, choices: &Choices) -> Result<(), StoreError> {
    let person = subscriber::speaks(tx, of).await?;
    if choices.no_mail_of_any_sort {
        return opt_out_of_all(tx, &person, "preferences").await;
    }
    take(tx, &person, choices, Taken::All).await
}

async fn take(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    choices: &Choices,
    taken: Taken,
) -> Result<(), StoreError> {
    let yes_counts = taken == Taken::All;
    let policy = policy::require_in_force(tx, "token").await?;
    let occasion = Occasion {
        source: ConsentSource::PreferencePage,
        policy: policy.id,
        point: None,
        evidence: None,
        form: None,
    };
    for named in policy::purposes_of(tx, policy.id).await? {
        if !named.kind.needs_consent() {
            continue;
        }
        if !choices.purposes.contains(&named.code) {
            consent::record(tx, person, named.id, ConsentState::Withdrawn, None, &occasion).await?;
        } else if yes_counts {
            let shown = wording::keep(tx, "purposes", &statement_for(&named)).await?;
            let given = ConsentState::Given;
            consent::record(tx, person, named.id, given, Some(&shown), &occasion).await?;
        }
    }
    for (list, state) in subscription::of_subscriber(tx, person.id).await? {
        let wanted = if choices.lists.contains(&list) {
            SubscriptionState::Active
        } else {
            SubscriptionState::Ended
        };
        let counts = wanted == SubscriptionState::Ended || (yes_counts && tx.takes_yes());
        if wanted != state && counts {
            subscription::set(tx, person.id, list, Some(state), wanted).await?;
        }
    }
    Ok(())
}

/// The words beside a purpose on the preferences page, which a yes given there refers to.
pub fn statement_for(purpose: &NamedPurpose) -> String {
    match purpose.description.trim() {
        "" => purpose.name.clone(),
        description => format!("{}: {description}", purpose.name),
    }
}

async fn opt_out_of_all(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    through: &str,
) -> Result<(), StoreError> {
    suppression::add(
        tx,
        person.address_hash,
        Some(person.id),
        SuppressionReason::OptedOutOfAll,
        through,
    )
    .await
}

/// "No mail of any sort", said on a form. Whoever typed it, the address gets no more mail; where it is not
/// known, only its keyed hash is kept.
pub async fn opt_out_at_form(tx: &mut TenantTx<Write>, email: &EmailAddress) -> Result<(), StoreError> {
    let hash = tx.address_hasher().hash(email);
    let reason = SuppressionReason::OptedOutOfAll;
    match subscriber::by_address(tx, hash).await? {
        Some(person) => suppression::add(tx, hash, Some(person.id), reason, "form").await,
        None => suppression::keep(tx, hash, reason).await.map(|_| ()),
    }
}

/// The lists that a mailing was sent for, as its unsubscribe page names them.
pub async fn lists_of_mailing<M>(tx: &TenantTx<M>, id: MailingId) -> Result<Vec<MailingList>, StoreError> {
    match mailing::campaign_of(tx, id).await? {
        Some(campaign) => campaign::lists(tx, campaign).await,
        None => Ok(Vec::new()),
    }
}

/// Opts a person out of what a mailing was sent for (RFC 8058): ends their subscriptions to its lists, and
/// withdraws its purpose where no active list with it remains. Doing it again changes nothing.
pub async fn unsubscribe(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    from: MailingId,
) -> Result<Vec<MailingList>, StoreError> {
    let person = subscriber::speaks(tx, of).await?;
    leave(tx, &person, from, ConsentSource::Unsubscribe).await
}

/// Takes a person, who is held, out of what a mailing was sent for. A complaint withdraws the purpose whatever lists
/// remain.
pub(crate) async fn leave(
    tx: &mut TenantTx<Write>,
    person: &Subscriber,
    from: MailingId,
    source: ConsentSource,
) -> Result<Vec<MailingList>, StoreError> {
    let of = person.id;
    let lists = lists_of_mailing(tx, from).await?;
    let states = subscription::of_subscriber(tx, of).await?;
    for list in &lists {
        let was = states.get(&list.id).copied();
        if was.is_some_and(|was| was != SubscriptionState::Ended) {
            subscription::set(tx, of, list.id, was, SubscriptionState::Ended).await?;
        }
    }
    let sent_for = mailing::purpose_of(tx, from).await?;
    let purpose = purpose::by_id(tx, sent_for).await?;
    let ends = source == ConsentSource::Complaint || !has_active_list(tx, of, sent_for).await?;
    if purpose.kind.needs_consent() && ends {
        // An opt-out is never dropped for want of a policy: the record then names the one they joined under.
        let policy = policy::in_force(tx)
            .await?
            .map_or(person.collected_under, |version| version.id);
        let occasion = Occasion {
            source,
            policy,
            point: None,
            evidence: None,
            form: None,
        };
        consent::record(tx, person, sent_for, ConsentState::Withdrawn, None, &occasion).await?;
    }
    Ok(lists)
}

async fn has_active_list(
    tx: &TenantTx<Write>,
    of: SubscriberId,
    purpose: assent_domain::id::PurposeId,
) -> Result<bool, StoreError> {
    let active: Vec<_> = subscription::of_subscriber(tx, of)
        .await?
        .into_iter()
        .filter(|(_, state)| *state == SubscriptionState::Active)
        .map(|(list, _)| list)
        .collect();
    let purposes = purpose::of_lists(tx, &active).await?;
    Ok(purposes.values().flatten().any(|of_list| of_list.id == purpose))
}
