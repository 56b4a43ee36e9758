//! What every mail can say, whatever it is about: to whom it goes, whose it is, and where the policy is read.

use assent_domain::permit::{Recipient, Refusal};
use assent_entity::claim::Claim;
use assent_entity::link::Reader;
use assent_entity::tenant::Tenant;

use super::links::Links;
use crate::post::Unfit;
use crate::render::{SubscriberVariables, TenantVariables, Variables};

/// The person whom a mail goes to that is for subscribers alone.
pub(super) fn reader(claim: &Claim) -> Result<Reader<'_>, Unfit> {
    let addressee = claim.permit.addressee();
    match addressee.recipient {
        Recipient::Subscriber(subscriber) => Ok(Reader {
            subscriber,
            mailbox: &addressee.address,
        }),
        Recipient::Member(_) | Recipient::Invitee(_) => {
            let reason = "it goes to subscribers, and not to members";
            Err((Refusal::NotRendered, reason.to_owned()))
        }
    }
}

/// The values that every mail has for one recipient.
pub(super) struct Known<'a> {
    claim: &'a Claim,
    tenant: &'a Tenant,
    email: String,
    policy_url: String,
    data_url: String,
}

impl<'a> Known<'a> {
    pub(super) fn of(tenant: &'a Tenant, claim: &'a Claim, links: &Links) -> Self {
        Self {
            claim,
            tenant,
            email: claim.permit.addressee().address.expose(),
            policy_url: links.policy(),
            data_url: links.data(),
        }
    }

    /// These values, and those that a mail has of its own.
    pub(super) fn and(&'a self, own: impl IntoIterator<Item = (&'a str, &'a str)>) -> Variables<'a> {
        Variables {
            subscriber: SubscriberVariables {
                email: &self.email,
                name: &self.claim.name,
                company: &self.claim.company,
            },
            tenant: TenantVariables {
                name: &self.tenant.name,
                postal_address: &self.tenant.postal_address,
            },
            unsubscribe_url: "",
            preferences_url: "",
            policy_url: &self.policy_url,
            data_url: &self.data_url,
            extra: own.into_iter().collect(),
        }
    }
}
