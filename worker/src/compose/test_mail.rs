//! Tests of a campaign: the message as a sample person would get it, to members, who see in its subject that it is one. Its
//! links lead nowhere, and nobody can leave it: it has no list fields.

use assent_domain::permit::{Recipient, Refusal};
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;
use assent_entity::{TenantTx, campaign};

use super::Letter;
use super::campaign::{letters, unfit};
use super::hosts::Hosts;
use super::letter::Letters;
use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::Rendered;
use crate::sample::{Sample, SampleLinks};
use crate::words::Words;

/// What stands before the subject.
const MARK: &str = "[Test] ";

pub(super) struct Content {
    letters: Letters,
    links: SampleLinks,
    hosts: Hosts,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let id = mailing
            .tests
            .ok_or_else(|| JobError::Stop("a test without campaign".to_owned()))?;
        Ok(Self {
            letters: letters(&campaign::by_id(tx, id).await?),
            hosts: Hosts::of_campaign(tx, id, &links).await?,
            links: links.sample(),
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim) -> Result<Letter, Unfit> {
        let addressee = claim.permit.addressee();
        if !matches!(addressee.recipient, Recipient::Member(_)) {
            return Err((Refusal::NotAMember, "a test goes to members".to_owned()));
        }
        let (email, words) = (addressee.address.expose(), Words::english());
        let reader = Sample {
            email: &email,
            ..Sample::person()
        };
        let template = self.letters.template(words)?;
        let rendered = template
            .render(&reader.variables(tenant, &self.links))
            .map_err(unfit)?;
        self.hosts.check(&template.hosts(&rendered), tenant)?;
        Ok(Letter {
            rendered: Rendered {
                subject: format!("{MARK}{}", rendered.subject),
                ..rendered
            },
            list: None,
            language: words.language(),
        })
    }
}
