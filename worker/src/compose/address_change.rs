//! The question whether an address is yours at which somebody wants to be reached. It goes to that address and says
//! nothing of the person, who may have mistyped it.

use std::collections::BTreeMap;

use assent_domain::campaign::BodyFormat;
use assent_domain::clock::Timestamp;
use assent_domain::id::AddressChangeId;
use assent_domain::permit::{Recipient, Refusal};
use assent_entity::claim::Claim;
use assent_entity::link::Reader;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;

use super::links::Links;
use super::{Letter, campaign::source_of};
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::{Footer, SubscriberVariables, Template, TenantVariables, Variables};

const SUBJECT: &str = "{{ tenant.name }}: is this your new address?";

const BODY: &str = r#"<h1>Is this your new address?</h1>
<p>Somebody, we hope you, asked {{ tenant.name }} to write to {{ subscriber.email }} from now on, in place of another
address.</p>
<p><a href="{{ confirm_url }}">Yes, this is my address</a></p>
<p>If it was not you, do nothing: without your confirmation nothing changes. The link is good for 7 days.</p>
<p>How {{ tenant.name }} uses information is in its <a href="{{ policy_url }}">privacy policy</a>.</p>
<p>{{ tenant.name }}<br>{{ tenant.postal_address }}</p>
"#;

pub(super) struct Content {
    template: Template,
    links: Links,
    change: AddressChangeId,
}

impl Content {
    pub(super) fn load(mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let change = mailing
            .address_change
            .ok_or_else(|| JobError::Stop("a mailing about no change of address".to_owned()))?;
        let source = source_of(SUBJECT, BodyFormat::Html, BODY);
        let template = Template::compile_with(&source, Footer::System, &["confirm_url"])
            .map_err(|error| JobError::Stop(error.to_string()))?;
        Ok(Self {
            template,
            links,
            change,
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let addressee = claim.permit.addressee();
        let Recipient::Subscriber(of) = addressee.recipient else {
            let reason = "a change of address is a subscriber's".to_owned();
            return Err((Refusal::NotRendered, reason));
        };
        let to = Reader {
            subscriber: of,
            mailbox: &addressee.address,
        };
        let confirm_url = self.links.change_address(to, self.change, now);
        let variables = Variables {
            subscriber: SubscriberVariables {
                email: &addressee.address.expose(),
                name: "",
                company: "",
            },
            tenant: TenantVariables {
                name: &tenant.name,
                postal_address: &tenant.postal_address,
            },
            unsubscribe_url: "",
            preferences_url: "",
            policy_url: &self.links.policy(),
            data_url: &self.links.data(),
            extra: BTreeMap::from([("confirm_url", confirm_url.as_str())]),
        };
        let rendered = self
            .template
            .render(&variables)
            .map_err(|error| (Refusal::NotRendered, error.to_string()))?;
        Ok(Letter { rendered, list: None })
    }
}
