//! A copy of all that is held about a person (GDPR, articles 15 and 20), in one structure that a machine reads. It is
//! theirs alone: it has no `Debug`, and others who are named beside them in an entry are left out.

use assent_domain::clock::Timestamp;
use assent_domain::id::SubscriberId;
use serde::Serialize;
use serde_json::Value;

use crate::error::StoreError;
use crate::transactional_mail::MailContent;
use crate::tx::TenantTx;
use crate::{custom_field, mailing_list, policy, privacy, subscriber, subscription, suppression, tenant};

mod clicks;
mod entries;
mod identity;
mod mail;
mod sign_ups;

pub use clicks::Click;
pub use identity::{AddressChange, FormerId, Membership};
pub use sign_ups::SignUp;

/// Names the form of the copy; a change of its fields changes it.
const FORMAT: &str = "assent personal copy v5";

/// All that is held about a person. Times are RFC 3339, in UTC; codes are those of the API.
#[derive(Serialize)]
pub struct PersonalCopy {
    /// The form of this document.
    pub format: &'static str,
    /// When it was made.
    pub made_at: String,
    /// Who holds the data.
    pub held_by: Holder,
    /// Who the person is.
    pub person: Person,
    /// Ids under which they were known.
    pub former_ids: Vec<FormerId>,
    /// Addresses at which they wanted to be reached.
    pub address_changes: Vec<AddressChange>,
    /// Of which tenants they are members, where the copy is the operator's: that is why it holds their data.
    pub memberships: Vec<Membership>,
    /// What was asked for at forms, by them or in their name.
    pub sign_ups: Vec<SignUp>,
    /// Where they stand with lists.
    pub subscriptions: Vec<Subscription>,
    /// Everything they ever said to a purpose, or were asked; the last for a purpose counts.
    pub consents: Vec<Consent>,
    /// What was sent to them.
    pub deliveries: Vec<Delivery>,
    /// Which links they followed, as far as they agreed to be counted.
    pub clicks: Vec<Click>,
    /// Why their address is not written to.
    pub suppressions: Vec<Suppression>,
    /// What they asked about their data.
    pub requests: Vec<Request>,
    /// What was done about them, and who read in clear who they are.
    pub audit_log: Vec<Entry>,
    /// What they said about outside parties; the last for a party and a field counts.
    pub permissions: Vec<Permission>,
    /// To whom their data was given.
    pub disclosures: Vec<Disclosure>,
}

/// Who holds the data.
#[derive(Serialize)]
pub struct Holder {
    /// The company's name.
    pub name: String,
    /// Where it is.
    pub postal_address: String,
    /// Where questions go.
    pub privacy_contact: String,
}

/// Who a person is.
#[derive(Serialize)]
pub struct Person {
    /// Their id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Their name, if they gave one.
    pub name: String,
    /// Their company, if they gave one.
    pub company: String,
    /// The number of the policy version in force when they first gave information.
    pub collected_under: i32,
    /// When that was.
    pub created_at: String,
    /// When they first confirmed.
    pub confirmed_at: Option<String>,
    /// Since when the use of their data is restricted.
    pub restricted_at: Option<String>,
    /// The language in which they signed up.
    pub language: Option<String>,
    /// What else is kept of them, by the name of the field.
    pub fields: Vec<Field>,
}

/// Something that is kept of a person in a field of the holder's own.
#[derive(Serialize)]
pub struct Field {
    /// What the field is called.
    pub name: String,
    /// What it says.
    pub value: String,
}

/// Where a person stands with a list.
#[derive(Serialize)]
pub struct Subscription {
    /// The list's name.
    pub list: String,
    /// `PENDING`, `ACTIVE` or `ENDED`.
    pub state: String,
    /// Since when.
    pub since: String,
}

