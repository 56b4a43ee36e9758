//! The form of a collection point: read from the store once, shown as often as it takes.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::StatusCode;
use assent_domain::collection_point::FieldName;
use assent_domain::id::PurposeId;
use assent_domain::mailing_list::OptIn;
use assent_entity::collection_point::{self, Choice, CollectionPoint, Field as Asked};
use assent_entity::mailing_list::MailingList;
use assent_entity::policy::{self, NamedParty, NamedPurpose, PolicyVersion};
use assent_entity::{StoreError, TenantTx, opt_in};

use super::error::PageError;
use super::flaw::Flaw;
use super::posted::Posted;
use super::shown::{Asked as AskedFor, Shown};
use super::tenant;
use super::terms::{essential, list_names, outside_party, policy_ref};
use super::views::{Chrome, Field, JoinPage, JoinPartiesPage, MessagePage, PurposeChoice, PurposeText};

/// What a form is made of.
pub(super) struct JoinForm {
    pub(super) chrome: Chrome,
    pub(super) point: CollectionPoint,
    pub(super) policy: PolicyVersion,
    pub(super) named: Vec<NamedPurpose>,
    pub(super) asked: Vec<Asked>,
    pub(super) choices: Vec<Choice>,
    pub(super) lists: Vec<MailingList>,
    pub(super) parties: Vec<NamedParty>,
}

/// What is wrong with what somebody sent, by field.
#[derive(Default)]
pub(super) struct Wrong {
    pub(super) errors: BTreeMap<&'static str, Flaw>,
}

impl Wrong {
    /// Notes what is wrong with a field. The first thing counts.
    pub(super) fn with(&mut self, field: &'static str, flaw: Flaw) {
        self.errors.entry(field).or_insert(flaw);
    }

    /// Whether nothing is.
    pub(super) fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }
}

impl JoinForm {
    /// Reads the form. A choice that the policy in force no longer names is not offered (P10).
    pub(super) async fn read<M>(
        tx: &TenantTx<M>,
        chrome: Chrome,
        point: CollectionPoint,
    ) -> Result<Self, PageError> {
        tenant::require_open(&chrome)?;
        let Some(policy) = policy::in_force(tx).await? else {
            return Err(closed(chrome));
        };
        let named = policy::purposes_of(tx, policy.id).await?;
        // Nor does a form bring anybody in whom it does not name (P13).
        let Some(parties) = collection_point::parties_named(tx, &point, policy.id).await? else {
            return Err(closed(chrome));
        };
        let mut choices = collection_point::choices(tx, &point).await?;
        let had_choices = !choices.is_empty();
        choices.retain(|choice| named.iter().any(|named| named.id == choice.purpose.id));
        if had_choices && choices.is_empty() {
            return Err(closed(chrome));
        }
        Ok(Self {
            asked: collection_point::fields(tx, &point).await?,
            lists: collection_point::lists(tx, &point).await?,
            chrome,
            point,
            policy,
            named,
            choices,
            parties,
        })
    }

    /// Names the words on the form, for the answers to come back with.
    pub(super) fn shown(&self) -> Shown {
        Shown {
            version: self.point.version,
            policy: self.policy_number(),
            language: self.point.language.clone(),
        }
    }

    /// The number of the policy version in force.
    pub(super) fn policy_number(&self) -> i32 {
        self.policy.times.number
    }

    /// Whether others get what is entered, so that people are asked first whether to go on (P13).
    pub(super) fn brings_parties(&self) -> bool {
        !self.parties.is_empty()
    }

    /// The page that asks them.
    pub(super) fn parties_page(self, asked: &AskedFor) -> JoinPartiesPage {
        let in_language = match &asked.language {
            Some(_) => format!("&lang={}", self.point.language),
            None => String::new(),
        };
        JoinPartiesPage {
            go_on_path: format!("{}?go_on=1{in_language}", self.path()),
            leave_path: self.leave_path(),
            title: self.point.name,
            language: self.point.language.to_string(),
            outside_parties: self.parties.into_iter().map(outside_party).collect(),
            chrome: self.chrome,
        }
    }

    fn leave_path(&self) -> String {
        format!("{}?leave=1", self.path())
    }

    /// Where the form is.
    pub(super) fn path(&self) -> String {
        path(&self.chrome, &self.point)
    }

    /// Whether the form asks for this.
    pub(super) fn asks_for(&self, name: FieldName) -> bool {
        self.asked.iter().any(|asked| asked.name == name)
    }

