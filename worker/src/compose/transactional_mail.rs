//! A message to one person that a program of the tenant asked for. It loads nothing from outside, and measures nothing.

use std::collections::BTreeMap;

use assent_domain::permit::Refusal;
use assent_entity::TenantTx;
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;
use assent_entity::transactional_mail::{self, MailContent};

use super::Letter;
use super::campaign::unfit;
use super::hosts::Hosts;
use super::letter::source_of;
use super::links::Links;
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::{Footer, SubscriberVariables, Template, TemplateSource, TenantVariables, Variables};
use crate::words::Words;

pub(super) struct Content {
    mail: MailContent,
    links: Links,
    hosts: Hosts,
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        Ok(Self {
            mail: transactional_mail::content_of(tx, mailing.id).await?,
            hosts: Hosts::own(&links),
            links,
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim) -> Result<Letter, Unfit> {
        let (content, words) = (&self.mail, Words::of(claim.language.as_ref()));
        let source = TemplateSource {
            preheader: content.preheader.clone(),
            ..source_of(words, &content.subject, content.body_format, &content.body_source)
        };
        let names: Vec<_> = content.values.keys().map(String::as_str).collect();
        let template = Template::compile_with(&source, Footer::System, &names)
            .map_err(|error| (Refusal::NotRendered, error.to_string()))?;
        let email = claim.permit.addressee().address.expose();
        let values = content
            .values
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        let variables = Variables {
            subscriber: SubscriberVariables {
                email: &email,
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
            extra: values.collect::<BTreeMap<_, _>>(),
        };
        let rendered = template.render(&variables).map_err(unfit)?;
        self.hosts.check(&template.hosts(&rendered), tenant)?;
        Ok(Letter {
            rendered,
            list: None,
            language: words.language(),
        })
    }
}
