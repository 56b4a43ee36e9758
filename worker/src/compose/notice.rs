//! News of a policy version (P08): to every member, and to every subscriber whose data is held.

use assent_domain::clock::Timestamp;
use assent_domain::id::PolicyVersionId;
use assent_domain::policy::PolicyNews;
use assent_entity::choice;
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::policy::{self, PolicyVersion};
use assent_entity::tenant::Tenant;
use assent_entity::{StoreError, TenantTx};

use super::Letter;
use super::known::{Known, reader};
use super::letter::{Body, Letters, POLICY, TENANT};
use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::Variables;
use crate::words::Words;

fn write(news: PolicyNews, words: Words, date: &str) -> (String, Body) {
    let (subject, body) = match news {
        PolicyNews::Posted => (words.notice_posted_subject(TENANT, date), posted(words, date)),
        PolicyNews::Postponed => (
            words.notice_postponed_subject(TENANT, date),
            Body::headed(words.notice_postponed_heading())
                .says(words.notice_postponed_lead(TENANT, date))
                .either(
                    "comparison_url",
                    |body| compare(body, words),
                    |body| read(body, words),
                ),
        ),
        PolicyNews::Withdrawn => (
            words.notice_withdrawn_subject(TENANT),
            Body::headed(words.notice_withdrawn_heading())
                .says(words.notice_withdrawn_lead(TENANT, date, POLICY))
                .says(words.notice_withdrawn_read(VERSION)),
        ),
    };
    (subject, body.says(words.notice_why(TENANT)))
}

fn posted(words: Words, date: &str) -> Body {
    Body::headed(words.notice_posted_heading())
        .says(words.notice_posted_lead(date, TENANT))
        .given("summary", |body| {
            body.heading(words.notice_what_changes()).shows("summary")
        })
        .either(
            "comparison_url",
            |body| compare(body, words),
            |body| read(body, words),
        )
        .given("choices_url", |body| {
            body.heading(words.notice_what_we_ask())
                .given("additions", |body| {
                    body.says(words.notice_more_uses(TENANT)).shows("additions")
                })
                .given("parties", |body| {
                    body.says(words.notice_more_parties(TENANT)).shows("parties")
                })
                .says(words.notice_up_to_you("{{ choices_url }}"))
        })
        .given("preferences_url", |body| {
            body.says(words.notice_stays("{{ preferences_url }}"))
        })
}

fn read(body: Body, words: Words) -> Body {
    body.says(words.notice_read(VERSION))
}

fn compare(body: Body, words: Words) -> Body {
    body.says(words.notice_read_or_compare(VERSION, "{{ comparison_url }}"))
}

/// The address of the version that it is about.
const VERSION: &str = "{{ version_url }}";

/// What the templates may name beside what every mail has.
const VARIABLES: &[&str] = &[
    "summary",
    "version_url",
    "comparison_url",
    "choices_url",
    "additions",
    "parties",
];

pub(super) struct Content {
    letters: Letters,
    links: Links,
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
        let date = effective_on(&version)?.to_utc();
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
            letters: Letters::ours(VARIABLES, move |words| write(news, words, &words.day(date))),
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
        // Members have no preferences, and nothing to choose.
        let to = reader(claim).ok();
        let preferences_url = to.map_or_else(String::new, |to| self.links.preferences(to, now));
        let choices_url = match to {
            Some(to) if self.asks() => self.links.choices(to, self.version, now),
            _ => String::new(),
        };
        let known = Known::of(tenant, claim, &self.links);
        let variables = Variables {
            unsubscribe_url: &preferences_url,
            preferences_url: &preferences_url,
            ..known.and([
                ("summary", self.summary.as_str()),
                ("version_url", self.version_url.as_str()),
                ("comparison_url", self.comparison_url.as_str()),
                ("choices_url", choices_url.as_str()),
                ("additions", self.additions.as_str()),
                ("parties", self.parties.as_str()),
            ])
        };
        Letter::ours(&self.letters, Words::of(claim.language.as_ref()), &variables)
    }
}

fn effective_on(version: &PolicyVersion) -> Result<Timestamp, JobError> {
    let at = version
        .times
        .effective_at
        .ok_or(StoreError::NotFound("date of the policy version"))?;
    Ok(at)
}
