//! Joining: what somebody asks for at a form.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use assent_domain::address::EmailAddress;
use assent_domain::audit::AuditAct;
use assent_domain::clock::Timestamp;
use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::delivery::MailingKind;
use assent_domain::id::{OptInId, PurposeId, SubscriberId, new_id};
use assent_domain::language::Language;
use assent_domain::mailing_list::{OptIn, SubscriptionState};
use assent_domain::permit::Refusal;
use assent_domain::purpose::CONFIRMATION;
use assent_domain::retention::ASK_ERASED_AGAIN_AFTER;
use assent_domain::suppression::{SuppressionReason, Suppressions};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;

use crate::audit::Change;
use crate::collection_point::{self, Choice, CollectionPoint};
use crate::consent::{self, Occasion};
use crate::error::StoreError;
use crate::link::CONFIRM_WITHIN;
use crate::mailing::{self, Subject};
use crate::mailing_list::MailingList;
use crate::row::opt_in as row;
use crate::subscriber::{self, Given, Subscriber};
use crate::text;
use crate::tx::{TenantTx, Write};
use crate::{policy, purpose, subscription, suppression};

mod brought;
mod check;
mod confirm;
mod shown;

pub(crate) use brought::Asker;
use check::{check_answers, check_fields};
pub use confirm::{Confirmed, OptInView, confirm, latest_of, statements, view};

/// How long a person who was asked to confirm is not asked again by the same form: a form is no weapon.
pub const ASK_AGAIN_AFTER: Duration = Duration::from_mins(10);

/// The most confirmation mails that an address can be made to get in a day, by whatever forms and answers.
pub const MAX_ASKED_A_DAY: usize = 5;

/// The longest evidence, in characters.
const MAX_EVIDENCE_CHARS: usize = 2000;

/// What somebody sends to a collection point.
#[derive(Clone, Debug)]
pub struct JoinRequest {
    /// The address, as it was parsed.
    pub email: EmailAddress,
    /// The name; empty where none was given.
    pub name: String,
    /// The company; empty where none was given.
    pub company: String,
    /// The answer to each choice, by purpose code. A choice without an answer is a no.
    pub choices: BTreeMap<String, bool>,
    /// Whether a hosted form or a tenant's integration sends it.
    pub source: ConsentSource,
    /// What an integration says of how it came by the permission.
    pub evidence: Option<String>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// A confirmation mail is on its way, or was a few minutes ago.
    ConfirmationSent,
    /// They are on the lists: every list was single opt-in, and an integration said how it came by the permission.
    Subscribed,
    /// They had all of it already.
    AlreadySubscribed,
    /// The address is held back.
    Refused(Refusal),
}

/// What a form is made of, read once.
struct Form {
    point: CollectionPoint,
    choices: Vec<Choice>,
    lists: Vec<MailingList>,
    /// Whether the address was erased: then only a confirmation counts, and one is asked for seldom.
    erased: bool,
    /// Whether the tenant has put the address on a list: then, too, only a confirmation counts.
    listed: bool,
}

impl Form {
    async fn read(tx: &TenantTx<Write>, point: CollectionPoint) -> Result<Self, StoreError> {
        let choices = collection_point::choices(tx, &point).await?;
        let lists = collection_point::lists(tx, &point).await?;
        Ok(Self {
            point,
            choices,
            lists,
            erased: false,
            listed: false,
        })
    }

    fn chosen<'a>(&'a self, answers: &'a BTreeMap<String, bool>) -> impl Iterator<Item = &'a Choice> {
        self.choices
            .iter()
            .filter(|choice| answers.get(&choice.purpose.code).copied().unwrap_or(false))
    }
}

