//! What a person does about their data by their own link: it is carried out at once, and stands as a request that was
//! done.

use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::id::{PrivacyRequestId, SubscriberId};
use assent_domain::mailing_list::SubscriptionState;
use assent_domain::privacy::{IdentityCheck, RequestChannel, RequestKind, RequestStep};
use assent_domain::suppression::SuppressionReason;

use super::{MAX_MESSAGE_CHARS, MESSAGE_NEEDED, PrivacyRequest};
use crate::consent::{self, Occasion};
use crate::correction::{self, Correction};
use crate::erasure::{self, Why};
use crate::error::StoreError;
use crate::preferences::NoMail;
use crate::restriction::{self, Restricted};
use crate::subscriber::{self, Subscriber};
use crate::text;
use crate::tx::{TenantTx, Write};
use crate::{permission, policy, preferences, subscription, suppression};

/// A person's page.
#[derive(Clone, Debug)]
pub struct PrivacyPage {
    /// Whose it is.
    pub subscriber: Subscriber,
    /// What they asked so far, or somebody in their name; the newest first.
    pub requests: Vec<PrivacyRequest>,
    /// Since when they get no mail of any sort, if so.
    pub no_mail: Option<NoMail>,
}

/// Reads a person's page.
pub async fn view<M>(tx: &TenantTx<M>, of: SubscriberId) -> Result<PrivacyPage, StoreError> {
    let person = subscriber::by_id(tx, of).await?;
    Ok(PrivacyPage {
        requests: super::of_person(tx, of).await?,
        no_mail: preferences::no_mail(tx, &person).await?,
        subscriber: person,
    })
}

async fn done(tx: &TenantTx<Write>, of: SubscriberId, kind: RequestKind) -> Result<(), StoreError> {
    super::done(tx, of, kind, RequestChannel::Link).await
}

/// Notes that a person takes a copy of what is held about them; [`crate::copy`] makes it.
pub async fn take_copy(tx: &mut TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    let of = subscriber::speaks(tx, of).await?.id;
    done(tx, of, RequestKind::Copy).await
}

/// Puts name and company right.
pub async fn correct(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    name: &str,
    company: &str,
) -> Result<(), StoreError> {
    let person = subscriber::speaks(tx, of).await?;
    let of = person.id;
    let right = Correction::new(name, company)?;
    if correction::apply(tx, &person, &right).await? {
        done(tx, of, RequestKind::Correction).await?;
    }
    Ok(())
}

/// Restricts the use of a person's data, or lifts the restriction. Where it is so already, nothing changes.
pub async fn restrict(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    restricted: Restricted,
) -> Result<(), StoreError> {
    let person = subscriber::speaks(tx, of).await?;
    let of = person.id;
    if restriction::set(tx, &person, restricted).await? {
        let kind = match restricted {
            Restricted::Yes => RequestKind::Restriction,
            Restricted::No => RequestKind::RestrictionLift,
        };
        done(tx, of, kind).await?;
    }
    Ok(())
}

/// Objects to every use: no mail of any sort, no list, and no consent that still stands.
pub async fn object(tx: &mut TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    let person = subscriber::speaks(tx, of).await?;
    let of = person.id;
    end_all(tx, &person).await?;
    done(tx, of, RequestKind::Objection).await
}

/// Lets mail come again, where the no is still the one that the person was shown; whether it was. What they agreed to
/// before stands again, and an objection has ended all of it.
pub async fn come_back(tx: &mut TenantTx<Write>, of: SubscriberId, shown: &str) -> Result<bool, StoreError> {
    tx.require_open()?;
    let person = subscriber::lock(tx, of).await?;
    let now = preferences::no_mail(tx, &person).await?;
    if now.is_none_or(|no| no.since().micros().to_string() != shown) {
        return Ok(false);
    }
    preferences::lift_no(tx, &person, "privacy page").await?;
    Ok(true)
}

/// Ends all that a person is sent. Their row has to be locked.
pub(crate) async fn end_all(tx: &mut TenantTx<Write>, person: &Subscriber) -> Result<(), StoreError> {
    let (hash, of) = (person.address_hash, person.id);
    suppression::add(tx, hash, Some(of), SuppressionReason::OptedOutOfAll, "objection").await?;
    for (list, state) in subscription::of_subscriber(tx, of).await? {
        if state != SubscriptionState::Ended {
            subscription::set(tx, of, list, Some(state), SubscriptionState::Ended).await?;
        }
    }
    // An objection is never dropped for want of a policy: the record then names the one they joined under.
    let version = policy::in_force(tx).await?;
    let occasion = Occasion {
        source: ConsentSource::PrivacyPage,
        policy: version.map_or(person.collected_under, |version| version.id),
        point: None,
        evidence: None,
        form: None,
    };
    for (purpose, _) in consent::states_of(tx, of).await? {
        consent::record(tx, person, purpose, ConsentState::Withdrawn, None, &occasion).await?;
    }
    let occasion = permission::Occasion {
        source: occasion.source,
        policy: occasion.policy,
    };
    permission::withdraw_all(tx, of, occasion).await?;
    Ok(())
}

/// Erases a person, by their own act.
pub async fn erase(tx: &mut TenantTx<Write>, of: SubscriberId) -> Result<(), StoreError> {
    let of = subscriber::lock_by_any_id(tx, of).await?.id;
    erasure::erase(tx, of, Why::Asked(RequestChannel::Link)).await
}

/// Takes a message to the privacy contact. The same message sent again is the same request.
pub async fn write(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    message: &str,
) -> Result<PrivacyRequestId, StoreError> {
    let of = subscriber::speaks(tx, of).await?.id;
    let message = text::lines("message", message, MAX_MESSAGE_CHARS)?;
    if message.is_empty() {
        return Err(StoreError::invalid("message", MESSAGE_NEEDED));
    }
    let known = super::of_person(tx, of).await?;
    let same = known.iter().find(|request| {
        request.state.is_open()
            && request.kind == RequestKind::Question
            && request.message.as_ref() == Some(&message)
    });
    if let Some(request) = same {
        return Ok(request.id);
    }
    let channel = RequestChannel::Link;
    super::take_in(tx, of, RequestKind::Question, channel, message).await
}

/// Says that what was written on the form open to all, in the person's name, was theirs.
pub async fn vouch(
    tx: &mut TenantTx<Write>,
    of: SubscriberId,
    id: PrivacyRequestId,
) -> Result<(), StoreError> {
    let of = subscriber::speaks(tx, of).await?.id;
    let request = super::lock(tx, id).await?;
    if request.subscriber != Some(of) {
        return Err(StoreError::NotFound("request"));
    }
    if request.identity == IdentityCheck::Verified {
        return Ok(());
    }
    tx.execute(
        "UPDATE privacy_request SET identity = 'VERIFIED' WHERE tenant_id = $1 AND id = $2",
        [id.uuid().into()],
    )
    .await?;
    super::note_step(tx, id, RequestStep::Verified).await
}
