//! Word to the address that a person has left, with the way back: it may not have been they who asked.

use std::collections::BTreeMap;

use assent_domain::clock::Timestamp;
use assent_domain::id::AddressChangeId;
use assent_domain::permit::{Recipient, Refusal};
use assent_entity::TenantTx;
use assent_entity::address_change::offers_way_back;
use assent_entity::claim::Claim;
use assent_entity::link::Reader;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;

use super::Letter;
use super::letter::{ADDRESS, Body, Letters, TENANT};
use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::{SubscriberVariables, TenantVariables, Variables};
use crate::words::Words;

fn write(words: Words, offers_way_back: bool) -> (String, Body) {
    let body = Body::headed(words.left_address_heading()).says(words.left_address_lead(TENANT, ADDRESS));
    let body = if offers_way_back {
        body.says(words.left_address_if_not())
            .links("confirm_url", words.left_address_button())
    } else {
        body.says(words.left_address_joined("{{ data_url }}"))
    };
    (words.left_address_subject(TENANT), body)
}

pub(super) struct Content {
    letters: Letters,
    links: Links,
    change: AddressChangeId,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let change = mailing
            .address_change
            .ok_or_else(|| JobError::Stop("a mailing about no change of address".to_owned()))?;
        let offers = offers_way_back(tx, change).await?;
        Ok(Self {
            letters: Letters::ours(&["confirm_url"], move |words| write(words, offers)),
            links,
            change,
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let addressee = claim.permit.addressee();
        let Recipient::Subscriber(of) = addressee.recipient else {
            let reason = "a change of address is a subscriber's".to_owned();
            return Err((Refusal::NotRendered, reason));
        };
        let to = Reader {
            subscriber: of,
            mailbox: &addressee.address,
        };
        let confirm_url = self.links.change_address(to, self.change, now);
        let variables = Variables {
            subscriber: SubscriberVariables {
                email: &addressee.address.expose(),
                name: "",
                company: "",
            },
            tenant: TenantVariables {
                name: &tenant.name,
                postal_address: &tenant.postal_address,
            },
            unsubscribe_url: "",
            preferences_url: "",
            policy_url: &self.links.policy(),
            data_url: &self.links.data(),
            extra: BTreeMap::from([("confirm_url", confirm_url.as_str())]),
        };
        Letter::ours(&self.letters, Words::of(claim.language.as_ref()), &variables)
    }
}