/// What a person said to a purpose.
#[derive(Serialize)]
pub struct Consent {
    /// The record's id.
    pub id: String,
    /// The purpose's code.
    pub purpose: String,
    /// What the record says.
    pub state: String,
    /// How it came about.
    pub source: String,
    /// The number of the policy version in force.
    pub policy_version: i32,
    /// When.
    pub recorded_at: String,
    /// The exact words shown, if there were any.
    pub words: Option<String>,
    /// What was kept as proof.
    pub evidence: Option<Value>,
}

/// A message to a person.
#[derive(Serialize)]
pub struct Delivery {
    /// Its id; the `Message-ID` begins with it.
    pub id: String,
    /// What sort of mailing it was.
    pub kind: String,
    /// The subject, where it was a campaign.
    pub subject: Option<String>,
    /// What it says, where it went to this person alone and is still to be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<MailContent>,
    /// What became of it.
    pub status: String,
    /// Why it was not sent.
    pub refusal: Option<String>,
    /// Why it was given up, if it was.
    pub failure: Option<String>,
    /// Since when.
    pub changed_at: String,
    /// Every time it was tried.
    pub attempts: Vec<Attempt>,
    /// What was reported about it afterwards.
    pub reports: Vec<Report>,
}

/// What was reported about a message that had been sent.
#[derive(Serialize)]
pub struct Report {
    /// What it amounts to.
    pub class: String,
    /// The enhanced status, if there was one.
    pub status: Option<String>,
    /// Which kind of thing went wrong.
    pub reason: String,
    /// The server's words.
    pub said: String,
    /// When it came.
    pub received_at: String,
}

/// One attempt at a delivery.
#[derive(Serialize)]
pub struct Attempt {
    /// Its number.
    pub number: i32,
    /// When it began.
    pub started_at: String,
    /// When it ended.
    pub ended_at: String,
    /// What became of it.
    pub outcome: String,
    /// The server's reply code.
    pub reply_code: Option<i32>,
    /// The server's words.
    pub reply: String,
}

/// Why an address is not written to.
#[derive(Serialize)]
pub struct Suppression {
    /// The reason.
    pub reason: String,
    /// Since when.
    pub since: String,
}

/// What a person asked about their data.
#[derive(Serialize)]
pub struct Request {
    /// Its id.
    pub id: String,
    /// What they asked for.
    pub kind: String,
    /// Where it stands.
    pub state: String,
    /// How it came.
    pub channel: String,
    /// Whether it is known to be theirs.
    pub identity: String,
    /// What they wrote.
    pub message: Option<String>,
    /// What they were answered.
    pub answer: Option<String>,
    /// When it came.
    pub received_at: String,
    /// When the answer is owed.
    pub due_at: String,
    /// Why the answer was put off.
    pub extension_reason: Option<String>,
    /// When it was answered.
    pub closed_at: Option<String>,
    /// What happened to it, first to last.
    pub history: Vec<Step>,
}

/// A step in the life of a request.
#[derive(Serialize)]
pub struct Step {
    /// What happened.
    pub step: String,
    /// By whom: an id, or `operator`, `visitor`, `job`.
    pub by: String,
    /// When.
    pub at: String,
}

/// Something that was done about a person.
#[derive(Serialize)]
pub struct Entry {
    /// What.
    pub act: String,
    /// By whom: an id, or `operator`, `visitor`, `job`.
    pub by: String,
    /// When.
    pub recorded_at: String,
    /// What it was before.
    pub before: Value,
    /// What it was after; of what was read, which fields and what for.
    pub after: Value,
}

/// That data was given to somebody.
#[derive(Serialize)]
pub struct Disclosure {
    /// When.
    pub recorded_at: String,
    /// Who got it.
    pub outside_party: String,
    /// What it was, by its code.
    pub fields: Vec<String>,
    /// What allowed it: `PERMISSION` or `LEGAL_ORDER`.
    pub basis: &'static str,
}

