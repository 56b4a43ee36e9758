//! The question whether it was you who signed up (P04), with exactly what you are about to agree to.

use std::collections::BTreeMap;

use assent_domain::campaign::BodyFormat;
use assent_domain::clock::Timestamp;
use assent_domain::id::OptInId;
use assent_domain::permit::{Recipient, Refusal};
use assent_entity::claim::Claim;
use assent_entity::link::Reader;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;
use assent_entity::{TenantTx, opt_in};

use super::links::Links;
use super::{Letter, campaign::source_of};
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::{Footer, SubscriberVariables, Template, TenantVariables, Variables};

const SUBJECT: &str = "{{ tenant.name }}: please confirm that it was you";

const BODY: &str = r#"<h1>Was it you?</h1>
<p>Somebody, we hope you, entered {{ subscriber.email }} at {{ tenant.name }} and asked for this:</p>
<p>{{ asked_for }}</p>
<p><a href="{{ confirm_url }}">Yes, it was me</a></p>
<p>If it was not you, do nothing: without your confirmation none of this is sent to you. The link is good for
7 days.</p>
<p>How {{ tenant.name }} uses information is in its <a href="{{ policy_url }}">privacy policy</a>.</p>
<p>{{ tenant.name }}<br>{{ tenant.postal_address }}</p>
"#;

pub(super) struct Content {
    template: Template,
    links: Links,
    opt_in: OptInId,
    asked_for: String,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let opt_in = mailing
            .opt_in
            .ok_or_else(|| JobError::Stop("a confirmation without opt-in".to_owned()))?;
        let source = source_of(SUBJECT, BodyFormat::Html, BODY);
        let template = Template::compile_with(&source, Footer::System, &["asked_for", "confirm_url"])
            .map_err(|error| JobError::Stop(error.to_string()))?;
        let asked_for = opt_in::statements(tx, opt_in).await?.join("\n");
        Ok(Self {
            template,
            links,
            opt_in,
            asked_for,
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let addressee = claim.permit.addressee();
        let Recipient::Subscriber(of) = addressee.recipient else {
            return Err((
                Refusal::NotRendered,
                "a confirmation goes to a subscriber".to_owned(),
            ));
        };
        let to = Reader {
            subscriber: of,
            mailbox: &addressee.address,
        };
        let confirm_url = self.links.confirm(to, self.opt_in, now);
        let variables = Variables {
            subscriber: SubscriberVariables {
                email: &addressee.address.expose(),
                name: &claim.name,
                company: &claim.company,
            },
            tenant: TenantVariables {
                name: &tenant.name,
                postal_address: &tenant.postal_address,
            },
            unsubscribe_url: "",
            preferences_url: "",
            policy_url: &self.links.policy(),
            data_url: &self.links.data(),
            extra: BTreeMap::from([
                ("asked_for", self.asked_for.as_str()),
                ("confirm_url", confirm_url.as_str()),
            ]),
        };
        let rendered = self
            .template
            .render(&variables)
            .map_err(|error| (Refusal::NotRendered, error.to_string()))?;
        Ok(Letter { rendered, list: None })
    }
}
