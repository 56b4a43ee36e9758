//! The question whether an address is yours at which somebody wants to be reached. It goes to that address and says
//! nothing of the person, who may have mistyped it.

use assent_domain::clock::Timestamp;
use assent_domain::id::AddressChangeId;
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;

use super::Letter;
use super::known::{Known, reader};
use super::letter::{ADDRESS, Body, Letters, POLICY, TENANT};
use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::words::Words;

fn write(words: Words) -> (String, Body) {
    let body = Body::headed(words.new_address_heading())
        .says(words.new_address_lead(TENANT, ADDRESS))
        .links("confirm_url", words.new_address_button())
        .says(words.new_address_if_not())
        .says(words.mail_policy(TENANT, POLICY));
    (words.new_address_subject(TENANT), body)
}

pub(super) fn load(mailing: &Mailing, links: Links) -> Result<Content, JobError> {
    Ok(Content {
        letters: Letters::ours(&["confirm_url"], write),
        links,
        change: change_of(mailing)?,
    })
}

/// Which change of address a mailing tells of.
pub(super) fn change_of(mailing: &Mailing) -> Result<AddressChangeId, JobError> {
    let none = || JobError::Stop("a mailing about no change of address".to_owned());
    mailing.address_change.ok_or_else(none)
}

/// A mail about a change of address, with the link to what can be said of it.
pub(super) struct Content {
    pub(super) letters: Letters,
    pub(super) links: Links,
    pub(super) change: AddressChangeId,
}

impl Content {
    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let to = reader(claim)?;
        let confirm_url = self.links.change_address(to, self.change, now);
        let known = Known::of(tenant, claim, &self.links);
        let variables = known.and([("confirm_url", confirm_url.as_str())]);
        Letter::ours(&self.letters, Words::of(claim.language.as_ref()), &variables)
    }
}