    /// Notes every question that has to be answered and was not, so that all are shown at once.
    pub(super) fn note_missing(&self, posted: &Posted, wrong: &mut Wrong) {
        for asked in self.asked.iter().filter(|asked| asked.required) {
            let (name, flaw) = match asked.name {
                FieldName::Name => ("name", Flaw::NameNeeded),
                FieldName::Company => ("company", Flaw::CompanyNeeded),
            };
            if posted.typed(name).trim().is_empty() {
                wrong.with(name, flaw);
            }
        }
        let chosen = self.answers(posted).into_values().any(|yes| yes);
        if !self.choices.is_empty() && !chosen {
            wrong.with("choices", Flaw::NothingChosen);
        }
    }

    /// The answer to each choice that the form offers.
    pub(super) fn answers(&self, posted: &Posted) -> BTreeMap<String, bool> {
        let ticked: BTreeSet<_> = posted.all("purpose").collect();
        let answer = |choice: &Choice| {
            let code = choice.purpose.code.clone();
            let yes = ticked.contains(code.as_str());
            (code, yes)
        };
        self.choices.iter().map(answer).collect()
    }

    /// Whether one of the lists that the answers lead to asks for a confirmation. It follows from the form
    /// alone, never from who is known.
    pub(super) async fn needs_confirmation<M>(
        &self,
        tx: &TenantTx<M>,
        answers: &BTreeMap<String, bool>,
    ) -> Result<bool, StoreError> {
        let chosen: BTreeSet<PurposeId> = self
            .choices
            .iter()
            .filter(|choice| answers.get(&choice.purpose.code) == Some(&true))
            .map(|choice| choice.purpose.id)
            .collect();
        let lists = opt_in::lists_for(tx, self.lists.clone(), &chosen).await?;
        Ok(lists.iter().any(|list| list.opt_in == OptIn::Double))
    }

    /// The form as it is shown first: empty, nothing ticked (P12).
    pub(super) fn empty(self) -> JoinPage {
        let email = Field::required();
        let field = |name| {
            let asked = self.asked.iter().find(|asked| asked.name == name)?;
            Some(if asked.required {
                Field::required()
            } else {
                Field::optional()
            })
        };
        let (name, company) = (field(FieldName::Name), field(FieldName::Company));
        JoinPage {
            shown: self.shown().to_string(),
            leave_path: self.leave_path(),
            title: self.point.name,
            language: self.point.language.to_string(),
            intro: None,
            policy: policy_ref(&self.policy),
            outside_parties: self.parties.into_iter().map(outside_party).collect(),
            lists: list_names(&self.lists),
            email,
            name,
            company,
            essential: essential(&self.named),
            choices: choices(&self.choices, &self.named),
            choices_error: None,
            no_mail: false,
            needs_confirmation: self.lists.iter().any(|list| list.opt_in == OptIn::Double),
            chrome: self.chrome,
        }
    }

    /// The form with what was sent and what is wrong with it.
    pub(super) fn again(self, posted: &Posted, mut wrong: Wrong) -> JoinPage {
        let words = self.chrome.tongue.words;
        let mut page = self.empty();
        let mut fill = |field: &mut Field, name: &'static str| {
            posted.typed(name).clone_into(&mut field.value);
            field.error = wrong.errors.remove(name).map(|flaw| flaw.say(words));
        };
        fill(&mut page.email, "email");
        if let Some(name) = &mut page.name {
            fill(name, "name");
        }
        if let Some(company) = &mut page.company {
            fill(company, "company");
        }
        page.choices_error = wrong.errors.remove("choices").map(|flaw| flaw.say(words));
        page.no_mail = posted.is_ticked("no_mail");
        page
    }

    /// The form with what was sent, after its words have changed: they are to be read again, so nothing is
    /// ticked.
    pub(super) fn anew(self, posted: &Posted) -> JoinPage {
        let mut wrong = Wrong::default();
        wrong.with("choices", Flaw::WordsChanged);
        self.again(posted, wrong)
    }
}

/// Ticks what was ticked before.
pub(super) fn tick(mut page: JoinPage, answers: &BTreeMap<String, bool>) -> JoinPage {
    for choice in &mut page.choices {
        choice.ticked = answers.get(&choice.code) == Some(&true);
    }
    page
}

/// Where the form of a collection point is.
pub(super) fn path(chrome: &Chrome, point: &CollectionPoint) -> String {
    format!("/t/{}/join/{}", chrome.slug, point.slug)
}

fn choices(choices: &[Choice], named: &[NamedPurpose]) -> Vec<PurposeChoice> {
    let show = |choice: &Choice| {
        let named = named.iter().find(|named| named.id == choice.purpose.id)?;
        Some(PurposeChoice {
            code: choice.purpose.code.clone(),
            text: PurposeText {
                name: named.name.clone(),
                statement: choice.statement.clone(),
            },
            ticked: false,
        })
    };
    choices.iter().filter_map(show).collect()
}

fn closed(chrome: Chrome) -> PageError {
    PageError::new(StatusCode::CONFLICT, MessagePage::form_closed(chrome))
}
