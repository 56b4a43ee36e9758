//! The question whether a yes still stands that is about to run out: one mail a person for all of theirs, sent once.
//! Silence lets it run out.

use std::collections::BTreeMap;

use assent_domain::campaign::BodyFormat;
use assent_domain::clock::Timestamp;
use assent_domain::id::SubscriberId;
use assent_domain::permit::{Recipient, Refusal};
use assent_entity::claim::Claim;
use assent_entity::link::Reader;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;
use assent_entity::{TenantTx, expiry};

use super::links::Links;
use super::{Letter, campaign::source_of};
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::{Footer, SubscriberVariables, Template, TenantVariables, Variables};

const SUBJECT: &str = "{{ tenant.name }}: may we go on writing to you?";

const BODY: &str = r#"<h1>May we go on writing to you?</h1>
<p>Some time ago you agreed to this at {{ tenant.name }}:</p>
<p>{{ agreed_to }}</p>
<p>Your yes lasts until {{ ends_on }}. <a href="{{ renew_url }}">Say whether it still stands</a>.</p>
<p>If you do nothing, it ends by itself, and we do not ask again.</p>
<p><a href="{{ preferences_url }}">See or change all your choices</a>. How {{ tenant.name }} uses information is in its
<a href="{{ policy_url }}">privacy policy</a>.</p>
<p>{{ tenant.name }}<br>{{ tenant.postal_address }}</p>
"#;

pub(super) struct Content {
    template: Template,
    links: Links,
    /// What each recipient is asked about, and when the first of it runs out.
    asked: BTreeMap<SubscriberId, (String, String)>,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let source = source_of(SUBJECT, BodyFormat::Html, BODY);
        let template =
            Template::compile_with(&source, Footer::System, &["agreed_to", "ends_on", "renew_url"])
                .map_err(|error| JobError::Stop(error.to_string()))?;
        let asked = expiry::asked_in(tx, mailing.id).await?;
        let asked = asked.into_iter().map(|(of, (names, until))| {
            let day = until.to_utc().format("%-d %B %Y").to_string();
            (of, (names.join("\n"), day))
        });
        Ok(Self {
            template,
            links,
            asked: asked.collect(),
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let addressee = claim.permit.addressee();
        let unfit = |reason: &str| (Refusal::NotRendered, reason.to_owned());
        let Recipient::Subscriber(of) = addressee.recipient else {
            return Err(unfit("a renewal goes to a subscriber"));
        };
        let Some((agreed_to, ends_on)) = self.asked.get(&of) else {
            return Err(unfit("the person has answered: nothing is left to ask"));
        };
        let to = Reader {
            subscriber: of,
            mailbox: &addressee.address,
        };
        let (renew_url, preferences_url) = (self.links.renew(to, now), self.links.preferences(to, now));
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
                ("agreed_to", agreed_to.as_str()),
                ("ends_on", ends_on.as_str()),
                ("renew_url", renew_url.as_str()),
            ]),
        };
        let rendered = self
            .template
            .render(&variables)
            .map_err(|error| (Refusal::NotRendered, error.to_string()))?;
        Ok(Letter { rendered, list: None })
    }
}
