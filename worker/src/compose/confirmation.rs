//! The question whether it was you who signed up (P04), with exactly what you are about to agree to.

use assent_domain::clock::Timestamp;
use assent_domain::id::OptInId;
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;
use assent_entity::{TenantTx, opt_in};

use super::Letter;
use super::known::{Known, reader};
use super::letter::{ADDRESS, Body, Letters, POLICY, TENANT};
use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::words::Words;

fn write(words: Words) -> (String, Body) {
    let body = Body::headed(words.confirmation_heading())
        .says(words.confirmation_lead(ADDRESS, TENANT))
        .shows("asked_for")
        .links("confirm_url", words.confirmation_button())
        .says(words.confirmation_if_not())
        .says(words.mail_policy(TENANT, POLICY));
    (words.confirmation_subject(TENANT), body)
}

pub(super) struct Content {
    letters: Letters,
    /// The language of the form.
    words: Words,
    links: Links,
    opt_in: OptInId,
    asked_for: String,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let opt_in = mailing
            .opt_in
            .ok_or_else(|| JobError::Stop("a confirmation without opt-in".to_owned()))?;
        let (asked_for, language) = opt_in::statements(tx, opt_in).await?;
        Ok(Self {
            letters: Letters::ours(&["asked_for", "confirm_url"], write),
            words: Words::of(Some(&language)),
            links,
            opt_in,
            asked_for: asked_for.join("\n"),
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let to = reader(claim)?;
        let confirm_url = self.links.confirm(to, self.opt_in, now);
        let known = Known::of(tenant, claim, &self.links);
        let variables = known.and([
            ("asked_for", self.asked_for.as_str()),
            ("confirm_url", confirm_url.as_str()),
        ]);
        Letter::ours(&self.letters, self.words, &variables)
    }
}
