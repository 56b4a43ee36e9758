//! The question whether a yes still stands that is about to run out: one mail a person for all of theirs, sent once.
//! Silence lets it run out.

use std::collections::BTreeMap;

use assent_domain::clock::Timestamp;
use assent_domain::id::SubscriberId;
use assent_domain::permit::Refusal;
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;
use assent_entity::{TenantTx, expiry};

use super::Letter;
use super::known::{Known, reader};
use super::letter::{Body, Letters, POLICY, TENANT};
use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::Variables;
use crate::words::Words;

fn write(words: Words) -> (String, Body) {
    let body = Body::headed(words.renewal_heading())
        .says(words.renewal_lead(TENANT))
        .shows("agreed_to")
        .says(words.renewal_until("{{ ends_on }}", "{{ renew_url }}"))
        .says(words.renewal_if_nothing())
        .says_both(
            words.renewal_choices("{{ preferences_url }}"),
            words.mail_policy(TENANT, POLICY),
        );
    (words.renewal_subject(TENANT), body)
}

pub(super) struct Content {
    letters: Letters,
    links: Links,
    /// What each recipient is asked about, and when the first of it runs out.
    asked: BTreeMap<SubscriberId, (String, Timestamp)>,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let asked = expiry::asked_in(tx, mailing.id).await?;
        let asked = asked
            .into_iter()
            .map(|(of, (names, until))| (of, (names.join("\n"), until)));
        Ok(Self {
            letters: Letters::ours(&["agreed_to", "ends_on", "renew_url"], write),
            links,
            asked: asked.collect(),
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let to = reader(claim)?;
        let Some((agreed_to, ends_on)) = self.asked.get(&to.subscriber) else {
            let reason = "the person has answered: nothing is left to ask";
            return Err((Refusal::NotRendered, reason.to_owned()));
        };
        let words = Words::of(claim.language.as_ref());
        let ends_on = words.day(ends_on.to_utc());
        let (renew_url, preferences_url) = (self.links.renew(to, now), self.links.preferences(to, now));
        let known = Known::of(tenant, claim, &self.links);
        let variables = Variables {
            unsubscribe_url: &preferences_url,
            preferences_url: &preferences_url,
            ..known.and([
                ("agreed_to", agreed_to.as_str()),
                ("ends_on", ends_on.as_str()),
                ("renew_url", renew_url.as_str()),
            ])
        };
        Letter::ours(&self.letters, words, &variables)
    }
}