/// Takes a request to join. A stranger who types somebody's address changes nothing for them beyond one mail.
pub async fn join(
    tx: &mut TenantTx<Write>,
    point: CollectionPoint,
    request: &JoinRequest,
) -> Result<(Joined, Option<Subscriber>), StoreError> {
    tx.require_open()?;
    mailing::hold_news(tx).await?;
    let policy = policy::require_in_force(tx, "collectionPoint").await?;
    let mut form = Form::read(tx, point).await?;
    if collection_point::parties_named(tx, &form.point, policy.id)
        .await?
        .is_none()
    {
        let message = "the policy in force does not name an outside party of this form: publish it anew";
        return Err(StoreError::conflict("collectionPoint", message));
    }
    check_fields(&collection_point::fields(tx, &form.point).await?, request)?;
    check_answers(&form, request)?;
    let evidence = request.evidence.as_deref();
    let evidence = evidence
        .map(|note| text::lines("evidence", note, MAX_EVIDENCE_CHARS))
        .transpose()?
        .filter(|note| !note.is_empty());
    let hash = tx.address_hasher().hash(&request.email);
    suppression::operator::heed(tx, &request.email, None).await?;
    let suppressions = suppression::of_address(tx, hash).await?;
    if let Some(refusal) = held_back(suppressions, request.source) {
        let known = subscriber::by_address(tx, hash).await?;
        if request.source == ConsentSource::Api {
            let about = known.as_ref().map(|person| person.id);
            let refused = Change::to(json!({ "refused": refusal }));
            tx.audit_about(AuditAct::JoinRequested, about, &refused)?;
        }
        return Ok((Joined::Refused(refusal), known));
    }
    form.erased = suppressions.contains(SuppressionReason::Erased);
    form.listed = request.source == ConsentSource::Form && suppression::is_listed(tx, hash).await?;
    let given = Given {
        email: request.email.clone(),
        name: request.name.trim().to_owned(),
        company: request.company.trim().to_owned(),
        language: form.point.language.clone(),
    };
    let person = subscriber::take_in(tx, &given, policy.id, Some(form.point.id)).await?;
    let occasion = Occasion {
        source: request.source,
        policy: policy.id,
        point: Some(form.point.id),
        evidence,
        form: Some(shown::at_form(tx, &form.point, &policy, request.source).await?),
    };
    let chosen = form.chosen(&request.choices).map(|choice| choice.purpose.id);
    let chosen = chosen.collect();
    let lists = lists_for(tx, form.lists.clone(), &chosen).await?;
    let joined = answer(tx, &form, &person, &lists, &occasion, request).await?;
    if request.source == ConsentSource::Api {
        let asked = Change::to(json!({ "collectionPoint": form.point.slug, "choices": request.choices }));
        tx.audit_about(AuditAct::JoinRequested, Some(person.id), &asked)?;
    }
    Ok((joined, Some(subscriber::by_id(tx, person.id).await?)))
}

fn held_back(suppressions: Suppressions, source: ConsentSource) -> Option<Refusal> {
    let reasons = [
        (SuppressionReason::OptedOutOfAll, Refusal::OptedOutOfAll),
        (SuppressionReason::Complained, Refusal::Complained),
        (SuppressionReason::HardBounced, Refusal::HardBounced),
        (SuppressionReason::HeldByOperator, Refusal::HeldByOperator),
        (SuppressionReason::Listed, Refusal::Suppressed),
        (SuppressionReason::Erased, Refusal::Erased),
    ];
    let holds =
        |reason: SuppressionReason| suppressions.contains(reason) && reason.holds_back_joining(source);
    reasons
        .into_iter()
        .find(|(reason, _)| holds(*reason))
        .map(|(_, refusal)| refusal)
}

/// The lists of a form that the purposes chosen lead to: those used for something chosen, and those used for
/// nothing that has to be chosen.
pub async fn lists_for<M>(
    tx: &TenantTx<M>,
    of_form: Vec<MailingList>,
    chosen: &BTreeSet<PurposeId>,
) -> Result<Vec<MailingList>, StoreError> {
    let ids: Vec<_> = of_form.iter().map(|list| list.id).collect();
    let purposes = purpose::of_lists(tx, &ids).await?;
    let is_for_it = |list: &MailingList| {
        let of_list = purposes.get(&list.id).into_iter().flatten();
        let mut to_choose = of_list.filter(|purpose| purpose.kind.needs_consent()).peekable();
        to_choose.peek().is_none() || to_choose.any(|purpose| chosen.contains(&purpose.id))
    };
    Ok(of_form.into_iter().filter(is_for_it).collect())
}

