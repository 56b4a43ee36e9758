//! Asking those whom a tenant brings along without evidence of their permission, by the words of a form (P01).

use std::collections::BTreeMap;

use assent_domain::consent::{ConsentSource, ConsentState};
use assent_domain::id::{CollectionPointId, MailingListId, PolicyVersionId, PurposeId};
use assent_domain::mailing_list::SubscriptionState;

use super::{Form, JoinRequest, ask, shown};
use crate::consent::{self, Occasion};
use crate::error::StoreError;
use crate::subscriber::Subscriber;
use crate::tx::{TenantTx, Write};
use crate::{collection_point, policy, subscription};

/// Asks people to confirm what a tenant says of them.
pub(crate) struct Asker {
    form: Form,
    list: MailingListId,
    /// What they are asked for, by the codes of its purposes.
    choices: BTreeMap<String, bool>,
    occasion: Occasion,
}

impl Asker {
    /// By a form's words for these purposes; `None` where it has no words for any of them, does not lead to the list any
    /// more, or brings in somebody whom the policy does not name (P13).
    pub(crate) async fn open(
        tx: &TenantTx<Write>,
        form: CollectionPointId,
        list: MailingListId,
        purposes: &[PurposeId],
        policy: PolicyVersionId,
    ) -> Result<Option<Self>, StoreError> {
        let point = collection_point::by_id(tx, form).await?;
        let lists = collection_point::lists(tx, &point).await?;
        let leads_there = lists.iter().any(|of| of.id == list);
        let names_all = collection_point::parties_named(tx, &point, policy).await?;
        if !leads_there || names_all.is_none() {
            return Ok(None);
        }
        let version = policy::by_id(tx, policy).await?;
        let occasion = Occasion {
            source: ConsentSource::Import,
            policy,
            point: Some(point.id),
            evidence: None,
            form: Some(shown::at_form(tx, &point, &version, ConsentSource::Import).await?),
        };
        let form = Form::read(tx, point).await?;
        let choices = form
            .choices
            .iter()
            .filter(|choice| purposes.contains(&choice.purpose.id));
        let choices: BTreeMap<_, _> = choices
            .map(|choice| (choice.purpose.code.clone(), true))
            .collect();
        Ok((!choices.is_empty()).then_some(Self {
            form,
            list,
            choices,
            occasion,
        }))
    }

    /// Asks somebody, whose row is locked, for what they have not said no to.
    pub(crate) async fn ask(&self, tx: &mut TenantTx<Write>, person: &Subscriber) -> Result<(), StoreError> {
        let mut choices = self.choices.clone();
        for choice in self.form.chosen(&self.choices) {
            let said = consent::state(tx, person.id, choice.purpose.id).await?;
            if said.is_some_and(ConsentState::is_no) {
                choices.remove(&choice.purpose.code);
            }
        }
        for choice in self.form.chosen(&choices) {
            let (purpose, words) = (choice.purpose.id, Some(&choice.wording));
            consent::record(
                tx,
                person,
                purpose,
                ConsentState::Requested,
                words,
                &self.occasion,
            )
            .await?;
        }
        let before = subscription::state(tx, person.id, self.list).await?;
        let after = SubscriptionState::after_request(before);
        subscription::set(tx, person.id, self.list, before, after).await?;
        let request = JoinRequest {
            email: person.email.clone(),
            name: String::new(),
            company: String::new(),
            choices,
            source: ConsentSource::Import,
            evidence: None,
        };
        ask(tx, &self.form, person, &request).await?;
        Ok(())
    }
}
