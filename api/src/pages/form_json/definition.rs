//! A form as data: what a page of a tenant needs to show it, with the exact words.

use assent_domain::mailing_list::OptIn;
use assent_entity::{StoreError, TenantTx, collection_point};
use serde::Serialize;

use crate::pages::join_form::JoinForm;

/// The definition of a form. All texts are plain text, to be shown as they are.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Definition {
    /// The form's name in addresses.
    slug: String,
    /// Names these words: to be sent back with the answers, with `language`.
    version: String,
    /// The language of `name` and the statements of `choices`.
    language: String,
    /// The languages in which `?lang=` gives the form.
    languages: Vec<String>,
    name: String,
    tenant: Tenant,
    policy: Policy,
    /// To be shown before any field, with the question whether to go on; `goOn` says that the person chose to.
    outside_parties: Vec<Party>,
    /// What people sign up for.
    lists: Vec<String>,
    fields: Vec<Field>,
    /// What is done without a choice: to be stated.
    essential: Vec<Purpose>,
    /// Each its own box, none of them ticked.
    choices: Vec<Choice>,
    /// The words of the box that sets `noMail`.
    no_mail: String,
    /// Whether a mail asks for a confirmation before anything else is sent.
    needs_confirmation: bool,
    /// Where the hosted form is.
    form_url: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    name: String,
    postal_address: String,
    privacy_contact: String,
}

#[derive(Clone, Debug, Serialize)]
struct Policy {
    number: i32,
    url: String,
}

#[derive(Clone, Debug, Serialize)]
struct Party {
    name: String,
    what: String,
    why: String,
}

#[derive(Clone, Debug, Serialize)]
struct Field {
    name: String,
    required: bool,
}

#[derive(Clone, Debug, Serialize)]
struct Purpose {
    name: String,
    description: String,
}

#[derive(Clone, Debug, Serialize)]
struct Choice {
    purpose: String,
    name: String,
    statement: String,
}

impl Definition {
    pub(super) async fn of<M>(tx: &TenantTx<M>, form: &JoinForm, base_url: &str) -> Result<Self, StoreError> {
        let languages = collection_point::languages(tx, &form.point).await?;
        let number = form.policy_number();
        let named = |choice: &collection_point::Choice| {
            let named = form.named.iter().find(|named| named.id == choice.purpose.id);
            named.map_or_else(String::new, |named| named.name.clone())
        };
        let email = Field {
            name: "email".to_owned(),
            required: true,
        };
        let fields = form.asked.iter().map(|asked| Field {
            name: asked.name.to_string(),
            required: asked.required,
        });
        let parties = form.parties.iter().map(|party| Party {
            name: party.name.clone(),
            what: party.what.clone(),
            why: party.why.clone(),
        });
        let essential = form.named.iter().filter(|purpose| !purpose.kind.needs_consent());
        let essential = essential.map(|purpose| Purpose {
            name: purpose.name.clone(),
            description: purpose.description.clone(),
        });
        let choices = form.choices.iter().map(|choice| Choice {
            purpose: choice.purpose.code.clone(),
            name: named(choice),
            statement: choice.statement.clone(),
        });
        Ok(Self {
            slug: form.point.slug.clone(),
            version: form.shown().versions(),
            language: form.point.language.to_string(),
            languages: languages.iter().map(ToString::to_string).collect(),
            name: form.point.name.clone(),
            tenant: Tenant {
                name: form.chrome.tenant_name.clone(),
                postal_address: form.chrome.postal_address.clone(),
                privacy_contact: form.chrome.privacy_contact.clone(),
            },
            policy: Policy {
                number,
                url: format!("{base_url}{}", form.chrome.policy_version_path(number)),
            },
            outside_parties: parties.collect(),
            lists: form.lists.iter().map(|list| list.name.clone()).collect(),
            fields: std::iter::once(email).chain(fields).collect(),
            essential: essential.collect(),
            choices: choices.collect(),
            no_mail: "Send no mail of any sort to this address".to_owned(),
            needs_confirmation: form.lists.iter().any(|list| list.opt_in == OptIn::Double),
            form_url: format!("{base_url}{}", form.path()),
        })
    }
}
