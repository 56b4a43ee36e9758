//! News of a policy version (P08): to every member, and to every subscriber whose data is held.

use std::collections::BTreeMap;

use assent_domain::clock::Timestamp;
use assent_domain::permit::{Recipient, Refusal};
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::policy::{self, PolicyVersion};
use assent_entity::tenant::Tenant;
use assent_entity::{StoreError, TenantTx};

use super::links::Links;
use super::{Letter, campaign::source_of};
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::{Footer, SubscriberVariables, Template, TenantVariables, Variables};
use assent_domain::campaign::BodyFormat;

const SUBJECT: &str = "{{ tenant.name }}: our privacy policy changes on {{ effective_on }}";

const BODY: &str = r#"<h1>Our privacy policy changes</h1>
<p>From {{ effective_on }} a new version of the privacy policy of {{ tenant.name }} applies. Until then the
present one does.</p>
{% if summary %}<h2>What changes</h2>
<p>{{ summary }}</p>
{% endif %}<p><a href="{{ version_url }}">Read the new version</a> or
<a href="{{ policy_url }}">compare it with the present one</a>.</p>
{% if preferences_url %}<p>What you have agreed to stays as it is.
<a href="{{ preferences_url }}">See or change your choices</a>.</p>
{% endif %}<p>You get this message because {{ tenant.name }} holds information about you and promised to tell
you before its policy changes.</p>
<p>{{ tenant.name }}<br>{{ tenant.postal_address }}</p>
"#;

pub(super) struct Content {
    template: Template,
    links: Links,
    effective_on: String,
    summary: String,
    version_url: String,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let id = mailing
            .policy_version
            .ok_or_else(|| JobError::Stop("a notice without its version".to_owned()))?;
        let version = policy::by_id(tx, id).await?;
        let source = source_of(SUBJECT, BodyFormat::Html, BODY);
        let template =
            Template::compile_with(&source, Footer::None, &["effective_on", "summary", "version_url"])
                .map_err(|error| JobError::Stop(error.to_string()))?;
        Ok(Self {
            template,
            effective_on: effective_on(&version)?,
            version_url: links.policy_version(version.times.number),
            summary: version.summary,
            links,
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let addressee = claim.permit.addressee();
        let preferences_url = match addressee.recipient {
            Recipient::Subscriber(of) => self.links.preferences(of, now),
            Recipient::Member(_) => String::new(),
        };
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
            unsubscribe_url: &preferences_url,
            preferences_url: &preferences_url,
            policy_url: &self.links.policy(),
            extra: BTreeMap::from([
                ("effective_on", self.effective_on.as_str()),
                ("summary", self.summary.as_str()),
                ("version_url", self.version_url.as_str()),
            ]),
        };
        let rendered = self
            .template
            .render(&variables)
            .map_err(|error| (Refusal::NotRendered, error.to_string()))?;
        Ok(Letter { rendered, list: None })
    }
}

fn effective_on(version: &PolicyVersion) -> Result<String, JobError> {
    let at = version
        .times
        .effective_at
        .ok_or(StoreError::NotFound("date of the policy version"))?;
    Ok(at.to_utc().format("%-d %B %Y").to_string())
}