async fn answer(
    tx: &mut TenantTx<Write>,
    form: &Form,
    person: &Subscriber,
    lists: &[MailingList],
    occasion: &Occasion,
    request: &JoinRequest,
) -> Result<Joined, StoreError> {
    if lists.is_empty() {
        let advice = "none of this form's lists is for what was chosen: choose something else";
        return Err(StoreError::conflict("choices", advice));
    }
    let counts = request.source.may_speak_for_them(occasion.evidence.is_some());
    let single =
        counts && !form.erased && !form.listed && lists.iter().all(|list| list.opt_in == OptIn::Single);
    let wanted = if single {
        ConsentState::Given
    } else {
        ConsentState::Requested
    };
    let mut states = Vec::new();
    let mut changed = false;
    for choice in &form.choices {
        let yes = request
            .choices
            .get(&choice.purpose.code)
            .copied()
            .unwrap_or(false);
        let wanted = if yes { wanted } else { ConsentState::Refused };
        let before = consent::state(tx, person.id, choice.purpose.id).await?;
        let after = consent::record(
            tx,
            person,
            choice.purpose.id,
            wanted,
            Some(&choice.wording),
            occasion,
        )
        .await?;
        if yes {
            changed |= before != after;
            states.push(after);
        }
    }
    let consented = states.iter().all(|state| *state == Some(ConsentState::Given));
    let mut active = true;
    let joined = subscription::of_subscriber(tx, person.id).await?;
    for list in lists {
        let before = joined.get(&list.id).copied();
        let may_join = single && consented && before != Some(SubscriptionState::Ended);
        let after = if may_join {
            SubscriptionState::Active
        } else {
            SubscriptionState::after_request(before)
        };
        changed |= before != Some(after);
        active &= after == SubscriptionState::Active;
        subscription::set(tx, person.id, list.id, before, after).await?;
    }
    match (consented && active, changed) {
        (true, true) => welcome(tx, person.id, &form.point.language)
            .await
            .map(|()| Joined::Subscribed),
        (true, false) => Ok(Joined::AlreadySubscribed),
        (false, _) => ask(tx, form, person, request).await,
    }
}

/// How many confirmation mails may go to an address, and within what time.
fn limits(erased: bool) -> (Duration, usize) {
    if erased {
        (ASK_ERASED_AGAIN_AFTER, 1)
    } else {
        (Duration::from_hours(24), MAX_ASKED_A_DAY)
    }
}

/// Sends one confirmation mail, unless the same form did a few minutes ago, or too many were sent today.
async fn ask(
    tx: &mut TenantTx<Write>,
    form: &Form,
    person: &Subscriber,
    request: &JoinRequest,
) -> Result<Joined, StoreError> {
    let (within, at_most) = limits(form.erased);
    let since = tx.now().before(within);
    let asked = tx
        .find::<row::Entity>()
        .filter(row::Column::SubscriberId.eq(person.id.uuid()))
        .filter(row::Column::RequestedAt.gt(since.micros()))
        .all(tx.conn())
        .await?;
    let purposes: Vec<PurposeId> = form
        .chosen(&request.choices)
        .map(|choice| choice.purpose.id)
        .collect();
    let purposes =
        serde_json::to_string(&purposes).map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let recent = |asked: &row::Model| {
        asked.confirmed_at.is_none()
            && asked.purposes == purposes
            && asked.collection_point_id == form.point.id.uuid()
            && asked.version == form.point.version
            && tx.now().since(Timestamp::from_micros(asked.requested_at)) < ASK_AGAIN_AFTER
    };
    if asked.len() >= at_most || asked.iter().any(recent) {
        return Ok(Joined::ConfirmationSent);
    }
    let id: OptInId = new_id(tx.now());
    let row = row::ActiveModel {
        tenant_id: Set(tx.uuid()),
        id: Set(id.uuid()),
        subscriber_id: Set(person.id.uuid()),
        collection_point_id: Set(form.point.id.uuid()),
        version: Set(form.point.version),
        language: Set(form.point.language.to_string()),
        purposes: Set(purposes),
        requested_at: Set(tx.now().micros()),
        expires_at: Set(tx.now().after(CONFIRM_WITHIN).micros()),
        confirmed_at: Set(None),
    };
    row::Entity::insert(row).exec_without_returning(tx.conn()).await?;
    let purpose = purpose::by_code(tx, "choices", CONFIRMATION.code).await?;
    let subject = match request.source {
        ConsentSource::Import => Subject::BroughtOptIn(id, person.id),
        _ => Subject::OptIn(id, person.id),
    };
    mailing::create(tx, MailingKind::Confirmation, purpose.id, subject, tx.now()).await?;
    Ok(Joined::ConfirmationSent)
}

/// What happens once when a person is on their first list, by confirming or because signing up was enough.
///
/// The language of what they confirmed is theirs from now on: it was their own act.
async fn welcome(tx: &mut TenantTx<Write>, of: SubscriberId, language: &Language) -> Result<(), StoreError> {
    let now = tx.now().micros();
    tx.execute(
        "UPDATE subscriber SET confirmed_at = COALESCE(confirmed_at, $3), language = $4
         WHERE tenant_id = $1 AND id = $2",
        [of.uuid().into(), now.into(), language.as_str().into()],
    )
    .await?;
    mailing::tell_newcomer(tx, of).await
}
