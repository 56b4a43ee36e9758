//! Taking a request to join: what a stranger may change by it, and what waits for the person.

use std::collections::BTreeMap;

use assent_domain::audit::AuditAct;
use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::mailing_list::{OptIn, SubscriptionState};
use assent_domain::permit::Refusal;
use assent_domain::suppression::{MessageKind, SuppressionReason};
use serde_json::json;

use super::ask::ask;
use super::check::{check_answers, check_fields};
use super::{JoinRequest, Joined, lists_for, welcome};
use crate::audit::Change;
use crate::collection_point::{self, Choice, CollectionPoint};
use crate::consent::{self, Occasion};
use crate::error::StoreError;
use crate::mailing_list::MailingList;
use crate::subscriber::{self, Given, Subscriber};
use crate::text;
use crate::tx::{TenantTx, Write};
use crate::{mailing, policy, subscription, suppression};

/// The longest evidence, in characters.
const MAX_EVIDENCE_CHARS: usize = 2000;

/// What a form is made of, read once.
pub(super) struct Form {
    pub(super) point: CollectionPoint,
    pub(super) choices: Vec<Choice>,
    lists: Vec<MailingList>,
}

impl Form {
    async fn read(tx: &TenantTx<Write>, point: CollectionPoint) -> Result<Self, StoreError> {
        let choices = collection_point::choices(tx, point.id).await?;
        let lists = collection_point::lists(tx, point.id).await?;
        Ok(Self {
            point,
            choices,
            lists,
        })
    }

    pub(super) fn chosen<'a>(
        &'a self,
        answers: &'a BTreeMap<String, bool>,
    ) -> impl Iterator<Item = &'a Choice> {
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
    mailing::hold_news(tx).await?;
    let policy = policy::require_in_force(tx, "collectionPoint").await?;
    let form = Form::read(tx, point).await?;
    check_fields(&collection_point::fields(tx, form.point.id).await?, request)?;
    check_answers(&form, request)?;
    let evidence = request.evidence.as_deref();
    let evidence = evidence
        .map(|note| text::lines("evidence", note, MAX_EVIDENCE_CHARS))
        .transpose()?;
    let hash = tx.address_hasher().hash(&request.email);
    let suppressions = suppression::of_address(tx, hash).await?;
    if let Some(refusal) = held_back(suppressions) {
        let known = subscriber::by_address(tx, hash).await?;
        if request.source == ConsentSource::Api {
            let about = known.as_ref().map(|person| person.id);
            let refused = Change::to(json!({ "refused": refusal }));
            tx.audit_about(AuditAct::JoinRequested, about, &refused)?;
        }
        return Ok((Joined::Refused(refusal), known));
    }
    let given = Given {
        email: request.email.clone(),
        name: request.name.trim().to_owned(),
        company: request.company.trim().to_owned(),
    };
    let person = subscriber::take_in(tx, &given, policy.id, form.point.id).await?;
    let occasion = Occasion {
        source: request.source,
        policy: policy.id,
        point: Some(form.point.id),
        evidence,
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

fn held_back(suppressions: assent_domain::suppression::Suppressions) -> Option<Refusal> {
    let reasons = [
        (SuppressionReason::OptedOutOfAll, Refusal::OptedOutOfAll),
        (SuppressionReason::Complained, Refusal::Complained),
        (SuppressionReason::HardBounced, Refusal::HardBounced),
        (SuppressionReason::Erased, Refusal::Erased),
    ];
    let holds = |reason: SuppressionReason| {
        suppressions.contains(reason) && reason.holds_back(MessageKind::Confirmation)
    };
    reasons
        .into_iter()
        .find(|(reason, _)| holds(*reason))
        .map(|(_, refusal)| refusal)
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
    let single = lists.iter().all(|list| list.opt_in == OptIn::Single);
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
    for list in lists {
        let before = subscription::state(tx, person.id, list.id).await?;
        let may_join = single && consented && before != Some(SubscriptionState::Ended);
        let after = if may_join {
            SubscriptionState::Active
        } else {
            SubscriptionState::after_request(before)
        };
        changed |= before != Some(after);
        active &= after == SubscriptionState::Active;
        subscription::set(tx, person.id, list.id, after).await?;
    }
    match (consented && active, changed) {
        (true, true) => welcome(tx, person.id).await.map(|()| Joined::Subscribed),
        (true, false) => Ok(Joined::AlreadySubscribed),
        (false, _) => ask(tx, form, person, request).await,
    }
}
