//! What a person is told of their request (P17): where their own page is, that the answer takes longer, or the answer.

use std::collections::BTreeMap;

use assent_domain::campaign::BodyFormat;
use assent_domain::clock::Timestamp;
use assent_domain::permit::{Recipient, Refusal};
use assent_domain::privacy::{RequestKind, RequestState};
use assent_entity::TenantTx;
use assent_entity::claim::Claim;
use assent_entity::link::Reader;
use assent_entity::mailing::Mailing;
use assent_entity::privacy::mail::{self, Says};
use assent_entity::tenant::Tenant;

use super::links::Links;
use super::{Letter, campaign::source_of};
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::{Footer, SubscriberVariables, Template, TenantVariables, Variables};

const SUBJECT_LINK: &str = "{{ tenant.name }}: your page about your data";

const BODY_LINK: &str = r#"<h1>Your page about your data</h1>
<p>On {{ received_on }} somebody, we hope you, wrote to {{ tenant.name }} about the data held for
{{ subscriber.email }}. An answer is owed by {{ due_on }}.</p>
<p>You need not wait for it: on <a href="{{ privacy_url }}">your own page</a> you can see and copy all that is held about
you, put it right, restrict its use, or have it erased, at once. Say there, too, that it was you who wrote.</p>
<p>The link is good for 30 days, and opens your data to whoever has it: do not pass this message on. If it was not you
who wrote, you need do nothing.</p>
"#;

const BODY_LINK_ALONE: &str = r#"<h1>Your page about your data</h1>
<p>Somebody, we hope you, asked {{ tenant.name }} for the link to the page about the data held for
{{ subscriber.email }}.</p>
<p>On <a href="{{ privacy_url }}">your own page</a> you can see and copy all that is held about you, put it right, restrict its
use, or have it erased, at once.</p>
<p>The link is good for 30 days, and opens your data to whoever has it: do not pass this message on. If it was not you
who asked, you need do nothing.</p>
"#;

const SUBJECT_EXTENDED: &str = "{{ tenant.name }}: the answer to your request takes longer";

const BODY_EXTENDED: &str = r#"<h1>The answer takes longer</h1>
<p>On {{ received_on }} you asked {{ tenant.name }} about your data. You will have the answer by {{ due_on }}. It takes
longer for this reason:</p>
<p style="white-space:pre-line">{{ words }}</p>
<p><a href="{{ privacy_url }}">Your own page</a> is there all the while. You may complain to a data protection authority, or
go to court.</p>
"#;

const SUBJECT_DONE: &str = "{{ tenant.name }}: the answer to your request";

const BODY_DONE: &str = r#"<h1>The answer to your request</h1>
<p>On {{ received_on }} you asked {{ tenant.name }} about your data.</p>
{% if words %}<p style="white-space:pre-line">{{ words }}</p>
{% else %}<p>We have done what you asked for.</p>
{% endif %}<p>How things stand is on <a href="{{ privacy_url }}">your own page</a>.</p>
"#;

const SUBJECT_REFUSED: &str = "{{ tenant.name }}: we cannot do what you asked for";

const BODY_REFUSED: &str = r#"<h1>We cannot do what you asked for</h1>
<p>On {{ received_on }} you asked {{ tenant.name }} about your data. We do not do it, for this reason:</p>
<p style="white-space:pre-line">{{ words }}</p>
<p>You may complain to a data protection authority, or go to court. <a href="{{ privacy_url }}">Your own page</a> is there
all the while.</p>
"#;

const CLOSING: &str = r"<p>You get this message because you, or somebody in your name, asked for it.</p>
<p>{{ tenant.name }}<br>{{ tenant.postal_address }}</p>
";

/// What the templates may name beside what every mail has.
const VARIABLES: &[&str] = &["received_on", "due_on", "words", "privacy_url"];

pub(super) struct Content {
    template: Template,
    links: Links,
    received_on: String,
    due_on: String,
    words: String,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let (says, request) = mail::of_mailing(tx, mailing.id).await?;
        let (subject, body, words) = match (says, request.state) {
            (Says::Link, _) if request.kind == RequestKind::Link => (SUBJECT_LINK, BODY_LINK_ALONE, None),
            (Says::Link, _) => (SUBJECT_LINK, BODY_LINK, None),
            (Says::Extended, _) => (SUBJECT_EXTENDED, BODY_EXTENDED, request.extension_reason),
            (Says::Answer, RequestState::Refused) => (SUBJECT_REFUSED, BODY_REFUSED, request.answer),
            (Says::Answer, _) => (SUBJECT_DONE, BODY_DONE, request.answer),
        };
        let source = source_of(subject, BodyFormat::Html, &format!("{body}{CLOSING}"));
        let template = Template::compile_with(&source, Footer::System, VARIABLES)
            .map_err(|error| JobError::Stop(error.to_string()))?;
        Ok(Self {
            template,
            links,
            received_on: day(request.times.received_at),
            due_on: day(request.times.due_at),
            words: words.unwrap_or_default(),
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let addressee = claim.permit.addressee();
        let Recipient::Subscriber(of) = addressee.recipient else {
            return Err((Refusal::NotRendered, "an answer goes to a subscriber".to_owned()));
        };
        let to = Reader {
            subscriber: of,
            mailbox: &addressee.address,
        };
        let privacy_url = self.links.privacy(to, now);
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
                ("received_on", self.received_on.as_str()),
                ("due_on", self.due_on.as_str()),
                ("words", self.words.as_str()),
                ("privacy_url", privacy_url.as_str()),
            ]),
        };
        let rendered = self
            .template
            .render(&variables)
            .map_err(|error| (Refusal::NotRendered, error.to_string()))?;
        Ok(Letter { rendered, list: None })
    }
}

fn day(at: Timestamp) -> String {
    at.to_utc().format("%-d %B %Y").to_string()
}
