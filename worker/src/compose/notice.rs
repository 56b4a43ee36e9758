//! News of a policy version (P08): to every member, and to every subscriber whose data is held.

use std::collections::BTreeMap;

use assent_domain::clock::Timestamp;
use assent_domain::id::PolicyVersionId;
use assent_domain::permit::{Recipient, Refusal};
use assent_domain::policy::PolicyNews;
use assent_entity::choice;
use assent_entity::claim::Claim;
use assent_entity::link::Reader;
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

const SUBJECT_POSTED: &str = "{{ tenant.name }}: our privacy policy changes on {{ effective_on }}";

const BODY_POSTED: &str = r#"<h1>Our privacy policy changes</h1>
<p>From {{ effective_on }} a new version of the privacy policy of {{ tenant.name }} applies. Until then the
present one does.</p>
{% if summary %}<h2>What changes</h2>
<p>{{ summary }}</p>
{% endif %}<p><a href="{{ version_url }}">Read the new version</a>{% if comparison_url %} or
<a href="{{ comparison_url }}">compare it with the present one</a>{% endif %}.</p>
{% if choices_url %}<h2>What we ask you</h2>
{% if additions %}<p>With it, {{ tenant.name }} would like to use your information for more than it was collected
for:</p>
<p>{{ additions }}</p>
{% endif %}{% if parties %}<p>With it, {{ tenant.name }} would like to let others have information about you:</p>
<p>{{ parties }}</p>
{% endif %}<p>That is up to you. <a href="{{ choices_url }}">Say yes or no</a>. If you say nothing, it counts as no.</p>
{% endif %}{% if preferences_url %}<p>What you have agreed to stays as it is.
<a href="{{ preferences_url }}">See or change your choices</a>.</p>
{% endif %}"#;

const SUBJECT_POSTPONED: &str = "{{ tenant.name }}: our privacy policy changes later, on {{ effective_on }}";

const BODY_POSTPONED: &str = r#"<h1>Our privacy policy changes later</h1>
<p>The new version of the privacy policy of {{ tenant.name }} that we told you of applies later than we said: from
{{ effective_on }}. Until then the present one does.</p>
<p><a href="{{ version_url }}">Read the new version</a>{% if comparison_url %} or
<a href="{{ comparison_url }}">compare it with the present one</a>{% endif %}.</p>
"#;

const SUBJECT_WITHDRAWN: &str = "{{ tenant.name }}: our privacy policy does not change after all";

const BODY_WITHDRAWN: &str = r#"<h1>Our privacy policy does not change after all</h1>
<p>{{ tenant.name }} has taken back the new version of its privacy policy that was to apply from
{{ effective_on }}. <a href="{{ policy_url }}">The present one</a> goes on to apply.</p>
<p>What was taken back <a href="{{ version_url }}">can still be read</a>.</p>
"#;

const CLOSING: &str = r"<p>You get this message because {{ tenant.name }} holds information about you and promised to tell
you of its policy's changes before they take effect.</p>
<p>{{ tenant.name }}<br>{{ tenant.postal_address }}</p>
";

fn words(news: PolicyNews) -> (&'static str, &'static str) {
    match news {
        PolicyNews::Posted => (SUBJECT_POSTED, BODY_POSTED),
        PolicyNews::Postponed => (SUBJECT_POSTPONED, BODY_POSTPONED),
        PolicyNews::Withdrawn => (SUBJECT_WITHDRAWN, BODY_WITHDRAWN),
    }
}

/// What the templates may name beside what every mail has.
const VARIABLES: &[&str] = &[
    "effective_on",
    "summary",
    "version_url",
    "comparison_url",
    "choices_url",
    "additions",
    "parties",
];

pub(super) struct Content {
    template: Template,
    links: Links,
    effective_on: String,
    summary: String,
    version_url: String,
    /// Empty where nothing was in force before.
    comparison_url: String,
    version: PolicyVersionId,
    /// The names of the uses that people are asked for; empty where the version adds none.
    additions: String,
    /// The names of the outside parties that people are asked for; empty where the version adds none.
    parties: String,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let (Some(id), Some(news)) = (mailing.policy_version, mailing.news) else {
            return Err(JobError::Stop("a notice without its version".to_owned()));
        };
        let version = policy::by_id(tx, id).await?;
        let present = policy::in_force(tx).await?;
        let (subject, body) = words(news);
        let source = source_of(subject, BodyFormat::Html, &format!("{body}{CLOSING}"));
        let template = Template::compile_with(&source, Footer::System, VARIABLES)
            .map_err(|error| JobError::Stop(error.to_string()))?;
        let comparison_url = present
            .filter(|present| present.id != version.id)
            .map(|present| links.policy_comparison(present.times.number, version.times.number));
        let added = choice::added_by(tx, id).await?;
        let purposes: Vec<_> = added.purposes.into_iter().map(|purpose| purpose.name).collect();
        let parties: Vec<_> = added.parties.into_iter().map(|party| party.name).collect();
        Ok(Self {
            version: id,
            additions: purposes.join(", "),
            parties: parties.join(", "),
            template,
            effective_on: effective_on(&version)?,
            version_url: links.policy_version(version.times.number),
            comparison_url: comparison_url.unwrap_or_default(),
            summary: version.summary,
            links,
        })
    }

    /// Whether the version adds anything that people have to be asked for (P11).
    fn asks(&self) -> bool {
        !self.additions.is_empty() || !self.parties.is_empty()
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let addressee = claim.permit.addressee();
        let to = match addressee.recipient {
            Recipient::Subscriber(subscriber) => Some(Reader {
                subscriber,
                mailbox: &addressee.address,
            }),
            Recipient::Member(_) => None,
        };
        let preferences_url = to.map_or_else(String::new, |to| self.links.preferences(to, now));
        let choices_url = match to {
            Some(to) if self.asks() => self.links.choices(to, self.version, now),
            _ => String::new(),
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
            data_url: &self.links.data(),
            extra: BTreeMap::from([
                ("effective_on", self.effective_on.as_str()),
                ("summary", self.summary.as_str()),
                ("version_url", self.version_url.as_str()),
                ("comparison_url", self.comparison_url.as_str()),
                ("choices_url", choices_url.as_str()),
                ("additions", self.additions.as_str()),
                ("parties", self.parties.as_str()),
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
