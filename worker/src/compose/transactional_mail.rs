//! A message to one person that a program of the tenant asked for. It loads nothing from outside, and measures nothing.

use std::collections::BTreeMap;

use assent_entity::TenantTx;
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;
use assent_entity::transactional_mail;

use super::Letter;
use super::campaign::unfit;
use super::hosts::Hosts;
use super::known::Known;
use super::letter::{Letters, source_of};
use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::TemplateSource;
use crate::words::Words;

pub(super) struct Content {
    letters: Letters,
    values: BTreeMap<String, String>,
    links: Links,
    hosts: Hosts,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let mail = transactional_mail::content_of(tx, mailing.id).await?;
        let values = mail.values.clone();
        // Compiled once, however often the message has to be decided anew: that may take longer than a permit lives.
        let letters = Letters::essential(values.keys().cloned().collect(), move |words| TemplateSource {
            preheader: mail.preheader.clone(),
            ..source_of(words, &mail.subject, mail.body_format, &mail.body_source)
        });
        Ok(Self {
            letters,
            values,
            hosts: Hosts::own(&links),
            links,
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim) -> Result<Letter, Unfit> {
        let words = Words::of(claim.language.as_ref());
        let template = self.letters.template(words)?;
        let values = self
            .values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let known = Known::of(tenant, claim, &self.links);
        let rendered = template.render(&known.and(values)).map_err(unfit)?;
        self.hosts.check(&template.hosts(&rendered), tenant)?;
        Ok(Letter {
            rendered,
            list: None,
            language: words.language(),
        })
    }
}
