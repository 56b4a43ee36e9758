//! Messages of a campaign: what the marketer wrote, filled in for one person, with the way out.

use std::collections::BTreeMap;

use assent_domain::address::EmailAddress;
use assent_domain::clock::Timestamp;
use assent_domain::id::{CampaignId, MailingId, MailingListId};
use assent_domain::permit::Refusal;
use assent_domain::tracking::TrackingLeave;
use assent_entity::campaign::Campaign;
use assent_entity::campaign_link::CampaignLink;
use assent_entity::claim::Claim;
use assent_entity::mailing::Mailing;
use assent_entity::tenant::Tenant;
use assent_entity::{TenantTx, campaign, campaign_link};

use super::hosts::Hosts;
use super::known::{Known, reader};
use super::letter::{Letters, source_of};
use super::links::Links;
use super::{Letter, OwnedListHeaders};
use crate::jobs::JobError;
use crate::post::Unfit;
use crate::render::{RenderError, Template, TemplateSource, Variables};
use crate::words::Words;

pub(super) struct Content {
    letters: Letters,
    links: Links,
    mailing: MailingId,
    lists: Vec<(MailingListId, String)>,
    hosts: Hosts,
    campaign: CampaignId,
    /// The links that are measured; none where nobody is.
    measured: Vec<CampaignLink>,
}

/// The links of a campaign that may be measured: those of its author, not those of ours.
pub(crate) async fn measurable<M>(
    tx: &TenantTx<M>,
    id: CampaignId,
    links: &Links,
) -> Result<Vec<String>, JobError> {
    let campaign = campaign::by_id(tx, id).await?;
    let mut urls = compiled(&letters(&campaign))?.links().to_vec();
    urls.retain(|url| !links.are_ours(url));
    Ok(urls)
}

pub(super) fn letters(campaign: &Campaign) -> Letters {
    let (subject, preheader) = (campaign.subject.clone(), campaign.preheader.clone());
    let (format, body) = (campaign.body_format, campaign.body_source.clone());
    Letters::marketing(move |words| TemplateSource {
        preheader: preheader.clone(),
        ..source_of(words, &subject, format, &body)
    })
}

/// The template in English, whose links and hosts are those of every language.
fn compiled(letters: &Letters) -> Result<&Template, JobError> {
    let template = letters.template(Words::english());
    template.map_err(|(_, reason)| JobError::Stop(reason))
}

impl Content {
    pub(super) async fn load<M>(tx: &TenantTx<M>, mailing: &Mailing, links: Links) -> Result<Self, JobError> {
        let id = mailing
            .campaign
            .ok_or_else(|| JobError::Stop("a campaign mailing without campaign".to_owned()))?;
        let campaign = campaign::by_id(tx, id).await?;
        let letters = letters(&campaign);
        compiled(&letters)?;
        let measured = match mailing.tracks {
            Some(_) => campaign_link::of_campaign(tx, id).await?,
            None => Vec::new(),
        };
        let lists = campaign::lists(tx, id).await?;
        let lists = lists.into_iter().map(|list| (list.id, list.name)).collect();
        Ok(Self {
            hosts: Hosts::of_campaign(tx, id, &links).await?,
            letters,
            links,
            mailing: mailing.id,
            lists,
            campaign: id,
            measured,
        })
    }

    pub(super) fn write(&self, tenant: &Tenant, claim: &Claim, now: Timestamp) -> Result<Letter, Unfit> {
        let to = reader(claim)?;
        let unsubscribe_url = self.links.unsubscribe(to, self.mailing, now);
        let known = Known::of(tenant, claim, &self.links);
        let variables = Variables {
            unsubscribe_url: &unsubscribe_url,
            preferences_url: &self.links.preferences(to, now),
            ..known.and([])
        };
        let words = Words::of(claim.language.as_ref());
        let template = self.letters.template(words)?;
        let mut rendered = template.render(&variables).map_err(unfit)?;
        self.hosts.check(&template.hosts(&rendered), tenant)?;
        if let Some(leave) = &claim.tracking {
            rendered = rendered.with_links(&self.measuring(leave, to.mailbox, now));
        }
        let reached = claim
            .list
            .and_then(|list| self.lists.iter().find(|(id, _)| *id == list));
        let list = reached.or(self.lists.first()).map(|(id, name)| OwnedListHeaders {
            unsubscribe_url: unsubscribe_url.clone(),
            phrase: name.clone(),
            id: list_id(*id, tenant),
        });
        Ok(Letter {
            rendered,
            list,
            language: words.language(),
        })
    }
}

impl Content {
    /// What stands behind the links for somebody who may be measured.
    fn measuring(
        &self,
        leave: &TrackingLeave,
        mailbox: &EmailAddress,
        now: Timestamp,
    ) -> BTreeMap<String, String> {
        let follow = |link: &CampaignLink| {
            let (campaign, number) = (self.campaign, link.number);
            self.links.follow(leave, mailbox, campaign, number, now)
        };
        self.measured
            .iter()
            .map(|link| (link.url.clone(), follow(link)))
            .collect()
    }
}

/// RFC 2919: unique for good, in the sender's domain, and the same whatever the list is called.
fn list_id(list: MailingListId, tenant: &Tenant) -> String {
    format!(
        "{}.{}.{}",
        list.uuid(),
        tenant.slug,
        tenant.sender_address.domain()
    )
}

pub(super) fn unfit(error: RenderError) -> Unfit {
    let refusal = match error {
        RenderError::NoWayOut(_) => Refusal::NoWayOut,
        _ => Refusal::NotRendered,
    };
    (refusal, error.to_string())
}