/// What a person said about an outside party, or was asked.
#[derive(Serialize)]
pub struct Permission {
    /// Who may get it, or may not.
    pub outside_party: String,
    /// What, by its code.
    pub fields: Vec<String>,
    /// What the record says.
    pub state: String,
    /// How it came about.
    pub source: String,
    /// The number of the policy version that names the party.
    pub policy_version: i32,
    /// When.
    pub recorded_at: String,
    /// The exact words shown.
    pub words: Option<String>,
}

/// Makes the copy. The transaction reads, so it holds nobody up.
pub async fn of_person<M>(tx: &TenantTx<M>, of: SubscriberId) -> Result<PersonalCopy, StoreError> {
    let person = subscriber::by_id(tx, of).await?;
    let holder = tenant::current(tx).await?;
    let entries = entries::about(tx, of).await?;
    let standings = subscription::standings(tx, of).await?;
    let ids: Vec<_> = standings.iter().map(|(list, ..)| *list).collect();
    let lists = mailing_list::by_ids(tx, &ids).await?;
    let subscriptions = lists.into_iter().filter_map(|list| {
        let (_, state, since) = standings.iter().find(|(of, ..)| *of == list.id)?;
        Some(Subscription {
            list: list.name,
            state: state.to_string(),
            since: since.to_string(),
        })
    });
    let reasons = suppression::reasons(tx, person.address_hash).await?;
    let suppressions = reasons.into_iter().map(|(reason, since)| Suppression {
        reason,
        since: since.to_string(),
    });
    let requests = privacy::about(tx, &person).await?;
    let ids: Vec<_> = requests.iter().map(|request| request.id).collect();
    let mut histories = privacy::histories(tx, &ids).await?;
    let requests = requests.into_iter().map(|asked| {
        let history = histories.remove(&asked.id).unwrap_or_default();
        request(asked, history)
    });
    let kept = custom_field::of_subscribers(tx, &[of]).await?.remove(&of);
    let fields = kept.unwrap_or_default().into_iter().map(|kept| Field {
        name: kept.field.name,
        value: kept.value.to_string(),
    });
    Ok(PersonalCopy {
        format: FORMAT,
        made_at: tx.now().to_string(),
        held_by: Holder {
            privacy_contact: holder.privacy_contact.expose(),
            name: holder.name,
            postal_address: holder.postal_address,
        },
        person: Person {
            id: person.id.to_string(),
            email: person.email.expose(),
            collected_under: policy::by_id(tx, person.collected_under).await?.times.number,
            name: person.name,
            company: person.company,
            created_at: person.created_at.to_string(),
            confirmed_at: text(person.confirmed_at),
            restricted_at: text(person.restricted_at),
            language: person.language.map(|language| language.to_string()),
            fields: fields.collect(),
        },
        former_ids: identity::former_ids(tx, of).await?,
        address_changes: identity::address_changes(tx, of).await?,
        memberships: identity::memberships(tx, of).await?,
        sign_ups: sign_ups::of(tx, of).await?,
        subscriptions: subscriptions.collect(),
        consents: entries.consents,
        deliveries: mail::to(tx, of).await?,
        clicks: clicks::by(tx, of).await?,
        suppressions: suppressions.collect(),
        requests: requests.collect(),
        audit_log: entries.audit_log,
        permissions: entries.permissions,
        disclosures: entries.disclosures,
    })
}

fn text(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

fn request(of: privacy::PrivacyRequest, history: Vec<privacy::Step>) -> Request {
    let step = |of: privacy::Step| Step {
        step: of.step.to_string(),
        by: of.by,
        at: of.at.to_string(),
    };
    Request {
        id: of.id.to_string(),
        kind: of.kind.to_string(),
        state: of.state.to_string(),
        channel: of.channel.to_string(),
        identity: of.identity.to_string(),
        message: of.message,
        answer: of.answer,
        received_at: of.times.received_at.to_string(),
        due_at: of.times.due_at.to_string(),
        extension_reason: of.extension_reason,
        closed_at: text(of.closed_at),
        history: history.into_iter().map(step).collect(),
    }
}
